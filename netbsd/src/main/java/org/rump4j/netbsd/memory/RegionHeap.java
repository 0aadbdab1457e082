package org.rump4j.netbsd.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.MemorySource;

/**
 * The memory that a guest asks for while it runs, out of what its images have left of its region. The same requests in the same order get
 * the same places, relative to the region.
 *
 * <p><b>The model.</b> The heap is made of granules. A large piece is a run of granules. A small one is a block of a granule or several that
 * are cut into blocks of one size; that is the next of the sizes, of which there are four between one power of two and the next. What is
 * known of memory is not in it, so that a guest that writes where it must not does not spoil the heap, and that a piece is given back once
 * and at its beginning is checked. Granules that nobody has are given back to the operating system, all but the last of each size, and some
 * {@link #MOST_KEPT_BYTES} of large pieces: who takes one for each transfer of a disk would wait longer for its pages than for the disk.
 *
 * <p>Memory for code is at the low end, near the images: jumps of four bytes get from one to the other. A page of it is for writing first;
 * when the guest runs it, or writes it again, it changes ({@code FaultHandler}).
 *
 * <p><b>Locks.</b> One for each size, and inside of it those for granules. Neither is held while anybody else is called.
 */
public final class RegionHeap implements MemorySource {
    /** What a run of blocks begins at a multiple of. */
    static final long GRANULE_BYTES = 1 << 16;

    private static final int GRANULE_SHIFT = 16;
    private static final long MOST_CODE_BYTES = 64 << 20;

    /** What all sizes are multiples of. */
    private static final int MIN_BLOCK_BYTES = 16;

    /** Larger ones are runs of granules of their own. */
    private static final int MAX_BLOCK_BYTES = 1 << 15;

    /** How many sizes there are between one power of two and the next. */
    private static final int STEPS_SHIFT = 2;

    private static final int STEPS = 1 << STEPS_SHIFT;

    /** Binary logarithm of the last size before there are steps. */
    private static final int FIRST_SHIFT = 6;

    /** How much of large pieces that were given back is kept, to be taken again by whoever wants as much. */
    private static final long MOST_KEPT_BYTES = 2 << 20;

    /** How much is made accessible at a time, at the least. */
    private static final long ACCESS_BYTES = 1 << 20;

    private final Region region;
    private final long begin;
    private final long end;
    private final long codeEnd;
    private final long codeBounds;
    private final Size[] sizes = new Size[classOf(MAX_BLOCK_BYTES) + 1];
    private final Granules granules;
    private final Granules code;

    /** By number of the granule; runs of several are at each of theirs. Grows; written under the lock of {@link #growth}. */
    private volatile @Nullable Run[] runs = new @Nullable Run[64];

    private final ReentrantLock growth = new ReentrantLock();

    /** Large pieces that are kept, by size. Guarded by {@link #growth}, as their sum is. */
    private final Map<Long, ArrayDeque<Run>> kept = new HashMap<>();

    private long keptBytes;

    /** Granules that belong together. */
    private static final class Run {
        final long address;
        final long bytes;

        /** Null for a large piece. */
        final @Nullable Size size;

        /** By number of the block, the size that was asked for and 1; 0 where it is free. Guarded by the size's lock. */
        final int[] asked;

        /** Numbers of free blocks, the next last. */
        final int[] free;

        int frees;

        /** Of a large piece, the size that was asked for; -1 where it is given back. */
        long largeBytes = -1;

        final boolean mapped;

        Run(long address, long bytes, @Nullable Size size, boolean mapped) {
            this.address = address;
            this.bytes = bytes;
            this.size = size;
            this.mapped = mapped;
            frees = size == null ? 0 : (int) (bytes / size.blockBytes);
            asked = new int[frees];
            free = new int[frees];
            for (int i = 0; i < frees; i++) {
                free[i] = frees - 1 - i;
            }
        }
    }

    /** Blocks of one size. */
    private static final class Size {
        final int blockBytes;
        final ReentrantLock lock = new ReentrantLock();

