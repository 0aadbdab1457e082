package org.rump4j.netbsd.bind;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.memory.FaultStack;
import org.rump4j.netbsd.memory.RegionHeap;

/**
 * A thread in one guest. All but {@link #isInside} is for the thread itself.
 *
 * <p>Its block is what machine code knows of it: the words below, and from {@link #headerBytes} on the guest's variables of threads.
 */
final class GuestThread {
    // Machine code has these as bytes with a sign: all but the last are below 128.

    /** The stack pointer of the innermost gate. */
    private static final int GATE = 0;

    /** An int: whether the hypercall that returns is to leave the guest. */
    static final int LEAVE = 8;

    /** An int: room for a number of C's that an upcall returns. */
    private static final int COUNT = 12;

    /** Where on the stack the hypercall is that the thread is in, and so in Java; 0 while it is in the guest. */
    static final int HYPERCALL = 16;

    /** The lowest stack pointer that a hypercall may be made with: Java needs the rest. */
    static final int STACK_LIMIT = 24;

    /** The lowest address of the stack, which may not be touched. */
    static final int STACK_END = 32;

    /** Where a fault goes on: {@link X8664Code#escapeAddress}. */
    static final int ESCAPE = 40;

    /** Two ints: the signal that told of a fault, 0 for none, and its {@code si_code}. */
    static final int SIGNAL = 48;

    /** The address that a fault was about. */
    static final int ADDRESS = 56;

    /** {@code struct iovec}: where a copy of the stack goes to. */
    static final int COPY = 64;

    /** {@code struct iovec}: what was copied. */
    static final int COPIED = 80;

    /** The thread's lwp, where machine code keeps it. */
    static final int LWP = 96;

    /** An int that the thread sleeps on where that is no lock's. */
    private static final int SLEEP = 104;

    /** Those of a fault, in the order of {@code ucontext_t}. */
    static final int REGISTERS = 112;

    /** {@code struct timespec}: how long the thread sleeps. */
    private static final int TIMEOUT = REGISTERS + FaultHandler.REGISTERS * Long.BYTES;

    /** Where {@link RegionHeap#codeBounds} are. */
    static final int CODE = TIMEOUT + 2 * Long.BYTES;

    /** Two addresses: where the guest begins, and ends. Between them the thread can be taken out anywhere. */
    static final int GUEST = CODE + Long.BYTES;

    /** An int: whether the thread is to leave as soon as it is found in the guest. */
    static final int EVICT = GUEST + 2 * Long.BYTES;

    private static final int HEADER_BYTES = EVICT + 2 * Integer.BYTES;

    /** Where the guest's variables begin if they are ones for a {@link StaticPlace}, which may be aligned to so much at the most. */
    static final int STATIC_VARIABLES = (HEADER_BYTES + StaticPlace.BYTES - 1) & -StaticPlace.BYTES;

    /** What a block's address is a multiple of: {@link NativeMutexes} has use for the bits. */
    private static final int ALIGN = 16;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

    /** Of the stack, for Java: what the JVM protects, what it wants to be free, and what hypercalls need. */
    private static final long JAVA_STACK_BYTES = 256 << 10;

    private static final VarHandle DEPTH;

