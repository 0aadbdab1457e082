package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;

/**
 * Blocks by pointers: twelve in the inode, then one to a block of pointers, one to a block of pointers to such blocks, and one to a tree
 * with one level more. A pointer that is zero is a hole.
 */
final class IndirectMap implements FileMap {
    static final int DIRECT = 12;
    private static final int MAX_LEVEL = 3;

    private static final Le32 POINTER = new Le32(0);

    private final Volume volume;
    private final Superblock sb;
    private final Inode inode;

    /** Binary logarithm of the pointers in a block. */
    private final int fanoutShift;

    IndirectMap(Volume volume, Inode inode) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.inode = inode;
        this.fanoutShift = sb.blockShift - 2;
    }

    @Override
    public BlockRun map(long lbn, long limit) throws ErrnoException {
        if (lbn < DIRECT) {
            return run(inode.raw(), Inode.BLOCK.offset(), DIRECT, lbn, lbn, limit);
        }
        long within = lbn - DIRECT;
        for (int level = 1; level <= MAX_LEVEL; level++) {
            long span = 1L << (level * fanoutShift);
            if (within < span) {
                long pointer = Inode.BLOCK.getUnsigned(inode.raw(), (DIRECT + level - 1L) * Integer.BYTES);
                return descend(pointer, level, lbn, within, limit);
            }
            within -= span;
        }
        return BlockRun.hole(lbn, limit);
    }

    @Override
    public long before(long lbn) throws ErrnoException {
        int level = 0;
        long within = lbn - DIRECT;
        while (within >= 0 && level < MAX_LEVEL) {
            level++;
            long span = 1L << (level * fanoutShift);
            if (within < span) {
                break;
            }
            within = level < MAX_LEVEL ? within - span : span;
        }
        for (; level > 0; level--) {
            long pointer = Inode.BLOCK.getUnsigned(inode.raw(), (DIRECT + level - 1L) * Integer.BYTES);
            long found = pointer == 0 ? 0 : before(pointer, level, within);
            if (found != 0) {
                return found;
            }
            within = level == 1 ? 0 : 1L << ((level - 1) * fanoutShift);
        }
        int last = lastPointer(inode.raw(), Inode.BLOCK.offset(), Math.min(lbn, DIRECT));
        return last < 0 ? 0 : Inode.BLOCK.getUnsigned(inode.raw(), (long) last * Integer.BYTES);
    }

    /** Below a pointer, as far as some block there, or to the end; where nothing is before that, what the pointer leads to. */
    private long before(long pointer, int level, long within) throws ErrnoException {
        if (!sb.isDataBlock(pointer)) {
            return 0;
        }
        try (Buf buf = volume.bread(pointer)) {
            int below = (level - 1) * fanoutShift;
            long index = within >> below;
            long rest = within & ((1L << below) - 1);
            if (rest > 0) {
                long next = POINTER.getUnsigned(buf.data(), index * Integer.BYTES);
                long found = next == 0 ? 0 : before(next, level - 1, rest);
                if (found != 0) {
                    return found;
                }
            }
            int last = lastPointer(buf.data(), 0, index);
            if (last < 0) {
                return pointer;
            }
            long found = POINTER.getUnsigned(buf.data(), (long) last * Integer.BYTES);
            return level == 1 ? found : before(found, level - 1, 1L << below);
        }
    }

    /** The last in an array of pointers that is not zero, before one; −1 where there is none. */
    private static int lastPointer(MemorySegment memory, long base, long end) {
        int index = (int) end - 1;
        while (index >= 0 && POINTER.getUnsigned(memory, base + (long) index * Integer.BYTES) == 0) {
            index--;
        }
        return index;
    }

    /** Below a pointer, level blocks of pointers away from the data. */
    private BlockRun descend(long pointer, int level, long lbn, long within, long limit) throws ErrnoException {
        if (pointer == 0) {
            long left = (1L << (level * fanoutShift)) - within;
            return BlockRun.hole(lbn, Math.min(limit, lbn + left));
        }
        if (!sb.isDataBlock(pointer)) {
            throw volume.damaged(inode.ino, "indirect block " + pointer + " for block " + lbn);
        }
        try (Buf buf = volume.bread(pointer)) {
            if (level == 1) {
                return run(buf.data(), 0, 1L << fanoutShift, within, lbn, limit);
            }
            int below = (level - 1) * fanoutShift;
            long next = POINTER.getUnsigned(buf.data(), (within >> below) * Integer.BYTES);
            return descend(next, level - 1, lbn, within & ((1L << below) - 1), limit);
        }
    }

    /** In an array of pointers to data, those from one on that are side by side or zero. */
    private BlockRun run(MemorySegment memory, long base, long pointers, long index, long lbn, long limit)
            throws ErrnoException {
        long first = POINTER.getUnsigned(memory, base + index * Integer.BYTES);
        if (first != 0 && !sb.isDataBlock(first)) {
            throw volume.damaged(inode.ino, "block " + lbn + " is at block " + first);
        }
        long most = Math.min(pointers - index, limit - lbn);
        long count = 1;
        while (count < most) {
            long next = POINTER.getUnsigned(memory, base + (index + count) * Integer.BYTES);
            if (next != (first == 0 ? 0 : first + count) || (next != 0 && !sb.isDataBlock(next))) {
                break;
            }
            count++;
        }
        return new BlockRun(lbn, count, first);
    }
}
