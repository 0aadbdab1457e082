package org.rump4j.rumpuser.contract;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpMutex;

/** A kernel without virtual CPUs: it has nothing to give away and does nothing that it is asked for. */
public class IdleKernel implements Hyperup {
    @Override
    public void schedule() {}

    @Override
    public void unschedule() {}

    @Override
    public int backendUnschedule(int nlocks, @Nullable RumpMutex interlock) {
        return 0;
    }

    @Override
    public void backendSchedule(int nlocks, @Nullable RumpMutex interlock) {}

    @Override
    public void lwprocSwitch(@Nullable OpaqueLwp lwp) {}

    @Override
    public void lwprocRelease() {}

    @Override
    public void lwprocRfork(@Nullable Object client, int flags, @Nullable String comm) {}

    @Override
    public void lwprocNewlwp(int pid) {}

    @Override
    public @Nullable OpaqueLwp lwprocCurlwp() {
        return null;
    }

    @Override
    public int syscall(int number, MemorySegment arguments, long[] retval) {
        return Errno.ENOSYS.number();
    }

    @Override
    public void lwpexit() {}

    @Override
    public void execnotify(String comm) {}

    @Override
    public int getpid() {
        return 1;
    }
}