    static {
        try {
            DEPTH = MethodHandles.lookup().findVarHandle(GuestThread.class, "depth", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread = Thread.currentThread();
    private final MemorySegment block;
    private final FaultStack stack;

    /** How many gates it is in. Written by the thread only. */
    private volatile int depth;

    /** What comes out of the innermost gate once the hypercall that is being made has returned. */
    private @Nullable Throwable thrown;

    /** The number of the mutex that a condition variable is being waited on with, 0 for none. */
    long interlock;

    /**
     * For the calling thread.
     *
     * @param escape {@link X8664Code#escapeAddress}
     * @param codeBounds {@link RegionHeap#codeBounds}
     * @param begin the guest's first address that is not machine code of ours
     * @param end the address behind its last
     */
    GuestThread(long tlsBytes, long tlsAlign, long escape, long codeBounds, long begin, long end) {
        long header = headerBytes(tlsAlign);
        // It may be found by the guest as long as the thread is there, whose this object is.
        long bytes = Math.max(header + tlsBytes, STATIC_VARIABLES + StaticPlace.BYTES);
        block = Arena.ofAuto().allocate(bytes, Math.max(tlsAlign, ALIGN));
        stack = FaultStack.ofThisThread();
        long forJava = Math.min(JAVA_STACK_BYTES, stack.stackBytes() / 4);
        block.set(ValueLayout.JAVA_LONG, STACK_LIMIT, stack.stackAddress() + forJava);
        block.set(ValueLayout.JAVA_LONG, STACK_END, stack.stackAddress());
        block.set(ValueLayout.JAVA_LONG, ESCAPE, escape);
        block.set(ValueLayout.JAVA_LONG, CODE, codeBounds);
        block.set(ValueLayout.JAVA_LONG, GUEST, begin);
        block.set(ValueLayout.JAVA_LONG, GUEST + Long.BYTES, end);
        block.set(ValueLayout.JAVA_LONG, COPY, stack.copyAddress());
        block.set(ValueLayout.JAVA_LONG, COPY + Long.BYTES, stack.copyBytes());
    }

    /** Where in a block the guest's variables begin. */
    static long headerBytes(long tlsAlign) {
        return tlsAlign <= StaticPlace.BYTES ? STATIC_VARIABLES : (HEADER_BYTES + tlsAlign - 1) & -tlsAlign;
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

    /** The current lwp, where machine code keeps it; 0 for none. */
    long lwp() {
        return block.get(ValueLayout.JAVA_LONG, LWP);
    }

    void setLwp(long lwp) {
        block.set(ValueLayout.JAVA_LONG, LWP, lwp);
    }

    /** Where the int is that the thread sleeps on where it sleeps on no lock's. */
    long sleepAddress() {
        return block.address() + SLEEP;
    }

    /** That int. For any thread. */
    int sleepWord() {
        return (int) INT.getVolatile(block, (long) SLEEP);
    }

    void setSleepWord(int value) {
        INT.setVolatile(block, (long) SLEEP, value);
    }

    /** Puts a time down as {@code struct timespec}. */
    long timeout(long seconds, long nanoseconds) {
        block.set(ValueLayout.JAVA_LONG, TIMEOUT, seconds);
        block.set(ValueLayout.JAVA_LONG, TIMEOUT + Long.BYTES, nanoseconds);
        return block.address() + TIMEOUT;
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
    void entering() {
        DEPTH.setVolatile(this, (int) DEPTH.get(this) + 1);
    }

    /** Behind a gate. Ordered behind all that the thread has done in the guest, which is enough: a fence costs as much as the gate. */
    void left() {
        DEPTH.setRelease(this, (int) DEPTH.get(this) - 1);
    }

    /** Has the thread leave the guest, where it is in the guest's own code just now. For any other thread. */
    void evict() {
        if (FaultHandler.evicts()) {
            block.set(ValueLayout.JAVA_INT, EVICT, 1);
            stack.signal(FaultHandler.EVICTION);
        }
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

    /** The stack pointer of the hypercall that is being made, behind what its entry has pushed; 0 where there is none. */
    long hypercall() {
        return block.get(ValueLayout.JAVA_LONG, HYPERCALL);
    }

    /** The stack pointer of the innermost gate. */
    long gate() {
        return block.get(ValueLayout.JAVA_LONG, GATE);
    }

    /** The lowest address of the stack. */
    long stackEnd() {
        return block.get(ValueLayout.JAVA_LONG, STACK_END);
    }

    /** What the guest did that made the machine stop it, since the last time; null for nothing. To be asked behind each gate. */
    @Nullable
    MachineState takeFault() {
        int signal = block.get(ValueLayout.JAVA_INT, SIGNAL);
        if (signal == 0) {
            return null;
        }
        block.set(ValueLayout.JAVA_INT, SIGNAL, 0);
        long[] registers =
                block.asSlice(REGISTERS, FaultHandler.REGISTERS * Long.BYTES).toArray(ValueLayout.JAVA_LONG);
        return new MachineState(
                signal,
                block.get(ValueLayout.JAVA_INT, SIGNAL + Integer.BYTES),
                block.get(ValueLayout.JAVA_LONG, ADDRESS),
                registers,
                block.get(ValueLayout.JAVA_LONG, COPIED),
                MemorySegment.ofAddress(block.get(ValueLayout.JAVA_LONG, COPY))
                        .reinterpret(block.get(ValueLayout.JAVA_LONG, COPIED + Long.BYTES))
                        .toArray(ValueLayout.JAVA_BYTE));
    }
}
