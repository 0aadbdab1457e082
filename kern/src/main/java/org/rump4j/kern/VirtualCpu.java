package org.rump4j.kern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A virtual CPU: the right to run kernel code. At most one lwp has it at a time; what only its holder touches needs no other
 * lock. {@link Scheduler} explains how it changes hands.
 */
public final class VirtualCpu {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(VirtualCpu.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int FREE = 0;

    /** The CPU is held, and nobody waits for it. */
    static final int BUSY = 1;

    /** The CPU is held, and whoever gives it back must wake somebody. */
    static final int WANTED = 2;

    private final int index;

    /** FREE, BUSY or WANTED. A number: to keep the lwp here instead would cost the collector's barriers at each change. */
    private volatile int state = FREE;

    /** Soft interrupts scheduled here that have not been delivered. Only the holder touches this. */
    @Nullable
    SoftintQueue softints;

    /** So that the states of two CPUs, which are allocated next to each other, do not share a cache line. */
    @SuppressWarnings("unused")
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14;

    VirtualCpu(int index) {
        this.index = index;
    }

    /** Its number, from 0. */
    public int index() {
        return index;
    }

    /** Takes the CPU if it is free. */
    boolean tryTake(int mark) {
        return STATE.compareAndSet(this, FREE, mark);
    }

    /**
     * Makes the holder wake somebody when it is done.
     *
     * @return false where there is no holder any more
     */
    boolean markWanted() {
        return state == WANTED || STATE.compareAndSet(this, BUSY, WANTED);
    }

    /** Gives the CPU back. Whether somebody is to be woken. */
    boolean give() {
        return (int) STATE.getAndSet(this, FREE) == WANTED;
    }

    boolean isFree() {
        return state == FREE;
    }

    @Override
    public String toString() {
        return "cpu" + index;
    }
}
