package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.MemoryCalls;

/**
 * The kernel's memory, and the limit that holds for it. Everything counts that grows with what users do: the caches, files
 * in memory, buffers of pipes. When there is not enough, those who hold some that they can do without are asked for it.
 */
public final class Kmem {
    /** What a kernel that is given no limit takes its machine to have, as the reference does: 512 MiB. */
    private static final long DEFAULT_BYTES = 512L << 20;

    /** Less than this is no machine. */
    private static final long MIN_BYTES = 256L << 10;

    private final MemoryCalls host;
    private final long limitBytes;

    /** Guards what follows. A leaf: those who are asked for memory are asked without it. */
    private final Kmutex lock;

    private long usedBytes;
    private List<LongUnaryOperator> reclaimers = new ArrayList<>();

    Kmem(MemoryCalls host, Kmutex lock, @Nullable String limit) throws ErrnoException {
        this.host = host;
        this.lock = lock;
        this.limitBytes = limit == null ? DEFAULT_BYTES : parseLimit(limit);
    }

    /** Bytes that there are. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Bytes that are taken. */
    public long usedBytes() {
        lock.enter();
        long used = usedBytes;
        lock.exit();
        return used;
    }

    /**
     * Somebody who can give memory back.
     *
     * @param reclaimer is told how many bytes are wanted, gives back what it can by {@link #release} or {@link #free}, and
     *     returns how many that were. Called without locks of this class; must not allocate
     */
    public void addReclaimer(LongUnaryOperator reclaimer) {
        lock.enter();
        List<LongUnaryOperator> more = new ArrayList<>(reclaimers);
        more.add(reclaimer);
        reclaimers = more;
        lock.exit();
    }

    /**
     * Counts memory that is about to be taken in whichever way.
     *
     * @throws ErrnoException ENOMEM where the limit does not allow it
     */
    public void reserve(long bytes) throws ErrnoException {
        while (!tryReserve(bytes)) {
            // What would not fit into an empty machine is not worth anybody's cache.
            if (bytes > limitBytes || reclaim(bytes) == 0) {
                throw Errno.ENOMEM.exception("the kernel's limit is " + limitBytes + " bytes");
            }
        }
    }

    /** As {@link #reserve}, but takes nobody's memory away. */
    public boolean tryReserve(long bytes) {
        lock.enter();
        boolean fits = bytes <= limitBytes - usedBytes;
        if (fits) {
            usedBytes += bytes;
        }
        lock.exit();
        return fits;
    }

    /** Counts memory off. */
    public void release(long bytes) {
        lock.enter();
        usedBytes -= bytes;
        assert usedBytes >= 0;
        lock.exit();
    }

    /**
     * Allocates, and counts it.
     *
     * @param bytes how much
     * @param alignment a power of two
     * @throws ErrnoException ENOMEM
     */
    public MemorySegment alloc(long bytes, long alignment) throws ErrnoException {
        reserve(bytes);
        try {
            return host.malloc(bytes, alignment);
        } catch (ErrnoException e) {
            release(bytes);
            throw e;
        }
    }

    /** As {@link #alloc}, but takes nobody's memory away; null where there is none. */
    public @Nullable MemorySegment tryAlloc(long bytes, long alignment) {
        if (!tryReserve(bytes)) {
            return null;
        }
        try {
            return host.malloc(bytes, alignment);
        } catch (ErrnoException e) {
            release(bytes);
            return null;
        }
    }

    /** Gives back what {@link #alloc} gave. */
    public void free(MemorySegment memory) {
        long bytes = memory.byteSize();
        host.free(memory);
        release(bytes);
    }

    private long reclaim(long bytes) {
        lock.enter();
        List<LongUnaryOperator> all = reclaimers;
        lock.exit();
        long got = 0;
        for (LongUnaryOperator reclaimer : all) {
            if (got >= bytes) {
                break;
            }
            got += reclaimer.applyAsLong(bytes - got);
        }
        return got;
    }

    /** {@code RUMP_MEMLIMIT}: digits, and k, m or g behind them or not. */
    private static long parseLimit(String text) throws ErrnoException {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        int shift = switch (text.substring(digits)) {
            case "" -> 0;
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> -1;
        };
        if (digits == 0 || digits > 15 || shift < 0) {
            throw Errno.EINVAL.exception("memory limit " + text + ": not a number, with k, m or g or without");
        }
        long bytes = Long.parseLong(text.substring(0, digits));
        if (bytes > Long.MAX_VALUE >> shift || bytes << shift < MIN_BYTES) {
            throw Errno.EINVAL.exception("memory limit " + text + ": the least is " + (MIN_BYTES >> 10) + "k");
        }
        return bytes << shift;
    }
}
