package org.rump4j.rumpuser.real;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.OpaqueLwp;

/** What the host keeps for each thread of one kernel: its current lwp and its error number. */
final class Curlwp {
    /** One thread's. */
    static final class Slot {
        final long threadId = Thread.currentThread().threadId();

        /** Written by the thread only. Others that read it get a snapshot. */
        @Nullable
        OpaqueLwp lwp;

        private int errno;
    }

    private final ThreadLocal<Slot> slots = ThreadLocal.withInitial(Slot::new);

    /** The calling thread's slot, at no cost where that is the one given. */
    Slot slot(@Nullable Slot guess) {
        return guess != null && guess.threadId == Thread.currentThread().threadId() ? guess : slots.get();
    }

    @Nullable
    OpaqueLwp get() {
        return slots.get().lwp;
    }

    void op(LwpOp op, OpaqueLwp lwp) {
        Slot slot;
        switch (op) {
            case CREATE, DESTROY -> {}
            case SET -> {
                slot = slots.get();
                if (slot.lwp != null) {
                    throw new IllegalStateException("this thread already has an lwp: " + slot.lwp);
                }
                slot.lwp = lwp;
            }
            case CLEAR -> {
                slot = slots.get();
                if (slot.lwp != lwp) {
                    throw new IllegalStateException(lwp + " is not the lwp of this thread, which is " + slot.lwp);
                }
                slot.lwp = null;
            }
        }
    }

    void seterrno(int errno) {
        slots.get().errno = errno;
    }

    int errno() {
        return slots.get().errno;
    }
}
