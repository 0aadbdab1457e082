package org.rump4j.rumpuser.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.FileCalls.FileInfo;
import org.rump4j.rumpuser.FileCalls.FileType;

/** Files. */
abstract class FileContract extends Contract {
    private static final int RDONLY = FileCalls.OPEN_RDONLY;
    private static final int WRONLY = FileCalls.OPEN_WRONLY;
    private static final int RDWR = FileCalls.OPEN_RDWR;
    private static final int CREATE = FileCalls.OPEN_CREATE;
    private static final int EXCL = FileCalls.OPEN_EXCL;
    private static final long NOSEEK = FileCalls.IOV_NOSEEK;
    private static final int BAD_FD = 123_456;

    private String path;

    @BeforeEach
    void makeFile() throws IOException {
        path = hosts.path("file");
        hosts.write("file", "0123456789".getBytes(US_ASCII));
    }

    // getfileinfo

    @Test
    void aFileHasASizeAndAType() throws Throwable {
        assertPairs(0, () -> {
            assertEquals(new FileInfo(10, FileType.REG), host.getfileinfo(path));
            hosts.makeFolder("folder");
            assertEquals(FileType.DIR, host.getfileinfo(hosts.path("folder")).type());
            assertErrno(Errno.ENOENT, () -> host.getfileinfo(hosts.path("nothing")));
            assertErrno(Errno.ENOTDIR, () -> host.getfileinfo(path + "/below"));
            assertErrno(Errno.ENAMETOOLONG, () -> host.getfileinfo(hosts.path("x".repeat(300))));
        });
    }

    // open

    @ParameterizedTest
    @ValueSource(ints = {RDONLY, WRONLY, RDWR, RDONLY | FileCalls.OPEN_BIO, RDWR | FileCalls.OPEN_BIO})
    void openingGivesTheVirtualCpuAwayOnceAndSoDoesClosing(int flags) throws Throwable {
        int[] fd = new int[1];
        assertPairs(1, () -> fd[0] = host.open(path, flags));
        assertPairs(1, () -> host.close(fd[0]));
    }

    @Test
    void openingFailsAsOpenDoes() throws Throwable {
        assertPairs(1, () -> assertErrno(Errno.ENOENT, () -> host.open(hosts.path("nothing"), RDONLY)));
        assertErrno(Errno.ENOENT, () -> host.open(hosts.path("nothing"), RDWR));
        assertErrno(Errno.ENOENT, () -> host.open(hosts.path("nothing/below"), RDWR | CREATE));
        assertErrno(Errno.ENOTDIR, () -> host.open(path + "/below", RDONLY));
        assertErrno(Errno.EINVAL, () -> host.open(path, 3));
        assertErrno(Errno.ENAMETOOLONG, () -> host.open(hosts.path("x".repeat(300)), RDWR | CREATE));
        hosts.makeFolder("folder");
        assertErrno(Errno.EISDIR, () -> host.open(hosts.path("folder"), WRONLY));
        assertErrno(Errno.EISDIR, () -> host.open(hosts.path("folder"), RDWR));
    }

    @ParameterizedTest
    @ValueSource(ints = {RDONLY, WRONLY, RDWR})
    void creatingMakesAFileWhereThereIsNoneAndLeavesTheOneThereIs(int mode) throws Throwable {
        String other = hosts.path("made");
        host.close(host.open(other, mode | CREATE));
        assertEquals(new FileInfo(0, FileType.REG), host.getfileinfo(other));
        host.close(host.open(path, mode | CREATE));
        assertEquals(10, host.getfileinfo(path).size());
    }

    @ParameterizedTest
    @ValueSource(ints = {RDONLY, WRONLY, RDWR})
    void creatingExclusivelyFailsWhereThereIsAFile(int mode) throws Throwable {
        assertErrno(Errno.EEXIST, () -> host.open(path, mode | CREATE | EXCL));
        host.close(host.open(hosts.path("made"), mode | CREATE | EXCL));
        assertEquals(0, host.getfileinfo(hosts.path("made")).size());
    }

    // close

    @Test
    void closingABadDescriptorIsIgnored() throws Throwable {
        assertPairs(1, () -> host.close(BAD_FD));
        assertPairs(1, () -> host.close(-1));
        int fd = host.open(path, RDONLY);
        host.close(fd);
        host.close(fd);
    }

