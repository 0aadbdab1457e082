package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Writing through the page cache, on a disk that is full of rubbish and writes down what happens to it. */
class FileWriterTest {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final int CHUNK = 64 * KIB;
    private static final int PAGE = 4 * KIB;

    private TestKernel kernel;
    private WritableFile file;

    @BeforeEach
    void boot() throws Exception {
        boot("64m", 16 * MIB, PAGE);
    }

    private void boot(String memory, int diskBytes, int blockBytes) throws Exception {
        if (kernel != null) {
            kernel.close();
        }
        kernel = TestKernel.builder().environment("RUMP_MEMLIMIT", memory).boot();
        file = new WritableFile(kernel, new ScatteredFile(new RecordingDisk(diskBytes), blockBytes, null));
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private RecordingDisk disk() {
        return file.source.disk;
    }

    static byte[] pattern(int seed, int bytes) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    @ParameterizedTest
    @ValueSource(ints = {KIB, 2 * KIB, PAGE, 16 * KIB, CHUNK})
    void whatABlockHeldBeforeIsNeverSeen(int blockBytes) throws Exception {
        boot("64m", 16 * MIB, blockBytes);
        file.write(70 * KIB + 100, pattern(1, 50));
        file.flush();
        byte[] expected = new byte[70 * KIB + 150];
        System.arraycopy(pattern(1, 50), 0, expected, 70 * KIB + 100, 50);
        assertArrayEquals(expected, file.read(0, expected.length));
        assertArrayEquals(expected, file.source.onDisk());
        int rubbish = 0;
        for (long place : file.source.places.values()) {
            rubbish += count(disk().contents(place, blockBytes), RecordingDisk.RUBBISH);
        }
        assertEquals(count(expected, RecordingDisk.RUBBISH), rubbish);
        file.forget();
        file.truncate(100 * KIB);
        assertArrayEquals(Arrays.copyOf(expected, 100 * KIB), file.read(0, 100 * KIB));
    }

    private static int count(byte[] data, byte what) {
        int n = 0;
        for (byte b : data) {
            n += b == what ? 1 : 0;
        }
        return n;
    }

    @Test
    void aPartOfAPageIsWrittenIntoWhatIsThere() throws Exception {
        file.write(0, pattern(1, 3 * PAGE));
        file.flush();
        file.forget();
        int reads = disk().reads();
        file.write(100, pattern(2, 10));
        assertEquals(reads + 1, disk().reads());
        byte[] expected = pattern(1, 3 * PAGE);
        System.arraycopy(pattern(2, 10), 0, expected, 100, 10);
        assertArrayEquals(expected, file.read(0, 3 * PAGE));
        file.flush();
        assertArrayEquals(expected, file.source.onDisk());
    }

    @Test
    void aWholePageIsNotReadBeforeItIsWritten() throws Exception {
        file.write(0, pattern(1, 2 * PAGE));
        file.flush();
        file.forget();
        int reads = disk().reads();
        file.write(0, pattern(2, 2 * PAGE));
        assertEquals(reads, disk().reads());
    }

    @Test
    void theLastPartOfAFileIsNotReadBeforeItIsWritten() throws Exception {
        file.write(0, pattern(1, PAGE + 10));
        file.flush();
        file.forget();
        int reads = disk().reads();
        file.write(PAGE, pattern(2, 10));
        assertEquals(reads, disk().reads());
        file.flush();
        assertArrayEquals(pattern(2, 10), Arrays.copyOfRange(file.source.onDisk(), PAGE, PAGE + 10));
    }

    @Test
    void whatIsWrittenTwiceIsWrittenToTheDiskOnce() throws Exception {
        file.write(0, pattern(1, PAGE));
        file.write(0, pattern(2, PAGE));
        file.flush();
        assertEquals(List.of(new RecordingDisk.Write(file.source.place(0), PAGE)), disk().takeWrites());
        file.flush();
        assertEquals(List.of(), disk().takeWrites());
    }

    @Test
    void nothingIsWrittenBeforeItMustBe() throws Exception {
        file.write(0, pattern(1, 512 * KIB));
        assertEquals(List.of(), disk().takeEvents());
    }

    @Test
    void flushingAFileDoesNotFlushTheDisk() throws Exception {
        file.write(0, pattern(1, PAGE));
        file.flush();
        assertFalse(disk().takeEvents().contains(new RecordingDisk.Flush()));
    }

    @Test
    void onlyPagesThatAreDirtyAreWritten() throws Exception {
        file.write(0, pattern(1, CHUNK));
        file.flush();
        disk().takeEvents();
        file.write(5 * PAGE + 1, new byte[] {7});
        file.flush();
        assertEquals(List.of(new RecordingDisk.Write(file.source.place(5), PAGE)), disk().takeWrites());
    }

    @Test
    void neighboursOnTheDiskAreWrittenInOneRequest() throws Exception {
        for (int i = 3; i >= 0; i--) {
            file.write((long) i * PAGE, pattern(i, PAGE));
        }
        assertEquals(0, file.source.place(3));
        file.write(4 * PAGE, pattern(4, PAGE));
        file.flush();
        // Blocks 3, 2, 1, 0 and 4 of the file lie in this order.
        assertEquals(List.of(new RecordingDisk.Write(0, 5 * PAGE)), disk().takeWrites());
        assertArrayEquals(file.read(0, 5 * PAGE), file.source.onDisk());
    }

    @Test
    void requestsAreSortedByPlace() throws Exception {
        kernel.close();
        kernel = TestKernel.boot();
        file = new WritableFile(kernel, new ScatteredFile(new RecordingDisk(16 * MIB), PAGE, new Random(4)));
        file.write(0, pattern(1, 300 * KIB));
        file.flush();
        List<Long> offsets =
                disk().takeWrites().stream().map(RecordingDisk.Write::offset).toList();
        assertEquals(offsets.stream().sorted().toList(), offsets);
        assertArrayEquals(pattern(1, 300 * KIB), file.source.onDisk());
    }

    @Test
    void wherePlacesAreKnownNobodyIsAskedAgain() throws Exception {
        file.write(0, pattern(1, CHUNK));
        file.flush();
        int questions = file.source.questions;
        int allocations = file.source.allocations;
        file.write(0, pattern(2, CHUNK));
        file.flush();
        assertEquals(questions, file.source.questions);
        assertEquals(allocations, file.source.allocations);
    }

    @Test
    void aFileThatGrowsByLittleKeepsWhatItHas() throws Exception {
        byte[] all = pattern(1, 200 * KIB);
        for (int at = 0; at < all.length; at += 777) {
            file.write(at, Arrays.copyOfRange(all, at, Math.min(all.length, at + 777)));
        }
        assertArrayEquals(all, file.read(0, all.length));
        assertEquals(0, disk().reads());
        file.flush();
        assertArrayEquals(all, file.source.onDisk());
    }

    @Test
    void writingBehindTheEndLeavesZerosBetween() throws Exception {
        file.write(0, pattern(1, 100));
        file.write(300 * KIB, pattern(2, 100));
        byte[] expected = new byte[300 * KIB + 100];
        System.arraycopy(pattern(1, 100), 0, expected, 0, 100);
        System.arraycopy(pattern(2, 100), 0, expected, 300 * KIB, 100);
        assertArrayEquals(expected, file.read(0, expected.length));
        assertEquals(2, file.source.places.size());
        file.flush();
        file.forget();
        assertArrayEquals(expected, file.read(0, expected.length));
    }

    // Room and faults

    @Test
    void asMuchIsWrittenAsThereIsRoomFor() throws Exception {
        file.source.leaveFree(20);
        long[] written = {0};
        byte[] data = pattern(1, 30 * PAGE);
        ErrnoException e = assertThrows(
                ErrnoException.class,
                () -> kernel.inside(_ -> {
                    Uio uio = Uio.of(0, MemorySegment.ofArray(data));
                    while (true) {
                        written[0] += file.pages.write(uio, file.source.size, MIB);
                        file.source.size = uio.offset();
                    }
                }));
        assertEquals(Errno.ENOSPC, e.errno());
        assertEquals(20 * PAGE, written[0]);
        file.flush();
        assertArrayEquals(Arrays.copyOf(data, 20 * PAGE), file.source.onDisk());
    }

    @Test
    void whereThereIsNoRoomForTheEndOfAPageTheRestOfItStays() throws Exception {
        boot("64m", 16 * MIB, KIB);
        byte[] old = pattern(1, PAGE);
        file.write(0, old);
        kernel.inside(_ -> {
            file.pages.punch(PAGE, KIB, 3 * KIB);
            file.source.freeBlocks(KIB, 3 * KIB);
            return file;
        });
        file.flush();
        file.forget();
        file.source.leaveFree(1);
        byte[] data = pattern(2, PAGE);
        long n = kernel.inside(_ -> file.pages.write(Uio.of(0, MemorySegment.ofArray(data)), PAGE, MIB));
        assertEquals(2 * KIB, n);
        byte[] expected = old.clone();
        System.arraycopy(data, 0, expected, 0, 2 * KIB);
        Arrays.fill(expected, 2 * KIB, 3 * KIB, (byte) 0);
        assertArrayEquals(expected, file.read(0, PAGE));
        file.flush();
        assertArrayEquals(expected, file.source.onDisk());
    }

    @ParameterizedTest
    @ValueSource(ints = {KIB, PAGE, 16 * KIB})
    void memoryThatIsNotThereLeavesNeitherRubbishNorHarm(int blockBytes) throws Exception {
        boot("64m", 16 * MIB, blockBytes);
        byte[] old = pattern(1, 5 * KIB);
        file.write(0, old);
        file.flush();
        file.forget();
        MemorySegment gone;
        try (Arena arena = Arena.ofShared()) {
            gone = arena.allocate(CHUNK);
        }
        ErrnoException e = assertThrows(
                ErrnoException.class,
                () -> kernel.inside(_ -> file.pages.write(Uio.of(0, gone), file.source.size, MIB)));
        assertEquals(Errno.EFAULT, e.errno());
        assertArrayEquals(old, file.read(0, old.length));
        file.truncate(CHUNK);
        assertArrayEquals(Arrays.copyOf(old, CHUNK), file.read(0, CHUNK));
        file.flush();
        file.forget();
        assertArrayEquals(Arrays.copyOf(old, CHUNK), file.read(0, CHUNK));
    }

    // Lengths and holes

    @ParameterizedTest
    @ValueSource(ints = {KIB, PAGE, 16 * KIB, CHUNK})
    void whatWasCutOffDoesNotComeBack(int blockBytes) throws Exception {
        boot("64m", 16 * MIB, blockBytes);
        byte[] data = pattern(1, 200 * KIB);
        for (boolean cached : new boolean[] {true, false}) {
            file.write(0, data);
            file.flush();
            if (!cached) {
                file.forget();
            }
            file.truncate(70 * KIB + 5);
            file.flush();
            file.forget();
            file.truncate(200 * KIB);
            byte[] expected = Arrays.copyOf(Arrays.copyOf(data, 70 * KIB + 5), 200 * KIB);
            assertArrayEquals(expected, file.read(0, 200 * KIB));
        }
    }

    @Test
    void whatIsCutOffIsNotWritten() throws Exception {
        file.write(0, pattern(1, 128 * KIB));
        file.truncate(0);
        file.flush();
        assertEquals(List.of(), disk().takeEvents());
    }

    @ParameterizedTest
    @ValueSource(ints = {KIB, PAGE, 16 * KIB})
    void aHoleIsZeros(int blockBytes) throws Exception {
        boot("64m", 16 * MIB, blockBytes);
        byte[] data = pattern(1, 200 * KIB);
        int[][] holes = {{100, 200}, {5 * KIB, 5 * KIB + 3000}, {10 * KIB + 1, 100 * KIB + 1}, {128 * KIB, 192 * KIB}};
        file.write(0, data);
        for (int[] hole : holes) {
            kernel.inside(_ -> {
                file.pages.punch(file.source.size, hole[0], hole[1]);
                file.source.freeBlocks(hole[0], hole[1]);
                return file;
            });
            Arrays.fill(data, hole[0], hole[1], (byte) 0);
            assertArrayEquals(data, file.read(0, data.length));
        }
        file.flush();
        assertArrayEquals(data, file.source.onDisk());
        file.forget();
        assertArrayEquals(data, file.read(0, data.length));
    }

    @Test
    void cuttingWaitsForWhatIsOnItsWayToTheDisk() throws Exception {
        disk().holds = true;
        file.write(0, pattern(1, 2 * MIB));
        assertTrue(disk().heldBack() > 0, "writing behind has begun");
        CountDownLatch cut = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                file.truncate(0);
                cut.countDown();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        Thread.sleep(50);
        assertEquals(1, cut.getCount());
        disk().holds = false;
        kernel.inside(_ -> {
            disk().finishHeld();
            return file;
        });
        thread.join();
        assertEquals(0, cut.getCount());
    }

    // Writing behind and memory

    @Test
    void aLongWriteFromFrontToBackIsWrittenBehind() throws Exception {
        file.write(0, pattern(1, 8 * MIB));
        long behind = disk().takeWrites().stream()
                .mapToLong(RecordingDisk.Write::bytes)
                .sum();
        assertTrue(behind >= 6 * MIB, behind + " bytes written behind");
        file.flush();
        assertEquals(
                8 * MIB,
                behind
                        + disk().takeWrites().stream()
                                .mapToLong(RecordingDisk.Write::bytes)
                                .sum());
        assertArrayEquals(pattern(1, 8 * MIB), file.source.onDisk());
    }

    @Test
    void whatIsChangedOnItsWayToTheDiskIsWrittenAgain() throws Exception {
        disk().holds = true;
        file.write(0, pattern(1, 2 * MIB));
        assertTrue(disk().heldBack() > 0);
        file.write(0, pattern(2, CHUNK));
        disk().holds = false;
        Thread flusher = Thread.ofPlatform().start(() -> {
            try {
                file.flush();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        kernel.inside(_ -> {
            disk().finishHeld();
            return file;
        });
        flusher.join();
        byte[] expected = pattern(1, 2 * MIB);
        System.arraycopy(pattern(2, CHUNK), 0, expected, 0, CHUNK);
        assertArrayEquals(expected, file.source.onDisk());
    }

    @ParameterizedTest
    @ValueSource(strings = {"256k", "1m", "4m"})
    void muchMoreThanThereIsMemoryForIsWritten(String memory) throws Exception {
        boot(memory, 16 * MIB, PAGE);
        byte[] data = pattern(1, 8 * MIB);
        file.write(0, data);
        long cache = kernel.kernel().kmem().limitBytes();
        assertTrue(dirtyBytes() <= cache / 2 + CHUNK, dirtyBytes() + " bytes are dirty");
        assertArrayEquals(data, file.read(0, data.length));
        file.flush();
        assertEquals(0, dirtyBytes());
        assertArrayEquals(data, file.source.onDisk());
    }

    @ParameterizedTest
    @ValueSource(strings = {"256k", "1m"})
    void hereAndThereTooInLittleMemory(String memory) throws Exception {
        boot(memory, 16 * MIB, KIB);
        byte[] data = new byte[8 * MIB];
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            int at = random.nextInt(data.length - 5000);
            byte[] piece = pattern(i, 1 + random.nextInt(5000));
            System.arraycopy(piece, 0, data, at, piece.length);
            file.write(at, piece);
        }
        byte[] expected = Arrays.copyOf(data, (int) file.source.size);
        assertArrayEquals(expected, file.read(0, expected.length));
        file.flush();
        assertArrayEquals(expected, file.source.onDisk());
    }

    @Test
    void readersDoNotPushOutWhatIsDirty() throws Exception {
        boot("1m", 16 * MIB, PAGE);
        byte[] data = pattern(1, 4 * MIB);
        file.write(0, data);
        file.flush();
        disk().takeEvents();
        byte[] news = pattern(2, 128 * KIB);
        file.write(0, news);
        for (int i = 0; i < 3; i++) {
            file.read(CHUNK * 2, 3 * MIB);
        }
        assertEquals(List.of(), disk().takeEvents());
        file.flush();
        System.arraycopy(news, 0, data, 0, news.length);
        assertArrayEquals(data, file.source.onDisk());
    }

    private long dirtyBytes() throws Exception {
        return ((org.rump4j.rump.SysctlValue.Quad) kernel.handle().syscalls().sysctl("vfs.sync.dirtydata")).value();
    }

    // Errors

    @Test
    void aWriteBehindThatFailsIsToldByTheNextFlushOnce() throws Exception {
        disk().failsAt = offset -> offset == CHUNK;
        file.write(0, pattern(1, 4 * MIB));
        disk().failsAt = _ -> false;
        ErrnoException e = assertThrows(ErrnoException.class, () -> file.flush());
        assertEquals(Errno.EIO, e.errno());
        file.flush();
        assertArrayEquals(pattern(1, 4 * MIB), file.source.onDisk(), "what failed was tried again");
    }

    @Test
    void aDiskThatIsBrokenIsToldOfByEachFlush() throws Exception {
        disk().failsAt = _ -> true;
        file.write(0, pattern(1, PAGE));
        assertThrows(ErrnoException.class, () -> file.flush());
        assertThrows(ErrnoException.class, () -> file.flush());
        assertArrayEquals(pattern(1, PAGE), file.read(0, PAGE), "as long as there is memory nothing is lost");
    }

    @Test
    void aDiskThatIsBrokenDoesNotStopThoseWhoWrite() throws Exception {
        boot("1m", 16 * MIB, PAGE);
        disk().failsAt = _ -> true;
        file.write(0, pattern(1, 8 * MIB));
        assertThrows(ErrnoException.class, () -> file.flush());
    }

    @Test
    void whatCannotBeReadIsNotWrittenOver() throws Exception {
        file.write(0, pattern(1, PAGE));
        file.flush();
        file.forget();
        file.source.places.put(0L, 1L << 40);
        assertThrows(ErrnoException.class, () -> file.write(5, new byte[] {1}));
        assertEquals(0, dirtyBytes());
    }
}
