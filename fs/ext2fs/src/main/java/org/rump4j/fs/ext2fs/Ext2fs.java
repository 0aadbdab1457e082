package org.rump4j.fs.ext2fs;

import java.util.Objects;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;
import org.rump4j.vfs.Vnode;
import org.rump4j.vfs.VnodeType;

/** A file system that is mounted. */
final class Ext2fs implements MountedFs {
    private final Mount mount;
    private final Volume volume;
    private final InodeTable inodes;
    private final SpaceCount space;

    Ext2fs(Mount mount, Volume volume, InodeTable inodes, SpaceCount space) {
        this.mount = mount;
        this.volume = volume;
        this.space = space;
        this.inodes = inodes;
    }

    Mount mount() {
        return mount;
    }

    Volume volume() {
        return volume;
    }

    InodeTable inodes() {
        return inodes;
    }

    @Override
    public long rootFileno() {
        return Superblock.ROOT_INO;
    }

    @Override
    public int nameMax() {
        return Dirents.NAME_MAX;
    }

    @Override
    public void load(Vnode vp, long fileno) throws ErrnoException {
        Inode inode = inodes.get(fileno);
        VnodeType type = Objects.requireNonNull(VnodeType.ofMode(inode.mode()));
        boolean device = type == VnodeType.VBLK || type == VnodeType.VCHR;
        vp.init(type, new Ext2Node(this, vp, inode), device ? inode.rdev() : 0);
    }

    @Override
    public Usage usage() throws ErrnoException {
        return space.usage();
    }

    @Override
    public void update(int flags) throws ErrnoException {
        if ((flags & SysMount.MNT_RDONLY) == 0) {
            throw Errno.EOPNOTSUPP.exception(Ext2fsType.NO_WRITING);
        }
    }

    @Override
    public void unmount() {
        volume.close();
    }
}