    @Test
    void aClosedDescriptorIsBad() throws Throwable {
        int fd = host.open(path, RDWR);
        host.close(fd);
        assertErrno(Errno.EBADF, () -> host.iovread(fd, iov(room(1)), 0));
        assertErrno(Errno.EBADF, () -> host.iovwrite(fd, iov(room(1)), 0));
    }

    @Test
    void eachOpenHasADescriptorOfItsOwn() throws Throwable {
        int one = host.open(path, RDONLY);
        int another = host.open(path, RDONLY);
        assertNotEquals(one, another);
        host.close(one);
        assertEquals(10, host.iovread(another, iov(room(20)), 0));
        host.close(another);
    }

    // iovread and iovwrite

    @Test
    void readingAndWritingGiveTheVirtualCpuAwayOnceEach() throws Throwable {
        int fd = host.open(path, RDWR);
        assertPairs(1, () -> assertEquals(4, host.iovread(fd, iov(room(4)), 0)));
        assertPairs(1, () -> assertEquals(4, host.iovwrite(fd, iov(room(4)), 0)));
        assertPairs(1, () -> assertEquals(4, host.iovread(fd, iov(room(4)), NOSEEK)));
        assertPairs(1, () -> assertErrno(Errno.EBADF, () -> host.iovread(BAD_FD, iov(room(4)), 0)));
        host.close(fd);
    }

    @Test
    void aReadFillsItsPiecesInOrder() throws Throwable {
        int fd = host.open(path, RDONLY);
        MemorySegment a = room(3);
        MemorySegment none = room(0);
        MemorySegment b = room(4);
        assertEquals(7, host.iovread(fd, iov(a, none, b), 2));
        assertArrayEquals("234".getBytes(US_ASCII), bytesOf(a));
        assertArrayEquals("5678".getBytes(US_ASCII), bytesOf(b));
        host.close(fd);
    }

    @Test
    void aWriteTakesItsPiecesInOrder() throws Throwable {
        int fd = host.open(path, RDWR);
        assertEquals(5, host.iovwrite(fd, iov(bytes((byte) 'a', (byte) 'b'), bytes(new byte[] {'c', 'd', 'e'})), 8));
        host.close(fd);
        assertArrayEquals("01234567abcde".getBytes(US_ASCII), hosts.read("file"));
    }