        /** Runs that have a free block, the one to be taken from last. Guarded by the lock. */
        final ArrayDeque<Run> partial = new ArrayDeque<>();

        Size(int blockBytes) {
            this.blockBytes = blockBytes;
        }

        /** How many bytes are taken at a time: some eight blocks. */
        long runBytes() {
            return Math.max(GRANULE_BYTES, (8L * blockBytes + GRANULE_BYTES - 1) & -GRANULE_BYTES);
        }
    }

    /** A range of granules, of which some are taken: at the lowest place where there is room. */
    private final class Granules {
        private final ReentrantLock lock = new ReentrantLock();

        /** Free ranges by their beginning, no two adjacent: what was never taken is the last. Guarded by the lock. */
        private final TreeMap<Long, Long> free = new TreeMap<>();

        private final long last;

        /** What has been made accessible, from the beginning on. Guarded by the lock. */
        private long accessible;

        Granules(long from, long to) {
            accessible = from;
            last = to;
            if (to > from) {
                free.put(from, to);
            }
        }

        /** An address, or 0 where there is no room. */
        long take(long bytes, long alignment) {
            lock.lock();
            try {
                for (Map.Entry<Long, Long> range : free.entrySet()) {
                    long from = range.getKey();
                    long to = range.getValue();
                    long at = (from + alignment - 1) & -alignment;
                    if (at >= from && at <= to && bytes <= to - at) {
                        access(at + bytes);
                        Long _ = free.remove(from);
                        put(from, at);
                        put(at + bytes, to);
                        return at;
                    }
                }
                return 0;
            } catch (RegionException e) {
                return 0;
            } finally {
                lock.unlock();
            }
        }

        private void access(long to) throws RegionException {
            if (to > accessible) {
                long next = Math.min(last, Math.max(to, accessible + ACCESS_BYTES));
                region.protect(accessible, next - accessible, Protection.READ_WRITE);
                accessible = next;
                if (this == code) {
                    region.write(codeBounds + Long.BYTES, new long[] {next}, Long.BYTES);
                }
            }
        }

        private void put(long from, long to) {
            if (to > from) {
                free.put(from, to);
            }
        }

        /** Gives a range back. Its memory is zeros afterwards. */
        void give(long from, long bytes) {
            HostMemory.discard(from, bytes);
            lock.lock();
            try {
                long newFrom = from;
                long newTo = from + bytes;
                Map.Entry<Long, Long> before = free.floorEntry(from);
                if (before != null && before.getValue() == from) {
                    newFrom = before.getKey();
                }
                Long after = free.remove(newTo);
                if (after != null) {
                    newTo = after;
                }
                free.put(newFrom, newTo);
            } finally {
                lock.unlock();
            }
        }
    }

