package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;

/**
 * Where in each group of blocks what is, and how much of it is free ({@code struct ext4_group_desc}). They are read when they are asked
 * for: there may be very many.
 */
final class GroupDescriptors {
    static final Le32 INODE_TABLE_LO = new Le32(0x08);
    static final Le16 FREE_BLOCKS_COUNT_LO = new Le16(0x0C);
    static final Le16 FREE_INODES_COUNT_LO = new Le16(0x0E);
    static final Le16 CHECKSUM = new Le16(0x1E);

    // In descriptors of 64 bytes and more.
    static final Le32 INODE_TABLE_HI = new Le32(0x28);
    static final Le16 FREE_BLOCKS_COUNT_HI = new Le16(0x2C);
    static final Le16 FREE_INODES_COUNT_HI = new Le16(0x2E);

    private static final int SHORT_BYTES = 32;

    private final Volume volume;
    private final Superblock sb;

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
            long at = verified(buf.data(), group);
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
            long at = verified(memory, group);
            long clusters = FREE_BLOCKS_COUNT_LO.get(memory, at);
            long inodes = FREE_INODES_COUNT_LO.get(memory, at);
            if (isLong()) {
                clusters |= (long) FREE_BLOCKS_COUNT_HI.get(memory, at) << 16;
                inodes |= (long) FREE_INODES_COUNT_HI.get(memory, at) << 16;
            }
            return new Free(clusters, inodes);
        }
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
    private long verified(MemorySegment memory, int group) throws ErrnoException {
        long at = (long) (group % sb.descriptorsPerBlock()) * sb.descBytes;
        boolean right = true;
        if (sb.has(Feature.METADATA_CSUM)) {
            right = CHECKSUM.get(memory, at) == crc32c(memory, at, group);
        } else if (sb.has(Feature.GDT_CSUM)) {
            right = CHECKSUM.get(memory, at) == crc16(memory, at, group);
        }
        if (!right) {
            throw volume.damaged("group " + group + ": the checksum of its descriptor is wrong");
        }
        return at;
    }

    private int crc32c(MemorySegment memory, long at, int group) {
        int crc = Crc32c.updateLe32(sb.checksumSeed, group);
        crc = Crc32c.update(crc, memory, at, CHECKSUM.offset());
        crc = Crc32c.updateLe16(crc, 0);
        int rest = CHECKSUM.offset() + Short.BYTES;
        if (sb.descBytes > rest) {
            crc = Crc32c.update(crc, memory, at + rest, sb.descBytes - rest);
        }
        return crc & 0xFFFF;
    }

    private int crc16(MemorySegment memory, long at, int group) {
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
