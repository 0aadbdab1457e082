package org.rump4j.rumpuser.real;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.MemoryCalls;
import org.rump4j.rumpuser.MemorySource;

/**
 * Memory outside the Java heap. Where nobody brings memory along, each piece has an arena of its own, so that it can be given back alone;
 * kernels ask for large pieces and cut them up themselves.
 */
final class RealMemory implements MemoryCalls {
    /** What the addresses of anonymous memory are a multiple of. */
    static final long PAGE_SIZE = 4096;

    private static final long POINTER_SIZE = 8;
    private static final int MAX_ALIGNBIT = 62;

    private final Map<Long, Arena> arenas = new ConcurrentHashMap<>();

    /** Null for arenas. */
    private volatile @Nullable MemorySource source;

    @Override
    public boolean takeMemoryFrom(MemorySource from) {
        source = from;
        return true;
    }

    @Override
    public MemorySegment malloc(long size, long alignment) throws ErrnoException {
        long align = alignment == 0 ? POINTER_SIZE : alignment;
        if (size < 0) {
            throw Errno.EINVAL.exception("malloc of " + size + " bytes");
        }
        if (Long.bitCount(align) != 1) {
            throw Errno.EINVAL.exception("malloc aligned to " + align + " bytes, not a power of two");
        }
        MemorySource from = source;
        return from == null ? allocate(size, align) : require(from.allocate(size, align), size);
    }

    private static MemorySegment require(@Nullable MemorySegment memory, long size) throws ErrnoException {
        if (memory == null) {
            throw Errno.ENOMEM.exception(size + " bytes");
        }
        return memory;
    }

    @Override
    public void free(@Nullable MemorySegment memory) {
        MemorySource from = source;
        if (memory != null && !(from != null && from.free(memory)) && !release(memory)) {
            throw new IllegalArgumentException("freeing what malloc did not give: " + memory);
        }
    }

    @Override
    public MemorySegment anonmmap(long hint, long size, int alignbit, boolean exec) throws ErrnoException {
        if (size <= 0) {
            throw Errno.EINVAL.exception("anonmmap of " + size + " bytes");
        }
        if (alignbit < 0 || alignbit > MAX_ALIGNBIT) {
            throw Errno.EINVAL.exception("anonmmap aligned to 2^" + alignbit + " bytes");
        }
        MemorySource from = source;
        if (from != null) {
            return require(from.map(hint, size, Math.max(PAGE_SIZE, 1L << alignbit), exec), size);
        }
        if (exec || hint != 0) {
            // Neither is in the JDK's power. This needs native access, which no kernel written in Java asks for.
            return map(hint, size, 1L << alignbit, exec);
        }
        return allocate(size, Math.max(PAGE_SIZE, 1L << alignbit));
    }

    @Override
    public void unmap(MemorySegment memory) {
        MemorySource from = source;
        if (from == null || !from.unmap(memory)) {
            release(memory);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // free closes it
    private MemorySegment allocate(long size, long align) throws ErrnoException {
        Arena arena = Arena.ofShared();
        try {
            // An arena hands out a null-like segment for 0 bytes; ask for one byte to have a distinct address.
            MemorySegment memory = arena.allocate(Math.max(size, 1), align);
            arenas.put(memory.address(), arena);
            return memory.asSlice(0, size);
        } catch (OutOfMemoryError | IllegalArgumentException e) {
            arena.close();
            throw Errno.ENOMEM.exception(size + " bytes");
        }
    }

    /** Maps more than is wanted where the alignment is more than a page's, so that an aligned part can be found in it. */
    @SuppressWarnings("MustBeClosedChecker") // unmap closes it
    private MemorySegment map(long hint, long size, long align, boolean exec) throws ErrnoException {
        long slack = align <= PAGE_SIZE ? 0 : align;
        if (size > Long.MAX_VALUE - slack) {
            throw Errno.ENOMEM.exception(size + " bytes");
        }
        MemorySegment mapped = NativeCalls.mmap(hint, size + slack, exec);
        long start = -mapped.address() & (align - 1);
        Arena arena = Arena.ofShared();
        MemorySegment memory = mapped.asSlice(start, size).reinterpret(arena, _ -> NativeCalls.munmap(mapped));
        arenas.put(memory.address(), arena);
        return memory;
    }

    private boolean release(MemorySegment memory) {
        Arena arena = arenas.remove(memory.address());
        if (arena != null) {
            arena.close();
        }
        return arena != null;
    }
}
