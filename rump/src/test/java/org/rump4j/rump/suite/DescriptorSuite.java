package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code dup(2)}, {@code fcntl(2)}, {@code close(2)}, {@code readv(2)}, and {@code ioctl(2)} on any kind of file. */
public abstract class DescriptorSuite extends SyscallSuite {
    private static final int IOV_MAX = 1024;
    private static final long FIOCLEX = 0x20006601L;
    private static final long FIONCLEX = 0x20006602L;
    private static final long FIONBIO = 0x8004667eL;
    private static final long FIONREAD = 0x4004667fL;
    private static final long NO_SUCH_REQUEST = 0x40047afaL;

    private static MemorySegment oneInt(int value) {
        return MemorySegment.ofArray(new int[] {value});
    }

    private boolean closesOnExec(int fd) throws ErrnoException {
        return (sys.fcntl(fd, Fcntl.F_GETFD, 0) & Fcntl.FD_CLOEXEC) != 0;
    }

    private boolean isNonblocking(int fd) throws ErrnoException {
        return (sys.fcntl(fd, Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK) != 0;
    }

    @Test
    void noCallWorksOnWhatIsNoDescriptor() throws Exception {
        int[] pipe = sys.pipe2(0);
        sys.close(pipe[0]);
        for (int fd : new int[] {pipe[0], -1, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertErrno(Errno.EBADF, () -> sys.close(fd));
            assertErrno(Errno.EBADF, () -> sys.dup(fd));
            assertErrno(Errno.EBADF, () -> sys.dup2(fd, pipe[1]));
            assertErrno(Errno.EBADF, () -> sys.dup3(fd, pipe[1], 0));
            assertErrno(Errno.EBADF, () -> sys.fcntl(fd, Fcntl.F_GETFD, 0));
            assertErrno(Errno.EBADF, () -> sys.fcntl(fd, Fcntl.F_SETFD, 0));
            assertErrno(Errno.EBADF, () -> sys.fcntl(fd, Fcntl.F_GETFL, 0));
            assertErrno(Errno.EBADF, () -> sys.fcntl(fd, Fcntl.F_SETFL, 0));
            assertErrno(Errno.EBADF, () -> sys.fcntl(fd, Fcntl.F_DUPFD, -1));
            assertErrno(Errno.EBADF, () -> sys.read(fd, new byte[1]));
            assertErrno(Errno.EBADF, () -> sys.write(fd, new byte[1]));
            assertErrno(Errno.EBADF, () -> sys.pread(fd, new byte[1], 0));
            assertErrno(Errno.EBADF, () -> sys.pwrite(fd, new byte[1], 0));
            assertErrno(Errno.EBADF, () -> sys.lseek(fd, 0, Fcntl.SEEK_CUR));
            assertErrno(Errno.EBADF, () -> sys.ioctl(fd, FIONREAD, oneInt(0)));
            assertErrno(Errno.EBADF, () -> sys.fstat(fd));
            assertErrno(Errno.EBADF, () -> sys.fsync(fd));
            assertErrno(Errno.EBADF, () -> sys.fdatasync(fd));
            assertErrno(Errno.EBADF, () -> sys.ftruncate(fd, 0));
            assertErrno(Errno.EBADF, () -> sys.getdents(fd));
        }
        assertEquals(Fcntl.O_WRONLY, sys.fcntl(pipe[1], Fcntl.F_GETFL, 0), "nothing was closed by dup2 and dup3");
    }

    @Test
    void dupGivesTheLowestFreeDescriptor() throws Exception {
        int[] pipe = sys.pipe2(0);
        int a = sys.dup(pipe[0]);
        int b = sys.dup(pipe[0]);
        assertTrue(a < b);
        sys.close(a);
        assertEquals(a, sys.dup(pipe[0]));
    }

    @Test
    void aFileIsClosedWithTheLastOfItsDescriptors() throws Exception {
        int[] pipe = sys.pipe2(0);
        int writer = sys.dup(pipe[1]);
        sys.close(pipe[1]);
        assertEquals(1, sys.write(writer, new byte[1]));
        assertEquals(1, sys.read(pipe[0], new byte[1]));
        sys.close(writer);
        assertEquals(0, sys.read(pipe[0], new byte[1]));
    }

    @Test
    void dup2ClosesWhatTheDescriptorWas() throws Exception {
        int[] first = sys.pipe2(0);
        int[] second = sys.pipe2(0);
        assertEquals(first[1], sys.dup2(second[1], first[1]));
        assertEquals(0, sys.read(first[0], new byte[1]), "nobody writes to the first pipe any more");
        assertEquals(1, sys.write(first[1], new byte[1]));
        assertEquals(1, sys.read(second[0], new byte[1]));
    }

    @Test
    void dup2TakesADescriptorFarOff() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertEquals(50, sys.dup2(pipe[1], 50));
        assertEquals(50, sys.fcntl(0, Fcntl.F_MAXFD, 0));
        assertEquals(1, sys.write(50, new byte[1]));
        assertErrno(Errno.EBADF, () -> sys.close(49));
        assertErrno(Errno.EBADF, () -> sys.dup2(pipe[1], -1));
    }

    @Test
    void dup2ToItselfChangesNothing() throws Exception {
        int[] pipe = sys.pipe2(Fcntl.O_CLOEXEC);
        assertEquals(pipe[0], sys.dup2(pipe[0], pipe[0]));
        assertTrue(closesOnExec(pipe[0]));
    }

    @Test
    void dup3SetsFlags() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertEquals(20, sys.dup3(pipe[0], 20, Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK));
        assertTrue(closesOnExec(20));
        assertTrue(isNonblocking(20));
        assertEquals(20, sys.dup3(pipe[0], 20, 0));
        assertEquals(false, closesOnExec(20));
        assertErrno(Errno.EINVAL, () -> sys.dup3(pipe[0], 21, Fcntl.O_APPEND));
        assertErrno(Errno.EBADF, () -> sys.close(21));
    }

