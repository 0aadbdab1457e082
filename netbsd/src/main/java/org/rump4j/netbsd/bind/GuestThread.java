package org.rump4j.netbsd.bind;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A thread in one guest. All but {@link #isInside} is for the thread itself.
 *
 * <p>Its block, which machine code knows: the stack pointer of the innermost gate (8 bytes), whether the hypercall that returns is to leave
 * the guest (4 bytes), room for a number of C's that an upcall returns (4 bytes), and from {@link #headerBytes} on the guest's variables of threads.
 */
final class GuestThread {
    private static final int LEAVE = 8;
    private static final int COUNT = 12;
    private static final int HEADER_BYTES = 16;

    private final Thread thread = Thread.currentThread();
    private final MemorySegment block;

    /** How many gates it is in. Written by the thread only. */
    private volatile int depth;

    /** What comes out of the innermost gate once the hypercall that is being made has returned. */
    private @Nullable Throwable thrown;

    /** The number of the mutex that a condition variable is being waited on with, 0 for none. */
    long interlock;

    GuestThread(long tlsBytes, long tlsAlign) {
        long header = headerBytes(tlsAlign);
        // It may be found by the guest as long as the thread is there, whose this object is.
        block = Arena.ofAuto().allocate(header + tlsBytes, Math.max(tlsAlign, HEADER_BYTES));
    }

    /** Where in a block the guest's variables begin. */
    static long headerBytes(long tlsAlign) {
        return Math.max(tlsAlign, HEADER_BYTES);
    }

    MemorySegment variables(long tlsAlign) {
        return block.asSlice(headerBytes(tlsAlign));
    }

    long block() {
        return block.address();
    }

    /** Where an upcall is to store an int. */
    long countAddress() {
        return block.address() + COUNT;
    }

    int count() {
        return block.get(ValueLayout.JAVA_INT, COUNT);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Whether it is in the guest. For any thread. */
    boolean isInside() {
        return depth != 0;
    }

    Thread thread() {
        return thread;
    }

    /** Before a gate. Ordered before what the thread reads next, so that whoever discards the guest sees it or is seen. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void entering() {
        depth++;
    }

    /** Behind a gate. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void left() {
        depth--;
    }

    /** Has the hypercall that is being made leave the guest. */
    void leaveWith(Throwable t) {
        thrown = t;
        block.set(ValueLayout.JAVA_INT, LEAVE, 1);
    }

    /** What came out of a gate beside a result: null for nothing. */
    @Nullable
    Throwable takeThrown() {
        Throwable t = thrown;
        if (t != null) {
            thrown = null;
        }
        return t;
    }
}
