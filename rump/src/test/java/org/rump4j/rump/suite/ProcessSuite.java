package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.OpaqueLwp;

/** {@code rump_lwproc(3)}, {@code getpid(2)}, {@code umask(2)}. */
public abstract class ProcessSuite extends SyscallSuite {
    private static final int NO_SUCH_PID = 29_999;

    @Test
    void aThreadWithoutAnLwpIsPartOfProcessOne() {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        kernel.lwproc().switchTo(null);
        assertNull(kernel.lwproc().curlwp());
        assertEquals(1, sys.getpid());
        kernel.lwproc().switchTo(mine);
        assertNotEquals(1, sys.getpid());
    }

    @Test
    void aForkedProcessIsAChildOfTheOneThatForkedIt() throws Exception {
        int parent = sys.getpid();
        int child = kernel.lwproc().rfork(Lwproc.RFCFDG);
        assertNotEquals(parent, child);
        assertEquals(child, sys.getpid());
        assertEquals(parent, sys.getppid());
        kernel.lwproc().releaselwp();
    }

    @Test
    void theFirstProcessOfAThreadIsAChildOfProcessOne() {
        assertEquals(1, sys.getppid());
    }

    @Test
    void aThreadGoesBackToTheLwpThatItWas() throws Exception {
        OpaqueLwp first = kernel.lwproc().curlwp();
        int firstPid = sys.getpid();
        int secondPid = kernel.lwproc().rfork(Lwproc.RFCFDG);
        OpaqueLwp second = kernel.lwproc().curlwp();
        kernel.lwproc().switchTo(first);
        assertSame(first, kernel.lwproc().curlwp());
        assertEquals(firstPid, sys.getpid());
        kernel.lwproc().switchTo(second);
        assertEquals(secondPid, sys.getpid());
        kernel.lwproc().releaselwp();
        assertNull(kernel.lwproc().curlwp());
        kernel.lwproc().switchTo(first);
    }

    @Test
    void lwpsOfOneProcessShareIt() throws Exception {
        int pid = sys.getpid();
        int[] pipe = sys.pipe2(0);
        assertEquals(
                pid,
                OtherLwp.start(kernel, () -> {
                            sys.close(pipe[0]);
                            return sys.getpid();
                        })
                        .join());
        assertErrno(Errno.EBADF, () -> sys.close(pipe[0]));
    }

    @Test
    void aProcessEndsWithItsLastLwp() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        int child = kernel.lwproc().rfork(Lwproc.RFCFDG);
        kernel.lwproc().newlwp(child);
        kernel.lwproc().releaselwp();
        kernel.lwproc().newlwp(child);
        assertEquals(child, sys.getpid());
        kernel.lwproc().switchTo(mine);
        int short1 = kernel.lwproc().rfork(Lwproc.RFCFDG);
        kernel.lwproc().releaselwp();
        assertErrno(Errno.ESRCH, () -> kernel.lwproc().newlwp(short1));
        kernel.lwproc().switchTo(mine);
    }

    @Test
    void thereAreNoLwpsInAProcessThatThereIsNot() {
        assertErrno(Errno.ESRCH, () -> kernel.lwproc().newlwp(NO_SUCH_PID));
        assertNotNull(kernel.lwproc().curlwp());
    }

    @Test
    void forkingSharesCopiesOrClearsDescriptorsButNotTwoOfThese() {
        assertErrno(Errno.EINVAL, () -> kernel.lwproc().rfork(Lwproc.RFFDG | Lwproc.RFCFDG));
    }

    @Test
    void aChildThatSharesDescriptorsClosesThemForItsParent() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        int[] pipe = sys.pipe2(0);
        kernel.lwproc().rfork(Lwproc.RFFD_SHARE);
        assertEquals(1, sys.write(pipe[1], new byte[1]));
        sys.close(pipe[1]);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
        assertErrno(Errno.EBADF, () -> sys.write(pipe[1], new byte[1]));
        assertEquals(1, sys.read(pipe[0], new byte[2]));
    }

    @Test
    void aChildWithACopyOfTheDescriptorsClosesOnlyItsOwn() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        int[] pipe = sys.pipe2(Fcntl.O_CLOEXEC);
        kernel.lwproc().rfork(Lwproc.RFFDG);
        assertEquals(Fcntl.FD_CLOEXEC, sys.fcntl(pipe[1], Fcntl.F_GETFD, 0));
        sys.close(pipe[1]);
        assertErrno(Errno.EBADF, () -> sys.write(pipe[1], new byte[1]));
        OpaqueLwp child = kernel.lwproc().curlwp();
        kernel.lwproc().switchTo(mine);
        byte[] sent = {1, 2, 3};
        assertEquals(3, sys.write(pipe[1], sent));
        kernel.lwproc().switchTo(child);
        byte[] received = new byte[3];
        assertEquals(3, sys.read(pipe[0], received));
        assertArrayEquals(sent, received);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
    }

    @Test
    void aChildWithClearedDescriptorsHasNone() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        int[] pipe = sys.pipe2(0);
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        assertErrno(Errno.EBADF, () -> sys.write(pipe[1], new byte[1]));
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
        assertEquals(1, sys.write(pipe[1], new byte[1]));
    }

    @Test
    void descriptorsOfAProcessThatEndsAreClosed() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        int[] pipe = sys.pipe2(0);
        kernel.lwproc().rfork(Lwproc.RFFDG);
        OpaqueLwp child = kernel.lwproc().curlwp();
        kernel.lwproc().switchTo(mine);
        sys.close(pipe[1]);
        kernel.lwproc().switchTo(child);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
        assertEquals(0, sys.read(pipe[0], new byte[1]), "nobody can write any more");
    }

    @Test
    void umaskGivesWhatItWasAndKeepsPermissionsOnly() {
        sys.umask(022);
        assertEquals(022, sys.umask(~0));
        assertEquals(differs(Difference.UMASK_KEEPS_SPECIAL_BITS) ? 07777 : 0777, sys.umask(027));
        assertEquals(027, sys.umask(0));
    }

    @Test
    void aChildInheritsTheUmaskAndChangesItsOwn() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        sys.umask(0123);
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        assertEquals(0123, sys.umask(0321));
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
        assertEquals(0123, sys.umask(022));
    }
}
