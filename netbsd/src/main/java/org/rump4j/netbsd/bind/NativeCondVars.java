package org.rump4j.netbsd.bind;

import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.RumpMutex;

/**
 * Condition variables whose state is two ints in a cell: how often somebody has been woken, and how many waits have begun that have not
 * fully returned. Who waits reads the first before it leaves the interlock, and sleeps only as long as that has not changed (futex(2)): a
 * signal is never lost, and may wake one too many who was about to sleep. Machine code signals: it adds one and wakes.
 *
 * <p>The first is negative once the kernel has exited, which ends every sleep, and in cells that have been given back.
 */
final class NativeCondVars {
    /** Offsets in a cell. */
    static final int SIGNALS = 0;

    static final int WAITERS = 4;

    private final Cells cells;
    private final Futex futex;
    private final PlainHost host;
    private final NativeMutexes mutexes;

    NativeCondVars(Cells cells, Futex futex, PlainHost host, NativeMutexes mutexes) {
        this.cells = cells;
        this.futex = futex;
        this.host = host;
        this.mutexes = mutexes;
    }

    long init() {
        long cv = cells.take(Cells.Kind.CONDVAR);
        cells.setInt(cv + WAITERS, 0);
        cells.setInt(cv + SIGNALS, 0);
        return cv;
    }

    void destroy(long cv) {
        cells.require(cv, Cells.Kind.CONDVAR);
        if (!cells.casInt(cv + WAITERS, 0, -1)) {
            host.checkExit();
            throw new IllegalStateException("destroying a condition variable that is waited on");
        }
        cells.setInt(cv + SIGNALS, -1);
        cells.give(cv);
    }

    void signal(long cv, int count) {
        cells.require(cv, Cells.Kind.CONDVAR);
        if (cells.getInt(cv + WAITERS) != 0) {
            int _ = cells.addInt(cv + SIGNALS, 1);
            futex.wake(cv + SIGNALS, count);
        }
    }

    boolean hasWaiters(long cv) {
        cells.require(cv, Cells.Kind.CONDVAR);
        return cells.getInt(cv + WAITERS) != 0;
    }

    /**
     * Waits with the virtual CPU given away. The order on the way up depends on the kind of the interlock; see {@link
     * org.rump4j.rumpuser.RumpCondVar}.
     *
     * @param nanos for how long; negative for ever
     * @return false where the time is over
     */
    boolean await(long cv, long m, long nanos, GuestThread me, NativeHyperup hyperup) {
        long deadline = System.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2);
        int flags = mutexes.flags(m);
        boolean kmutex = (flags & RumpMutex.KMUTEX) != 0;
        boolean spin = (flags & RumpMutex.SPIN) != 0;
        if (kmutex) {
            requireHeld(m, me);
        }
        int signals = begin(cv);
        int nlocks = hyperup.unschedule(m, me);
        if (!kmutex && !mutexes.isHeldBy(m, me)) {
            finish(cv);
            hyperup.schedule(nlocks, m);
            requireHeld(m, me);
        }
        mutexes.release(m, me);
        boolean woken = sleep(cv, signals, nanos >= 0, deadline, me);
        if (spin && kmutex) {
            hyperup.schedule(nlocks, m);
            mutexes.acquire(m, me);
        } else {
            mutexes.acquire(m, me);
            hyperup.schedule(nlocks, m);
        }
        finish(cv);
        return woken;
    }

    /** Waits with the virtual CPU held. */
    void awaitNowrap(long cv, long m, GuestThread me) {
        cells.require(m, Cells.Kind.MUTEX);
        requireHeld(m, me);
        int signals = begin(cv);
        mutexes.release(m, me);
        boolean _ = sleep(cv, signals, false, 0, me);
        mutexes.acquire(m, me);
        finish(cv);
    }

    private void requireHeld(long m, GuestThread me) {
        mutexes.requireHeld(m, me, "waiting with an interlock that is not held by this thread");
    }

    private int begin(long cv) {
        cells.require(cv, Cells.Kind.CONDVAR);
        int _ = cells.addInt(cv + WAITERS, 1);
        int signals = cells.getInt(cv + SIGNALS);
        if (signals < 0) {
            // It has ended meanwhile, and will not wake anybody any more.
            host.checkExit();
        }
        return signals;
    }

    private void finish(long cv) {
        int _ = cells.addInt(cv + WAITERS, -1);
    }

    private boolean sleep(long cv, int signals, boolean timed, long deadline, GuestThread me) {
        boolean woken = true;
        if (timed) {
            woken = futex.await(cv + SIGNALS, signals, deadline, me);
        } else {
            futex.await(cv + SIGNALS, signals);
        }
        host.checkExit();
        return woken;
    }

    /** The kernel has exited. */
    void end() {
        cells.forEach(Cells.Kind.CONDVAR, this::end);
    }

    void end(long cv) {
        int _ = cells.orInt(cv + SIGNALS, Integer.MIN_VALUE);
        futex.wake(cv + SIGNALS, Futex.ALL);
    }
}
