package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Uio;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Access;
import org.rump4j.vfs.DirentSink;
import org.rump4j.vfs.FileExtent;
import org.rump4j.vfs.Vnode;
import org.rump4j.vfs.VnodeOps;

/** A file as the file system faction sees it. */
final class Ext2Node implements VnodeOps {
    private final Ext2fs fs;
    private final Volume volume;
    private final Superblock sb;
    private final Vnode vp;
    private final Inode inode;

    /** Where its blocks are; null where its data is in the inode, or it has none. */
    private final @Nullable FileMap map;

    /** Of a file whose data is in its inode. */
    private final @Nullable InlineData inline;

    /** Of a directory. */
    private final @Nullable Names names;

    Ext2Node(Ext2fs fs, Vnode vp, Inode inode) throws ErrnoException {
        this.fs = fs;
        this.volume = fs.volume();
        this.sb = volume.superblock();
        this.vp = vp;
        this.inode = inode;
        inline = inode.hasFlag(Inode.FL_INLINE_DATA) ? new InlineData(volume, fs.inodes(), inode) : null;
        boolean hasBlocks = inode.isRegular() || inode.isDirectory() || (inode.isSymlink() && !isFastSymlink());
        map = inline == null && hasBlocks ? FileMap.of(volume, inode) : null;
        if (!inode.isDirectory()) {
            names = null;
        } else if (inline != null) {
            names = new InlineDirectory(volume, inode, inline);
        } else {
            names = new Directory(
                    volume,
                    inode,
                    Objects.requireNonNull(map),
                    fs.mount().vfs().kernel().kmem());
        }
    }

    /** Whether a symbolic link says where it leads in the place of pointers. */
    private boolean isFastSymlink() {
        long attributeBlocks = inode.hasAttributeBlock() ? (long) sb.blockBytes << sb.clusterRatioShift >> 9 : 0;
        return !inode.hasFlag(Inode.FL_EXTENTS)
                && inode.size() < Inode.BLOCK_BYTES
                && inode.statBlocks() <= attributeBlocks;
    }

    @Override
    public Stat getattr() {
        return new Stat(
                fs.mount().fsid(),
                inode.mode(),
                inode.ino,
                inode.links(),
                inode.uid(),
                inode.gid(),
                vp.rdev(),
                inode.atime(),
                inode.mtime(),
                inode.ctime(),
                inode.birthtime(),
                inode.size(),
                inode.statBlocks(),
                sb.blockBytes,
                inode.fileFlags(),
                inode.generation());
    }

    @Override
    public void access(int amode, Cred cred) throws ErrnoException {
        Access.check(inode.mode(), inode.uid(), inode.gid(), amode, cred);
    }

    /** What is encrypted is of no use without its key, and this kernel has none. */
    private void requirePlain() throws ErrnoException {
        if (inode.hasFlag(Inode.FL_ENCRYPT)) {
            throw Errno.EOPNOTSUPP.exception("inode " + inode.ino + " is encrypted");
        }
    }

    @Override
    public void reclaim() {
        if (names != null) {
            names.close();
        }
    }

    // Directories

