package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rump.suite.OtherLwp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Positions, references and the table of descriptors, with a file that is an array. */
class OpenFileTest {
    private static final int SIZE = 1000;

    private OpenKernel k;

    /** A file of a fixed size that has a position. */
    private static final class ArrayOps implements FileOps {
        final byte[] bytes = new byte[SIZE];
        final AtomicInteger closes = new AtomicInteger();

        @Override
        public boolean seekable() {
            return true;
        }

        @Override
        public void read(Lwp l, OpenFile file, Uio uio) throws ErrnoException {
            uio.toUser(MemorySegment.ofArray(bytes), uio.offset(), count(uio));
        }

        @Override
        public void write(Lwp l, OpenFile file, Uio uio) throws ErrnoException {
            uio.fromUser(MemorySegment.ofArray(bytes), uio.offset(), count(uio));
        }

        private static long count(Uio uio) {
            return Math.clamp(SIZE - uio.offset(), 0, uio.resid());
        }

        @Override
        public long seek(Lwp l, OpenFile file, long offset, int whence) {
            return SIZE + offset;
        }

        @Override
        public Stat stat(Lwp l, OpenFile file) {
            Timespec t = Timespec.ZERO;
            return new Stat(0, SysStat.S_IFREG, 0, 0, 0, 0, 0, t, t, t, t, SIZE, 0, 0, 0, 0);
        }

        @Override
        public void close(Lwp l, OpenFile file) {
            assertEquals(0, closes.getAndIncrement(), "closed once");
        }
    }

    @BeforeEach
    void boot() throws Exception {
        k = OpenKernel.withCpus(4);
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
    }

    @AfterEach
    void halt() {
        k.close();
    }

    private int open(ArrayOps ops, int flags) throws ErrnoException {
        Lwp l = k.kernel.enter();
        try {
            Filedesc files = l.proc().files();
            int fd = files.reserve(l);
            files.affix(fd, new OpenFile(k.kernel, ops, ops, flags), false);
            return fd;
        } finally {
            k.kernel.leave(l);
        }
    }

    @Test
    void readsAndWritesMoveThePositionThatDuplicatesShare() throws Exception {
        int fd = open(new ArrayOps(), Fcntl.O_RDWR);
        int other = k.sys.dup(fd);
        assertEquals(3, k.sys.write(fd, new byte[] {1, 2, 3}));
        assertEquals(3, k.sys.lseek(other, 0, Fcntl.SEEK_CUR));
        assertEquals(1, k.sys.lseek(other, 1, Fcntl.SEEK_SET));
        byte[] buf = new byte[2];
        assertEquals(2, k.sys.read(fd, buf));
        assertArrayEquals(new byte[] {2, 3}, buf);
        assertEquals(SIZE - 10, k.sys.lseek(fd, -10, Fcntl.SEEK_END));
        assertEquals(10, k.sys.read(fd, new byte[50]));
        assertEquals(0, k.sys.read(fd, new byte[50]));
    }

