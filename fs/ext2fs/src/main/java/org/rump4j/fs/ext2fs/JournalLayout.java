package org.rump4j.fs.ext2fs;

import org.rump4j.fs.ext2fs.Fields.Be16;
import org.rump4j.fs.ext2fs.Fields.Be32;
import org.rump4j.fs.ext2fs.Fields.U8;
import org.rump4j.fs.ext2fs.Fields.Uuid;

/** The structures of a journal, as JBD2 writes it: every number has its high byte first. */
final class JournalLayout {
    // What every block but those with data begins with (struct journal_header_s).
    static final Be32 H_MAGIC = new Be32(0x0);
    static final Be32 H_BLOCKTYPE = new Be32(0x4);
    static final Be32 H_SEQUENCE = new Be32(0x8);
    static final int HEADER_BYTES = 12;

    /** H_MAGIC. Data that begins with it is escaped: the journal has zeros in its place. */
    static final int MAGIC = 0xC03B3998;

    // H_BLOCKTYPE
    static final int DESCRIPTOR = 1;
    static final int COMMIT = 2;
    static final int SUPERBLOCK_V1 = 3;
    static final int SUPERBLOCK_V2 = 4;
    static final int REVOKE = 5;

    // The first block (struct journal_superblock_s).
    static final Be32 S_BLOCKSIZE = new Be32(0x0C);
    static final Be32 S_MAXLEN = new Be32(0x10);
    static final Be32 S_FIRST = new Be32(0x14);
    static final Be32 S_SEQUENCE = new Be32(0x18);
    static final Be32 S_START = new Be32(0x1C);
    static final Be32 S_ERRNO = new Be32(0x20);
    static final Be32 S_FEATURE_COMPAT = new Be32(0x24);
    static final Be32 S_FEATURE_INCOMPAT = new Be32(0x28);
    static final Uuid S_UUID = new Uuid(0x30);
    static final U8 S_CHECKSUM_TYPE = new U8(0x50);
    static final Be32 S_NUM_FC_BLOCKS = new Be32(0x54);
    static final Be32 S_CHECKSUM = new Be32(0xFC);
    static final int SUPERBLOCK_BYTES = 1024;

    /** S_FEATURE_COMPAT: commits have a checksum of all blocks of their transaction. */
    static final int COMPAT_CHECKSUM = 0x1;

    // S_FEATURE_INCOMPAT
    static final int INCOMPAT_REVOKE = 0x1;
    static final int INCOMPAT_64BIT = 0x2;
    static final int INCOMPAT_ASYNC_COMMIT = 0x4;
    static final int INCOMPAT_CSUM_V2 = 0x8;
    static final int INCOMPAT_CSUM_V3 = 0x10;
    static final int INCOMPAT_FAST_COMMIT = 0x20;
    static final int INCOMPAT_KNOWN = INCOMPAT_REVOKE
            | INCOMPAT_64BIT
            | INCOMPAT_ASYNC_COMMIT
            | INCOMPAT_CSUM_V2
            | INCOMPAT_CSUM_V3
            | INCOMPAT_FAST_COMMIT;

    /** S_CHECKSUM_TYPE. */
    static final int CHECKSUM_CRC32C = 4;

    /** S_NUM_FC_BLOCKS where it is 0. */
    static final int DEFAULT_FC_BLOCKS = 256;

    // A tag of a descriptor block (struct journal_block_tag_s).
    static final Be32 T_BLOCKNR = new Be32(0x0);
    static final Be16 T_CHECKSUM = new Be16(0x4);
    static final Be16 T_FLAGS = new Be16(0x6);
    static final Be32 T_BLOCKNR_HIGH = new Be32(0x8);
    static final int TAG_BYTES = 8;
    static final int TAG_BYTES_64BIT = 12;

    // The same with CSUM_V3 (struct journal_block_tag3_s).
    static final Be32 T3_FLAGS = new Be32(0x4);
    static final Be32 T3_CHECKSUM = new Be32(0xC);
    static final int TAG3_BYTES = 16;

    // T_FLAGS
    static final int FLAG_ESCAPE = 1;
    static final int FLAG_SAME_UUID = 2;
    static final int FLAG_LAST_TAG = 8;

    /** Of a revoke block: bytes that are used, this header among them. */
    static final Be32 R_COUNT = new Be32(0xC);

    static final int REVOKE_HEADER_BYTES = 16;

    // A commit block (struct commit_header).
    static final U8 C_CHKSUM_TYPE = new U8(0xC);
    static final U8 C_CHKSUM_SIZE = new U8(0xD);
    static final Be32 C_CHKSUM = new Be32(0x10);
    static final int COMMIT_CRC32 = 1;

    /** When it was made: seconds since 1970, of 64 bits, and nanoseconds. */
    static final Be32 C_COMMIT_SEC_HI = new Be32(0x30);

    static final Be32 C_COMMIT_SEC_LO = new Be32(0x34);
    static final Be32 C_COMMIT_NSEC = new Be32(0x38);

    /** At the end of descriptor and revoke blocks, with CSUM_V2 and V3. */
    static final int TAIL_BYTES = 4;

    static final Be32 TAIL_CHECKSUM = new Be32(0);

    private JournalLayout() {}
}
