package org.rump4j.stress;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.real.RealHost;

/** A real host whose kernel has virtual CPUs without number and counts them. */
final class CountingHost implements Hyperup {
    final Rumpuser rumpuser = RealHost.create();

    private final AtomicInteger given = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    CountingHost() {
        try {
            rumpuser.init(Rumpuser.VERSION, this);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many threads have given a virtual CPU away and not taken it again. */
    int away() {
        return given.get() - taken.get();
    }

    /** How often a virtual CPU was given away. */
    int pairs() {
        return given.get();
    }

    @Override
    public int backendUnschedule(int nlocks, @Nullable RumpMutex interlock) {
        return given.incrementAndGet();
    }

    @Override
    public void backendSchedule(int nlocks, @Nullable RumpMutex interlock) {
        taken.incrementAndGet();
    }

    // Nothing of this is called by locks and waits.

    @Override
    public void schedule() {}

    @Override
    public void unschedule() {}

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
