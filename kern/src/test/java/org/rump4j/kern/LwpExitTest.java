package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Timespec;
import org.rump4j.rump.suite.OtherLwp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;

/** The upcalls on processes: what hosts and the system call proxy do with them. */
class LwpExitTest {
    private OpenKernel k;
    private Hyperup up;

    @BeforeEach
    void boot() throws Exception {
        k = OpenKernel.boot();
        up = k.counts.upcalls();
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
    }

    @AfterEach
    void halt() {
        k.close();
    }

    private interface Upcall {
        void make() throws Exception;
    }

    private void scheduled(Upcall upcall) throws Exception {
        up.schedule();
        try {
            upcall.make();
        } finally {
            up.unschedule();
        }
    }

    private void assertInterrupted(Callable<?> body) throws Exception {
        long blocked = k.counts.unschedules.get() - k.counts.schedules.get();
        OtherLwp<?> other = OtherLwp.start(k.handle, body);
        OpenKernel.await(() -> k.counts.unschedules.get() - k.counts.schedules.get() > blocked);
        scheduled(up::lwpexit);
        assertErrno(Errno.EINTR, other::join);
    }

    @Test
    void lwpsThatReadAreInterrupted() throws Exception {
        int[] pipe = k.sys.pipe2(0);
        assertInterrupted(() -> k.sys.read(pipe[0], new byte[1]));
    }

