package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.suite.OtherLwp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/** What becomes of advisory locks and of those who wait for them when files, descriptors and processes go. */
class AdvisoryLockTest {
    private @Nullable TestKernel kernel;
    private Syscalls sys;
    private Lwproc lwproc;

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.boot();
        sys = kernel().handle().syscalls();
        lwproc = kernel().handle().lwproc();
        lwproc.rfork(Lwproc.RFCFDG);
        sys.mkdir("/mnt", 0755);
        sys.mount("tmpfs", "/mnt", 0, new MountArgs.Memory());
    }

    @AfterEach
    void halt() {
        TestKernel booted = kernel;
        if (booted != null) {
            booted.close();
            kernel = null;
        }
    }

    private TestKernel kernel() {
        return Objects.requireNonNull(kernel);
    }

    private int open() throws ErrnoException {
        return sys.open("/mnt/f", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
    }

    /** Becomes another process, which has none of this one's descriptors. Gives the lwp that it was. */
    private OpaqueLwp fork() throws ErrnoException {
        OpaqueLwp before = Objects.requireNonNull(lwproc.curlwp());
        lwproc.rfork(Lwproc.RFCFDG);
        return before;
    }

    private void awaitWaiter() throws Exception {
        Vnode vp = kernel().inside(l -> {
            Vnode cwd = kernel().vfs().cwdinfo(l).cdir();
            Vnode found = kernel().vfs().namei().file(l, cwd, "/mnt/f", true);
            cwd.rele();
            found.rele();
            return found;
        });
        while (!kernel().inside(_ -> vp.locks().hasWaiters())) {
            Thread.onSpinWait();
        }
    }

    @Test
    void closingADescriptorEndsWaitingByIt() throws Exception {
        int held = open();
        sys.fcntl(held, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        OpaqueLwp holder = fork();
        int fd = open();
        OtherLwp<Flock> waiter =
                OtherLwp.start(kernel().handle(), () -> sys.fcntl(fd, Fcntl.F_SETLKW, Flock.of(Flock.F_WRLCK)));
        awaitWaiter();
        sys.close(fd);
        assertErrno(Errno.EBADF, waiter::join);
        int again = open();
        OtherLwp<Boolean> other = OtherLwp.start(kernel().handle(), () -> {
            sys.flock(again, Fcntl.LOCK_SH);
            return true;
        });
        awaitWaiter();
        sys.close(again);
        assertErrno(Errno.EBADF, other::join);
        lwproc.releaselwp();
        lwproc.switchTo(holder);
        sys.close(held);
        sys.unmount("/mnt", 0);
    }

    @Test
    void whoWaitsByADuplicateGoesOnWaiting() throws Exception {
        int held = open();
        sys.fcntl(held, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        OpaqueLwp holder = fork();
        int fd = open();
        int duplicate = sys.dup(fd);
        OtherLwp<Flock> waiter =
                OtherLwp.start(kernel().handle(), () -> sys.fcntl(duplicate, Fcntl.F_SETLKW, Flock.of(Flock.F_WRLCK)));
        awaitWaiter();
        sys.close(fd);
        awaitWaiter();
        OpaqueLwp mine = lwproc.curlwp();
        lwproc.switchTo(holder);
        sys.close(held);
        assertEquals(Flock.F_WRLCK, waiter.join().type());
        lwproc.switchTo(mine);
        assertEquals(
                Flock.F_UNLCK,
                sys.fcntl(duplicate, Fcntl.F_GETLK, Flock.of(Flock.F_WRLCK)).type());
    }

    @Test
    void unmountingByForceEndsLocksAndWaitingForThem() throws Exception {
        int held = open();
        sys.fcntl(held, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        int shared = open();
        OpaqueLwp holder = fork();
        int fd = open();
        OtherLwp<Flock> waiter =
                OtherLwp.start(kernel().handle(), () -> sys.fcntl(fd, Fcntl.F_SETLKW, Flock.of(Flock.F_RDLCK)));
        OtherLwp<Boolean> other = OtherLwp.start(kernel().handle(), () -> {
            sys.flock(fd, Fcntl.LOCK_EX);
            return true;
        });
        awaitWaiter();
        sys.unmount("/mnt", SysMount.MNT_FORCE);
        assertErrno(Errno.ENXIO, waiter::join);
        assertErrno(Errno.ENXIO, other::join);
        assertErrno(Errno.ENXIO, () -> sys.fcntl(fd, Fcntl.F_SETLK, Flock.of(Flock.F_RDLCK)));
        assertErrno(Errno.ENXIO, () -> sys.flock(fd, Fcntl.LOCK_SH));
        sys.close(fd);
        lwproc.releaselwp();
        lwproc.switchTo(holder);
        sys.close(held);
        sys.close(shared);
    }

    @Test
    void aLockIsItsProcesssThoughAnotherOneClosesTheDescriptorThatTheyShare() throws Exception {
        int fd = open();
        sys.fcntl(fd, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        OpaqueLwp holder = lwproc.curlwp();
        lwproc.rfork(Lwproc.RFFD_SHARE);
        sys.close(fd);
        int again = open();
        assertEquals(
                Flock.F_WRLCK,
                sys.fcntl(again, Fcntl.F_GETLK, Flock.of(Flock.F_RDLCK)).type());
        assertErrno(Errno.EBUSY, () -> sys.unmount("/mnt", 0));
        OpaqueLwp sharer = lwproc.curlwp();
        lwproc.switchTo(holder);
        lwproc.releaselwp();
        lwproc.switchTo(sharer);
        assertEquals(
                Flock.F_UNLCK,
                sys.fcntl(again, Fcntl.F_GETLK, Flock.of(Flock.F_RDLCK)).type());
        sys.close(again);
        sys.unmount("/mnt", 0);
    }
}