    /** The heap of a region, of which nothing more will be taken otherwise. */
    public RegionHeap(Region region) throws RegionException {
        this.region = region;
        codeBounds = region.take(2 * Long.BYTES, Long.BYTES);
        region.protect(codeBounds, Region.pageBytes(), Protection.READ_WRITE);
        long rest = region.remaining() - 2 * GRANULE_BYTES;
        begin = region.take(Math.max(0, rest) & -GRANULE_BYTES, GRANULE_BYTES);
        end = begin + (Math.max(0, rest) & -GRANULE_BYTES);
        codeEnd = begin + (Math.min(MOST_CODE_BYTES, (end - begin) / 4) & -GRANULE_BYTES);
        region.write(codeBounds, new long[] {begin, begin}, 2L * Long.BYTES);
        code = new Granules(begin, codeEnd);
        granules = new Granules(codeEnd, end);
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = new Size(bytesOf(i));
        }
    }

    /**
     * Where two words are: the lowest address of memory for code, and the address behind what there may be of it now. They stay there, and
     * the second grows.
     */
    public long codeBounds() {
        return codeBounds;
    }

    // Sizes

    /** The number of the smallest size that has so many bytes. */
    static int classOf(int bytes) {
        if (bytes <= STEPS * MIN_BLOCK_BYTES) {
            return Math.max(0, bytes - 1) / MIN_BLOCK_BYTES;
        }
        int shift = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bytes - 1);
        int step = (bytes - 1) >> (shift - STEPS_SHIFT) & (STEPS - 1);
        return STEPS + (shift - FIRST_SHIFT) * STEPS + step;
    }

    /** How many bytes a block of a size has. */
    static int bytesOf(int number) {
        if (number < STEPS) {
            return (number + 1) * MIN_BLOCK_BYTES;
        }
        int shift = (number - STEPS) / STEPS + FIRST_SHIFT;
        return (STEPS + number % STEPS + 1) << (shift - STEPS_SHIFT);
    }

    // Pieces

    @Override
    public @Nullable MemorySegment allocate(long size, long alignment) {
        // Runs begin at multiples of a granule: blocks of a power of two at multiples of that.
        long blockBytes = alignment <= MIN_BLOCK_BYTES ? size : Math.max(roundUpToPower(size), alignment);
        if (blockBytes < 0 || blockBytes > MAX_BLOCK_BYTES) {
            return large(granules, size, Math.max(alignment, GRANULE_BYTES), false);
        }
        Size s = sizes[classOf((int) blockBytes)];
        s.lock.lock();
        try {
            Run run = s.partial.peekLast();
            if (run == null) {
                run = newRun(granules, s.runBytes(), GRANULE_BYTES, s, false);
                if (run == null) {
                    return null;
                }
                s.partial.addLast(run);
            }
            int block = run.free[--run.frees];
            run.asked[block] = (int) size + 1;
            if (run.frees == 0) {
                Run _ = s.partial.removeLast();
            }
            return slice(run.address + (long) block * s.blockBytes, size);
        } finally {
            s.lock.unlock();
        }
    }

    private static long roundUpToPower(long size) {
        if (size > MAX_BLOCK_BYTES) {
            return size;
        }
        return size <= 1 ? 1 : Long.highestOneBit(size - 1) << 1;
    }

    private MemorySegment slice(long address, long bytes) {
        return region.memory().asSlice(address - region.address(), bytes);
    }

    private @Nullable MemorySegment large(Granules from, long size, long alignment, boolean mapped) {
        if (size > end - begin) {
            return null;
        }
        long bytes = Math.max(GRANULE_BYTES, (size + GRANULE_BYTES - 1) & -GRANULE_BYTES);
        Run again = mapped || alignment > GRANULE_BYTES ? null : takeKept(bytes, size);
        if (again != null) {
            return slice(again.address, size);
        }
        Run run = newRun(from, bytes, alignment, null, mapped);
        if (run == null) {
            return null;
        }
        run.largeBytes = size;
        return slice(run.address, size);
    }

    /** One that is kept and has so many bytes, for a piece of a size; null where there is none. */
    private @Nullable Run takeKept(long bytes, long size) {
        growth.lock();
        try {
            ArrayDeque<Run> runs = kept.get(bytes);
            Run run = runs == null ? null : runs.pollLast();
            if (run != null) {
                keptBytes -= bytes;
                run.largeBytes = size;
            }
            return run;
        } finally {
            growth.unlock();
        }
    }

    private @Nullable Run newRun(Granules from, long bytes, long alignment, @Nullable Size size, boolean mapped) {
        long at = from.take(bytes, alignment);
        if (at == 0) {
            discardKept();
            at = from.take(bytes, alignment);
        }
        if (at == 0) {
            return null;
        }
        Run run = new Run(at, bytes, size, mapped);
        set(at, bytes, run);
        return run;
    }

    private void discardKept() {
        List<Run> all = new ArrayList<>();
        growth.lock();
        try {
            kept.values().forEach(all::addAll);
            kept.clear();
            keptBytes = 0;
        } finally {
            growth.unlock();
        }
        for (Run run : all) {
            discard(run, granules);
        }
    }

    private void set(long address, long bytes, @Nullable Run run) {
        int first = (int) ((address - begin) >> GRANULE_SHIFT);
        int last = (int) ((address + bytes - begin) >> GRANULE_SHIFT);
        growth.lock();
        try {
            @Nullable Run[] now = runs;
            if (last > now.length) {
                now = Arrays.copyOf(now, Math.max(2 * now.length, last));
            }
            for (int i = first; i < last; i++) {
                now[i] = run;
            }
            runs = now;
        } finally {
            growth.unlock();
        }
    }

    private @Nullable Run runAt(long address) {
        long number = (address - begin) >> GRANULE_SHIFT;
        @Nullable Run[] now = runs;
        return address - begin < 0 || number >= now.length ? null : now[(int) number];
    }

    /** What was given at an address, by either way and with the size that was asked for; null where nothing was, or is any more. */
    public @Nullable MemorySegment at(long address) {
        Run run = runAt(address);
        if (run == null) {
            return null;
        }
        Size s = run.size;
        if (s == null) {
            long bytes = run.largeBytes;
            return address == run.address && bytes >= 0 ? slice(address, bytes) : null;
        }
        s.lock.lock();
        try {
            int block = block(run, s, address);
            return block < 0 ? null : slice(address, run.asked[block] - 1L);
        } finally {
            s.lock.unlock();
        }
    }

    /** The number of the block that was given at an address, or -1. */
    private static int block(Run run, Size s, long address) {
        long offset = address - run.address;
        int block = (int) (offset / s.blockBytes);
        return offset % s.blockBytes == 0 && block < run.asked.length && run.asked[block] != 0 ? block : -1;
    }

    @Override
    public boolean free(MemorySegment memory) {
        Run run = runAt(memory.address());
        if (run == null) {
            return false;
        }
        Size s = run.size;
        if (s == null) {
            return !run.mapped && giveLarge(run, memory.address());
        }
        s.lock.lock();
        try {
            int block = block(run, s, memory.address());
            if (block < 0) {
                return false;
            }
            run.asked[block] = 0;
            run.free[run.frees++] = block;
            if (run.frees == 1) {
                s.partial.addFirst(run);
            } else if (run.frees == run.free.length && s.partial.size() > 1) {
                boolean _ = s.partial.remove(run);
                discard(run, granules);
            }
            return true;
        } finally {
            s.lock.unlock();
        }
    }

    private boolean giveLarge(Run run, long address) {
        growth.lock();
        try {
            if (run.address != address || run.largeBytes < 0) {
                return false;
            }
            run.largeBytes = -1;
            if (!run.mapped && run.bytes <= MOST_KEPT_BYTES - keptBytes) {
                kept.computeIfAbsent(run.bytes, _ -> new ArrayDeque<>()).addLast(run);
                keptBytes += run.bytes;
                return true;
            }
        } finally {
            growth.unlock();
        }
        boolean isCode = address < codeEnd;
        if (isCode) {
            try {
                region.protect(address, run.bytes, Protection.READ_WRITE);
            } catch (RegionException e) {
                throw new IllegalStateException(e);
            }
        }
        discard(run, isCode ? code : granules);
        return true;
    }

    private void discard(Run run, Granules to) {
        set(run.address, run.bytes, null);
        to.give(run.address, run.bytes);
    }

    @Override
    public @Nullable MemorySegment map(long hint, long size, long alignment, boolean exec) {
        return large(exec ? code : granules, size, Math.max(alignment, GRANULE_BYTES), true);
    }

    @Override
    public boolean unmap(MemorySegment memory) {
        Run run = runAt(memory.address());
        return run != null && run.mapped && giveLarge(run, memory.address());
    }

    /** All pieces that have not been given back, in ascending order. */
    public List<MemorySegment> pieces() {
        List<MemorySegment> out = new ArrayList<>();
        Run last = null;
        for (Run run : runs.clone()) {
            if (run != null && run != last) {
                last = run;
                if (run.size == null && run.largeBytes >= 0) {
                    out.add(slice(run.address, run.largeBytes));
                } else if (run.size != null) {
                    for (int i = 0; i < run.asked.length; i++) {
                        if (run.asked[i] != 0) {
                            out.add(slice(run.address + (long) i * run.size.blockBytes, run.asked[i] - 1L));
                        }
                    }
                }
            }
        }
        return out;
    }
}