    @Test
    void manyLargePiecesArriveWhole() throws Throwable {
        int fd = host.open(hosts.path("large"), RDWR | CREATE);
        MemorySegment[] pieces = new MemorySegment[5];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = room(500_000 + i).fill((byte) (i + 1));
        }
        long total = 5 * 500_000 + 10;
        assertEquals(total, host.iovwrite(fd, pieces, 1));
        MemorySegment all = room(total + 1);
        assertEquals(total + 1, host.iovread(fd, iov(all), 0));
        byte[] got = bytesOf(all);
        assertEquals(0, got[0]);
        assertEquals(1, got[1]);
        assertEquals(2, got[500_001]);
        assertEquals(5, got[got.length - 1]);
        host.close(fd);
    }

    @Test
    void theEndOfTheFileIsNoError() throws Throwable {
        int fd = host.open(path, RDONLY);
        MemorySegment buffer = room(8);
        assertEquals(2, host.iovread(fd, iov(buffer), 8));
        assertEquals(0, host.iovread(fd, iov(buffer), 10));
        assertEquals(0, host.iovread(fd, iov(buffer), 1L << 40));
        assertEquals(2, host.iovread(fd, iov(room(1), room(9)), 8));
        host.close(fd);
    }

    @Test
    void nothingToDoIsDone() throws Throwable {
        int fd = host.open(path, RDWR);
        assertEquals(0, host.iovread(fd, iov(), 0));
        assertEquals(0, host.iovwrite(fd, iov(), 0));
        assertEquals(0, host.iovread(fd, iov(room(0)), 0));
        assertEquals(0, host.iovwrite(fd, iov(room(0)), 3));
        host.close(fd);
        assertArrayEquals("0123456789".getBytes(US_ASCII), hosts.read("file"));
    }

    @Test
    void writingBeyondTheEndLeavesAHoleOfZeroes() throws Throwable {
        int fd = host.open(path, RDWR);
        host.iovwrite(fd, iov(bytes((byte) 'x')), 12);
        host.close(fd);
        assertArrayEquals("0123456789\0\0x".getBytes(US_ASCII), hosts.read("file"));
    }

    @ParameterizedTest
    @ValueSource(longs = {-2, -4096, Long.MIN_VALUE})
    void aNegativeOffsetIsAnError(long off) throws Throwable {
        int fd = host.open(path, RDWR);
        assertErrno(Errno.EINVAL, () -> host.iovread(fd, iov(room(1)), off));
        assertErrno(Errno.EINVAL, () -> host.iovwrite(fd, iov(room(1)), off));
        host.close(fd);
    }

    @Test
    void aDescriptorIsUsedAsItWasOpened() throws Throwable {
        int reader = host.open(path, RDONLY);
        assertErrno(Errno.EBADF, () -> host.iovwrite(reader, iov(room(1)), 0));
        assertErrno(Errno.EBADF, () -> host.iovwrite(reader, iov(room(1)), NOSEEK));
        host.close(reader);
        int writer = host.open(path, WRONLY);
        assertErrno(Errno.EBADF, () -> host.iovread(writer, iov(room(1)), 0));
        assertErrno(Errno.EBADF, () -> host.iovread(writer, iov(room(1)), NOSEEK));
        host.close(writer);
    }

    @Test
    void withoutAnOffsetThePositionAdvances() throws Throwable {
        int fd = host.open(path, RDWR);
        MemorySegment buffer = room(3);
        assertEquals(3, host.iovread(fd, iov(buffer), NOSEEK));
        assertEquals(3, host.iovread(fd, iov(buffer), NOSEEK));
        assertArrayEquals("345".getBytes(US_ASCII), bytesOf(buffer));
        assertEquals(1, host.iovwrite(fd, iov(bytes((byte) 'x')), NOSEEK));
        host.close(fd);
        assertArrayEquals("012345x789".getBytes(US_ASCII), hosts.read("file"));
    }

    @Test
    void anOffsetNeitherUsesNorMovesThePosition() throws Throwable {
        int fd = host.open(path, RDWR);
        MemorySegment buffer = room(2);
        host.iovread(fd, iov(buffer), NOSEEK);
        host.iovread(fd, iov(buffer), 7);
        host.iovwrite(fd, iov(bytes((byte) 'x')), 9);
        host.iovread(fd, iov(buffer), NOSEEK);
        assertArrayEquals("23".getBytes(US_ASCII), bytesOf(buffer));
        host.close(fd);
    }

    @Test
    void threadsThatShareADescriptorDoNotDisturbEachOther() throws Throwable {
        int threads = 4;
        int block = 512;
        int rounds = 200;
        int fd = host.open(hosts.path("shared"), RDWR | CREATE);
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            byte mark = (byte) (t + 1);
            long off = (long) t * block;
            tasks.add(start("thread " + t, () -> {
                MemorySegment out = room(block).fill(mark);
                MemorySegment in = room(block);
                for (int i = 0; i < rounds; i++) {
                    assertEquals(block, host.iovwrite(fd, iov(out), off));
                    assertEquals(block, host.iovread(fd, iov(in), off));
                    assertEquals(-1, in.mismatch(out));
                }
            }));
        }
        for (Task task : tasks) {
            task.join();
        }
        host.close(fd);
    }

    @Test
    void aWriteOfSeveralPiecesIsOneWrite() throws Throwable {
        int rounds = 300;
        int half = 4096;
        int fd = host.open(hosts.path("atomic"), RDWR | CREATE);
        List<Task> tasks = new ArrayList<>();
        for (byte mark : new byte[] {1, 2}) {
            tasks.add(start("writer " + mark, () -> {
                MemorySegment piece = room(half).fill(mark);
                for (int i = 0; i < rounds; i++) {
                    host.iovwrite(fd, iov(piece, piece), 0);
                }
            }));
        }
        for (Task task : tasks) {
            task.join();
        }
        MemorySegment all = room(2L * half);
        host.iovread(fd, iov(all), 0);
        byte[] got = bytesOf(all);
        byte[] oneMark = new byte[got.length];
        Arrays.fill(oneMark, got[0]);
        assertArrayEquals(oneMark, got);
        host.close(fd);
    }

    @Test
    void anInterruptDoesNotCutIOShort() throws Throwable {
        int fd = host.open(path, RDWR);
        Task task = start("interrupted", () -> {
            for (int i = 0; i < 20; i++) {
                Thread.currentThread().interrupt();
                MemorySegment buffer = room(10);
                assertEquals(10, host.iovread(fd, iov(buffer), 0));
                assertArrayEquals("0123456789".getBytes(US_ASCII), bytesOf(buffer));
                assertEquals(10, host.iovwrite(fd, iov(buffer), 0));
                host.syncfd(fd, FileCalls.SYNCFD_WRITE, 0, 0);
                assertTrue(Thread.interrupted(), "the interrupt is put off, not lost");
            }
        });
        task.join();
        assertEquals(10, host.iovread(fd, iov(room(10)), 0));
        host.close(fd);
    }

    @Test
    void interruptsFromOutsideDoNotCutIOShort() throws Throwable {
        int fd = host.open(path, RDWR);
        boolean[] stop = new boolean[1];
        Task task = start("interrupted", () -> {
            MemorySegment buffer = room(10);
            for (int i = 0; i < 500; i++) {
                assertEquals(10, host.iovread(fd, iov(buffer), 0));
                assertEquals(10, host.iovwrite(fd, iov(buffer), 0));
            }
            stop[0] = true;
        });
        while (!task.done) {
            task.interrupt();
            host.clockSleep(org.rump4j.rumpuser.ClockCalls.RumpClock.RELWALL, MILLISECOND / 10);
        }
        task.join();
        assertTrue(stop[0]);
        host.close(fd);
    }

    @Test
    void memoryThatIsGoneIsABadAddress() throws Throwable {
        int fd = host.open(path, RDWR);
        MemorySegment gone;
        try (Arena arena = Arena.ofShared()) {
            gone = arena.allocate(4);
        }
        assertErrno(Errno.EFAULT, () -> host.iovread(fd, iov(gone), 0));
        assertErrno(Errno.EFAULT, () -> host.iovwrite(fd, iov(gone), 0));
        assertErrno(Errno.EFAULT, () -> host.iovread(fd, iov(room(4).asReadOnly()), 0));
        host.close(fd);
        assertArrayEquals("0123456789".getBytes(US_ASCII), hosts.read("file"));
    }

    @Test
    void onePieceThatIsGoneIsABadAddressForAll() throws Throwable {
        Assumptions.assumeTrue(
                hosts.knowsWhichMemoryIsThere(),
                "several pieces are copied, and nobody can tell what is at an address");
        int fd = host.open(path, RDWR);
        MemorySegment gone;
        try (Arena arena = Arena.ofShared()) {
            gone = arena.allocate(4);
        }
        assertErrno(Errno.EFAULT, () -> host.iovread(fd, iov(room(4), gone), 0));
        host.close(fd);
    }

    // syncfd

    @Test
    void syncingAsksForSomething() throws Throwable {
        int fd = host.open(path, RDWR);
        assertErrno(Errno.EINVAL, () -> host.syncfd(fd, 0, 0, 0));
        assertErrno(Errno.EINVAL, () -> host.syncfd(fd, FileCalls.SYNCFD_BARRIER | FileCalls.SYNCFD_SYNC, 0, 0));
        host.close(fd);
    }

    @Test
    void syncingReadsTouchesNothing() throws Throwable {
        assertPairs(0, () -> host.syncfd(BAD_FD, FileCalls.SYNCFD_READ, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {FileCalls.SYNCFD_WRITE, FileCalls.SYNCFD_BOTH, FileCalls.SYNCFD_WRITE | FileCalls.SYNCFD_SYNC})
    void syncingWritesReachesTheFile(int flags) throws Throwable {
        int fd = host.open(path, RDWR);
        host.iovwrite(fd, iov(room(1)), 0);
        int before = kernel.context().pairs.get();
        host.syncfd(fd, flags, 0, 0);
        host.syncfd(fd, flags | FileCalls.SYNCFD_BARRIER, 0, 1);
        assertTrue(kernel.context().pairs.get() - before <= 2);
        host.close(fd);
        assertErrno(Errno.EBADF, () -> host.syncfd(fd, flags, 0, 0));
    }
}
