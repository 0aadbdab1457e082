package org.rump4j.netbsd.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Functions of the C library, and of others, by their addresses. All are called through one handle that passes six words: making a handle
 * costs a cold JVM more than linking a kernel, and a function that takes fewer words does not look at the rest, on x86-64 and on AArch64.
 * For the same reason a result of C's int is the low half of what comes back. Nor does it matter that the number of arguments is a
 * variable one: that is another convention only where there are more.
 */
public final class CFunctions {
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.captureCallState("errno"));
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private CFunctions() {}

    /**
     * One of the C library.
     *
     * @throws UnsupportedOperationException where it has none of that name
     */
    public static MemorySegment find(String name) {
        return Linker.nativeLinker()
                .defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("this operating system has no " + name));
    }

    /** Room for the number of an error, which calls want. */
    public static MemorySegment state(Arena arena) {
        return arena.allocate(STATE);
    }

    /** The number of an error, by the operating system's, that a call has left. Says something only where the call has failed. */
    public static int errno(MemorySegment state) {
        return state.get(JAVA_INT, ERRNO);
    }

    /** Calls a function. */
    public static long call(
            MemorySegment state, MemorySegment function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL.invokeExact(function, state, a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException(thrown);
        }
    }

    /**
     * Calls a function of the C library that is needed so rarely that it is looked for each time, and whose error is no matter.
     *
     * @throws UnsupportedOperationException where there is none
     */
    static long call(Arena arena, String name, long a, long b, long c) {
        return call(arena, name, a, b, c, 0);
    }

    /** As the other. */
    static long call(Arena arena, String name, long a, long b, long c, long d) {
        return call(state(arena), find(name), a, b, c, d, 0, 0);
    }
}
