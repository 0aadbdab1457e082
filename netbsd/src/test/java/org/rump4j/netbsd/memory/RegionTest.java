package org.rump4j.netbsd.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;

/** Regions of addresses. */
final class RegionTest {
    private static final long PAGE = 4096;
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsLinux() {
        Maps.assumeLinux();
    }

    @Test
    void aRegionIsReservedAndNothingIsThereUntilItIsAsked() throws Exception {
        try (Region region = Region.reserve(64 * MEBIBYTE)) {
            assertEquals(64 * MEBIBYTE, region.byteSize());
            assertEquals(List.of("---p"), Maps.protections(region));
            assertTrue(region.contains(region.address()));
            assertTrue(region.contains(region.address() + region.byteSize() - 1));
            assertFalse(region.contains(region.address() + region.byteSize()));
            assertFalse(region.contains(region.address() - 1));
        }
    }

    @Test
    void memoryThatIsTakenAndProtectedIsZerosAndCanBeWritten() throws Exception {
        try (Region region = Region.reserve(MEBIBYTE)) {
            long at = region.take(3 * PAGE, 1);
            region.protect(at, 2 * PAGE, Protection.READ_WRITE);
            assertEquals(0, region.word(at));
            region.write(at + 3, new long[] {0x0807060504030201L, -1}, 9);
            assertEquals(0x0504030201L << 24, region.word(at));
            assertEquals(0xff080706L, region.word(at + 8));
            assertEquals(List.of("rw-p", "---p"), Maps.protections(region));
        }
    }

    @Test
    void piecesAreAlignedAndNeverOverlap() throws Exception {
        try (Region region = Region.reserve(8 * MEBIBYTE)) {
            long end = region.address();
            for (int i = 1; i < 20; i++) {
                long align = 1L << (i % 18);
                long at = region.take(i * 1000L, align);
                assertEquals(0, at % align);
                assertTrue(at >= end, "overlaps the piece before");
                end = at + i * 1000L;
            }
            assertTrue(region.remaining() <= region.address() + region.byteSize() - end);
        }
    }

    @Test
    void aRegionThatIsFullSaysSo() throws Exception {
        try (Region region = Region.reserve(MEBIBYTE)) {
            long _ = region.take(MEBIBYTE - PAGE, 1);
            RegionException e = assertThrows(RegionException.class, () -> region.take(PAGE + 1, 1));
            assertTrue(String.valueOf(e.getMessage()).contains("4096 are left"), e.getMessage());
            long _ = region.take(PAGE, 1);
            assertEquals(0, region.remaining());
            assertThrows(RegionException.class, () -> region.take(1, 1));
            assertThrows(RegionException.class, () -> region.take(1, 1L << 62));
        }
    }

    @Test
    void aRegionIsAtTheAddressThatIsAskedForUnlessSomethingIsThere() throws Exception {
        long address;
        try (Region region = Region.reserve(MEBIBYTE)) {
            address = region.address();
            RegionException e = assertThrows(RegionException.class, () -> Region.reserveAt(address, PAGE));
            assertTrue(String.valueOf(e.getMessage()).contains("something is there already"), e.getMessage());
        }
        long fixed = 0x30_0000_0000L;
        for (int i = 0; i < 3; i++) {
            try (Region region = Region.reserveAt(fixed, MEBIBYTE)) {
                assertEquals(fixed, region.address());
            }
        }
    }

    @Test
    void sizesAndAddressesThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> Region.reserve(0));
        assertThrows(IllegalArgumentException.class, () -> Region.reserveAt(0, PAGE));
        assertThrows(RegionException.class, () -> Region.reserveAt(0x30_0000_0010L, PAGE));
        assertThrows(RegionException.class, () -> Region.reserve(1L << 60));
    }

    @Test
    void aPieceOfAFileIsShared() throws Exception {
        byte[] content = new byte[(int) (3 * PAGE)];
        content[(int) PAGE + 5] = 42;
        Path file = Files.write(dir.resolve("file"), content);
        try (Region region = Region.reserve(MEBIBYTE)) {
            long at = region.take(PAGE, PAGE);
            region.map(at, PAGE, Protection.READ, file, PAGE);
            assertEquals(42, region.memory().get(ValueLayout.JAVA_BYTE, 5));
            assertEquals(List.of("r--p", "---p"), Maps.protections(region));
        }
        try (Region region = Region.reserve(MEBIBYTE)) {
            RegionException e = assertThrows(
                    RegionException.class,
                    () -> region.map(region.address(), PAGE, Protection.READ, dir.resolve("missing"), 0));
            assertTrue(String.valueOf(e.getMessage()).contains("ENOENT"), e.getMessage());
        }
    }

    @Test
    void nothingOutsideOfTheRegionIsTouched() throws Exception {
        try (Region region = Region.reserve(MEBIBYTE)) {
            long end = region.address() + region.byteSize();
            assertThrows(IllegalArgumentException.class, () -> region.protect(end, PAGE, Protection.READ));
            assertThrows(IllegalArgumentException.class, () -> region.protect(end - PAGE, 2 * PAGE, Protection.READ));
            assertThrows(IllegalArgumentException.class, () -> region.write(end - 4, new long[1], 8));
            assertThrows(IllegalArgumentException.class, () -> region.word(region.address() - 8));
            assertThrows(IllegalArgumentException.class, () -> region.protect(region.address(), -1, Protection.READ));
        }
    }

    @Test
    void whatIsDiscardedIsGone() throws Exception {
        MemorySegment memory;
        long address;
        try (Region region = Region.reserve(MEBIBYTE)) {
            memory = region.memory();
            address = region.address();
            region.protect(region.take(PAGE, 1), PAGE, Protection.READ_WRITE);
        }
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
        // Others may have it now, but not as one piece of this size that begins there with these protections.
        try (Region again = Region.reserveAt(address, MEBIBYTE)) {
            assertEquals(List.of("---p"), Maps.protections(again));
        }
    }

    @Test
    void aThousandRegionsLeaveNothingBehind() throws Exception {
        churn(100);
        int before = Maps.count();
        churn(1000);
        assertTrue(Maps.count() - before < 50, Maps.count() + " mappings now, " + before + " before");
    }

    private static void churn(int times) throws RegionException {
        for (int i = 0; i < times; i++) {
            try (Region region = Region.reserve(16 * MEBIBYTE)) {
                long at = region.take(PAGE, 1);
                region.protect(at, PAGE, Protection.READ_WRITE);
                region.write(at, new long[] {i}, 8);
                assertEquals(i, region.word(at));
            }
        }
    }

    @Test
    void manyRegionsAreThereAtOnce() throws Exception {
        List<Region> all = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                all.add(Region.reserve(1L << 30));
            }
            for (Region one : all) {
                for (Region other : all) {
                    assertTrue(one == other || !other.contains(one.address()));
                }
            }
        } finally {
            all.forEach(Region::close);
        }
    }

    @Test
    void mapsAreReadAsTheyAre() throws IOException {
        assertTrue(Maps.count() > 10, "the JVM has mappings");
    }
}
