package org.rump4j.rumpuser;

/**
 * A condition variable of the host. Whoever waits must look again at what it waits for: it may be woken without reason.
 *
 * <p>The interlock of a wait is a mutex that the caller holds. The order in which a wait gives things up and takes them
 * again is part of the contract, for a spin mutex may never be held while a virtual CPU is waited for. On the way down
 * the virtual CPU goes while the interlock is still held, then the interlock goes and the thread sleeps. On the way up,
 * with {@code SPIN|KMUTEX} the virtual CPU comes first and then the interlock; with either alone the interlock comes first.
 *
 * <p>One kind of wait is odd: on a mutex with {@code SPIN} alone that guards a virtual CPU. The kernel enters that one
 * itself while it gives the virtual CPU away, and leaves it while it takes one again, so who waits need not hold it.
 */
public interface RumpCondVar {
    /** Waits. Unschedules, with the interlock. */
    void await(RumpMutex interlock);

    /** Waits with the virtual CPU held, or by a thread that has none. Does not unschedule. */
    void awaitNowrap(RumpMutex interlock);

    /**
     * Waits, but not for ever. Unschedules, with the interlock, also where there is no time to wait.
     *
     * @param nanos from now, measured on the clock that never steps
     * @return whether it was woken; false where the time is over ({@code ETIMEDOUT})
     */
    boolean timedwait(RumpMutex interlock, long nanos);

    /** Wakes one that waits, if any. The interlock may be held or not. Does not unschedule. */
    void signal();

    /** Wakes all that wait. The interlock may be held or not. Does not unschedule. */
    void broadcast();

    /** Whether a wait has begun that has not fully returned, woken or not. Does not unschedule. */
    boolean hasWaiters();

    /** Ends it. Nobody may be waiting. Does not unschedule. */
    void destroy();
}
