package org.rump4j.rumpuser.real;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.OpaqueLwp;

/** What the host keeps for each thread of one kernel: its current lwp and its error number. */
final class Curlwp {
    private static final class Slot {
        @Nullable
        OpaqueLwp lwp;

        int errno;
    }

    private final ThreadLocal<Slot> slots = ThreadLocal.withInitial(Slot::new);

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
