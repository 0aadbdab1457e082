package org.rump4j.stress;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.contract.IdleKernel;
import org.rump4j.rumpuser.real.RealHost;

/** A real host whose kernel has virtual CPUs without number and counts them. */
final class CountingHost extends IdleKernel {
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
}
