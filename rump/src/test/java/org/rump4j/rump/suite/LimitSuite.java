package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Rlimit;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/** {@code getrlimit(2)}, {@code setrlimit(2)}, and what the limit of descriptors does. */
public abstract class LimitSuite extends SyscallSuite {
    private static final int SOMEBODY = 1001;

    @Test
    void everyResourceHasALimitThatDoesNotExceedItsMaximum() throws Exception {
        for (int resource = 0; resource < Rlimit.RLIM_NLIMITS; resource++) {
            Rlimit limit = sys.getrlimit(resource);
            assertTrue(limit.cur() >= 0 && limit.cur() <= limit.max(), resource + ": " + limit);
        }
        assertErrno(Errno.EINVAL, () -> sys.getrlimit(-1));
        assertErrno(Errno.EINVAL, () -> sys.getrlimit(1000));
        assertErrno(Errno.EINVAL, () -> sys.setrlimit(1000, new Rlimit(1, 1)));
    }

    @Test
    void whatIsSetHolds() throws Exception {
        Rlimit fewer = new Rlimit(1 << 20, 1 << 21);
        sys.setrlimit(Rlimit.RLIMIT_FSIZE, fewer);
        assertEquals(fewer, sys.getrlimit(Rlimit.RLIMIT_FSIZE));
        Rlimit none = new Rlimit(Rlimit.RLIM_INFINITY, Rlimit.RLIM_INFINITY);
        sys.setrlimit(Rlimit.RLIMIT_FSIZE, none);
        assertEquals(none, sys.getrlimit(Rlimit.RLIMIT_FSIZE));
    }

    @Test
    void aLimitDoesNotExceedItsMaximum() {
        assertErrno(Errno.EINVAL, () -> sys.setrlimit(Rlimit.RLIMIT_NOFILE, new Rlimit(20, 10)));
    }

    @Test
    void onlyTheSuperuserRaisesAMaximum() throws Exception {
        sys.setrlimit(Rlimit.RLIMIT_CORE, new Rlimit(10, 20));
        sys.setuid(SOMEBODY);
        sys.setrlimit(Rlimit.RLIMIT_CORE, new Rlimit(20, 20));
        assertErrno(Errno.EPERM, () -> sys.setrlimit(Rlimit.RLIMIT_CORE, new Rlimit(20, 21)));
        sys.setrlimit(Rlimit.RLIMIT_CORE, new Rlimit(5, 5));
        assertErrno(Errno.EPERM, () -> sys.setrlimit(Rlimit.RLIMIT_CORE, new Rlimit(5, 20)));
    }

    @Test
    void thereAreNoMoreDescriptorsThanTheLimitSays() throws Exception {
        int[] pipe = sys.pipe2(0);
        int limit = Math.max(pipe[0], pipe[1]) + 4;
        sys.setrlimit(
                Rlimit.RLIMIT_NOFILE,
                new Rlimit(limit, sys.getrlimit(Rlimit.RLIMIT_NOFILE).max()));
        int last = -1;
        while (last < limit - 1) {
            last = sys.dup(pipe[0]);
        }
        assertErrno(Errno.EMFILE, () -> sys.dup(pipe[0]));
        assertErrno(Errno.EMFILE, () -> sys.pipe2(0));
        assertErrno(Errno.EBADF, () -> sys.dup2(pipe[0], limit));
        assertErrno(Errno.EINVAL, () -> sys.fcntl(pipe[0], Fcntl.F_DUPFD, limit));
        sys.close(last);
        assertErrno(Errno.EMFILE, () -> sys.pipe2(0));
        assertEquals(last, sys.dup(pipe[0]), "the pipe that could not be made gave its first descriptor back");
    }

    @Test
    void noLimitOfDescriptorsIsTooHighToBeHeld() throws Exception {
        int[] pipe = sys.pipe2(0);
        sys.setrlimit(Rlimit.RLIMIT_NOFILE, new Rlimit(Rlimit.RLIM_INFINITY, Rlimit.RLIM_INFINITY));
        assertErrno(Errno.EBADF, () -> sys.dup2(pipe[0], Integer.MAX_VALUE));
        assertErrno(Errno.EINVAL, () -> sys.fcntl(pipe[0], Fcntl.F_DUPFD, Integer.MAX_VALUE));
    }

    @Test
    void aChildInheritsLimitsAndChangesItsOwn() throws Exception {
        assumeNot(Difference.LIMITS_ARE_SHARED_WITH_CHILDREN);
        OpaqueLwp mine = kernel.lwproc().curlwp();
        Rlimit parents = new Rlimit(7, 9);
        sys.setrlimit(Rlimit.RLIMIT_CORE, parents);
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        assertEquals(parents, sys.getrlimit(Rlimit.RLIMIT_CORE));
        sys.setrlimit(Rlimit.RLIMIT_CORE, new Rlimit(1, 1));
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
        assertEquals(parents, sys.getrlimit(Rlimit.RLIMIT_CORE));
    }

    @Test
    void descriptorsAboveALimitThatIsLoweredStayOpen() throws ErrnoException {
        int[] pipe = sys.pipe2(0);
        sys.setrlimit(
                Rlimit.RLIMIT_NOFILE,
                new Rlimit(0, sys.getrlimit(Rlimit.RLIMIT_NOFILE).max()));
        assertEquals(1, sys.write(pipe[1], new byte[1]));
        assertErrno(Errno.EMFILE, () -> sys.dup(pipe[0]));
    }

    @Test
    void aUserHasNoMoreProcessesThanTheLimitSays() throws Exception {
        assumeNot(Difference.PROCESSES_HAVE_NO_LIMIT);
        OpaqueLwp before = kernel.lwproc().curlwp();
        kernel.lwproc().rfork(Lwproc.RFFDG);
        OpaqueLwp first = kernel.lwproc().curlwp();
        sys.setrlimit(Rlimit.RLIMIT_NPROC, new Rlimit(2, 2));
        // The superuser's are not counted.
        kernel.lwproc().rfork(Lwproc.RFFDG);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(first);
        sys.setuid(SOMEBODY);
        kernel.lwproc().rfork(Lwproc.RFFDG);
        OpaqueLwp second = kernel.lwproc().curlwp();
        assertErrno(Errno.EAGAIN, () -> kernel.lwproc().rfork(Lwproc.RFFDG));
        assertEquals(second, kernel.lwproc().curlwp());
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(first);
        kernel.lwproc().rfork(Lwproc.RFFDG);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(first);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(before);
    }
}