    @Test
    void duplicatesDoNotCloseOnExec() throws Exception {
        int[] pipe = sys.pipe2(Fcntl.O_CLOEXEC);
        assertTrue(closesOnExec(pipe[0]));
        assertTrue(closesOnExec(pipe[1]));
        assertEquals(false, closesOnExec(sys.dup(pipe[0])));
        assertEquals(false, closesOnExec(sys.dup2(pipe[0], 20)));
        assertEquals(false, closesOnExec(sys.fcntl(pipe[0], Fcntl.F_DUPFD, 0)));
        assertTrue(closesOnExec(sys.fcntl(pipe[0], Fcntl.F_DUPFD_CLOEXEC, 0)));
    }

    @Test
    void fcntlDuplicatesFromADescriptorOn() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertEquals(30, sys.fcntl(pipe[0], Fcntl.F_DUPFD, 30));
        assertEquals(31, sys.fcntl(pipe[0], Fcntl.F_DUPFD, 30));
        assertErrno(Errno.EINVAL, () -> sys.fcntl(pipe[0], Fcntl.F_DUPFD, -1));
    }

    @Test
    void closeOnExecIsTheDescriptorsOwn() throws Exception {
        int[] pipe = sys.pipe2(0);
        int other = sys.dup(pipe[0]);
        sys.fcntl(pipe[0], Fcntl.F_SETFD, Fcntl.FD_CLOEXEC);
        assertTrue(closesOnExec(pipe[0]));
        assertEquals(false, closesOnExec(other));
        sys.ioctl(other, FIOCLEX, MemorySegment.NULL);
        assertTrue(closesOnExec(other));
        sys.ioctl(other, FIONCLEX, MemorySegment.NULL);
        assertEquals(false, closesOnExec(other));
    }

    @Test
    void aDescriptorThatIsGivenOutAgainDoesNotCloseOnExec() throws Exception {
        int[] pipe = sys.pipe2(Fcntl.O_CLOEXEC);
        int[] other = sys.pipe2(0);
        sys.close(pipe[0]);
        assertEquals(pipe[0], sys.dup(other[0]));
        assertEquals(false, closesOnExec(pipe[0]));
    }

    @Test
    void fileFlagsAreSharedByDuplicates() throws Exception {
        int[] pipe = sys.pipe2(0);
        int other = sys.dup(pipe[0]);
        sys.fcntl(other, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
        assertTrue(isNonblocking(pipe[0]));
        assertErrno(Errno.EAGAIN, () -> sys.read(pipe[0], new byte[1]));
        sys.ioctl(pipe[0], FIONBIO, oneInt(0));
        assertEquals(false, isNonblocking(other));
        sys.ioctl(other, FIONBIO, oneInt(1));
        assertTrue(isNonblocking(pipe[0]));
    }

    @Test
    void flagsTellTheAccessMode() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertEquals(Fcntl.O_RDONLY, sys.fcntl(pipe[0], Fcntl.F_GETFL, 0));
        assertEquals(Fcntl.O_WRONLY, sys.fcntl(pipe[1], Fcntl.F_GETFL, 0));
        sys.fcntl(pipe[1], Fcntl.F_SETFL, Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
        assertEquals(Fcntl.O_WRONLY | Fcntl.O_NONBLOCK, sys.fcntl(pipe[1], Fcntl.F_GETFL, 0));
    }

    @Test
    void whatIsNotOpenForItCannotBeReadOrWritten() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertErrno(Errno.EBADF, () -> sys.read(pipe[1], new byte[1]));
        assertErrno(Errno.EBADF, () -> sys.write(pipe[0], new byte[1]));
    }

    @Test
    void fcntlKnowsTheHighestDescriptorAndClosesFromOneOn() throws Exception {
        int[] pipe = sys.pipe2(0);
        int from = Math.max(pipe[0], pipe[1]) + 1;
        sys.dup2(pipe[0], from + 3);
        sys.dup2(pipe[0], from);
        assertEquals(from + 3, sys.fcntl(-1, Fcntl.F_MAXFD, 0));
        sys.fcntl(from, Fcntl.F_CLOSEM, 0);
        assertErrno(Errno.EBADF, () -> sys.close(from));
        assertErrno(Errno.EBADF, () -> sys.close(from + 3));
        assertEquals(from - 1, sys.fcntl(-1, Fcntl.F_MAXFD, 0));
        assertErrno(Errno.EBADF, () -> sys.fcntl(-1, Fcntl.F_CLOSEM, 0));
    }

    @Test
    void anUnknownCommandIsInvalid() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertErrno(Errno.EINVAL, () -> sys.fcntl(pipe[0], 99, 0));
        assertErrno(Errno.ENOTTY, () -> sys.ioctl(pipe[0], NO_SUCH_REQUEST, oneInt(0)));
    }

    @Test
    void aPipeHasNoPositionLengthOrEntriesAndIsNeverDurable() throws Exception {
        int[] pipe = sys.pipe2(0);
        assertErrno(Errno.ESPIPE, () -> sys.lseek(pipe[0], 0, Fcntl.SEEK_SET));
        assertErrno(Errno.ESPIPE, () -> sys.pread(pipe[0], new byte[1], 0));
        assertErrno(Errno.ESPIPE, () -> sys.pwrite(pipe[1], new byte[1], 0));
        assertErrno(Errno.EINVAL, () -> sys.ftruncate(pipe[1], 0));
        assertErrno(Errno.EINVAL, () -> sys.fsync(pipe[1]));
        assertErrno(Errno.EINVAL, () -> sys.getdents(pipe[0]));
    }

    @Test
    void aPipeIsAFifoOfWhoMadeIt() throws Exception {
        sys.setegid(12);
        sys.seteuid(11);
        int[] pipe = sys.pipe2(0);
        for (int fd : pipe) {
            assertEquals(SysStat.S_IFIFO | 0600, sys.fstat(fd).mode());
            assertEquals(11, sys.fstat(fd).uid());
            assertEquals(12, sys.fstat(fd).gid());
        }
    }

    @Test
    void transfersGatherAndScatter() throws Exception {
        int[] pipe = sys.pipe2(0);
        MemorySegment[] out = {
            MemorySegment.ofArray(new byte[] {1, 2, 3}),
            MemorySegment.ofArray(new byte[0]),
            MemorySegment.ofArray(new byte[] {4})
        };
        assertEquals(4, sys.writev(pipe[1], out));
        byte[] first = new byte[2];
        byte[] second = new byte[5];
        assertEquals(4, sys.readv(pipe[0], MemorySegment.ofArray(first), MemorySegment.ofArray(second)));
        assertArrayEquals(new byte[] {1, 2}, first);
        assertArrayEquals(new byte[] {3, 4, 0, 0, 0}, second);
    }

    @Test
    void thereIsAMostOfBuffers() throws Exception {
        int[] pipe = sys.pipe2(0);
        MemorySegment[] iov = new MemorySegment[IOV_MAX + 1];
        Arrays.setAll(iov, i -> MemorySegment.ofArray(new byte[1]));
        assertErrno(Errno.EINVAL, () -> sys.writev(pipe[1], iov));
        assertErrno(Errno.EINVAL, () -> sys.readv(pipe[0], iov));
        assertEquals(IOV_MAX, sys.writev(pipe[1], Arrays.copyOf(iov, IOV_MAX)));
    }

    @Test
    void requestsThatAllDescriptorsKnowSetTheirFlags() throws Exception {
        long fioclex = 0x20006601L;
        long fionclex = 0x20006602L;
        long fionbio = 0x8004667eL;
        int fd = sys.pipe2(0)[0];
        sys.ioctl(fd, fioclex, MemorySegment.NULL);
        assertEquals(Fcntl.FD_CLOEXEC, sys.fcntl(fd, Fcntl.F_GETFD, 0));
        sys.ioctl(fd, fionclex, MemorySegment.NULL);
        assertEquals(0, sys.fcntl(fd, Fcntl.F_GETFD, 0));
        sys.ioctl(fd, fionbio, MemorySegment.ofArray(new int[] {1}));
        assertErrno(Errno.EAGAIN, () -> sys.read(fd, new byte[1]));
        sys.ioctl(fd, fionbio, MemorySegment.ofArray(new int[1]));
        assertEquals(0, sys.fcntl(fd, Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
        assertErrno(Errno.EFAULT, () -> sys.ioctl(fd, fionbio, MemorySegment.ofArray(new byte[3])));
        assertErrno(Errno.ENOTTY, () -> sys.ioctl(fd, 0x20007a7aL, MemorySegment.NULL));
        assertErrno(Errno.EBADF, () -> sys.ioctl(12345, fioclex, MemorySegment.NULL));
    }
}
