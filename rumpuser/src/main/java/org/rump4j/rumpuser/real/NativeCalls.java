package org.rump4j.rumpuser.real;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The few things that only the C library can do: memory that may be executed, signals, sessions. Nothing here is loaded
 * unless it is asked for, and a kernel written in Java does not ask.
 */
final class NativeCalls {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_ANONYMOUS_LINUX = 0x20;
    private static final int MAP_ANONYMOUS_BSD = 0x1000;
    private static final long MAP_FAILED = -1;
    private static final int O_RDWR = 2;
    private static final int LAST_STANDARD_FD = 2;

    private NativeCalls() {}

    /** Maps anonymous private memory at a multiple of the page size, near hint where that is possible. */
    static MemorySegment mmap(long hint, long size, boolean exec) throws ErrnoException {
        int prot = PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0);
        int flags = MAP_PRIVATE | (isLinux() ? MAP_ANONYMOUS_LINUX : MAP_ANONYMOUS_BSD);
        MethodHandle mmap = function(
                "mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        MemorySegment base;
        try {
            base = (MemorySegment) mmap.invokeExact(MemorySegment.ofAddress(hint), size, prot, flags, -1, 0L);
        } catch (Throwable t) {
            throw rethrow(t);
        }
        if (base.address() == MAP_FAILED) {
            throw (exec ? Errno.EOPNOTSUPP : Errno.ENOMEM).exception("mmap of " + size + " bytes");
        }
        return base.reinterpret(size);
    }

    static void munmap(MemorySegment memory) {
        MethodHandle munmap = function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        try {
            int _ = (int) munmap.invokeExact(memory, memory.byteSize());
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Sends a signal, by the host's number, to this process. */
    static void kill(int signo) {
        MethodHandle kill = function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        try {
            int _ = (int) kill.invokeExact((int) ProcessHandle.current().pid(), signo);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Makes this process the leader of a new session. */
    static void setsid() {
        MethodHandle setsid = function("setsid", FunctionDescriptor.of(JAVA_INT));
        try {
            int _ = (int) setsid.invokeExact();
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Connects standard input, output and error, the descriptors themselves, to the null device. */
    static void silenceStandardStreams() {
        MethodHandle open =
                function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
        MethodHandle dup2 = function("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        MethodHandle close = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int device = (int) open.invokeExact(arena.allocateFrom("/dev/null"), O_RDWR);
            for (int fd = 0; device >= 0 && fd <= LAST_STANDARD_FD; fd++) {
                int _ = (int) dup2.invokeExact(device, fd);
            }
            if (device > LAST_STANDARD_FD) {
                int _ = (int) close.invokeExact(device);
            }
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static boolean isLinux() {
        return System.getProperty("os.name", "").equals("Linux");
    }

    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("this operating system has no " + name));
        return linker.downcallHandle(address, type, options);
    }

    private static RuntimeException rethrow(Throwable t) {
        if (t instanceof RuntimeException e) {
            throw e;
        }
        if (t instanceof Error e) {
            throw e;
        }
        throw new IllegalStateException(t);
    }

    static {
        // The signatures above take size_t, off_t and pointers for 64 bits wide.
        if (MemoryLayout.sequenceLayout(1, ADDRESS).byteSize() != Long.BYTES) {
            throw new ExceptionInInitializerError("rump4j needs a 64-bit operating system for this");
        }
    }
}
