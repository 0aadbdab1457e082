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
