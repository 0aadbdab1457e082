package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/**
 * Where in each group of blocks what is, and how much of it is free ({@code struct ext4_group_desc}). They are read when they are asked
 * for: there may be very many.
 */
final class GroupDescriptors {
    static final Le32 BLOCK_BITMAP_LO = new Le32(0x00);
    static final Le32 INODE_BITMAP_LO = new Le32(0x04);
    static final Le32 INODE_TABLE_LO = new Le32(0x08);
    static final Le16 FREE_BLOCKS_COUNT_LO = new Le16(0x0C);
    static final Le16 FREE_INODES_COUNT_LO = new Le16(0x0E);
    static final Le16 USED_DIRS_COUNT_LO = new Le16(0x10);
    static final Le16 FLAGS = new Le16(0x12);
    static final Le16 BLOCK_BITMAP_CSUM_LO = new Le16(0x18);
    static final Le16 INODE_BITMAP_CSUM_LO = new Le16(0x1A);
    static final Le16 ITABLE_UNUSED_LO = new Le16(0x1C);
    static final Le16 CHECKSUM = new Le16(0x1E);

    // In descriptors of 64 bytes and more.
    static final Le32 BLOCK_BITMAP_HI = new Le32(0x20);
    static final Le32 INODE_BITMAP_HI = new Le32(0x24);
    static final Le32 INODE_TABLE_HI = new Le32(0x28);
    static final Le16 FREE_BLOCKS_COUNT_HI = new Le16(0x2C);
    static final Le16 FREE_INODES_COUNT_HI = new Le16(0x2E);

    static final Le16 USED_DIRS_COUNT_HI = new Le16(0x30);
    static final Le16 ITABLE_UNUSED_HI = new Le16(0x32);
    static final Le16 BLOCK_BITMAP_CSUM_HI = new Le16(0x38);
    static final Le16 INODE_BITMAP_CSUM_HI = new Le16(0x3A);

    /** FLAGS: the inode bitmap has never been written. */
    static final int FL_INODE_UNINIT = 0x1;

    /** FLAGS: the block bitmap has never been written. */
    static final int FL_BLOCK_UNINIT = 0x2;

    /** FLAGS: the inode table has zeros where it has never been written. */
    static final int FL_INODE_ZEROED = 0x4;

    private static final int SHORT_BYTES = 32;

    private final Volume volume;
    private final Superblock sb;

    /** Of who changes descriptors; null where nobody does. */
    private @Nullable Kmutex lock;

    /** Those who change descriptors hold this. Called before anybody else can get at this. */
    void guardedBy(Kmutex writers) {
        lock = writers;
    }

    GroupDescriptors(Volume volume) {
        this.volume = volume;
        this.sb = volume.superblock();
    }

    /** What is free in a group. */
    record Free(long clusters, long inodes) {}

    /**
     * The block that a group's part of the inode table begins with.
     *
     * @throws ErrnoException EIO
     */
    long inodeTable(int group) throws ErrnoException {
        try (Buf buf = bread(group)) {
            long at = verified(buf, group);
            long blkno = INODE_TABLE_LO.getUnsigned(buf.data(), at);
            if (isLong()) {
                blkno |= INODE_TABLE_HI.getUnsigned(buf.data(), at) << 32;
            }
            if (blkno < 0 || !sb.areDataBlocks(blkno, sb.inodeTableBlocksPerGroup())) {
                throw volume.damaged("group " + group + ": inode table at block " + blkno);
            }
            return blkno;
        }
    }

    /**
     * What is free in a group, by its descriptor.
     *
     * @throws ErrnoException EIO
     */
    Free free(int group) throws ErrnoException {
        try (Buf buf = bread(group)) {
            MemorySegment memory = buf.data();
            long at = verified(buf, group);
            long clusters = FREE_BLOCKS_COUNT_LO.get(memory, at);
            long inodes = FREE_INODES_COUNT_LO.get(memory, at);
            if (isLong()) {
                clusters |= (long) FREE_BLOCKS_COUNT_HI.get(memory, at) << 16;
                inodes |= (long) FREE_INODES_COUNT_HI.get(memory, at) << 16;
            }
            return new Free(clusters, inodes);
        }
    }

    /**
     * A group's descriptor, to be changed.
     *
     * @throws ErrnoException EIO
     */
    Group open(int group) throws ErrnoException {
        Buf buf = bread(group);
        boolean opened = false;
        try {
            Group opening = new Group(buf, verified(buf, group), group);
            opened = true;
            return opening;
        } finally {
            if (!opened) {
                buf.close();
            }
        }
    }

    /** Takes the descriptor of a group. */
    @FunctionalInterface
    interface Visitor {
        void visit(Group group);
    }