    @Override
    public @Nullable Vnode lookup(String name) throws ErrnoException {
        if (names == null) {
            throw Errno.ENOTDIR.exception();
        }
        if (!name.equals("..")) {
            requirePlain();
        }
        long ino = names.lookup(PathCodec.encode(name));
        if (ino == 0) {
            if (name.equals("..")) {
                throw volume.damaged(inode.ino, "a directory without an entry for the one above");
            }
            return null;
        }
        if (sb.isReservedInode(ino)) {
            throw volume.damaged(inode.ino, "the name " + name + " leads to inode " + ino + ", which is not a file's");
        }
        try {
            return fs.mount().vfs().vnode(fs.mount(), ino);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                throw volume.damaged(
                        inode.ino, "the name " + name + " leads to inode " + ino + ", which is not in use");
            }
            throw e;
        }
    }

    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        if (names == null) {
            throw Errno.ENOTDIR.exception();
        }
        requirePlain();
        names.readdir(cookie, sink);
    }

    // Regular files

    @Override
    public void read(Uio uio) throws ErrnoException {
        requirePlain();
        if (inline == null) {
            vp.pages().read(uio, inode.size());
            return;
        }
        // mke2fs -d leaves a hole that a file ends with out of the inode: it is in the size only.
        MemorySegment stored = inline.stored();
        long bytes = Math.min(uio.resid(), inode.size() - uio.offset());
        if (bytes > 0) {
            long there = Math.clamp(stored.byteSize() - uio.offset(), 0, bytes);
            if (there > 0) {
                uio.toUser(stored, uio.offset(), there);
            }
            uio.zeros(bytes - there);
        }
    }

    @Override
    public FileExtent bmap(long offset, long limit) throws ErrnoException {
        if (inline != null) {
            return new FileExtent(0, Math.max(limit, inode.size()), fs.inodes().deviceOffset(inode.ino));
        }
        if (map == null) {
            throw Errno.EOPNOTSUPP.exception("inode " + inode.ino + " has no blocks");
        }
        int shift = sb.blockShift;
        BlockRun run = map.map(offset >> shift, ((limit - 1) >> shift) + 1);
        return new FileExtent(
                run.lbn() << shift, run.count() << shift, run.isHole() ? FileExtent.HOLE : run.blkno() << shift);
    }

    @Override
    public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
        long size = inode.size();
        long wanted = offset + dst.byteSize();
        long end = Math.min(wanted, (size + sb.blockBytes - 1) & -sb.blockBytes);
        long at = offset;
        while (at < end) {
            FileExtent extent = bmap(at, end);
            long next = Math.min(extent.end(), end);
            MemorySegment part = dst.asSlice(at - offset, next - at);
            if (extent.isHole()) {
                part.fill((byte) 0);
            } else {
                readDevice(part, extent.deviceOffset() + (at - extent.offset()));
            }
            at = next;
        }
        long dataEnd = Math.max(offset, Math.min(size, wanted));
        dst.asSlice(dataEnd - offset).fill((byte) 0);
    }

    private void readDevice(MemorySegment dst, long deviceOffset) throws ErrnoException {
        long end = deviceOffset + dst.byteSize();
        if (end > volume.device().sizeBytes()) {
            throw volume.damaged(
                    inode.ino,
                    "blocks %d to %d, but the device ends at byte %d"
                            .formatted(
                                    deviceOffset >> sb.blockShift,
                                    (end - 1) >> sb.blockShift,
                                    volume.device().sizeBytes()));
        }
        volume.device().read(dst, deviceOffset);
    }

    @Override
    public BlockDevice device() {
        return volume.device();
    }

    // Symbolic links

    @Override
    public String readlink() throws ErrnoException {
        requirePlain();
        long size = inode.size();
        if (!inode.isSymlink()) {
            throw Errno.EINVAL.exception();
        }
        if (size == 0 || size > sb.blockBytes) {
            throw volume.damaged(inode.ino, "symbolic link of " + size + " bytes");
        }
        byte[] bytes = new byte[(int) size];
        MemorySegment target = MemorySegment.ofArray(bytes);
        if (inline != null) {
            target.copyFrom(inline.data());
        } else if (map == null) {
            MemorySegment.copy(inode.raw(), ValueLayout.JAVA_BYTE, Inode.BLOCK.offset(), bytes, 0, bytes.length);
        } else {
            BlockRun run = map.map(0, 1);
            if (run.isHole()) {
                throw volume.damaged(inode.ino, "symbolic link without a block");
            }
            try (var buf = volume.bread(run.blkno())) {
                target.copyFrom(buf.data().asSlice(0, size));
            }
        }
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return PathCodec.decode(bytes, 0, length);
    }
}
