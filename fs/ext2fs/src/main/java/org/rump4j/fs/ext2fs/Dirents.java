package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.fs.ext2fs.Fields.U8;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The entries in one piece of a directory ({@code struct ext4_dir_entry_2}), from its first to its last. Each says how long it is, so
 * together they cover the piece; one without an inode is free space.
 */
final class Dirents {
    static final Le32 INODE = new Le32(0);
    static final Le16 REC_LEN = new Le16(4);
    static final U8 NAME_LEN = new U8(6);
    static final U8 FILE_TYPE = new U8(7);

    /** Bytes before the name. */
    static final int HEADER_BYTES = 8;

    static final int NAME_MAX = 255;

    /** An entry begins and ends at a multiple of this. */
    private static final int ALIGNMENT = 4;

    /** Bytes of an entry with a name of one. */
    private static final int MIN_BYTES = HEADER_BYTES + ALIGNMENT;

    /** FILE_TYPE, as {@code struct dirent} has it. */
    private static final int[] TYPES = {
        Dirent.DT_UNKNOWN, Dirent.DT_REG, Dirent.DT_DIR, Dirent.DT_CHR,
        Dirent.DT_BLK, Dirent.DT_FIFO, Dirent.DT_SOCK, Dirent.DT_LNK
    };

    private final Volume volume;
    private final Superblock sb;
    private final Inode dir;

    /** Whether entries say what they lead to. */
    private final boolean typed;

    private final MemorySegment memory;
    private final long end;

    /** Block of the directory, and of the device; both negative where the piece is in the inode. */
    private final long lbn;

    private final long blkno;

    /** Byte of the memory that the current entry begins with. */
    private long at;

    /** Bytes of the current entry; 0 before the first. */
    private int recLen;

    /** What else the current entry said when it was come to: to read it again costs more. */
    private long ino;

    private int nameLen;

    /**
     * Before the first entry.
     *
     * @param from byte of the memory that the piece begins with
     * @param end the one behind it
     * @param lbn the block of the directory that it is, for messages; −1 where it is in the inode
     * @param blkno the block of the device
     */
    Dirents(Volume volume, Inode dir, MemorySegment memory, long from, long end, long lbn, long blkno) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.dir = dir;
        this.memory = memory;
        this.end = end;
        this.lbn = lbn;
        this.blkno = blkno;
        this.at = from;
        this.typed = sb.has(Feature.FILETYPE);
    }

    /**
     * Goes on to the next entry, in use or not.
     *
     * @return false where there is none
     * @throws ErrnoException EIO where it makes no sense
     */
    boolean next() throws ErrnoException {
        at += recLen;
        if (at >= end) {
            return false;
        }
        if (end - at < HEADER_BYTES) {
            throw damaged("no room for an entry");
        }
        recLen = recLen(sb, memory, at);
        if (recLen < MIN_BYTES || recLen % ALIGNMENT != 0 || recLen > end - at) {
            throw damaged("length " + recLen + " of an entry");
        }
        ino = INODE.getUnsigned(memory, at);
        nameLen = readNameLen();
        if (ino != 0) {
            checkUsed();
        }
        return true;
    }

    private void checkUsed() throws ErrnoException {
        if (nameLen > recLen - HEADER_BYTES || nameLen > NAME_MAX) {
            throw damaged("name of " + nameLen + " bytes in an entry of " + recLen);
        }
        if (!sb.isInode(ino)) {
            throw damaged("inode " + ino + " of a file system of " + sb.inodesCount);
        }
    }

    /** Length of the entry at a place of a block: with blocks of 64 KiB that does not fit otherwise, the lowest bits are the highest. */
    static int recLen(Superblock sb, MemorySegment memory, long at) {
        int stored = REC_LEN.get(memory, at);
        if (sb.blockBytes <= 0xFFFF) {
            return stored;
        }
        if (stored == 0xFFFF || stored == 0) {
            return sb.blockBytes;
        }
        return (stored & ~(ALIGNMENT - 1)) | (stored & (ALIGNMENT - 1)) << 16;
    }

    private static void setRecLen(Superblock sb, MemorySegment memory, long at, int recLen) {
        int stored = recLen;
        if (recLen > 0xFFFF) {
            stored = recLen == sb.blockBytes ? 0xFFFF : (recLen & 0xFFFC) | (recLen >> 16);
        }
        REC_LEN.set(memory, at, stored);
    }

    /** Bytes of an entry with a name of so many. */
    static int bytesFor(int nameLen) {
        return (HEADER_BYTES + nameLen + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** FILE_TYPE of a file whose type {@code struct dirent} calls so. */
    static int fileType(int direntType) {
        for (int i = 0; i < TYPES.length; i++) {
            if (TYPES[i] == direntType) {
                return i;
            }
        }
        return 0;
    }

    /** Writes an entry; one without a name is free. */
    static void write(Superblock sb, MemorySegment memory, long at, int recLen, long ino, byte[] name, int fileType) {
        INODE.set(memory, at, (int) ino);
        setRecLen(sb, memory, at, recLen);
        NAME_LEN.set(memory, at, name.length);
        FILE_TYPE.set(memory, at, sb.has(Feature.FILETYPE) ? fileType : 0);
        MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, at + HEADER_BYTES, name.length);
    }

    /** Makes the current entry shorter or longer. */
    void resize(int bytes) {
        setRecLen(sb, memory, at, bytes);
        recLen = bytes;
    }

    /** Bytes of the current entry. */
    int bytes() {
        return recLen;
    }

    /** Bytes of it that are needed. */
    int usedBytes() {
        return ino == 0 ? 0 : bytesFor(nameLen);
    }

    /** FILE_TYPE as it is. */
    int fileType() {
        return FILE_TYPE.get(memory, at);
    }

    /** Byte of the memory that the current entry begins with. */
    long at() {
        return at;
    }

    /** The one behind it. */
    long nextAt() {
        return at + recLen;
    }

    /** 0 where it is free. */
    long ino() {
        return ino;
    }

    /** Without the filetype feature the type's byte is the upper one of the length. */
    private int readNameLen() {
        int low = NAME_LEN.get(memory, at);
        return typed ? low : low | FILE_TYPE.get(memory, at) << Byte.SIZE;
    }

    /** One of the DT_ constants of {@link Dirent}. */
    int type() {
        int type = typed ? FILE_TYPE.get(memory, at) : 0;
        return type < TYPES.length ? TYPES[type] : Dirent.DT_UNKNOWN;
    }

    /** Whether it is in use and has a name. */
    boolean is(byte[] name) {
        if (nameLen != name.length || ino == 0) {
            return false;
        }
        for (int i = name.length - 1; i >= 0; i--) {
            if (memory.get(ValueLayout.JAVA_BYTE, at + HEADER_BYTES + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Its name.
     *
     * @throws ErrnoException EIO where that is none that a file can have
     */
    String name() throws ErrnoException {
        byte[] bytes = nameBytes();
        for (byte b : bytes) {
            if (b == '/' || b == 0) {
                throw damaged("a name with a byte " + b);
            }
        }
        if (bytes.length == 0) {
            throw damaged("an entry without a name");
        }
        return PathCodec.decode(bytes);
    }

    /** As the other, whatever it is. */
    byte[] nameBytes() {
        return memory.asSlice(at + HEADER_BYTES, nameLen).toArray(ValueLayout.JAVA_BYTE);
    }

    private ErrnoException damaged(String what) {
        String where = lbn < 0 ? "directory in the inode" : "directory block " + lbn + " (block " + blkno + ")";
        return volume.damaged(dir.ino, where + ", byte " + at + ": " + what);
    }
}
