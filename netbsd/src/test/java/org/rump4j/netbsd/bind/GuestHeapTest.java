package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.ForkedJvm;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.rumpuser.RumpuserExit;

/** What a guest allocates is in its region. */
final class GuestHeapTest {
    private static final String SOURCE = """
            static void *held[64];
            long use(long n) {
                uint64_t hash = 14695981039346656037ul, random = 1;
                for (long i = 0; i < n; i++) {
                    random = random * 6364136223846793005ul + 1442695040888963407ul;
                    int slot = random >> 58;
                    if (held[slot]) {
                        rumpuser_free(held[slot], 0);
                        held[slot] = 0;
                    } else if (rumpuser_malloc(random >> 40 & 0x3fff, 8 << (random >> 54 & 7), &held[slot])) {
                        return 0;
                    }
                    hash = (hash ^ (uint64_t)held[slot]) * 1099511628211ul;
                }
                return hash;
            }
            void *malloc_(long size) { void *p = 0; return rumpuser_malloc(size, 8, &p) ? 0 : p; }
            void *map(long size, int exec) { void *p = 0; return rumpuser_anonmmap(0, size, 0, exec, &p) ? 0 : p; }
            long free_(void *p) { rumpuser_free(p, 1); return 0; }
            long unmap(void *p) { rumpuser_unmap(p, 8192); return 0; }
            long write_code(char *p, int value) { *p = 0xb8; *(int *)(p + 1) = value; p[5] = 0xc3; return 0; }
            int run(int (*f)(void)) { return f(); }
            """;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsACompiler() {
        Toolchain.assumeGuests();
    }

    @Test
    void memoryIsInTheRegionAndGoesWithIt() throws Exception {
        int before = Maps.count();
        for (int i = 0; i < 3; i++) {
            try (CGuest c = CGuest.of(dir, SOURCE).booted()) {
                Region region = c.guest.images().region();
                for (long size : new long[] {1, 100, 4096, 1_000_000}) {
                    assertTrue(region.contains(c.call("malloc_", size)));
                    assertTrue(region.contains(c.call("map", size, 0)));
                    assertTrue(region.contains(c.call("map", size, 1)));
                }
                for (String protection : Maps.protections(region)) {
                    assertFalse(protection.contains("w") && protection.contains("x"), protection);
                }
            }
        }
        assertTrue(Maps.count() < before + 20, "mappings: " + before + ", then " + Maps.count());
    }

    @Test
    void whatWasNotAllocatedCannotBeFreed() throws Exception {
        try (CGuest c = CGuest.of(dir, SOURCE).booted()) {
            long piece = c.call("malloc_", 100);
            assertThrows(RumpuserExit.class, () -> c.call("free_", piece + 8));
            assertInstanceOf(IllegalArgumentException.class, c.guest.failure());
            assertTrue(c.debug().contains("which was not allocated"), c.debug());
            assertTrue(c.debug().contains("free_+0x"), c.debug());
        }
        try (CGuest c = CGuest.of(dir, SOURCE).booted()) {
            long piece = c.call("malloc_", 100);
            assertEquals(0, c.call("free_", piece));
            assertThrows(RumpuserExit.class, () -> c.call("free_", piece));
        }
    }

    @Test
    void fiftyGuestsHaveEightGibibytesOfAddressesEach() throws Exception {
        List<CGuest> guests = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                CGuest c = CGuest.of(dir, SOURCE).booted();
                guests.add(c);
                assertTrue(c.guest.images().region().byteSize() >= 8L << 30);
            }
        } finally {
            guests.forEach(CGuest::close);
        }
    }

    @Test
    void codeIsWrittenAndRunAndNeverBothAtOnce() throws Exception {
        try (CGuest c = CGuest.of(dir, SOURCE).booted()) {
            Region region = c.guest.images().region();
            long code = c.call("map", 8192, 1);
            for (int value = 40; value < 44; value++) {
                c.call("write_code", code + 4096, value);
                assertEquals("rw-p", Maps.at(region, code + 4096));
                assertEquals(value, (int) c.call("run", code + 4096));
                assertEquals(value, (int) c.call("run", code + 4096));
                assertEquals("r-xp", Maps.at(region, code + 4096));
            }
            assertEquals("rw-p", Maps.at(region, code), "the page before");
            c.call("unmap", code);
            long again = c.call("map", 8192, 1);
            assertEquals(code, again);
            assertEquals("rw-p", Maps.at(region, again + 4096));
        }
    }

    @Test
    void onlyMemoryForCodeIsRun() throws Exception {
        for (boolean exec : new boolean[] {false, true}) {
            try (CGuest c = CGuest.of(dir, SOURCE).booted()) {
                // Far behind what there is for code until now, or in memory for data.
                long at = exec ? c.call("map", 8192, 1) + (60 << 20) : c.call("map", 8192, 0);
                assertThrows(RumpuserExit.class, () -> c.call("run", at));
                GuestFaultException fault = assertInstanceOf(GuestFaultException.class, c.guest.failure());
                assertEquals(at, fault.address());
            }
        }
    }

    /** In a JVM of its own: where a guest's memory is. */
    static final class Places {
        private Places() {}

        static void main(String[] args) throws Exception {
            Path library = Path.of(args[0]);
            try (CGuest c = CGuest.of(library, SOURCE, b -> b.environment(Guest.REGION, args[1]))) {
                c.booted();
                System.out.println(Long.toHexString(c.guest.images().region().address()) + " "
                        + Long.toHexString(c.call("use", 20_000)));
            }
        }
    }

    @Test
    void addressesAreTheSameInAnotherJvmWhereThatIsAsked() throws Exception {
        String first = ForkedJvm.run(List.of(), Places.class, dir.toString(), "0x300000000000");
        String second = ForkedJvm.run(List.of("-Xint"), Places.class, dir.toString(), "0x300000000000");
        assertEquals(first, second);
        assertTrue(first.startsWith("300000000000 "), first);
        assertFalse(first.endsWith(" 0\n"), first);
        String elsewhere = ForkedJvm.run(List.of(), Places.class, dir.toString(), "0x310000000000");
        assertFalse(first.substring(13).equals(elsewhere.substring(13)), "the hash does not depend on addresses");
    }

    @Test
    void whereSomethingIsAlreadyOrNothingCanBeIsAnError() throws Exception {
        try (CGuest _ = CGuest.of(dir, SOURCE, b -> b.environment(Guest.REGION, "0x320000000000"))) {
            assertThrows(
                    RegionException.class,
                    () -> CGuest.of(dir, SOURCE, b -> b.environment(Guest.REGION, "0x320000000000")));
        }
        RegionException e = assertThrows(
                RegionException.class, () -> CGuest.of(dir, SOURCE, b -> b.environment(Guest.REGION, "here")));
        assertTrue(String.valueOf(e.getMessage()).contains("RUMP4J_REGION"), e.getMessage());
    }
}
