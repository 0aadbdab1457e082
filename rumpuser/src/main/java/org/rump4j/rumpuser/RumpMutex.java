package org.rump4j.rumpuser;

import org.jspecify.annotations.Nullable;

/** A mutual exclusion lock of the host. It is not recursive, and the thread that entered it must leave it. */
public interface RumpMutex {
    /** For the scheduler and for interrupt level: never waited for without a virtual CPU. */
    int SPIN = 0x01;
    /** A mutex of the kernel proper: its owner is recorded. */
    int KMUTEX = 0x02;

    /** Takes it. Unschedules when contended; one with {@link #SPIN} does not unschedule. */
    void enter();

    /** Takes it, waiting with the virtual CPU held. For one with {@link #SPIN} only. Does not unschedule. */
    void enterNowrap();

    /**
     * Takes it if it is free. Does not unschedule.
     *
     * @return false where it is not ({@code EBUSY})
     */
    boolean tryenter();

    /** Gives it back. Does not unschedule. */
    void exit();

    /**
     * The lwp that holds it, or null. For one with {@link #KMUTEX} only. Exact when the caller is the one, a snapshot
     * otherwise. Does not unschedule.
     */
    @Nullable
    OpaqueLwp owner();

    /** Whether it was made with {@link #SPIN} (a hypercall of newer kernels). Does not unschedule. */
    boolean spinP();

    /** Ends it. It must be free. Does not unschedule. */
    void destroy();
}
