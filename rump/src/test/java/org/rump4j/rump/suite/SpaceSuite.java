package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code fdiscard(2)} and {@code posix_fallocate(2)}. */
public abstract class SpaceSuite extends FileSuite {
    private static final int CREATE = Fcntl.O_RDWR | Fcntl.O_CREAT;

    /** A multiple of every block size. */
    private static final int UNIT = 64 << 10;

    /** Bytes of a block as stat(2) counts them. */
    private static final int STAT_BLOCK = 512;

    @BeforeEach
    void isManaged() throws Exception {
        if (differs(Difference.SPACE_IS_NOT_MANAGED)) {
            int fd = open("f", CREATE);
            writeAll(fd, new byte[UNIT]);
            fails(() -> sys.fdiscard(fd, 0, UNIT), Errno.EOPNOTSUPP);
            fails(() -> sys.posixFallocate(fd, 0, UNIT), Errno.EOPNOTSUPP);
            assertEquals(UNIT, sys.fstat(fd).size());
            sys.close(fd);
        }
        assumeNot(Difference.SPACE_IS_NOT_MANAGED);
    }

    private static byte[] noise(int bytes, long seed) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private byte[] contents(int fd, int bytes) throws ErrnoException {
        sys.lseek(fd, 0, Fcntl.SEEK_SET);
        byte[] all = readAll(fd);
        assertEquals(bytes, all.length);
        return all;
    }

    // Discarding

    @Test
    void aPieceThatIsDiscardedReadsAsZerosAndTakesNoSpace() throws Exception {
        byte[] data = noise(8 * UNIT, 1);
        int fd = open("f", CREATE);
        writeAll(fd, data);
        long before = sys.fstat(fd).blocks();
        sys.fdiscard(fd, 2 * UNIT, 4 * UNIT);
        Arrays.fill(data, 2 * UNIT, 6 * UNIT, (byte) 0);
        assertArrayEquals(data, contents(fd, data.length));
        long freed = before - sys.fstat(fd).blocks();
        assertTrue(freed >= 4 * UNIT / STAT_BLOCK, () -> freed + " blocks are free");
        assertEquals(2 * UNIT, sys.lseek(fd, 0, Fcntl.SEEK_HOLE));
        assertEquals(6 * UNIT, sys.lseek(fd, 2 * UNIT, Fcntl.SEEK_DATA));
    }

    @Test
    void nothingBesideThePieceIsDiscarded() throws Exception {
        byte[] data = noise(3 * UNIT, 2);
        int fd = open("f", CREATE);
        writeAll(fd, data);
        for (int[] piece : new int[][] {{1, 1}, {511, 2}, {5000, 1}, {UNIT - 7, 14}, {70_001, 60_000}, {8192, 4096}}) {
            sys.fdiscard(fd, piece[0], piece[1]);
            Arrays.fill(data, piece[0], piece[0] + piece[1], (byte) 0);
            assertArrayEquals(data, contents(fd, data.length));
        }
        sys.fsync(fd);
        assertArrayEquals(data, contents(fd, data.length));
    }

    @Test
    void discardingLeavesTheLengthAsItIs() throws Exception {
        byte[] data = noise(100_000, 3);
        int fd = open("f", CREATE);
        writeAll(fd, data);
        sys.fdiscard(fd, 90_000, 1L << 40);
        sys.fdiscard(fd, 100_000, 1);
        sys.fdiscard(fd, 1L << 50, 1L << 50);
        Arrays.fill(data, 90_000, data.length, (byte) 0);
        assertArrayEquals(data, contents(fd, data.length));
        sys.fdiscard(fd, 0, Long.MAX_VALUE);
        assertArrayEquals(new byte[data.length], contents(fd, data.length));
        assertEquals(0, sys.fstat(fd).blocks());
        sys.ftruncate(fd, 200_000);
        assertArrayEquals(new byte[200_000], contents(fd, 200_000));
    }

    @Test
    void discardingNothingAndHolesChangesNothing() throws Exception {
        int fd = open("f", CREATE);
        sys.fdiscard(fd, 0, 100);
        writeAll(fd, bytes("hello"));
        sys.ftruncate(fd, 10 * UNIT);
        sys.fdiscard(fd, 2, 0);
        sys.fdiscard(fd, UNIT, 5 * UNIT);
        byte[] expected = Arrays.copyOf(bytes("hello"), 10 * UNIT);
        assertArrayEquals(expected, contents(fd, expected.length));
    }

