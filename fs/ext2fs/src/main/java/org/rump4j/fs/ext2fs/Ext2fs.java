package org.rump4j.fs.ext2fs;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
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

    /** Null where it can only be read. */
    private final @Nullable Writing writing;

    Ext2fs(Mount mount, Volume volume, InodeTable inodes, SpaceCount space, @Nullable Writing writing) {
        this.writing = writing;
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
            if (writing == null) {
                throw Errno.EROFS.exception("what was mounted to be read must be mounted anew to be written");
            }
            writing.reopen();
        } else if (writing != null) {
            writing.close();
        }
    }

    /**
     * What it is written with.
     *
     * @throws ErrnoException EROFS
     */
    Writing writing() throws ErrnoException {
        if (writing == null) {
            throw Errno.EROFS.exception();
        }
        return writing;
    }

    /** As the other; null where it can only be read. */
    @Nullable
    Writing writingIfAny() {
        return writing;
    }

    @Override
    public void sync(boolean wait) throws ErrnoException {
        if (writing != null) {
            // That files have been read is no reason to write from time to time; sync(2) is.
            writing.sync(wait);
        }
    }

    @Override
    public void unmount() throws ErrnoException {
        try {
            if (writing != null) {
                writing.close();
            }
        } finally {
            volume.close();
        }
    }
}
