package org.rump4j.netbsd.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the process does on the signals that faults are told by. Sources of the facts: sigaction(2) and signal(7) of Linux, {@code struct
 * sigaction} as glibc and musl have it on 64-bit machines.
 */
public final class Signals {
    public static final int SIGILL = 4;
    public static final int SIGBUS = 7;
    public static final int SIGFPE = 8;
    public static final int SIGSEGV = 11;

    private static final int ACTION_BYTES = 152;
    private static final int HANDLER = 0;
    private static final int FLAGS = 136;
    private static final int SA_SIGINFO = 4;
    private static final int SA_ONSTACK = 0x08000000;

    private Signals() {}

    /** The address of the function that is called on a signal; 0 where the process ends, 1 where the signal is ignored. */
    public static long handler(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            return action(arena, signal).get(JAVA_LONG, HANDLER);
        }
    }

    private static MemorySegment action(Arena arena, int signal) {
        MemorySegment action = arena.allocate(ACTION_BYTES, Long.BYTES);
        int _ = (int) CFunctions.call(arena, "sigaction", signal, 0, action.address());
        return action;
    }

    /**
     * Has a function called on a signal, in place of the one that is now, on the thread's alternate stack where it has one. Which signals
     * are held back meanwhile stays as it was.
     *
     * @param handler {@code void (int, siginfo_t *, void *)}
     * @return false where the operating system does not allow that
     */
    public static boolean handle(int signal, long handler) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = action(arena, signal);
            action.set(JAVA_LONG, HANDLER, handler);
            action.set(JAVA_INT, FLAGS, action.get(JAVA_INT, FLAGS) | SA_SIGINFO | SA_ONSTACK);
            return (int) CFunctions.call(arena, "sigaction", signal, action.address(), 0) == 0;
        }
    }
}
