package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The page cache: files on a disk that fails, waits and counts, in kernels of little memory. */
class FilePagesTest {
    private static final int KIB = 1024;
    private static final int CHUNK = 64 * KIB;

    private TestKernel kernel;
    private FakeDisk disk;

    @BeforeEach
    void boot() throws Exception {
        boot("16m");
    }

    private void boot(String memory) throws Exception {
        kernel = TestKernel.builder().environment("RUMP_MEMLIMIT", memory).boot();
        disk = new FakeDisk(64 << 20);
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    /** A file that begins at a byte of the disk, with a hole where the disk's offset within the file says so. */
    private final class FileOnDisk implements PageSource {
        final long start;
        final long holeFrom;
        final long holeTo;

        FileOnDisk(long start, long holeFrom, long holeTo) {
            this.start = start;
            this.holeFrom = holeFrom;
            this.holeTo = holeTo;
        }

        @Override
        public FileExtent bmap(long offset, long limit) {
            if (offset < holeFrom) {
                return new FileExtent(offset, Math.min(limit, holeFrom) - offset, start + offset);
            }
            return offset < holeTo
                    ? new FileExtent(offset, Math.min(limit, holeTo) - offset, FileExtent.HOLE)
                    : new FileExtent(offset, limit - offset, start + offset);
        }

        @Override
        public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
            for (long at = 0; at < dst.byteSize(); ) {
                FileExtent extent = bmap(offset + at, offset + dst.byteSize());
                MemorySegment part = dst.asSlice(at, extent.length());
                if (extent.isHole()) {
                    part.fill((byte) 0);
                } else {
                    disk.read(part, extent.deviceOffset());
                }
                at += extent.length();
            }
        }

        @Override
        public BlockDevice device() {
            return disk;
        }
    }

