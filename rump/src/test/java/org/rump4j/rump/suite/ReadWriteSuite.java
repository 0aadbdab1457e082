package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Rlimit;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * {@code read(2)}, {@code write(2)} and their positioned and vectored forms, {@code lseek(2)}, {@code truncate(2)}, {@code
 * fsync(2)}, of regular files.
 */
public abstract class ReadWriteSuite extends FileSuite {
    private static final int CREATE = Fcntl.O_RDWR | Fcntl.O_CREAT;

    // Reading and writing

    @Test
    void whatIsWrittenIsRead() throws Exception {
        int fd = open("f", CREATE);
        assertEquals(5, sys.write(fd, bytes("hello")));
        assertEquals(0, sys.lseek(fd, 0, Fcntl.SEEK_SET));
        byte[] buf = new byte[8];
        assertEquals(5, sys.read(fd, buf));
        assertArrayEquals(bytes("hello\0\0\0"), buf);
        assertEquals(0, sys.read(fd, buf));
        assertEquals(5, sys.fstat(fd).size());
    }

    @Test
    void thePositionMovesOnByWhatWasMoved() throws Exception {
        write("f", "abcdef");
        int fd = open("f", Fcntl.O_RDWR);
        byte[] two = new byte[2];
        sys.read(fd, two);
        assertArrayEquals(bytes("ab"), two);
        sys.write(fd, bytes("XY"));
        assertEquals(4, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        sys.read(fd, two);
        assertArrayEquals(bytes("ef"), two);
        assertEquals("abXYef", read("f"));
    }

    @Test
    void readingAndWritingNothingDoesNothing() throws Exception {
        write("f", "abc");
        int fd = open("f", Fcntl.O_RDWR);
        assertEquals(0, sys.read(fd, new byte[0]));
        assertEquals(0, sys.write(fd, new byte[0]));
        sys.lseek(fd, 100, Fcntl.SEEK_SET);
        assertEquals(0, sys.write(fd, new byte[0]));
        assertEquals(0, sys.pwrite(fd, new byte[0], 50));
        assertEquals(3, sys.fstat(fd).size());
    }

    @Test
    void positionedTransfersLeaveThePositionAlone() throws Exception {
        write("f", "abcdef");
        int fd = open("f", Fcntl.O_RDWR);
        sys.lseek(fd, 1, Fcntl.SEEK_SET);
        byte[] two = new byte[2];
        assertEquals(2, sys.pread(fd, two, 3));
        assertArrayEquals(bytes("de"), two);
        assertEquals(2, sys.pwrite(fd, bytes("XY"), 4));
        assertEquals(1, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        assertEquals("abcdXY", read("f"));
        assertEquals(0, sys.pread(fd, two, 6));
        assertEquals(1, sys.pread(fd, two, 5));
    }

    @Test
    void aNegativeOffsetIsEINVAL() throws Exception {
        int fd = open("f", CREATE);
        fails(() -> sys.pread(fd, new byte[1], -1), Errno.EINVAL);
        fails(() -> sys.pwrite(fd, new byte[1], -1), Errno.EINVAL);
        fails(() -> sys.preadv(fd, -1, MemorySegment.ofArray(new byte[1])), Errno.EINVAL);
        fails(() -> sys.pwritev(fd, -1, MemorySegment.ofArray(new byte[1])), Errno.EINVAL);
    }

    @Test
    void vectorsAreGatheredAndScattered() throws Exception {
        int fd = open("f", CREATE);
        MemorySegment empty = MemorySegment.ofArray(new byte[0]);
        long n = sys.writev(fd, MemorySegment.ofArray(bytes("ab")), empty, MemorySegment.ofArray(bytes("cdef")));
        assertEquals(6, n);
        assertEquals("abcdef", read("f"));
        assertEquals(2, sys.pwritev(fd, 1, MemorySegment.ofArray(bytes("X")), MemorySegment.ofArray(bytes("Y"))));
        sys.lseek(fd, 0, Fcntl.SEEK_SET);
        byte[] one = new byte[1];
        byte[] rest = new byte[9];
        assertEquals(6, sys.readv(fd, MemorySegment.ofArray(one), empty, MemorySegment.ofArray(rest)));
        assertArrayEquals(bytes("a"), one);
        assertArrayEquals(bytes("XYdef"), Arrays.copyOf(rest, 5));
        assertEquals(6, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        assertEquals(2, sys.preadv(fd, 4, MemorySegment.ofArray(one), MemorySegment.ofArray(rest)));
        assertArrayEquals(bytes("e"), one);
        assertEquals('f', rest[0]);
        assertEquals(6, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
    }

    @Test
    void appendingGoesToTheEndWhereverThatIs() throws Exception {
        write("f", "one");
        int appender = open("f", Fcntl.O_RDWR | Fcntl.O_APPEND);
        int writer = open("f", Fcntl.O_WRONLY);
        sys.write(appender, bytes("two"));
        assertEquals(6, sys.lseek(appender, 0, Fcntl.SEEK_CUR));
        sys.pwrite(writer, bytes("three"), 6);
        sys.lseek(appender, 0, Fcntl.SEEK_SET);
        sys.write(appender, bytes("four"));
        assertEquals("onetwothreefour", read("f"));
        sys.fcntl(appender, Fcntl.F_SETFL, 0);
        sys.lseek(appender, 0, Fcntl.SEEK_SET);
        sys.write(appender, bytes("ONE"));
        assertEquals("ONEtwothreefour", read("f"));
    }

    @Test
    void duplicatesShareThePositionAndOtherOpensDoNot() throws Exception {
        write("f", "abcdef");
        int fd = open("f", Fcntl.O_RDONLY);
        int dup = sys.dup(fd);
        int other = open("f", Fcntl.O_RDONLY);
        sys.read(fd, new byte[2]);
        assertEquals(2, sys.lseek(dup, 0, Fcntl.SEEK_CUR));
        assertEquals(0, sys.lseek(other, 0, Fcntl.SEEK_CUR));
    }

    @Test
    void aDirectoryIsNeitherReadNorWritten() throws Exception {
        sys.mkdir(in("d"), 0755);
        int fd = open("d", Fcntl.O_RDONLY);
        failsUnless(Difference.DIRECTORIES_ARE_READ_AS_FILES, () -> sys.read(fd, new byte[1]), Errno.EISDIR);
        failsUnless(Difference.DIRECTORIES_ARE_READ_AS_FILES, () -> sys.pread(fd, new byte[1], 0), Errno.EISDIR);
        fails(() -> sys.write(fd, new byte[1]), Errno.EBADF);
    }

    @Test
    void aFileIsAnArrayOfBytes() throws Exception {
        Random random = new Random(4711);
        byte[] model = new byte[300_000];
        int size = 0;
        int fd = open("f", CREATE);
        for (int i = 0; i < 300; i++) {
            int at = random.nextInt(model.length);
            int length = random.nextInt(Math.min(model.length - at, 1 << random.nextInt(18)) + 1);
            if (random.nextInt(20) == 0) {
                sys.ftruncate(fd, at);
                if (at < size) {
                    Arrays.fill(model, at, size, (byte) 0);
                }
                size = at;
            } else if (random.nextBoolean()) {
                byte[] data = new byte[length];
                random.nextBytes(data);
                assertEquals(length, sys.pwrite(fd, data, at));
                System.arraycopy(data, 0, model, at, length);
                size = length == 0 ? size : Math.max(size, at + length);
            } else {
                byte[] data = new byte[length];
                int n = Math.clamp((long) size - at, 0, length);
                assertEquals(n, sys.pread(fd, data, at));
                assertArrayEquals(Arrays.copyOfRange(model, at, at + n), Arrays.copyOf(data, n));
            }
        }
        assertEquals(size, sys.fstat(fd).size());
        assertArrayEquals(Arrays.copyOf(model, size), readAll(fd));
    }

    // Holes, offsets, sizes

    @Test
    void whatWasNeverWrittenReadsAsZeros() throws Exception {
        int fd = open("f", CREATE);
        sys.pwrite(fd, bytes("end"), 200_000);
        assertEquals(200_003, sys.fstat(fd).size());
        byte[] all = readAll(fd);
        assertEquals(200_003, all.length);
        for (int i = 0; i < 200_000; i++) {
            assertEquals(0, all[i]);
        }
        assertArrayEquals(bytes("end"), Arrays.copyOfRange(all, 200_000, 200_003));
    }

    @Test
    void offsetsGoBeyondFourGiga() throws Exception {
        assumeNot(Difference.HOLES_TAKE_SPACE);
        int fd = open("f", CREATE);
        long far = 5L << 30;
        sys.lseek(fd, far, Fcntl.SEEK_SET);
        sys.write(fd, bytes("far"));
        assertEquals(far + 3, sys.fstat(fd).size());
        assertEquals(far + 3, sys.lseek(fd, 0, Fcntl.SEEK_END));
        byte[] buf = new byte[5];
        assertEquals(5, sys.pread(fd, buf, far - 2));
        assertArrayEquals(bytes("\0\0far"), buf);
        assertEquals(5, sys.pread(fd, buf, far - (1L << 32)));
        assertArrayEquals(new byte[5], buf);
        assertTrue(sys.fstat(fd).blocks() < far / 512);
    }

    @Test
    void aFileDoesNotGrowBeyondAllBounds() throws Exception {
        int fd = open("f", CREATE);
        fails(() -> sys.pwrite(fd, new byte[10], Long.MAX_VALUE - 4), Errno.EFBIG, Errno.EINVAL);
        assertEquals(0, sys.fstat(fd).size());
    }

    @Test
    void aProcessMayBeForbiddenToWriteLongFiles() throws Exception {
        inProcess(() -> {
            sys.setrlimit(Rlimit.RLIMIT_FSIZE, new Rlimit(10, 10));
            int fd = open("f", CREATE);
            fails(() -> sys.pwrite(fd, new byte[1], 10), Errno.EFBIG);
            failsUnless(Difference.TRUNCATING_HAS_NO_LIMIT, () -> sys.ftruncate(fd, 11), Errno.EFBIG);
            failsUnless(Difference.TRUNCATING_HAS_NO_LIMIT, () -> sys.truncate(in("f"), 11), Errno.EFBIG);
            sys.ftruncate(fd, 0);
            assertEquals(10, sys.write(fd, new byte[10]));
            if (differs(Difference.A_LIMIT_CUTS_NO_WRITE_SHORT)) {
                fails(() -> sys.pwrite(fd, new byte[5], 8), Errno.EFBIG);
                return;
            }
            assertEquals(2, sys.pwrite(fd, new byte[5], 8));
            assertEquals(1, sys.pwritev(fd, 9, MemorySegment.ofArray(new byte[1]), MemorySegment.ofArray(new byte[9])));
            assertEquals(10, sys.fstat(fd).size());
        });
    }

    // Seeking

    @Test
    void seekingGoesFromTheBeginningFromHereAndFromTheEnd() throws Exception {
        write("f", "0123456789");
        int fd = open("f", Fcntl.O_RDONLY);
        assertEquals(4, sys.lseek(fd, 4, Fcntl.SEEK_SET));
        assertEquals(6, sys.lseek(fd, 2, Fcntl.SEEK_CUR));
        assertEquals(3, sys.lseek(fd, -3, Fcntl.SEEK_CUR));
        assertEquals(8, sys.lseek(fd, -2, Fcntl.SEEK_END));
        assertEquals(15, sys.lseek(fd, 5, Fcntl.SEEK_END));
        assertEquals(0, sys.read(fd, new byte[1]));
        assertEquals(10, sys.fstat(fd).size());
    }

    @Test
    void seekingToNowhereIsEINVALAndChangesNothing() throws Exception {
        write("f", "0123456789");
        int fd = open("f", Fcntl.O_RDONLY);
        sys.lseek(fd, 4, Fcntl.SEEK_SET);
        fails(() -> sys.lseek(fd, -1, Fcntl.SEEK_SET), Errno.EINVAL);
        fails(() -> sys.lseek(fd, -5, Fcntl.SEEK_CUR), Errno.EINVAL);
        fails(() -> sys.lseek(fd, -11, Fcntl.SEEK_END), Errno.EINVAL);
        fails(() -> sys.lseek(fd, Long.MAX_VALUE, Fcntl.SEEK_CUR), Errno.EINVAL, Errno.EOVERFLOW);
        fails(() -> sys.lseek(fd, Long.MAX_VALUE, Fcntl.SEEK_END), Errno.EINVAL, Errno.EOVERFLOW);
        fails(() -> sys.lseek(fd, 0, 99), Errno.EINVAL);
        fails(() -> sys.lseek(fd, 0, -1), Errno.EINVAL);
        assertEquals(4, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
    }

    private void assumeHolesCanBeFound(int fd) {
        boolean can;
        try {
            sys.lseek(fd, 0, Fcntl.SEEK_HOLE);
            can = true;
        } catch (ErrnoException e) {
            can = e.errno() != Errno.EINVAL;
        }
        assumeTrue(can, "this kernel does not seek to data and holes");
    }

    @Test
    void dataAndHolesAreFound() throws Exception {
        int fd = open("f", CREATE);
        long mega = 1 << 20;
        sys.pwrite(fd, bytes("data"), mega);
        sys.pwrite(fd, bytes("more"), 3 * mega);
        sys.ftruncate(fd, 4 * mega);
        assumeHolesCanBeFound(fd);
        long data = sys.lseek(fd, 0, Fcntl.SEEK_DATA);
        assertTrue(data <= mega, () -> "first data at " + data);
        long hole = sys.lseek(fd, mega, Fcntl.SEEK_HOLE);
        assertTrue(hole > mega && hole <= 3 * mega, () -> "a hole at " + hole);
        assertEquals(hole, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        long next = sys.lseek(fd, hole, Fcntl.SEEK_DATA);
        assertTrue(next >= hole && next <= 3 * mega, () -> "next data at " + next);
        assertEquals(mega + 2, sys.lseek(fd, mega + 2, Fcntl.SEEK_DATA));
        assertEquals(hole + 1, sys.lseek(fd, hole + 1, Fcntl.SEEK_HOLE));
    }

    @Test
    void theEndOfAFileIsAHoleAndBehindItIsNothing() throws Exception {
        write("f", "0123456789");
        int fd = open("f", Fcntl.O_RDWR);
        assumeHolesCanBeFound(fd);
        assertEquals(10, sys.lseek(fd, 0, Fcntl.SEEK_HOLE));
        assertEquals(3, sys.lseek(fd, 3, Fcntl.SEEK_DATA));
        fails(() -> sys.lseek(fd, 10, Fcntl.SEEK_DATA), Errno.ENXIO);
        fails(() -> sys.lseek(fd, 10, Fcntl.SEEK_HOLE), Errno.ENXIO);
        fails(() -> sys.lseek(fd, -1, Fcntl.SEEK_DATA), Errno.ENXIO, Errno.EINVAL);
        sys.ftruncate(fd, 1L << 30);
        fails(() -> sys.lseek(fd, 1 << 20, Fcntl.SEEK_DATA), Errno.ENXIO);
        assertEquals(1 << 20, sys.lseek(fd, 1 << 20, Fcntl.SEEK_HOLE));
    }

    // Truncating

    @Test
    void whatIsCutOffIsGoneForGood() throws Exception {
        write("f", "0123456789");
        int fd = open("f", Fcntl.O_RDWR);
        sys.lseek(fd, 8, Fcntl.SEEK_SET);
        sys.ftruncate(fd, 4);
        assertEquals("0123", read("f"));
        assertEquals(8, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        sys.truncate(in("f"), 8);
        assertEquals("0123\0\0\0\0", read("f"));
        sys.truncate(in("f"), 0);
        assertEquals("", read("f"));
        assertEquals(0, sys.stat(in("f")).blocks());
    }

    @Test
    void cuttingInTheMiddleOfABlockLeavesNoRemains() throws Exception {
        assumeNot(Difference.CUTTING_LEAVES_REMAINS);
        int fd = open("f", CREATE);
        byte[] ones = new byte[200_000];
        Arrays.fill(ones, (byte) 1);
        writeAll(fd, ones);
        for (int size : new int[] {199_999, 131_073, 131_072, 70_000, 65_536, 4097, 4096, 1025, 1}) {
            sys.ftruncate(fd, size);
            sys.ftruncate(fd, 200_000);
            byte[] expected = new byte[200_000];
            Arrays.fill(expected, 0, size, (byte) 1);
            sys.lseek(fd, 0, Fcntl.SEEK_SET);
            assertArrayEquals(expected, readAll(fd), () -> "cut to " + size);
        }
    }

    @Test
    void truncatingWhatCannotBeTruncatedFails() throws Exception {
        write("f", "content");
        sys.mkdir(in("d"), 0755);
        sys.mkfifo(in("p"), 0644);
        int reader = open("f", Fcntl.O_RDONLY);
        int writer = open("f", Fcntl.O_WRONLY);
        fails(() -> sys.ftruncate(reader, 0), Errno.EINVAL);
        fails(() -> sys.ftruncate(writer, -1), Errno.EINVAL);
        fails(() -> sys.truncate(in("f"), -1), Errno.EINVAL);
        fails(() -> sys.truncate(in("d"), 0), Errno.EISDIR);
        fails(() -> sys.truncate(in("none"), 0), Errno.ENOENT);
        fails(() -> sys.truncate(in("f/x"), 0), Errno.ENOTDIR);
        assertEquals("content", read("f"));
    }

    @Test
    void truncatingByPathNeedsPermissionToWrite() throws Exception {
        makeDir("d", 0755);
        write("d/f", "content");
        sys.chown(in("d/f"), USER, GROUP);
        sys.chmod(in("d/f"), 0444);
        asUser(() -> fails(() -> sys.truncate(in("d/f"), 0), Errno.EACCES));
        sys.chmod(in("d/f"), 0644);
        asUser(() -> sys.truncate(in("d/f"), 3));
        assertEquals("con", read("d/f"));
    }

    // Making durable

    @Test
    void filesAndDirectoriesCanBeSynced() throws Exception {
        int fd = open("f", CREATE);
        writeAll(fd, bytes("content"));
        sys.fsync(fd);
        sys.fdatasync(fd);
        sys.fsync(open("f", Fcntl.O_RDONLY));
        sys.mkdir(in("d"), 0755);
        sys.fsync(open("d", Fcntl.O_RDONLY));
        sys.sync();
        assertEquals("content", read("f"));
    }

    @Test
    void aPieceOfAFileCanBeSynced() throws Exception {
        int fd = open("f", CREATE);
        writeAll(fd, bytes("content"));
        sys.fsyncRange(fd, Fcntl.FDATASYNC, 0, 4);
        sys.fsyncRange(fd, Fcntl.FFILESYNC | Fcntl.FDISKSYNC, 2, 0);
        fails(() -> sys.fsyncRange(fd, 0, 0, 0), Errno.EINVAL);
        fails(() -> sys.fsyncRange(fd, Fcntl.FDATASYNC | Fcntl.FFILESYNC, 0, 0), Errno.EINVAL);
        failsUnless(
                Difference.FSYNC_RANGE_UNCHECKED, () -> sys.fsyncRange(fd, Fcntl.FDATASYNC | 1, 0, 0), Errno.EINVAL);
        fails(() -> sys.fsyncRange(fd, Fcntl.FDATASYNC, Long.MAX_VALUE, 1), Errno.EINVAL);
        failsUnless(Difference.FSYNC_RANGE_UNCHECKED, () -> sys.fsyncRange(fd, Fcntl.FDATASYNC, -1, 0), Errno.EINVAL);
        int reader = open("f", Fcntl.O_RDONLY);
        fails(() -> sys.fsyncRange(reader, Fcntl.FDATASYNC, 0, 0), Errno.EBADF);
        fails(() -> sys.fsyncRange(99, Fcntl.FDATASYNC, 0, 0), Errno.EBADF);
    }
}
