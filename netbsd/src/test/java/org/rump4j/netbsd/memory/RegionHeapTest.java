package org.rump4j.netbsd.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.Maps;

/** The heap of a guest. */
final class RegionHeapTest {
    private static final long MEBIBYTE = 1 << 20;

    @BeforeAll
    static void needsLinux() {
        Maps.assumeLinux();
    }

    private static MemorySegment allocate(RegionHeap heap, long size, long alignment) {
        return Objects.requireNonNull(heap.allocate(size, alignment));
    }

    @Test
    void aSizeIsTheSmallestThatIsLargeEnoughAndWastesAFifthAtTheMost() {
        int before = 0;
        for (int number = 0; RegionHeap.bytesOf(number) <= 1 << 15; number++) {
            int bytes = RegionHeap.bytesOf(number);
            assertTrue(bytes > before && bytes % 16 == 0, "size " + bytes);
            assertTrue(bytes <= 64 || (bytes - before) * 5 <= bytes, "from " + before + " to " + bytes);
            assertEquals(number, RegionHeap.classOf(before + 1));
            assertEquals(number, RegionHeap.classOf(bytes));
            before = bytes;
        }
        assertEquals(0, RegionHeap.classOf(0));
    }

    @Test
    void piecesAreAlignedInTheRegionAndOfTheSizeThatWasAskedFor() throws Exception {
        try (Region region = Region.reserve(256 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            for (long alignment = 8; alignment <= 1 << 21; alignment *= 2) {
                for (long size : new long[] {0, 1, 24, 100, 4096, 5000, 32768, 32769, 200_000}) {
                    MemorySegment piece = allocate(heap, size, alignment);
                    assertEquals(0, piece.address() % alignment, size + " bytes at " + alignment);
                    assertEquals(size, piece.byteSize());
                    assertTrue(region.contains(piece.address()) && region.contains(piece.address() + size));
                    piece.fill((byte) 1);
                }
            }
        }
    }

    @Test
    void aPieceIsGivenBackOnceAndByItsFirstAddress() throws Exception {
        try (Region region = Region.reserve(64 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            for (long size : new long[] {48, 4096, 100_000}) {
                MemorySegment piece = allocate(heap, size, 8);
                MemorySegment other = allocate(heap, size, 8);
                assertFalse(heap.free(piece.asSlice(16)), "the middle of a piece");
                assertNull(heap.at(piece.address() + 16));
                assertEquals(
                        size, Objects.requireNonNull(heap.at(piece.address())).byteSize());
                assertTrue(heap.free(piece));
                assertFalse(heap.free(piece), "twice");
                assertNull(heap.at(piece.address()));
                assertNotNull(heap.at(other.address()));
            }
            assertFalse(heap.free(MemorySegment.ofAddress(region.address())), "an image");
            assertFalse(heap.free(MemorySegment.ofAddress(4096)));
            assertFalse(heap.free(MemorySegment.ofAddress(-1)));
        }
    }

    @Test
    void whatWasMappedIsNotFreedNorWhatWasAllocatedUnmapped() throws Exception {
        try (Region region = Region.reserve(64 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            MemorySegment mapped = Objects.requireNonNull(heap.map(0, 5000, 4096, false));
            MemorySegment large = allocate(heap, 100_000, 8);
            MemorySegment small = allocate(heap, 100, 8);
            assertFalse(heap.free(mapped));
            assertFalse(heap.unmap(large));
            assertFalse(heap.unmap(small));
            assertTrue(heap.unmap(mapped));
            assertFalse(heap.unmap(mapped));
        }
    }

    @Test
    void mappedMemoryIsZerosAgainAndAgain() throws Exception {
        try (Region region = Region.reserve(64 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            for (int i = 0; i < 3; i++) {
                for (boolean exec : new boolean[] {false, true}) {
                    MemorySegment mapped = Objects.requireNonNull(heap.map(0, 300_000, 4096, exec));
                    assertEquals(-1, mapped.mismatch(MemorySegment.ofArray(new byte[300_000])));
                    mapped.fill((byte) 7);
                    assertTrue(heap.unmap(mapped));
                    MemorySegment large = allocate(heap, 400_000, 8);
                    large.fill((byte) 9);
                    assertTrue(heap.free(large));
                }
            }
        }
    }

    @Test
    void moreThanThereIsIsNull() throws Exception {
        try (Region region = Region.reserve(16 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            assertNull(heap.allocate(1L << 60, 8));
            assertNull(heap.allocate(Long.MAX_VALUE, 4096));
            assertNull(heap.map(0, 17 * MEBIBYTE, 4096, false));
            List<MemorySegment> all = new ArrayList<>();
            for (MemorySegment s = heap.allocate(4096, 4096); s != null; s = heap.allocate(4096, 4096)) {
                all.add(s);
            }
            assertTrue(all.size() > 2000, all.size() + " pages of 16 MiB, a quarter of which is for code");
            assertNull(heap.allocate(MEBIBYTE, 8));
            for (MemorySegment s : all) {
                assertTrue(heap.free(s));
            }
            assertNotNull(heap.allocate(8 * MEBIBYTE, 8), "what is free is joined");
        }
    }

    @Test
    void aLargePieceThatIsGivenBackIsKeptForTheNextOfItsSize() throws Exception {
        try (Region region = Region.reserve(16 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            MemorySegment piece = allocate(heap, 100_000, 8);
            piece.fill((byte) 1);
            assertTrue(heap.free(piece));
            assertEquals(List.of(), heap.pieces());
            assertNull(heap.at(piece.address()));
            assertFalse(heap.free(piece), "it is given back nevertheless");
            MemorySegment next = allocate(heap, 99_000, 8);
            assertEquals(piece.address(), next.address());
            assertEquals(99_000, next.byteSize());
            assertEquals(1, next.get(ValueLayout.JAVA_BYTE, 98_999), "its pages have stayed");
            assertTrue(heap.free(next));
            assertNotNull(heap.allocate(11 * MEBIBYTE, 8), "what is kept does not stand in the way");
        }
    }

    private static long residentPages() throws Exception {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1]);
    }

    @Test
    void freedMemoryGoesBackToTheOperatingSystem() throws Exception {
        try (Region region = Region.reserve(256 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            for (long size : new long[] {1000, 4096, 8 * MEBIBYTE}) {
                List<MemorySegment> all = new ArrayList<>();
                for (long bytes = 0; bytes < 64 * MEBIBYTE; bytes += size) {
                    MemorySegment piece = allocate(heap, size, 8);
                    piece.fill((byte) 1);
                    all.add(piece);
                }
                long full = residentPages();
                for (MemorySegment piece : all) {
                    assertTrue(heap.free(piece));
                }
                long given = (full - residentPages()) * Region.pageBytes();
                assertTrue(given > 50 * MEBIBYTE, given + " bytes of pieces of " + size);
            }
        }
    }

    @Test
    void theSameRequestsGetTheSamePlaces() throws Exception {
        List<List<Long>> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (Region region = Region.reserve(256 * MEBIBYTE)) {
                RegionHeap heap = new RegionHeap(region);
                List<Long> places = new ArrayList<>();
                work(new Random(7), heap, 5000, piece -> places.add(piece.address() - region.address()));
                runs.add(places);
            }
        }
        assertEquals(runs.get(0), runs.get(1));
    }

    /** Told of pieces. */
    private interface Witness {
        void sees(MemorySegment piece);
    }

    /** Takes and gives back, and looks that nobody else writes to a piece. */
    private static void work(Random random, RegionHeap heap, int steps, Witness witness) {
        Map<Long, MemorySegment> held = new TreeMap<>();
        long number = random.nextLong();
        for (int i = 0; i < steps; i++) {
            if (held.size() < 100 || (random.nextInt(3) != 0 && held.size() < 400)) {
                long size = random.nextInt(8) == 0 ? random.nextInt(200_000) : random.nextInt(5000);
                long alignment = 8L << random.nextInt(random.nextInt(14) + 1);
                MemorySegment piece = allocate(heap, size, alignment);
                witness.sees(piece);
                if (size >= 16) {
                    piece.set(ValueLayout.JAVA_LONG, 0, number ^ piece.address());
                    piece.set(ValueLayout.JAVA_BYTE, size - 1, (byte) size);
                }
                assertNull(held.put(piece.address(), piece), "given out twice");
            } else {
                List<Long> addresses = new ArrayList<>(held.keySet());
                MemorySegment piece =
                        Objects.requireNonNull(held.remove(addresses.get(random.nextInt(addresses.size()))));
                if (piece.byteSize() >= 16) {
                    assertEquals(number ^ piece.address(), piece.get(ValueLayout.JAVA_LONG, 0));
                    assertEquals((byte) piece.byteSize(), piece.get(ValueLayout.JAVA_BYTE, piece.byteSize() - 1));
                }
                assertTrue(heap.free(piece));
            }
        }
        for (MemorySegment piece : held.values()) {
            assertTrue(heap.free(piece));
        }
    }

    @Test
    void threadsTakeAndGiveBackAtOnce() throws Exception {
        try (Region region = Region.reserve(512 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            List<Throwable> problems = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int seed = i;
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        work(new Random(seed), heap, 20_000, _ -> {});
                    } catch (AssertionError | RuntimeException e) {
                        synchronized (problems) {
                            problems.add(e);
                        }
                    }
                }));
            }
            for (Thread t : threads) {
                t.join();
            }
            assertEquals(List.of(), problems);
            assertEquals(List.of(), heap.pieces());
        }
    }

    @Test
    void whatIsNotGivenBackIsListed() throws Exception {
        try (Region region = Region.reserve(64 * MEBIBYTE)) {
            RegionHeap heap = new RegionHeap(region);
            MemorySegment a = allocate(heap, 24, 8);
            MemorySegment b = allocate(heap, 24, 8);
            MemorySegment c = allocate(heap, 150_000, 8);
            assertNotEquals(a.address(), b.address());
            assertTrue(heap.free(a));
            assertEquals(List.of(b, c), heap.pieces());
        }
    }
}
