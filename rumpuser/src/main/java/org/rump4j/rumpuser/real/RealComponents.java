package org.rump4j.rumpuser.real;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ComponentCalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;

/** The services for host halves of drivers, made of upcalls. */
final class RealComponents implements ComponentCalls {
    /** The process that the kernel's own threads belong to. */
    private static final int KERNEL_PID = 0;

    private final Blocker blocker;

    RealComponents(Blocker blocker) {
        this.blocker = blocker;
    }

    @Override
    public int componentUnschedule() {
        return blocker.unschedule(null);
    }

    @Override
    public void componentSchedule(int cookie) {
        blocker.schedule(cookie, null);
    }

    @Override
    public void componentKthread() {
        blocker.checkExit();
        Hyperup hyperup = blocker.hyperup();
        hyperup.schedule();
        try {
            hyperup.lwprocNewlwp(KERNEL_PID);
        } catch (ErrnoException e) {
            throw new IllegalStateException("the kernel's own process takes no lwp", e);
        } finally {
            hyperup.unschedule();
        }
    }

    @Override
    public void componentKthreadRelease() {
        blocker.checkExit();
        Hyperup hyperup = blocker.hyperup();
        hyperup.schedule();
        hyperup.lwprocRelease();
        hyperup.unschedule();
    }

    @Override
    public @Nullable OpaqueLwp componentCurlwp() {
        return blocker.hyperup().lwprocCurlwp();
    }

    @Override
    public void componentSwitchlwp(@Nullable OpaqueLwp lwp) {
        blocker.hyperup().lwprocSwitch(lwp);
    }

    @Override
    public int componentErrtrans(int hosterrno) {
        return HostErrno.toNetbsd(hosterrno);
    }
}