    @Test
    void whatIsDiscardedCanBeWrittenAgain() throws Exception {
        byte[] data = noise(4 * UNIT, 4);
        int fd = open("f", CREATE);
        writeAll(fd, data);
        sys.fsync(fd);
        sys.fdiscard(fd, UNIT, 2 * UNIT);
        byte[] again = noise(UNIT / 2, 5);
        sys.pwrite(fd, again, UNIT + 1000);
        Arrays.fill(data, UNIT, 3 * UNIT, (byte) 0);
        System.arraycopy(again, 0, data, UNIT + 1000, again.length);
        sys.fsync(fd);
        assertArrayEquals(data, contents(fd, data.length));
    }

    @Test
    void discardingIsAChangeOfTheFile() throws Exception {
        int fd = open("f", CREATE);
        writeAll(fd, noise(UNIT, 6));
        Stat before = sys.fstat(fd);
        sys.fdiscard(fd, 10, 100);
        Stat after = sys.fstat(fd);
        assertTrue(after.mtime().compareTo(before.mtime()) > 0);
        assertTrue(after.ctime().compareTo(before.ctime()) > 0);
    }

    // Preallocating

    @Test
    void whatIsPreallocatedReadsAsZerosAndHasSpace() throws Exception {
        int fd = open("f", CREATE);
        sys.posixFallocate(fd, 1000, 5 * UNIT);
        Stat stat = sys.fstat(fd);
        assertEquals(1000 + 5 * UNIT, stat.size());
        assertTrue(stat.blocks() >= 5 * UNIT / STAT_BLOCK, () -> stat.blocks() + " blocks");
        assertArrayEquals(new byte[1000 + 5 * UNIT], contents(fd, 1000 + 5 * UNIT));
        byte[] data = noise(2 * UNIT, 7);
        sys.pwrite(fd, data, UNIT + 77);
        assertTrue(sys.fstat(fd).blocks() <= stat.blocks(), "writing took more space");
        byte[] expected = new byte[1000 + 5 * UNIT];
        System.arraycopy(data, 0, expected, UNIT + 77, data.length);
        sys.fsync(fd);
        assertArrayEquals(expected, contents(fd, expected.length));
    }

    @Test
    void preallocatingKeepsWhatIsThere() throws Exception {
        byte[] data = noise(3 * UNIT, 8);
        int fd = open("f", CREATE);
        writeAll(fd, data);
        sys.ftruncate(fd, 10 * UNIT);
        sys.pwrite(fd, bytes("end"), 10 * UNIT - 3);
        sys.posixFallocate(fd, 0, 8 * UNIT);
        byte[] expected = Arrays.copyOf(data, 10 * UNIT);
        System.arraycopy(bytes("end"), 0, expected, expected.length - 3, 3);
        assertArrayEquals(expected, contents(fd, expected.length));
        long blocks = sys.fstat(fd).blocks();
        sys.posixFallocate(fd, 0, 8 * UNIT);
        assertEquals(blocks, sys.fstat(fd).blocks());
        sys.fdiscard(fd, 0, 8 * UNIT);
        assertTrue(sys.fstat(fd).blocks() <= blocks - 8 * UNIT / STAT_BLOCK);
    }

    @Test
    void preallocatingOverTheEndDoesNotBringBackWhatWasCutOff() throws Exception {
        int fd = open("f", CREATE);
        writeAll(fd, noise(UNIT, 9));
        sys.fsync(fd);
        sys.ftruncate(fd, 100);
        sys.posixFallocate(fd, 50, UNIT);
        byte[] all = contents(fd, 50 + UNIT);
        assertArrayEquals(new byte[UNIT - 50], Arrays.copyOfRange(all, 100, all.length));
    }

