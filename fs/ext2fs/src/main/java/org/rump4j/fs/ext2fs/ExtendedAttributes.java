package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.fs.ext2fs.Fields.U8;
import org.rump4j.rumpuser.ErrnoException;

/** The extended attributes that are in an inode, behind its fields ({@code struct ext4_xattr_ibody_header}, {@code ext4_xattr_entry}). */
final class ExtendedAttributes {
    static final Le32 MAGIC = new Le32(0);

    /** Of a block of its own: inodes that it is of. */
    static final Le32 BLOCK_REFCOUNT = new Le32(4);

    static final Le32 BLOCK_CHECKSUM = new Le32(16);

    static final U8 NAME_LEN = new U8(0);
    static final U8 NAME_INDEX = new U8(1);

    /** From the first entry. */
    static final Le16 VALUE_OFFS = new Le16(2);

    /** The inode that the value is in, or 0 where it is with the entries. */
    static final Le32 VALUE_INUM = new Le32(4);

    static final Le32 VALUE_SIZE = new Le32(8);

    static final int MAGIC_VALUE = 0xEA020000;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 16;
    private static final int ALIGNMENT = 4;

    /** NAME_INDEX: {@code system.} */
    static final int INDEX_SYSTEM = 7;

    private ExtendedAttributes() {}

    /** Where a value is: bytes of the inode's block. */
    record Value(long offset, int bytes) {}

    /**
     * The value of one.
     *
     * @param memory the block that the inode is in
     * @param at byte of it that the inode begins with
     * @param nameIndex what the name begins with
     * @param name the rest of it
     * @return null where the inode has no such attribute
     * @throws ErrnoException EIO where the attributes make no sense
     */
    static @Nullable Value find(Volume volume, Inode inode, MemorySegment memory, long at, int nameIndex, byte[] name)
            throws ErrnoException {
        int inodeBytes = volume.superblock().inodeBytes;
        long header = at + Inode.GOOD_OLD_BYTES + inode.extraBytes();
        long end = at + inodeBytes;
        if (header + HEADER_BYTES > end || MAGIC.get(memory, header) != MAGIC_VALUE) {
            return null;
        }
        long first = header + HEADER_BYTES;
        long entry = first;
        // Four zero bytes are the end of the entries.
        while (entry + Integer.BYTES <= end && MAGIC.get(memory, entry) != 0) {
            int nameLen = NAME_LEN.get(memory, entry);
            long next = entry + ((ENTRY_BYTES + nameLen + ALIGNMENT - 1) & -ALIGNMENT);
            if (next > end) {
                throw volume.damaged(inode.ino, "extended attributes that go on behind its end");
            }
            if (NAME_INDEX.get(memory, entry) == nameIndex && isName(memory, entry + ENTRY_BYTES, nameLen, name)) {
                return value(volume, inode, memory, entry, first, end);
            }
            entry = next;
        }
        return null;
    }

    private static Value value(Volume volume, Inode inode, MemorySegment memory, long entry, long first, long end)
            throws ErrnoException {
        long size = VALUE_SIZE.getUnsigned(memory, entry);
        long offset = size == 0 ? 0 : VALUE_OFFS.get(memory, entry);
        if (VALUE_INUM.get(memory, entry) != 0 || size > end - first - offset) {
            throw volume.damaged(
                    inode.ino, "value of " + size + " bytes at byte " + offset + " of its extended attributes");
        }
        return new Value(first + offset, (int) size);
    }

    private static boolean isName(MemorySegment memory, long at, int length, byte[] name) {
        if (length != name.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at + i) != name[i]) {
                return false;
            }
        }
        return true;
    }
}
