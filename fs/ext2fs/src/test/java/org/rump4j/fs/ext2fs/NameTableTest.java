package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.kern.Component;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmem;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.real.RealHost;

class NameTableTest {
    private RumpKernel kernel;
    private NameTable table;

    @BeforeEach
    void boot() throws Exception {
        Memory memory = new Memory();
        kernel = RumpKernel.boot(
                "java", RealHost.builder().components(List.of(memory)).build());
        table = new NameTable(Objects.requireNonNull(memory.kmem));
    }

    @AfterEach
    void halt() {
        table.close();
        kernel.halt();
    }

    /** Gets at a kernel's memory. */
    private static final class Memory implements Component {
        private @Nullable Kmem kmem;

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public Stage stage() {
            return Stage.DRIVER;
        }

        @Override
        public void attach(Kernel to) {
            kmem = to.kmem();
        }
    }

    private List<Long> places(int hash) {
        List<Long> places = new ArrayList<>();
        int slot = table.begin(hash);
        while ((slot = table.next(hash, slot)) != NameTable.NONE) {
            places.add(table.placeOf(slot));
            slot++;
        }
        places.sort(null);
        return places;
    }

    @Test
    void namesThatAreTakenOutLeaveTheOthersToBeFound() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Integer, List<Long>> model = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            // Few hashes, so that many have the same home.
            int hash = random.nextInt(random.nextBoolean() ? 40 : 700) * 0x01000193;
            List<Long> there = model.computeIfAbsent(hash, _ -> new ArrayList<>());
            if (random.nextInt(20) < 11 || there.isEmpty()) {
                long at = i * 4L;
                assertTrue(table.add(hash, at));
                there.add(at);
            } else {
                long at = there.remove(random.nextInt(there.size()));
                assertTrue(table.remove(hash, at));
                assertFalse(table.remove(hash, at));
            }
        }
        model.forEach((hash, expected) -> {
            expected.sort(null);
            assertEquals(expected, places(hash), () -> "seed " + seed);
        });
    }
}
