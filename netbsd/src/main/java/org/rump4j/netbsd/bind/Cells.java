package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.rump4j.netbsd.memory.Protection;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;

/**
 * Memory for the locks of one guest, a cell each, of the size of a cache line. All of it is one range of addresses whose upper bits tell
 * it from everything else, so that machine code sees in three instructions whether a pointer of the guest's is one of these, and Java
 * whether it is the address of a lock of the right kind.
 */
final class Cells implements AutoCloseable {
    /** What is in a cell. */
    enum Kind {
        NONE("nothing"),
        MUTEX("mutex"),
        RWLOCK("reader/writer lock"),
        CONDVAR("condition variable");

        private final String what;

        Kind(String what) {
            this.what = what;
        }
    }

    /** The range has 2 to this many bytes, and begins at a multiple of it. */
    static final int RANGE_SHIFT = 28;

    private static final long RANGE_BYTES = 1L << RANGE_SHIFT;
    private static final int CELL_BYTES = 64;

    /** What of it becomes memory at a time. */
    private static final int CHUNK_BYTES = 1 << 14;

    private static final int FIRST_FREE = 64;

    /** Where in a cell its {@link Kind} is; the rest is the lock's. */
    private static final int KIND = CELL_BYTES - Integer.BYTES;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
    private static final Kind[] KINDS = Kind.values();

    private final Region region;
    private final long base;
    private final MemorySegment memory;
    private final ReentrantLock lock = new ReentrantLock();

    /** Cells to use again. Guarded by {@link #lock}, as the rest is. */
    private long[] free = new long[FIRST_FREE];

    private int frees;

    /** Behind the last cell that has ever been used, and behind the last one that is memory. */
    private volatile long used;

    private long backed;

    private final long counter;

    @SuppressWarnings("MustBeClosedChecker") // by close()
    Cells() throws RegionException {
        region = Region.reserve(2 * RANGE_BYTES);
        base = region.take(RANGE_BYTES, RANGE_BYTES);
        memory = region.memory().asSlice(base - region.address(), RANGE_BYTES);
        used = base;
        backed = base;
        counter = take(Kind.NONE);
    }

    /** Where it begins. */
    long base() {
        return base;
    }

    /** A cell for an int that is no lock's: how many lwps Java knows. */
    long counter() {
        return counter;
    }

    /**
     * A cell. What is in it is up to whom takes it.
     *
     * @throws IllegalStateException where there is no more memory, or the guest has millions
     */
    @SuppressWarnings("EnumOrdinal") // has a place in memory
    long take(Kind kind) {
        lock.lock();
        try {
            long cell;
            if (frees > 0) {
                cell = free[--frees];
            } else {
                cell = used;
                if (cell == backed) {
                    if (backed == base + RANGE_BYTES) {
                        throw new IllegalStateException("there are " + RANGE_BYTES / CELL_BYTES + " locks");
                    }
                    region.protect(backed, CHUNK_BYTES, Protection.READ_WRITE);
                    backed += CHUNK_BYTES;
                }
                used = cell + CELL_BYTES;
            }
            setInt(cell + KIND, kind.ordinal());
            return cell;
        } catch (RegionException e) {
            throw new IllegalStateException("no memory for a " + kind.what, e);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a cell back. What is in it must make every use of it look here first. */
    void give(long cell) {
        lock.lock();
        try {
            setInt(cell + KIND, 0);
            if (frees == free.length) {
                free = Arrays.copyOf(free, 2 * frees);
            }
            free[frees++] = cell;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Looks whether a pointer of the guest's is what it should be.
     *
     * @throws IllegalArgumentException where it is not: the guest has made it up, or uses what it has destroyed
     */
    @SuppressWarnings("EnumOrdinal") // as above
    void require(long cell, Kind kind) {
        if (cell < base || cell >= used || cell % CELL_BYTES != 0 || getInt(cell + KIND) != kind.ordinal()) {
            throw new IllegalArgumentException("there is no " + kind.what + " 0x" + Long.toHexString(cell));
        }
    }

    /** For each cell that is a lock of the kind, or was one a moment ago. */
    void forEach(Kind kind, LongConsumer action) {
        long end = used;
        for (long cell = base; cell < end; cell += CELL_BYTES) {
            if (KINDS[getInt(cell + KIND)] == kind) {
                action.accept(cell);
            }
        }
    }

    // Words in cells

    int getInt(long at) {
        return (int) INT.getVolatile(memory, at - base);
    }

    void setInt(long at, int value) {
        INT.setVolatile(memory, at - base, value);
    }

    boolean casInt(long at, int expected, int value) {
        return INT.compareAndSet(memory, at - base, expected, value);
    }

    int addInt(long at, int value) {
        return (int) INT.getAndAdd(memory, at - base, value) + value;
    }

    int orInt(long at, int bits) {
        return (int) INT.getAndBitwiseOr(memory, at - base, bits);
    }

    long getLong(long at) {
        return (long) LONG.getVolatile(memory, at - base);
    }

    void setLong(long at, long value) {
        LONG.setVolatile(memory, at - base, value);
    }

    boolean casLong(long at, long expected, long value) {
        return LONG.compareAndSet(memory, at - base, expected, value);
    }

    long swapLong(long at, long value) {
        return (long) LONG.getAndSet(memory, at - base, value);
    }

    @Override
    public void close() {
        region.close();
    }
}
