package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.GroupDescriptors.*;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rump.FilesystemMaker.Sink;
import org.rump4j.rumpuser.ErrnoException;

/** Descriptors of new groups, on their way to where they belong: behind each copy of the superblock, or beside what they describe. */
final class DescriptorWriter {
    /** So many bytes are written at a time. */
    private static final int BUFFER_BYTES = 1 << 20;

    private final Superblock sb;
    private final boolean isLong;
    private final Sink sink;
    private final MemorySegment buffer = MemorySegment.ofArray(new byte[BUFFER_BYTES]);

    /** Block of descriptors that the buffer begins with. */
    private int firstBlock;

    /** What is in the buffer. */
    private int bytes;

    DescriptorWriter(Superblock sb, Sink sink) {
        this.sb = sb;
        this.isLong = sb.has(Feature.BIT64);
        this.sink = sink;
    }

    /**
     * What a descriptor says beside where things are.
     *
     * @param flags what of the group has never been written
     * @param unusedInodes as many as have never been in use, at the end of the table; 0 where that is not written down
     */
    record Contents(
            int freeInodes,
            int usedDirs,
            int flags,
            int unusedInodes,
            int blockBitmapChecksum,
            int inodeBitmapChecksum) {}

    /** The next group's. */
    void add(GroupPlaces places, int group, Contents contents) throws ErrnoException {
        if (bytes == BUFFER_BYTES) {
            flush();
        }
        long at = bytes;
        bytes += sb.descBytes;
        setBlock(at, BLOCK_BITMAP_LO, BLOCK_BITMAP_HI, places.blockBitmap(group));
        setBlock(at, INODE_BITMAP_LO, INODE_BITMAP_HI, places.inodeBitmap(group));
        setBlock(at, INODE_TABLE_LO, INODE_TABLE_HI, places.inodeTable(group));
        setCount(at, FREE_BLOCKS_COUNT_LO, FREE_BLOCKS_COUNT_HI, places.freeBlocks(group));
        setCount(at, FREE_INODES_COUNT_LO, FREE_INODES_COUNT_HI, contents.freeInodes);
        setCount(at, USED_DIRS_COUNT_LO, USED_DIRS_COUNT_HI, contents.usedDirs);
        FLAGS.set(buffer, at, contents.flags);
        setCount(at, ITABLE_UNUSED_LO, ITABLE_UNUSED_HI, contents.unusedInodes);
        setCount(at, BLOCK_BITMAP_CSUM_LO, BLOCK_BITMAP_CSUM_HI, contents.blockBitmapChecksum);
        setCount(at, INODE_BITMAP_CSUM_LO, INODE_BITMAP_CSUM_HI, contents.inodeBitmapChecksum);
        seal(sb, buffer, at, group);
    }

    private void setBlock(long at, Le32 low, Le32 high, long blkno) {
        low.set(buffer, at, (int) blkno);
        if (isLong) {
            high.set(buffer, at, (int) (blkno >>> 32));
        }
    }

    private void setCount(long at, Le16 low, Le16 high, int count) {
        low.set(buffer, at, count);
        if (isLong) {
            high.set(buffer, at, count >>> 16);
        }
    }

    /** Writes those that have come so far. */
    void flush() throws ErrnoException {
        int blocks = Math.ceilDiv(bytes, sb.blockBytes);
        MemorySegment whole = buffer.asSlice(0, (long) blocks << sb.blockShift);
        if (sb.has(Feature.META_BG)) {
            for (int i = 0; i < blocks; i++) {
                writeBeside(whole.asSlice((long) i << sb.blockShift, sb.blockBytes), firstBlock + i);
            }
        } else {
            for (int group = 0; group < sb.groups; group++) {
                if (sb.hasSuperblock(group)) {
                    sink.write(whole, (sb.firstBlock(group) + behindSuperblock(group) + firstBlock) << sb.blockShift);
                }
            }
        }
        buffer.fill((byte) 0);
        firstBlock += blocks;
        bytes = 0;
    }

    private int behindSuperblock(long group) {
        return sb.hasSuperblock(group) ? 1 : 0;
    }

    /** In the first, the second and the last of the groups that a block of them describes. */
    private void writeBeside(MemorySegment block, int number) throws ErrnoException {
        int perBlock = sb.descriptorsPerBlock();
        for (int within : new int[] {0, 1, perBlock - 1}) {
            long group = (long) number * perBlock + within;
            if (group < sb.groups) {
                sink.write(block, (sb.firstBlock(group) + behindSuperblock(group)) << sb.blockShift);
            }
        }
    }
}