    private FilePages pages() {
        return pages(new FileOnDisk(0, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    private FilePages pages(PageSource source) {
        return new FilePages(
                kernel.vfs().pageCache(), source, new DirtyFiles(kernel.vfs().pageCache(), () -> {}), "file");
    }

    private byte[] read(FilePages pages, long offset, int length, long size) throws Exception {
        return kernel.inside(_ -> {
            byte[] buf = new byte[length];
            Uio uio = Uio.of(offset, MemorySegment.ofArray(buf));
            pages.read(uio, size);
            return Arrays.copyOf(buf, (int) (length - uio.resid()));
        });
    }

    private void assertReads(FilePages pages, long offset, int length, long size) throws Exception {
        int there = Math.clamp(size - offset, 0, length);
        assertArrayEquals(FakeDisk.bytes(offset, there), read(pages, offset, length, size), length + " at " + offset);
    }

    @Test
    void whatIsOnTheDiskIsRead() throws Exception {
        FilePages pages = pages();
        long size = (1 << 20) + 77;
        Random random = new Random(1);
        for (int i = 0; i < 400; i++) {
            int length = 1 + random.nextInt(1 << random.nextInt(18));
            assertReads(pages, random.nextInt((int) size + 100), length, size);
        }
    }

    @Test
    void whatHasBeenReadIsNotReadAgain() throws Exception {
        FilePages pages = pages();
        assertReads(pages, 0, 300 * KIB, 300 * KIB);
        int reads = disk.reads.size();
        assertReads(pages, 0, 300 * KIB, 300 * KIB);
        assertReads(pages, 12_345, 6789, 300 * KIB);
        assertEquals(reads, disk.reads.size());
        kernel.inside(_ -> {
            pages.clear();
            return true;
        });
        assertReads(pages, 0, 1, 300 * KIB);
        assertTrue(disk.reads.size() > reads);
    }

    @Test
    void whoReadsHereAndThereGetsPages() throws Exception {
        FilePages pages = pages();
        for (long at : new long[] {700_000, 300_000, 900_001, 5000}) {
            disk.reads.clear();
            assertReads(pages, at, 10, 1 << 20);
            assertEquals(List.of(new FakeDisk.Transfer(at & -4096, 4096, false)), disk.reads);
        }
    }

    @Test
    void whoReadsFromFrontToBackGetsChunks() throws Exception {
        FilePages pages = pages();
        for (int at = 0; at < 4 * CHUNK; at += 4096) {
            assertReads(pages, at, 4096, 4 * CHUNK);
        }
        assertEquals(4, disk.reads.size());
        assertTrue(disk.reads.stream().allMatch(read -> read.bytes() == CHUNK));
    }

    @Test
    void aPageInTheMiddleIsReadOnceThoughItsNeighboursAreThere() throws Exception {
        FilePages pages = pages();
        assertReads(pages, 20 * KIB, 10, CHUNK);
        assertReads(pages, 40 * KIB, 10, CHUNK);
        disk.reads.clear();
        assertReads(pages, 0, CHUNK, CHUNK);
        assertEquals(
                List.of(
                        new FakeDisk.Transfer(0, 20 * KIB, false),
                        new FakeDisk.Transfer(24 * KIB, 16 * KIB, false),
                        new FakeDisk.Transfer(44 * KIB, 20 * KIB, false)),
                disk.reads);
    }

    /** Chunks that are read from a slow disk before it is known for one. */
    private static final int FIRST_CHUNKS = 3;

    /** Reads the first chunks of a file, slowly; the chunks that follow are being read then. */
    private void readFirstChunks(FilePages pages, long size) throws Exception {
        disk.spinNanos = 1_000_000;
        for (int i = 0; i < FIRST_CHUNKS; i++) {
            assertEquals(0, asyncReads());
            assertReads(pages, (long) i * CHUNK, CHUNK, size);
        }
        assertTrue(asyncReads() > 0, disk.reads::toString);
    }

    private long asyncReads() {
        return disk.reads.stream().filter(FakeDisk.Transfer::async).count();
    }

    @Test
    void aSlowDiskIsReadAhead() throws Exception {
        FilePages pages = pages();
        long size = 20L * CHUNK;
        readFirstChunks(pages, size);
        for (int at = FIRST_CHUNKS * CHUNK; at < size; at += CHUNK) {
            assertReads(pages, at, CHUNK, size);
        }
        assertTrue(disk.reads.size() - asyncReads() < 10, disk.reads::toString);
    }

    @Test
    void readingAheadGoesAroundHolesAndStopsAtTheEnd() throws Exception {
        disk.spinNanos = 1_000_000;
        int size = 500_001;
        int holeFrom = 300_000;
        int holeTo = 400_000;
        FilePages pages = pages(new FileOnDisk(1 << 20, holeFrom, holeTo));
        byte[] expected = FakeDisk.bytes(1 << 20, size);
        Arrays.fill(expected, holeFrom, holeTo, (byte) 0);
        for (int at = 0; at < size; at += 50_000) {
            int length = Math.min(50_000, size - at);
            assertArrayEquals(Arrays.copyOfRange(expected, at, at + length), read(pages, at, 50_000, size));
        }
        assertTrue(asyncReads() > 0, disk.reads::toString);
        for (FakeDisk.Transfer read : disk.reads) {
            long from = read.offset() - (1 << 20);
            assertTrue(from + read.bytes() <= holeFrom || from >= holeTo, read::toString);
        }
    }

    @Test
    void whatWasReadAheadInVainIsReadOnceMore() throws Exception {
        disk.failAfter.set(FIRST_CHUNKS);
        FilePages pages = pages();
        readFirstChunks(pages, 8 * CHUNK);
        disk.failAfter.set(Integer.MAX_VALUE);
        assertReads(pages, FIRST_CHUNKS * CHUNK, 5 * CHUNK, 8 * CHUNK);
    }

    @Test
    void clearingWaitsForWhatIsUnderWay() throws Exception {
        disk.holdAsync = true;
        FilePages pages = pages();
        readFirstChunks(pages, 8 * CHUNK);
        CountDownLatch cleared = new CountDownLatch(1);
        Thread clearer = start(() -> {
            kernel.inside(_ -> {
                pages.clear();
                return true;
            });
            cleared.countDown();
        });
        while (clearer.getState() != Thread.State.WAITING) {
            assertEquals(1, cleared.getCount());
            Thread.sleep(1);
        }
        kernel.inside(_ -> {
            disk.finishAsync();
            return true;
        });
        clearer.join();
        assertEquals(List.of(), failures);
        assertEquals(0, cleared.getCount());
        disk.holdAsync = false;
        assertReads(pages, 0, 8 * CHUNK, 8 * CHUNK);
    }

    private interface Body {
        void run() throws Exception;
    }

    private final List<Throwable> failures = new ArrayList<>();

    private Thread start(Body body) {
        return Thread.ofPlatform().start(() -> {
            try {
                body.run();
            } catch (Throwable t) {
                synchronized (failures) {
                    failures.add(t);
                }
            }
        });
    }

    @Test
    void anErrorIsToldAndWhatIsGoodCanBeRead() throws Exception {
        disk.failFrom = 100_000;
        FilePages pages = pages();
        ErrnoException e = assertThrows(ErrnoException.class, () -> read(pages, 0, 200_000, 200_000));
        assertEquals(Errno.EIO, e.errno());
        assertReads(pages, 0, 90_000, 90_000);
        ErrnoException again = assertThrows(ErrnoException.class, () -> read(pages, 99_000, 2000, 200_000));
        assertEquals(Errno.EIO, again.errno());
        disk.failFrom = Long.MAX_VALUE;
        assertReads(pages, 0, 200_000, 200_000);
    }

    @Test
    void aFileThatHasGrownIsReadToItsNewEnd() throws Exception {
        FilePages pages = pages();
        assertReads(pages, 0, 100, 100);
        assertReads(pages, 0, 50_000, 50_000);
        assertReads(pages, 0, 200_000, 200_000);
    }

    @Test
    void aBigFileIsReadThroughALittleMemory() throws Exception {
        for (String memory : new String[] {"256k", "1m"}) {
            kernel.close();
            boot(memory);
            long limit = kernel.kernel().kmem().limitBytes();
            for (long spin : new long[] {0, 300_000}) {
                disk.spinNanos = spin;
                FilePages pages = pages();
                long size = 4 << 20;
                for (long at = 0; at < size; at += 100_000) {
                    assertReads(pages, at, 100_000, size);
                }
                long used = kernel.inside(_ -> kernel.kernel().kmem().usedBytes());
                assertTrue(used <= limit, used + " bytes of " + limit);
            }
        }
    }

    @Test
    void manyReadBigFilesThroughALittleMemory() throws Exception {
        kernel.close();
        boot("256k");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            FilePages pages = pages(new FileOnDisk(0, Long.MAX_VALUE, Long.MAX_VALUE));
            threads.add(start(() -> {
                for (int at = 0; at < 2 << 20; at += 150_000) {
                    assertReads(pages, at, 150_000, 2 << 20);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
    }

    @Test
    void withoutMemoryItIsENOMEM() throws Exception {
        kernel.inside(_ -> {
            while (kernel.kernel().kmem().tryReserve(1 << 10)) {}
            return true;
        });
        ErrnoException e = assertThrows(ErrnoException.class, () -> read(pages(), 0, 100, 100));
        assertEquals(Errno.ENOMEM, e.errno());
    }

    @Test
    void theCacheGivesMemoryBackToWhoNeedsIt() throws Exception {
        FilePages pages = pages();
        assertReads(pages, 0, 8 << 20, 8 << 20);
        kernel.inside(_ -> {
            kernel.kernel().kmem().reserve(15 << 20);
            kernel.kernel().kmem().release(15 << 20);
            return true;
        });
        assertReads(pages, 0, 8 << 20, 8 << 20);
    }

    @Test
    void onePageIsReadOnceThoughManyWantIt() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        disk.gate = gate;
        FilePages pages = pages();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(start(() -> assertReads(pages, 0, 100, 100)));
        }
        gate.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
        assertEquals(1, disk.reads.size());
    }
}
