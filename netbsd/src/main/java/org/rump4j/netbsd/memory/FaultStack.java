package org.rump4j.netbsd.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a thread has so that a fault of it can be dealt with, even that its stack is used up: another stack for signal handlers, and room for
 * a copy of the end of its own. Sources of the facts: sigaltstack(2),
 * pthread_getattr_np(3), tgkill(2).
 *
 * <p>There is one a thread, in all of the process. That of a thread which is gone is the next new thread's: it is not given back, since a
 * thread may get signals until it is gone entirely, which nobody is told.
 */
public final class FaultStack {
    /** The JVM's own handlers run on it as well, and write their report of a crash there. */
    private static final long STACK_BYTES = 128 << 10;

    private static final long COPY_BYTES = 64 << 10;

    private static final int SYS_GETTID = 186;
    private static final int SYS_TGKILL = 234;
    private static final int STACK_T_BYTES = 24;
    private static final int SS_FLAGS = 8;
    private static final int SS_SIZE = 16;
    private static final int SS_DISABLE = 2;
    private static final int PTHREAD_ATTR_T_BYTES = 64;

    /** A class and no method reference: linking one costs a cold JVM more than all the rest here. */
    private static final ThreadLocal<FaultStack> CURRENT = new ThreadLocal<>() {
        @Override
        protected FaultStack initialValue() {
            return make();
        }
    };

    private static final ReentrantLock LOCK = new ReentrantLock();

    /** All that there are. Guarded by {@link #LOCK}. */
    private static final List<FaultStack> ALL = new ArrayList<>();

    /** From a page that must not be touched on: the copy, then the stack. */
    private final long address;

    /** Whose it is. Guarded by {@link #LOCK}. */
    private Thread owner = Thread.currentThread();

    private volatile long stackAddress;
    private volatile long stackBytes;

    /** The operating system's number of the thread. */
    private volatile long threadId;

    private FaultStack(long address) {
        this.address = address;
    }

    /** That of the calling thread, a platform thread. */
    public static FaultStack ofThisThread() {
        return CURRENT.get();
    }

    private static FaultStack make() {
        FaultStack out = take();
        try (Arena arena = Arena.ofConfined()) {
            out.findStack(arena);
            out.threadId = CFunctions.call(arena, "syscall", SYS_GETTID, 0, 0);
            MemorySegment stack = arena.allocate(STACK_T_BYTES, Long.BYTES);
            long _ = CFunctions.call(arena, "sigaltstack", 0, stack.address(), 0);
            // A thread that is not the JVM's may have one already, which does as well.
            if ((stack.get(JAVA_INT, SS_FLAGS) & SS_DISABLE) != 0) {
                stack.set(JAVA_LONG, 0, out.address + COPY_BYTES);
                stack.set(JAVA_LONG, SS_FLAGS, 0);
                stack.set(JAVA_LONG, SS_SIZE, STACK_BYTES);
                if ((int) CFunctions.call(arena, "sigaltstack", stack.address(), 0, 0) != 0) {
                    throw new IllegalStateException("this thread can have no alternate stack");
                }
            }
        }
        return out;
    }

    private static FaultStack take() {
        LOCK.lock();
        try {
            for (FaultStack s : ALL) {
                if (!s.owner.isAlive()) {
                    s.owner = Thread.currentThread();
                    return s;
                }
            }
            long bytes = HostMemory.PAGE_BYTES + COPY_BYTES + STACK_BYTES;
            long at = HostMemory.reserve(0, bytes);
            HostMemory.protect(at + HostMemory.PAGE_BYTES, COPY_BYTES + STACK_BYTES, Protection.READ_WRITE);
            FaultStack out = new FaultStack(at + HostMemory.PAGE_BYTES);
            ALL.add(out);
            return out;
        } catch (RegionException e) {
            throw new IllegalStateException(e);
        } finally {
            LOCK.unlock();
        }
    }

    private void findStack(Arena arena) {
        MemorySegment attributes = arena.allocate(PTHREAD_ATTR_T_BYTES, Long.BYTES);
        MemorySegment out = arena.allocate(2 * Long.BYTES, Long.BYTES);
        long self = CFunctions.call(arena, "pthread_self", 0, 0, 0);
        if ((int) CFunctions.call(arena, "pthread_getattr_np", self, attributes.address(), 0) != 0) {
            throw new IllegalStateException("where the stack of this thread is cannot be found out");
        }
        long _ = CFunctions.call(
                arena, "pthread_attr_getstack", attributes.address(), out.address(), out.address() + Long.BYTES);
        long _ = CFunctions.call(arena, "pthread_attr_destroy", attributes.address(), 0, 0);
        stackAddress = out.get(JAVA_LONG, 0);
        stackBytes = out.get(JAVA_LONG, Long.BYTES);
    }

    /** The lowest address of the thread's stack proper. What is there may be protected. */
    public long stackAddress() {
        return stackAddress;
    }

    /** How large the thread's stack proper is. */
    public long stackBytes() {
        return stackBytes;
    }

    /** Sends the thread a signal. Where it is gone, a later thread may get it. */
    public void signal(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            long pid = ProcessHandle.current().pid();
            long _ = CFunctions.call(arena, "syscall", SYS_TGKILL, pid, threadId, signal);
        }
    }

    /** Where a copy of a stack can be put. */
    public long copyAddress() {
        return address;
    }

    /** How many bytes there are for it. */
    public long copyBytes() {
        return COPY_BYTES;
    }
}