    @Test
    void thereIsALimitToWhatAProcessMayPreallocate() throws Exception {
        inProcess(() -> {
            int fd = open("f", CREATE);
            sys.setrlimit(Rlimit.RLIMIT_FSIZE, new Rlimit(10_000, 10_000));
            fails(() -> sys.posixFallocate(fd, 0, 10_001), Errno.EFBIG);
            sys.posixFallocate(fd, 0, 10_000);
            assertEquals(10_000, sys.fstat(fd).size());
        });
    }

    @Test
    void whatDoesNotFitIsNotPreallocated() throws Exception {
        int fd = open("f", CREATE);
        writeAll(fd, bytes("hello"));
        fails(() -> sys.posixFallocate(fd, 0, 1L << 33), Errno.ENOSPC, Errno.EFBIG);
        assertEquals(5, sys.fstat(fd).size());
        assertEquals("hello", read("f"));
        sys.posixFallocate(fd, 0, UNIT);
        assertEquals(UNIT, sys.fstat(fd).size());
    }

    // Errors

    /** Both calls. */
    private void bothFail(int fd, long pos, long length, Errno expected, Errno... orElse) {
        fails(() -> sys.fdiscard(fd, pos, length), expected, orElse);
        fails(() -> sys.posixFallocate(fd, pos, length), expected, orElse);
    }

    @Test
    void theDescriptorMustBeOpenForWriting() throws Exception {
        write("f", "abc");
        bothFail(99, 0, 1, Errno.EBADF);
        bothFail(open("f", Fcntl.O_RDONLY), 0, 1, Errno.EBADF);
        assertEquals("abc", read("f"));
    }

    @Test
    void thePieceMustBeOneOfAFile() throws Exception {
        int fd = open("f", CREATE);
        bothFail(fd, -1, 1, Errno.EINVAL);
        bothFail(fd, 0, -1, Errno.EINVAL);
        bothFail(fd, Long.MAX_VALUE, 1, Errno.EINVAL);
        bothFail(fd, 2, Long.MAX_VALUE - 1, Errno.EINVAL);
    }

    @Test
    void pipesAndFifosHaveNoPieces() throws Exception {
        int[] pipe = sys.pipe2(0);
        bothFail(pipe[1], 0, 1, Errno.ESPIPE, Errno.EINVAL);
        sys.mkfifo(in("p"), 0644);
        bothFail(open("p", Fcntl.O_RDWR), 0, 1, Errno.ESPIPE, Errno.EOPNOTSUPP);
    }

    @Test
    void filesThatMustNotChangeDoNot() throws Exception {
        int fd = open("f", CREATE);
        writeAll(fd, bytes("abc"));
        sys.chflags(in("f"), SysStat.SF_APPEND);
        bothFail(fd, 0, 1, Errno.EPERM);
        sys.chflags(in("f"), 0);
        assertEquals("abc", read("f"));
    }

    // Everything

    @Test
    void randomHolesAndPreallocationsAreWhatTheModelSays() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int most = 20 * UNIT;
        byte[] model = new byte[most];
        int size = 0;
        int fd = open("f", CREATE);
        for (int i = 0; i < 600; i++) {
            int bytes = 1 + random.nextInt(random.nextInt(3) == 0 ? 5 * UNIT : 3000);
            int pos = random.nextInt(most - bytes);
            if (random.nextInt(3) == 0) {
                pos &= -4096;
            }
            int end = pos + bytes;
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    byte[] data = noise(bytes, random.nextLong());
                    assertEquals(bytes, sys.pwrite(fd, data, pos));
                    System.arraycopy(data, 0, model, pos, bytes);
                    size = Math.max(size, end);
                }
                case 3, 4, 5 -> {
                    sys.fdiscard(fd, pos, bytes);
                    Arrays.fill(model, pos, end, (byte) 0);
                }
                case 6 -> {
                    sys.posixFallocate(fd, pos, bytes);
                    size = Math.max(size, end);
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        sys.ftruncate(fd, pos);
                        Arrays.fill(model, pos, most, (byte) 0);
                        size = pos;
                    } else {
                        sys.fsync(fd);
                    }
                }
            }
            if (i % 20 == 19) {
                int step = i;
                assertArrayEquals(
                        Arrays.copyOf(model, size), contents(fd, size), () -> "seed " + seed + ", step " + step);
            }
        }
        sys.close(fd);
    }
}
