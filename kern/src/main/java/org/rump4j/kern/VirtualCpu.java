package org.rump4j.kern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A virtual CPU: the right to run kernel code. At most one lwp has it at a time; what only its holder touches needs no other
 * lock. {@link Scheduler} explains how it changes hands.
 */
public final class VirtualCpu {
    private static final VarHandle OCCUPANT;

    static {
        try {
            OCCUPANT = MethodHandles.lookup().findVarHandle(VirtualCpu.class, "occupant", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The CPU is held, and nobody waits for it. */
    static final Object BUSY = new Object();

    /** The CPU is held, and whoever gives it back must wake somebody. */
    static final Object WANTED = new Object();

    private final int index;

    /** BUSY, WANTED, or the lwp that held the CPU last: then it is free. */
    private volatile Object occupant;

    /** Soft interrupts scheduled here that have not been delivered. Only the holder touches this. */
    @Nullable
    SoftintQueue softints;

    VirtualCpu(int index, Object lastHolder) {
        this.index = index;
        this.occupant = lastHolder;
    }

    /** Its number, from 0. */
    public int index() {
        return index;
    }

    /** Takes the CPU if it is free, whoever had it last. */
    boolean tryTake(Object mark) {
        Object last = occupant;
        return last != BUSY && last != WANTED && OCCUPANT.compareAndSet(this, last, mark);
    }

    /**
     * Makes the holder wake somebody when it is done.
     *
     * @return false where there is no holder any more
     */
    boolean markWanted() {
        return occupant == WANTED || OCCUPANT.compareAndSet(this, BUSY, WANTED);
    }

    /** Gives the CPU back. Whether somebody is to be woken. */
    boolean give(Lwp holder) {
        return OCCUPANT.getAndSet(this, holder) == WANTED;
    }

    boolean isFree() {
        Object last = occupant;
        return last != BUSY && last != WANTED;
    }

    @Override
    public String toString() {
        return "cpu" + index;
    }
}
