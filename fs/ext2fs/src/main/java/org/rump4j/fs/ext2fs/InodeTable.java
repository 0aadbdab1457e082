package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.VnodeType;

/** All inodes of a file system, by number. */
final class InodeTable {
    private final Volume volume;
    private final Superblock sb;
    private final GroupDescriptors groups;

    InodeTable(Volume volume, GroupDescriptors groups) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.groups = groups;
    }

    /** Where an inode is. */
    private record Place(long blkno, int offset) {}

    /** Takes an inode's bytes, all of them, and looks at them. */
    @FunctionalInterface
    interface Reader<T> {
        /**
         * Looks.
         *
         * @param memory the block that it is in
         * @param offset byte of the block that it begins with
         * @throws ErrnoException EIO
         */
        T read(MemorySegment memory, long offset) throws ErrnoException;
    }

    /**
     * An inode that is in use.
     *
     * @throws ErrnoException ENOENT where it is not; EIO, also where there can be no such inode
     */
    Inode get(long ino) throws ErrnoException {
        return read(ino, (memory, offset) -> parse(ino, memory, offset));
    }

    /** Gives a reader the inode, extended attributes and all. */
    <T> T read(long ino, Reader<T> reader) throws ErrnoException {
        Place place = place(ino);
        try (Buf buf = volume.bread(place.blkno)) {
            return reader.read(buf.data(), place.offset);
        }
    }

    /** Byte of the device that an inode begins with. */
    long deviceOffset(long ino) throws ErrnoException {
        Place place = place(ino);
        return (place.blkno << sb.blockShift) + place.offset;
    }

    private Place place(long ino) throws ErrnoException {
        if (!sb.isInode(ino)) {
            throw volume.damaged("inode " + ino + " of a file system of " + sb.inodesCount);
        }
        int group = (int) ((ino - 1) / sb.inodesPerGroup);
        long offset = (ino - 1) % sb.inodesPerGroup * sb.inodeBytes;
        return new Place(groups.inodeTable(group) + (offset >> sb.blockShift), (int) (offset & (sb.blockBytes - 1)));
    }

    private Inode parse(long ino, MemorySegment memory, long offset) throws ErrnoException {
        int known = Math.min(sb.inodeBytes, Inode.KNOWN_BYTES);
        Inode inode = new Inode(
                ino, sb, MemorySegment.ofArray(memory.asSlice(offset, known).toArray(ValueLayout.JAVA_BYTE)));
        if (inode.mode() == 0 && inode.links() == 0) {
            throw Errno.ENOENT.exception("inode " + ino + " is not in use");
        }
        int extra = inode.extraBytes();
        if (extra % Integer.BYTES != 0 || extra > sb.inodeBytes - Inode.GOOD_OLD_BYTES) {
            throw volume.damaged(ino, extra + " bytes of additional fields");
        }
        if (sb.has(Feature.METADATA_CSUM)) {
            requireChecksum(inode, memory, offset);
        }
        if (inode.links() == 0) {
            throw Errno.ENOENT.exception("inode " + ino + " has been removed");
        }
        if (VnodeType.ofMode(inode.mode()) == null) {
            throw volume.damaged(ino, "mode 0" + Integer.toOctalString(inode.mode()) + " is of no type of file");
        }
        if (inode.size() < 0) {
            throw volume.damaged(ino, "size " + Long.toUnsignedString(inode.size()));
        }
        return inode;
    }

    private void requireChecksum(Inode inode, MemorySegment memory, long offset) throws ErrnoException {
        int low = Inode.CHECKSUM_LO.offset();
        int high = Inode.CHECKSUM_HI.offset();
        int crc = Crc32c.update(inode.checksumSeed(), memory, offset, low);
        crc = Crc32c.updateLe16(crc, 0);
        int at = low + Short.BYTES;
        int stored = Inode.CHECKSUM_LO.get(memory, offset);
        int mask = 0xFFFF;
        if (Inode.GOOD_OLD_BYTES + inode.extraBytes() >= high + Short.BYTES) {
            crc = Crc32c.update(crc, memory, offset + at, high - at);
            crc = Crc32c.updateLe16(crc, 0);
            at = high + Short.BYTES;
            stored |= Inode.CHECKSUM_HI.get(memory, offset) << 16;
            mask = -1;
        }
        crc = Crc32c.update(crc, memory, offset + at, sb.inodeBytes - at);
        if ((crc & mask) != stored) {
            throw volume.damaged(inode.ino, "the checksum is wrong");
        }
    }
}
