package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.VnodeType;
import org.rump4j.vfs.WriteStage;

/** All inodes of a file system, by number. */
final class InodeTable {
    private final Volume volume;
    private final Superblock sb;
    private final GroupDescriptors groups;

    /** Guards inodes while they are stored, and their place in the list of orphans. */
    private final Kmutex storing;

    InodeTable(Kernel kernel, Volume volume, GroupDescriptors groups) {
        this.storing = kernel.mutex();
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
        return read(ino, (memory, offset) -> parse(ino, memory, offset, true));
    }

    /**
     * Whether an inode has a name, or had one when somebody opened it.
     *
     * @throws ErrnoException EIO
     */
    boolean isInUse(long ino) throws ErrnoException {
        return read(ino, (memory, offset) -> Inode.LINKS_COUNT.get(memory, offset) != 0);
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

    /**
     * Writes an inode back, in a transaction.
     *
     * @param made whether it is a new one: nothing of what is there is kept
     * @throws ErrnoException EIO
     */
    void store(Inode inode, boolean made) throws ErrnoException {
        Place place = place(inode.ino);
        try (Buf buf = volume.bread(place.blkno)) {
            storing.enter();
            if (made) {
                buf.data().asSlice(place.offset, sb.inodeBytes).fill((byte) 0);
            }
            put(sb, inode, buf.data(), place.offset);
            buf.dirty(WriteStage.MAP);
            storing.exit();
        }
    }

    /**
     * The inode that follows one in the list of orphans is another one from now on. It is stored, but nothing else of the inode is: somebody may
     * just be changing it.
     *
     * @throws ErrnoException EIO
     */
    void storeNextOrphan(Inode inode, long next) throws ErrnoException {
        Place place = place(inode.ino);
        try (Buf buf = volume.bread(place.blkno)) {
            storing.enter();
            Inode.DTIME.set(inode.raw(), 0, (int) next);
            Inode.DTIME.set(buf.data(), place.offset, (int) next);
            putChecksum(sb, inode, buf.data(), place.offset);
            buf.dirty(WriteStage.MAP);
            storing.exit();
        }
    }

    /** Puts an inode where it belongs in a block, with the checksum of all that is there. */
    static void put(Superblock sb, Inode inode, MemorySegment memory, long offset) {
        MemorySegment.copy(inode.raw(), 0, memory, offset, inode.raw().byteSize());
        putChecksum(sb, inode, memory, offset);
    }

    private static void putChecksum(Superblock sb, Inode inode, MemorySegment memory, long offset) {
        if (sb.has(Feature.METADATA_CSUM)) {
            int crc = checksum(sb, inode, memory, offset);
            Inode.CHECKSUM_LO.set(memory, offset, crc);
            if (hasHighChecksum(inode)) {
                Inode.CHECKSUM_HI.set(memory, offset, crc >>> 16);
            }
        }
    }

    /** An inode that has just been allocated: zeros but for how long its fields are. */
    Inode make(long ino) {
        return make(sb, ino);
    }

    /** As the other, of a file system that need not be there. */
    static Inode make(Superblock sb, long ino) {
        byte[] bytes = new byte[Math.min(sb.inodeBytes, Inode.KNOWN_BYTES)];
        MemorySegment raw = MemorySegment.ofArray(bytes);
        if (sb.inodeBytes > Inode.GOOD_OLD_BYTES) {
            Inode.EXTRA_ISIZE.set(raw, 0, Inode.KNOWN_BYTES - Inode.GOOD_OLD_BYTES);
        }
        return new Inode(ino, sb, raw);
    }

    /** The group that an inode is in. */
    int groupOf(long ino) {
        return (int) ((ino - 1) / sb.inodesPerGroup);
    }

    private static boolean hasHighChecksum(Inode inode) {
        return Inode.GOOD_OLD_BYTES + inode.extraBytes() >= Inode.CHECKSUM_HI.offset() + Short.BYTES;
    }

    private Place place(long ino) throws ErrnoException {
        if (!sb.isInode(ino)) {
            throw volume.damaged("inode " + ino + " of a file system of " + sb.inodesCount);
        }
        int group = (int) ((ino - 1) / sb.inodesPerGroup);
        long offset = (ino - 1) % sb.inodesPerGroup * sb.inodeBytes;
        return new Place(groups.inodeTable(group) + (offset >> sb.blockShift), (int) (offset & (sb.blockBytes - 1)));
    }

    /**
     * An inode that need not have a name.
     *
     * @throws ErrnoException ENOENT where it is not in use; EIO
     */
    Inode getOrphan(long ino) throws ErrnoException {
        return read(ino, (memory, offset) -> parse(ino, memory, offset, false));
    }

    private Inode parse(long ino, MemorySegment memory, long offset, boolean linked) throws ErrnoException {
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
        if (linked && inode.links() == 0) {
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
        int stored = Inode.CHECKSUM_LO.get(memory, offset);
        int mask = 0xFFFF;
        if (hasHighChecksum(inode)) {
            stored |= Inode.CHECKSUM_HI.get(memory, offset) << 16;
            mask = -1;
        }
        if ((checksum(sb, inode, memory, offset) & mask) != stored) {
            throw volume.damaged(inode.ino, "the checksum is wrong");
        }
    }

    private static int checksum(Superblock sb, Inode inode, MemorySegment memory, long offset) {
        int low = Inode.CHECKSUM_LO.offset();
        int high = Inode.CHECKSUM_HI.offset();
        int crc = Crc32c.update(inode.checksumSeed(), memory, offset, low);
        crc = Crc32c.updateLe16(crc, 0);
        int at = low + Short.BYTES;
        if (hasHighChecksum(inode)) {
            crc = Crc32c.update(crc, memory, offset + at, high - at);
            crc = Crc32c.updateLe16(crc, 0);
            at = high + Short.BYTES;
        }
        return Crc32c.update(crc, memory, offset + at, sb.inodeBytes - at);
    }
}
