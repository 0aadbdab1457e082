package org.rump4j.netbsd.program;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.memory.CFunctions;

/**
 * The C library of the process, and other libraries that a program wants. Functions are called as {@link CFunctions} does.
 */
final class CLibrary {
    private final SymbolLookup library;
    private final Map<String, MemorySegment> known = new ConcurrentHashMap<>();

    private CLibrary(SymbolLookup library) {
        this.library = library;
    }

    /** The C library, with that of mathematics. */
    static CLibrary ofProcess() {
        return new CLibrary(Linker.nativeLinker().defaultLookup());
    }

    /**
     * That and others, which are searched after it, in order.
     *
     * @param names as dlopen(3) takes them
     * @throws IllegalArgumentException where the dynamic linker does not find one
     */
    CLibrary with(List<String> names) {
        List<SymbolLookup> all = new ArrayList<>();
        all.add(library);
        for (String name : names) {
            // For ever: nobody knows who has kept an address.
            all.add(SymbolLookup.libraryLookup(name, Arena.global()));
        }
        return new CLibrary(name -> {
            for (SymbolLookup one : all) {
                Optional<MemorySegment> found = one.find(name);
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        });
    }

    /** What there is, by name. */
    SymbolLookup lookup() {
        return library;
    }

    /** Where a variable is. */
    long address(String name) {
        return function(name).address();
    }

    private MemorySegment function(String name) {
        return known.computeIfAbsent(
                name, n -> library.find(n).orElseThrow(() -> new IllegalStateException("the C library has no " + n)));
    }

    long call(String name) {
        return call(name, 0, 0, 0, 0);
    }

    long call(String name, long a) {
        return call(name, a, 0, 0, 0);
    }

    long call(String name, long a, long b) {
        return call(name, a, b, 0, 0);
    }

    long call(String name, long a, long b, long c) {
        return call(name, a, b, c, 0);
    }

    /** Calls a function, which does not mind to get more than it takes. */
    long call(String name, long a, long b, long c, long d) {
        try (Arena arena = Arena.ofConfined()) {
            return CFunctions.call(CFunctions.state(arena), function(name), a, b, c, d, 0, 0);
        }
    }

    /** Sets errno of the calling thread, by the number of the operating system. */
    void errno(int number) {
        MemorySegment.ofAddress(call("__errno_location"))
                .reinterpret(JAVA_INT.byteSize())
                .set(JAVA_INT, 0, number);
    }

    /** A variable of the environment as it is now, or null. */
    @Nullable
    String variable(String name) {
        try (Arena arena = Arena.ofConfined()) {
            long value = call("getenv", arena.allocateFrom(name).address());
            return value == 0 ? null : string(value);
        }
    }

    static String string(long address) {
        return MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** The value of a variable that is a pointer. */
    long pointer(String variable) {
        return pointerAt(variable).get(JAVA_LONG, 0);
    }

    /** Changes a variable that is a pointer. */
    void pointer(String variable, long value) {
        pointerAt(variable).set(JAVA_LONG, 0, value);
    }

    private MemorySegment pointerAt(String variable) {
        AddressLayout pointer = ValueLayout.ADDRESS;
        return function(variable).reinterpret(pointer.byteSize());
    }

    /** Prints on a stream of stdio(3): {@code stdout} or {@code stderr}. */
    void print(String stream, byte[] bytes, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long _ = call("fwrite", copy.address(), 1, count, pointer(stream));
        }
    }

    /** Has all streams write what they have. */
    void flush() {
        long _ = call("fflush", 0);
    }
}
