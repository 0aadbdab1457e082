package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.fs.ext2fs.Fields.Text;
import org.rump4j.fs.ext2fs.Fields.U8;
import org.rump4j.fs.ext2fs.Fields.Uuid;

/** The fields of a superblock ({@code struct ext4_super_block}). */
final class SuperblockLayout {
    /** Byte of the device that the first copy begins with, whatever the size of a block. */
    static final int DEVICE_OFFSET = 1024;

    static final int BYTES = 1024;

    static final Le32 INODES_COUNT = new Le32(0x00);
    static final Le32 BLOCKS_COUNT_LO = new Le32(0x04);
    static final Le32 R_BLOCKS_COUNT_LO = new Le32(0x08);
    static final Le32 FREE_BLOCKS_COUNT_LO = new Le32(0x0C);
    static final Le32 FREE_INODES_COUNT = new Le32(0x10);
    static final Le32 FIRST_DATA_BLOCK = new Le32(0x14);
    static final Le32 LOG_BLOCK_SIZE = new Le32(0x18);
    static final Le32 LOG_CLUSTER_SIZE = new Le32(0x1C);
    static final Le32 BLOCKS_PER_GROUP = new Le32(0x20);
    static final Le32 CLUSTERS_PER_GROUP = new Le32(0x24);
    static final Le32 INODES_PER_GROUP = new Le32(0x28);
    static final Le32 MTIME = new Le32(0x2C);
    static final Le32 WTIME = new Le32(0x30);
    static final Le16 MNT_COUNT = new Le16(0x34);
    static final Le16 MAX_MNT_COUNT = new Le16(0x36);
    static final Le16 MAGIC = new Le16(0x38);
    static final Le16 STATE = new Le16(0x3A);
    static final Le16 ERRORS = new Le16(0x3C);
    static final Le32 LASTCHECK = new Le32(0x40);
    static final Le32 CHECKINTERVAL = new Le32(0x44);
    static final Le32 REV_LEVEL = new Le32(0x4C);

    // From revision 1 on.
    static final Le16 DEF_RESUID = new Le16(0x50);
    static final Le16 DEF_RESGID = new Le16(0x52);
    static final Le32 FIRST_INO = new Le32(0x54);
    static final Le16 INODE_SIZE = new Le16(0x58);
    static final Le16 BLOCK_GROUP_NR = new Le16(0x5A);
    static final Le32 FEATURE_COMPAT = new Le32(0x5C);
    static final Le32 FEATURE_INCOMPAT = new Le32(0x60);
    static final Le32 FEATURE_RO_COMPAT = new Le32(0x64);
    static final Uuid UUID = new Uuid(0x68);
    static final Text VOLUME_NAME = new Text(0x78, 16);
    static final Le16 RESERVED_GDT_BLOCKS = new Le16(0xCE);
    static final Uuid JOURNAL_UUID = new Uuid(0xD0);
    static final Le32 JOURNAL_INUM = new Le32(0xE0);
    static final Le32 LAST_ORPHAN = new Le32(0xE8);
    static final Le32 HASH_SEED = new Le32(0xEC);
    static final U8 DEF_HASH_VERSION = new U8(0xFC);
    static final Le16 DESC_SIZE = new Le16(0xFE);
    static final Le32 DEFAULT_MOUNT_OPTS = new Le32(0x100);
    static final Le32 FIRST_META_BG = new Le32(0x104);
    static final Le32 MKFS_TIME = new Le32(0x108);
    static final Le32 BLOCKS_COUNT_HI = new Le32(0x150);
    static final Le32 R_BLOCKS_COUNT_HI = new Le32(0x154);
    static final Le32 FREE_BLOCKS_COUNT_HI = new Le32(0x158);
    static final Le16 MIN_EXTRA_ISIZE = new Le16(0x15C);
    static final Le16 WANT_EXTRA_ISIZE = new Le16(0x15E);
    static final Le32 FLAGS = new Le32(0x160);
    static final U8 LOG_GROUPS_PER_FLEX = new U8(0x174);
    static final U8 CHECKSUM_TYPE = new U8(0x175);
    static final Le32 USR_QUOTA_INUM = new Le32(0x240);
    static final Le32 GRP_QUOTA_INUM = new Le32(0x244);
    static final Le32 OVERHEAD_CLUSTERS = new Le32(0x248);
    static final Le32 BACKUP_BGS = new Le32(0x24C);
    static final Le32 PRJ_QUOTA_INUM = new Le32(0x26C);
    static final Le32 CHECKSUM_SEED = new Le32(0x270);
    static final U8 WTIME_HI = new U8(0x274);
    static final U8 MKFS_TIME_HI = new U8(0x276);
    static final U8 LASTCHECK_HI = new U8(0x277);
    static final Le32 ORPHAN_FILE_INUM = new Le32(0x280);
    static final Le32 CHECKSUM = new Le32(0x3FC);

    /** MAGIC. */
    static final int EXT2_MAGIC = 0xEF53;

    /** STATE: cleanly unmounted. */
    static final int STATE_VALID = 0x1;

    /** STATE: errors were found. */
    static final int STATE_ERROR = 0x2;

    /** ERRORS: who finds one goes on. Otherwise nothing is changed any more; to stop the whole kernel for it is not this one's way. */
    static final int ERRORS_CONTINUE = 1;

    /** FLAGS: names are hashed as if characters had a sign. */
    static final int FLAG_SIGNED_HASH = 0x1;

    /** FLAGS: names are hashed as if characters had none. */
    static final int FLAG_UNSIGNED_HASH = 0x2;

    /** CHECKSUM_TYPE. */
    static final int CHECKSUM_CRC32C = 1;

    /** DEFAULT_MOUNT_OPTS: extended attributes of users, and access control lists. */
    static final int DEFAULT_XATTR_USER = 0x4;

    static final int DEFAULT_ACL = 0x8;

    private SuperblockLayout() {}

    /** Makes the checksum right of one that begins at a byte of memory. */
    static void seal(MemorySegment memory, long at) {
        CHECKSUM.set(memory, at, Crc32c.update(Crc32c.INITIAL, memory, at, CHECKSUM.offset()));
    }
}