    @Test
    void readingAndWritingElsewhereLeavesThePosition() throws Exception {
        int fd = open(new ArrayOps(), Fcntl.O_RDWR);
        assertEquals(2, k.sys.pwrite(fd, new byte[] {7, 8}, 100));
        byte[] buf = new byte[1];
        assertEquals(1, k.sys.pread(fd, buf, 101));
        assertEquals(8, buf[0]);
        assertEquals(2, k.sys.preadv(fd, 100, MemorySegment.ofArray(new byte[1]), MemorySegment.ofArray(buf)));
        assertEquals(8, buf[0]);
        assertEquals(0, k.sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        for (long offset : new long[] {-1, -1000, Long.MIN_VALUE}) {
            assertErrno(Errno.EINVAL, () -> k.sys.pread(fd, buf, offset));
            assertErrno(Errno.EINVAL, () -> k.sys.pwrite(fd, buf, offset));
            assertErrno(Errno.EINVAL, () -> k.sys.preadv(fd, offset, MemorySegment.ofArray(buf)));
            assertErrno(Errno.EINVAL, () -> k.sys.pwritev(fd, offset, MemorySegment.ofArray(buf)));
        }
    }

    @Test
    void thereIsNoPositionBeforeTheBeginning() throws Exception {
        int fd = open(new ArrayOps(), Fcntl.O_RDONLY);
        k.sys.lseek(fd, 5, Fcntl.SEEK_SET);
        assertErrno(Errno.EINVAL, () -> k.sys.lseek(fd, -1, Fcntl.SEEK_SET));
        assertErrno(Errno.EINVAL, () -> k.sys.lseek(fd, -6, Fcntl.SEEK_CUR));
        assertErrno(Errno.EINVAL, () -> k.sys.lseek(fd, Long.MAX_VALUE, Fcntl.SEEK_CUR));
        assertErrno(Errno.EINVAL, () -> k.sys.lseek(fd, -SIZE - 1, Fcntl.SEEK_END));
        assertErrno(Errno.EINVAL, () -> k.sys.lseek(fd, 0, 9));
        assertEquals(5, k.sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        assertEquals(Long.MAX_VALUE, k.sys.lseek(fd, Long.MAX_VALUE, Fcntl.SEEK_SET));
    }

    @Test
    void lwpsThatReadOneAfterTheOtherNeverGetTheSameBytes() throws Exception {
        ArrayOps ops = new ArrayOps();
        for (int i = 0; i < SIZE; i++) {
            ops.bytes[i] = (byte) (i % 100);
        }
        int fd = open(ops, Fcntl.O_RDONLY);
        int[] seen = new int[100];
        OtherLwp<?>[] readers = new OtherLwp<?>[4];
        Arrays.setAll(
                readers,
                _ -> OtherLwp.start(k.handle, () -> {
                    byte[] one = new byte[1];
                    int[] mine = new int[100];
                    while (k.sys.read(fd, one) == 1) {
                        mine[one[0]]++;
                    }
                    return mine;
                }));
        for (OtherLwp<?> reader : readers) {
            int[] mine = (int[]) reader.join();
            Arrays.setAll(seen, i -> seen[i] + mine[i]);
        }
        int[] ten = new int[100];
        Arrays.fill(ten, SIZE / 100);
        assertArrayEquals(ten, seen);
    }

    @Test
    void filesKeepNoFlagsThatAreForTheOpeningOnly() throws Exception {
        int fd = open(
                new ArrayOps(),
                Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_TRUNC | Fcntl.O_APPEND | Fcntl.O_CLOEXEC);
        assertEquals(Fcntl.O_RDWR | Fcntl.O_APPEND, k.sys.fcntl(fd, Fcntl.F_GETFL, 0));
    }

    @Test
    void aDescriptorThatDup2ReplacesIsNeverMissing() throws Exception {
        ArrayOps a = new ArrayOps();
        int from = open(a, Fcntl.O_RDWR);
        int to = k.sys.dup(from);
        AtomicBoolean stop = new AtomicBoolean();
        OtherLwp<Integer> looker = OtherLwp.start(k.handle, () -> {
            int looks = 0;
            while (!stop.get()) {
                k.sys.fstat(to);
                looks++;
            }
            return looks;
        });
        for (int i = 0; i < 3000; i++) {
            int[] pipe = k.sys.pipe2(0);
            k.sys.dup2(pipe[0], to);
            k.sys.close(pipe[0]);
            k.sys.close(pipe[1]);
            k.sys.dup2(from, to);
        }
        stop.set(true);
        assertTrue(looker.join() > 0);
    }

    @Test
    void aFileIsClosedOnceHoweverManyOpenAndCloseAtATime() throws Exception {
        ArrayOps ops = new ArrayOps();
        int fd = open(ops, Fcntl.O_RDWR);
        OtherLwp<?>[] others = new OtherLwp<?>[4];
        Arrays.setAll(
                others,
                _ -> OtherLwp.start(k.handle, () -> {
                    for (int i = 0; i < 2000; i++) {
                        int copy = k.sys.dup(fd);
                        k.sys.fstat(copy);
                        k.sys.close(copy);
                    }
                    return true;
                }));
        for (OtherLwp<?> other : others) {
            other.join();
        }
        assertEquals(0, ops.closes.get());
        k.sys.close(fd);
        assertEquals(1, ops.closes.get());
        assertEquals(-1, k.sys.fcntl(0, Fcntl.F_MAXFD, 0));
    }

    @Test
    void aFileThatIsClosedInTheMiddleOfACallStaysUntilTheCallIsDone() throws Exception {
        ArrayOps ops = new ArrayOps();
        int fd = open(ops, Fcntl.O_RDWR);
        OpenFile held = k.inside(l -> {
            try {
                return l.proc().files().get(fd);
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        });
        k.sys.close(fd);
        assertEquals(0, ops.closes.get());
        assertErrno(Errno.EBADF, () -> k.sys.fstat(fd));
        k.run(() -> held.release(k.kernel.curlwp()));
        assertEquals(1, ops.closes.get());
    }

    @Test
    void aReservedDescriptorIsTakenButNotThereYet() throws Exception {
        Lwp l = k.kernel.enter();
        int fd = l.proc().files().reserve(l);
        k.kernel.leave(l);
        assertErrno(Errno.EBADF, () -> k.sys.fstat(fd));
        int other = open(new ArrayOps(), Fcntl.O_RDWR);
        assertTrue(other > fd);
        assertErrno(Errno.EBUSY, () -> k.sys.dup2(other, fd));
        k.run(() -> l.proc().files().unreserve(fd));
        assertEquals(fd, k.sys.dup(other));
    }
}