    /**
     * Shows all descriptors that can be read and are right. Nothing is said of the others: who needs them will say it. By who may change
     * descriptors.
     *
     * @throws ErrnoException ENOMEM
     */
    void forEachSound(Visitor visitor) throws ErrnoException {
        int perBlock = sb.descriptorsPerBlock();
        for (long first = 0; first < sb.groups; first += perBlock) {
            try (Buf buf = bread((int) first)) {
                for (int i = 0; i < Math.min(perBlock, sb.groups - first); i++) {
                    long at = (long) i * sb.descBytes;
                    int number = (int) first + i;
                    if (isRight(buf.data(), at, number)) {
                        visitor.visit(new Group(buf, at, number));
                    }
                }
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EIO) {
                    throw e;
                }
            }
        }
    }

    /** The descriptor of a group. Guarded by who allocates. */
    final class Group implements AutoCloseable {
        final int number;
        private final Buf buf;
        private final long at;

        private Group(Buf buf, long at, int number) {
            this.buf = buf;
            this.at = at;
            this.number = number;
        }

        private long block(Le32 low, Le32 high) {
            return low.getUnsigned(buf.data(), at) | (isLong() ? high.getUnsigned(buf.data(), at) << 32 : 0);
        }

        private int count(Le16 low, Le16 high) {
            return low.get(buf.data(), at) | (isLong() ? high.get(buf.data(), at) << 16 : 0);
        }

        private void setCount(Le16 low, Le16 high, int value) {
            low.set(buf.data(), at, value);
            if (isLong()) {
                high.set(buf.data(), at, value >>> 16);
            }
        }

        long blockBitmap() {
            return block(BLOCK_BITMAP_LO, BLOCK_BITMAP_HI);
        }

        long inodeBitmap() {
            return block(INODE_BITMAP_LO, INODE_BITMAP_HI);
        }

        long inodeTable() {
            return block(INODE_TABLE_LO, INODE_TABLE_HI);
        }

        int freeBlocks() {
            return count(FREE_BLOCKS_COUNT_LO, FREE_BLOCKS_COUNT_HI);
        }

        int freeInodes() {
            return count(FREE_INODES_COUNT_LO, FREE_INODES_COUNT_HI);
        }

        int usedDirs() {
            return count(USED_DIRS_COUNT_LO, USED_DIRS_COUNT_HI);
        }

        int inodeTableUnused() {
            return count(ITABLE_UNUSED_LO, ITABLE_UNUSED_HI);
        }

        int blockBitmapChecksum() {
            return count(BLOCK_BITMAP_CSUM_LO, BLOCK_BITMAP_CSUM_HI);
        }

        int inodeBitmapChecksum() {
            return count(INODE_BITMAP_CSUM_LO, INODE_BITMAP_CSUM_HI);
        }

        /** The part of a bitmap's checksum that there is room for. */
        int stored(int checksum) {
            return isLong() ? checksum : checksum & 0xFFFF;
        }

        boolean has(int flag) {
            boolean flags = sb.has(Feature.METADATA_CSUM) || sb.has(Feature.GDT_CSUM);
            return flags && (FLAGS.get(buf.data(), at) & flag) != 0;
        }

        void clear(int flag) {
            FLAGS.set(buf.data(), at, FLAGS.get(buf.data(), at) & ~flag);
        }

        void setFreeBlocks(int count) {
            setCount(FREE_BLOCKS_COUNT_LO, FREE_BLOCKS_COUNT_HI, count);
        }

        void setFreeInodes(int count) {
            setCount(FREE_INODES_COUNT_LO, FREE_INODES_COUNT_HI, count);
        }

        void setUsedDirs(int count) {
            setCount(USED_DIRS_COUNT_LO, USED_DIRS_COUNT_HI, count);
        }

        void setInodeTableUnused(int count) {
            setCount(ITABLE_UNUSED_LO, ITABLE_UNUSED_HI, count);
        }

        void setBlockBitmapChecksum(int checksum) {
            setCount(BLOCK_BITMAP_CSUM_LO, BLOCK_BITMAP_CSUM_HI, checksum);
        }

        void setInodeBitmapChecksum(int checksum) {
            setCount(INODE_BITMAP_CSUM_LO, INODE_BITMAP_CSUM_HI, checksum);
        }

        /** It has been changed. */
        void changed() {
            seal(sb, buf.data(), at, number);
            buf.dirty(WriteStage.MAP);
        }

        @Override
        public void close() {
            buf.close();
        }
    }

    /** Blocks that a group begins with: the copy of the superblock, descriptors and what is kept for more of those. */
    int headBlocks(int group) {
        return headBlocks(sb, group);
    }

    /** As the other, of a file system that need not be there. */
    static int headBlocks(Superblock sb, int group) {
        int perBlock = sb.descriptorsPerBlock();
        boolean copy = sb.hasSuperblock(group);
        if (group / perBlock < sb.firstMetaBg()) {
            long whole = Math.min((sb.groups + perBlock - 1L) / perBlock, sb.firstMetaBg());
            return copy ? (int) (1 + whole + sb.reservedGdtBlocks()) : 0;
        }
        int within = group % perBlock;
        return (copy ? 1 : 0) + (within == 0 || within == 1 || within == perBlock - 1 ? 1 : 0);
    }

    private boolean isLong() {
        return sb.descBytes > SHORT_BYTES;
    }

    private Buf bread(int group) throws ErrnoException {
        return volume.bread(blockOf(group / sb.descriptorsPerBlock()));
    }

    /** Where a block of descriptors is: behind the superblock, or, with meta_bg, in the first of the groups that it is of. */
    private long blockOf(int number) {
        long behindSuperblock = (SuperblockLayout.DEVICE_OFFSET >> sb.blockShift) + 1L;
        if (number < sb.firstMetaBg()) {
            return behindSuperblock + number;
        }
        long group = (long) number * sb.descriptorsPerBlock();
        if (group == 0) {
            return behindSuperblock;
        }
        return sb.firstBlock(group) + (sb.hasSuperblock(group) ? 1 : 0);
    }

    /** Byte of its block that a group's descriptor begins with. */
    private long verified(Buf buf, int group) throws ErrnoException {
        MemorySegment memory = buf.data();
        int within = group % sb.descriptorsPerBlock();
        long at = (long) within * sb.descBytes;
        long tag = BlockTag.DESCRIPTORS.of(group - within);
        if (buf.tag() == tag) {
            return at;
        }
        if (areRight(memory, group - within)) {
            buf.setTag(tag);
            return at;
        }
        boolean right = isRight(memory, at, group);
        Kmutex writers = lock;
        if (!right && writers != null && !writers.owned()) {
            // Somebody may just be changing it.
            writers.enter();
            right = isRight(memory, at, group);
            writers.exit();
        }
        if (!right) {
            throw volume.damaged("group " + group + ": the checksum of its descriptor is wrong");
        }
        return at;
    }

    /** Whether all of a block are right, from its first group on. Who changes one makes it right again. */
    private boolean areRight(MemorySegment memory, int first) {
        for (int i = 0; i < Math.min(sb.descriptorsPerBlock(), sb.groups - first); i++) {
            if (!isRight(memory, (long) i * sb.descBytes, first + i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isRight(MemorySegment memory, long at, int group) {
        boolean right = true;
        if (sb.has(Feature.METADATA_CSUM)) {
            right = CHECKSUM.get(memory, at) == crc32c(sb, memory, at, group);
        } else if (sb.has(Feature.GDT_CSUM)) {
            right = CHECKSUM.get(memory, at) == crc16(sb, memory, at, group);
        }
        return right;
    }

    /** Makes a descriptor's checksum right, where there is one. */
    static void seal(Superblock sb, MemorySegment memory, long at, int group) {
        if (sb.has(Feature.METADATA_CSUM)) {
            CHECKSUM.set(memory, at, crc32c(sb, memory, at, group));
        } else if (sb.has(Feature.GDT_CSUM)) {
            CHECKSUM.set(memory, at, crc16(sb, memory, at, group));
        }
    }

    private static int crc32c(Superblock sb, MemorySegment memory, long at, int group) {
        int crc = Crc32c.updateLe32(sb.checksumSeed, group);
        crc = Crc32c.update(crc, memory, at, CHECKSUM.offset());
        crc = Crc32c.updateLe16(crc, 0);
        int rest = CHECKSUM.offset() + Short.BYTES;
        if (sb.descBytes > rest) {
            crc = Crc32c.update(crc, memory, at + rest, sb.descBytes - rest);
        }
        return crc & 0xFFFF;
    }

    private static int crc16(Superblock sb, MemorySegment memory, long at, int group) {
        byte[] uuid = sb.uuid();
        int crc = Crc16.update(Crc16.INITIAL, MemorySegment.ofArray(uuid), 0, uuid.length);
        crc = Crc16.updateLe32(crc, group);
        crc = Crc16.update(crc, memory, at, CHECKSUM.offset());
        int rest = CHECKSUM.offset() + Short.BYTES;
        if (sb.descBytes > rest) {
            crc = Crc16.update(crc, memory, at + rest, sb.descBytes - rest);
        }
        return crc;
    }
}