    @Test
    void lwpsThatWriteAreInterrupted() throws Exception {
        int[] pipe = k.sys.pipe2(0);
        k.sys.fcntl(pipe[1], Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
        k.sys.write(pipe[1], new byte[1 << 20]);
        k.sys.fcntl(pipe[1], Fcntl.F_SETFL, 0);
        assertInterrupted(() -> k.sys.write(pipe[1], new byte[1]));
    }

    @Test
    void lwpsThatSleepAreInterrupted() throws Exception {
        assertInterrupted(() -> {
            k.sys.nanosleep(new Timespec(100_000, 0));
            return true;
        });
    }

    @Test
    void lwpsThatPollAreInterrupted() throws Exception {
        int[] pipe = k.sys.pipe2(0);
        assertInterrupted(() -> k.sys.poll(Pollfd.INFTIM, new Pollfd(pipe[0], Pollfd.POLLIN)));
    }

    @Test
    void lwpsThatPollForSomeTimeAreInterrupted() throws Exception {
        assertInterrupted(() -> k.sys.poll(100_000_000));
    }

    @Test
    void anLwpThatIsToLeaveDoesNotBlockAgain() throws Exception {
        int[] pipe = k.sys.pipe2(0);
        assertInterrupted(() -> {
            assertErrno(Errno.EINTR, () -> k.sys.read(pipe[0], new byte[1]));
            return k.sys.read(pipe[0], new byte[1]);
        });
    }

    @Test
    void lwpsOfOtherProcessesAreLeftAlone() throws Exception {
        int[] pipe = k.sys.pipe2(0);
        OtherLwp<Integer> reader = OtherLwp.start(k.handle, () -> k.sys.read(pipe[0], new byte[1]));
        OpenKernel.await(() -> k.counts.unschedules.get() > k.counts.schedules.get());
        OpaqueLwp mine = k.handle.lwproc().curlwp();
        k.handle.lwproc().rfork(Lwproc.RFFDG);
        scheduled(up::lwpexit);
        k.handle.lwproc().releaselwp();
        k.handle.lwproc().switchTo(mine);
        k.sys.write(pipe[1], new byte[1]);
        assertEquals(1, reader.join());
    }

    @Test
    void aProcessThatIsExitingTakesNoLwpsUntilItRunsANewProgram() throws Exception {
        int pid = k.sys.getpid();
        scheduled(up::lwpexit);
        assertErrno(Errno.EBUSY, () -> k.handle.lwproc().newlwp(pid));
        scheduled(() -> up.execnotify("sh"));
        assertEquals("sh", k.inside(l -> l.proc().comm()));
        assertEquals(pid, OtherLwp.start(k.handle, k.sys::getpid).join());
    }

    @Test
    void aNewProgramKeepsTheDescriptorsThatDoNotCloseOnExec() throws Exception {
        int[] kept = k.sys.pipe2(0);
        int[] closed = k.sys.pipe2(Fcntl.O_CLOEXEC);
        scheduled(() -> {
            up.lwpexit();
            up.execnotify("sh");
        });
        assertEquals(1, k.sys.write(kept[1], new byte[1]));
        for (int fd : closed) {
            assertErrno(Errno.EBADF, () -> k.sys.close(fd));
        }
    }

    @Test
    void aNewProgramDoesNotCloseDescriptorsThatAnotherProcessSharesWithIt() throws Exception {
        int[] pipe = k.sys.pipe2(Fcntl.O_CLOEXEC);
        OpaqueLwp mine = k.handle.lwproc().curlwp();
        k.handle.lwproc().rfork(Lwproc.RFFD_SHARE);
        scheduled(() -> {
            up.lwpexit();
            up.execnotify("sh");
        });
        assertErrno(Errno.EBADF, () -> k.sys.close(pipe[0]));
        k.handle.lwproc().releaselwp();
        k.handle.lwproc().switchTo(mine);
        assertEquals(1, k.sys.write(pipe[1], new byte[1]));
        assertEquals(1, k.sys.read(pipe[0], new byte[1]));
    }

    @Test
    void exceptForOneLwpNobodyMayBeThereWhenANewProgramRuns() throws Exception {
        int pid = k.sys.getpid();
        OpaqueLwp mine = k.handle.lwproc().curlwp();
        k.handle.lwproc().newlwp(pid);
        assertThrows(IllegalStateException.class, () -> scheduled(() -> up.execnotify("sh")));
        k.handle.lwproc().releaselwp();
        k.handle.lwproc().switchTo(mine);
    }

    @Test
    void aProcessOfAClientKnowsItsClientAndName() throws Exception {
        OpaqueLwp mine = k.handle.lwproc().curlwp();
        Object client = new Object();
        scheduled(() -> up.lwprocRfork(client, Hyperup.RFCFDG, "client"));
        assertTrue(k.holds(() -> k.kernel.curlwp().proc().client() == client));
        assertEquals("client", k.inside(l -> l.proc().comm()));
        k.handle.lwproc().releaselwp();
        k.handle.lwproc().switchTo(mine);
        assertNull(k.kernel.procs().find(k.sys.getpid()).client());
    }

    @Test
    void childrenWhoseParentIsGoneAreProcessOnes() throws Exception {
        OpaqueLwp parent = k.handle.lwproc().curlwp();
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
        OpaqueLwp child = k.handle.lwproc().curlwp();
        k.handle.lwproc().switchTo(parent);
        k.handle.lwproc().releaselwp();
        k.handle.lwproc().switchTo(child);
        assertEquals(1, k.sys.getppid());
    }

    @Test
    void anLwpIsCarriedByOneThreadOnly() throws Exception {
        OpaqueLwp mine = k.handle.lwproc().curlwp();
        assertThrows(
                IllegalStateException.class,
                () -> OtherLwp.start(k.handle, () -> {
                            k.handle.lwproc().switchTo(mine);
                            return true;
                        })
                        .join());
        assertSame(mine, k.handle.lwproc().curlwp());
    }

    @Test
    void anLwpThatHasEndedIsNobodysAnyMore() throws Exception {
        OpaqueLwp ended = k.handle.lwproc().curlwp();
        assertNotNull(ended);
        k.handle.lwproc().releaselwp();
        assertThrows(IllegalStateException.class, () -> k.handle.lwproc().switchTo(ended));
        assertNull(k.handle.lwproc().curlwp());
        k.handle.lwproc().releaselwp();
        assertEquals(1, k.sys.getpid());
    }

    @Test
    void componentsOfTheHostComeInAsLwpsOfTheKernel() throws Exception {
        OpaqueLwp mine = k.handle.lwproc().curlwp();
        k.handle.lwproc().switchTo(null);
        k.counts.host().componentKthread();
        k.counts.host().componentSchedule(0);
        assertEquals(0, up.getpid());
        assertNotNull(k.counts.host().componentCurlwp());
        assertEquals(0, k.counts.host().componentUnschedule());
        k.counts.host().componentKthreadRelease();
        k.handle.lwproc().switchTo(mine);
    }

    @Test
    void thereAreNoSystemCallsByNumberYet() throws Exception {
        scheduled(() -> assertEquals(Errno.ENOSYS.number(), up.syscall(20, MemorySegment.NULL, new long[2])));
    }
}
