package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/** Changes blocks by pointers ({@link IndirectMap}). */
final class IndirectEditor implements MapEditor {
    private static final int DIRECT = IndirectMap.DIRECT;
    private static final int MAX_LEVEL = 3;
    private static final long MAX_BLKNO = 0xFFFFFFFFL;

    private static final Le32 POINTER = new Le32(0);

    private final Volume volume;
    private final Superblock sb;
    private final Allocator allocator;
    private final Inode inode;
    private final int fanoutShift;

    IndirectEditor(Volume volume, Allocator allocator, Inode inode) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.allocator = allocator;
        this.inode = inode;
        this.fanoutShift = sb.blockShift - 2;
    }

    @Override
    public long maxBlocks() {
        long blocks = DIRECT;
        for (int level = 1; level <= MAX_LEVEL; level++) {
            blocks += 1L << (level * fanoutShift);
        }
        // Without huge_file, 32 bits count units of 512 bytes, pointers among them.
        return Math.min(blocks, ((1L << 32) - (1L << 24)) >> (sb.blockShift - 9));
    }

    @Override
    public long end() {
        return maxBlocks();
    }

    @Override
    public int fill(long lbn, int want, long goal) throws ErrnoException {
        if (lbn < DIRECT) {
            return fill(inode.raw(), Inode.BLOCK.offset(), (int) lbn, (int) Math.min(want, DIRECT - lbn), goal);
        }
        long within = lbn - DIRECT;
        for (int level = 1; level <= MAX_LEVEL; level++) {
            long span = 1L << (level * fanoutShift);
            if (within < span) {
                return below(inode.raw(), Inode.BLOCK.offset(), DIRECT + level - 1, null, level, within, want, goal);
            }
            within -= span;
        }
        throw Errno.EFBIG.exception();
    }

    @Override
    public int reserve(long lbn, int want, long goal) {
        return 0;
    }

    /**
     * Below a pointer, which need not lead anywhere yet.
     *
     * @param owner the buffer that the pointer is in; null where it is in the inode
     */
    private int below(
            MemorySegment memory,
            long base,
            int index,
            @Nullable Buf owner,
            int level,
            long within,
            int want,
            long goal)
            throws ErrnoException {
        long pointer = POINTER.getUnsigned(memory, base + (long) index * Integer.BYTES);
        if (pointer != 0) {
            require(pointer);
            try (Buf buf = volume.bread(pointer)) {
                return into(buf, level, within, want, goal);
            }
        }
        long made = allocate(goal, 1).blkno();
        int got = 0;
        try (Buf buf = volume.getblk(made)) {
            buf.dirty(WriteStage.FRESH);
            got = into(buf, level, within, want, made + 1);
            POINTER.set(memory, base + (long) index * Integer.BYTES, (int) made);
            inode.addBlocks(1);
            if (owner != null) {
                owner.dirty(WriteStage.MAP);
            }
        } finally {
            if (got == 0) {
                allocator.freeBuf(made);
            }
        }
        return got;
    }

    private int into(Buf buf, int level, long within, int want, long goal) throws ErrnoException {
        if (level == 1) {
            int most = (int) Math.min(want, (1L << fanoutShift) - within);
            int got = fill(buf.data(), 0, (int) within, most, goal);
            buf.dirty(WriteStage.MAP);
            return got;
        }
        int below = (level - 1) * fanoutShift;
        return below(buf.data(), 0, (int) (within >> below), buf, level - 1, within & ((1L << below) - 1), want, goal);
    }

    private int fill(MemorySegment memory, long base, int index, int want, long goal) throws ErrnoException {
        Allocator.Run run = allocate(goal, want);
        for (int i = 0; i < run.count(); i++) {
            POINTER.set(memory, base + (long) (index + i) * Integer.BYTES, (int) (run.blkno() + i));
        }
        inode.addBlocks(run.count());
        return run.count();
    }

    private Allocator.Run allocate(long goal, int want) throws ErrnoException {
        Allocator.Run run = allocator.allocate(inode, goal, want);
        if (run.blkno() + run.count() - 1 > MAX_BLKNO) {
            allocator.free(run.blkno(), run.count());
            throw Errno.ENOSPC.exception("no block is left that 32 bits can point to");
        }
        return run;
    }

    private void require(long pointer) throws ErrnoException {
        if (!sb.isDataBlock(pointer)) {
            throw volume.damaged(inode.ino, "block " + pointer + " among its pointers");
        }
    }

    // Freeing

    @Override
    public void truncate(long lbn) throws ErrnoException {
        punch(lbn, Long.MAX_VALUE);
    }

    @Override
    public void punch(long lbn, long limit) throws ErrnoException {
        if (lbn < DIRECT) {
            freeData(inode.raw(), Inode.BLOCK.offset(), (int) lbn, (int) Math.min(limit, DIRECT));
        }
        long base = DIRECT;
        for (int level = 1; level <= MAX_LEVEL; level++) {
            long span = 1L << (level * fanoutShift);
            if (lbn < base + span && limit > base) {
                long from = Math.max(0, lbn - base);
                cut(inode.raw(), Inode.BLOCK.offset(), DIRECT + level - 1, level, from, Math.min(limit - base, span));
            }
            base += span;
        }
    }

    /**
     * What a pointer leads to is freed from a block on up to another, and the pointer is cleared where nothing is left.
     *
     * @return whether anything has changed
     */
    private boolean cut(MemorySegment memory, long base, int index, int level, long from, long end)
            throws ErrnoException {
        long pointer = POINTER.getUnsigned(memory, base + (long) index * Integer.BYTES);
        if (pointer == 0) {
            return false;
        }
        require(pointer);
        try (Buf buf = volume.bread(pointer)) {
            boolean changed = false;
            if (level == 1) {
                changed = freeData(buf.data(), 0, (int) from, (int) end);
            } else {
                int below = (level - 1) * fanoutShift;
                long span = 1L << below;
                for (int i = (int) (from >> below); (long) i << below < end; i++) {
                    long first = (long) i << below;
                    changed |= cut(buf.data(), 0, i, level - 1, Math.max(0, from - first), Math.min(end - first, span));
                }
            }
            boolean whole = from == 0 && end == 1L << (level * fanoutShift);
            if (!whole && (!changed || !isEmpty(buf.data()))) {
                if (changed) {
                    buf.dirty(WriteStage.MAP);
                }
                return changed;
            }
        }
        POINTER.set(memory, base + (long) index * Integer.BYTES, 0);
        inode.addBlocks(-1);
        allocator.freeBuf(pointer);
        return true;
    }

    /** Whether no pointer of a block leads anywhere. */
    private static boolean isEmpty(MemorySegment pointers) {
        for (long at = 0; at < pointers.byteSize(); at += Long.BYTES) {
            if (pointers.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean freeData(MemorySegment memory, long base, int from, int end) throws ErrnoException {
        boolean changed = false;
        for (int i = from; i < end; ) {
            long first = POINTER.getUnsigned(memory, base + (long) i * Integer.BYTES);
            if (first == 0) {
                i++;
                continue;
            }
            int count = 1;
            while (i + count < end
                    && POINTER.getUnsigned(memory, base + (long) (i + count) * Integer.BYTES) == first + count) {
                count++;
            }
            require(first);
            allocator.free(first, count);
            for (int k = 0; k < count; k++) {
                POINTER.set(memory, base + (long) (i + k) * Integer.BYTES, 0);
            }
            inode.addBlocks(-count);
            changed = true;
            i += count;
        }
        return changed;
    }
}
