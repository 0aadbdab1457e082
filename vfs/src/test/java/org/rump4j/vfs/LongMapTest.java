package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LongMapTest {
    @Test
    void whatWasPutIsThereUntilItIsRemoved() {
        LongMap<String> map = new LongMap<>();
        assertNull(map.get(5));
        map.put(5, "five");
        map.put(0, "zero");
        map.put(-1, "minus one");
        map.put(Long.MIN_VALUE, "least");
        assertEquals("five", map.get(5));
        assertEquals("zero", map.get(0));
        assertEquals("minus one", map.get(-1));
        assertEquals("least", map.get(Long.MIN_VALUE));
        map.put(5, "another five");
        assertEquals("another five", map.get(5));
        assertEquals(4, map.size());
        assertTrue(map.remove(5));
        assertFalse(map.remove(5));
        assertNull(map.get(5));
        assertEquals(3, map.size());
    }

    @Test
    void itGrowsWithWhatIsInIt() {
        LongMap<Long> map = new LongMap<>();
        for (long i = 0; i < 100_000; i++) {
            map.put(i << 16, i);
        }
        assertEquals(100_000, map.size());
        for (long i = 0; i < 100_000; i++) {
            assertEquals(i, map.get(i << 16));
            assertNull(map.get((i << 16) + 1));
        }
        for (long i = 0; i < 100_000; i++) {
            assertTrue(map.remove(i << 16));
        }
        assertEquals(0, map.size());
    }

    /** Few keys and many steps, so that runs of neighbours come and go, around the end of the table too. */
    @Property(tries = 300)
    void itIsAMap(@ForAll @Size(max = 400) int[] steps, @ForAll @IntRange(min = 1, max = 60) int keys) {
        LongMap<Integer> map = new LongMap<>();
        Map<Long, Integer> model = new HashMap<>();
        for (int step : steps) {
            long key = Math.floorMod(step, keys);
            if ((step & 0x10000) == 0) {
                map.put(key, step);
                model.put(key, step);
            } else {
                assertEquals(model.remove(key) != null, map.remove(key));
            }
        }
        assertEquals(model.size(), map.size());
        for (long key = 0; key < keys; key++) {
            assertEquals(model.get(key), map.get(key));
        }
        Map<Long, Integer> visited = new HashMap<>();
        map.forEach(visited::put);
        assertEquals(model, visited);
    }
}
