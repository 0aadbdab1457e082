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
    private final GroupDescriptors groups;
    private final InodeTable inodes;

    /** Whether the device said that everything had been written when it was mounted. */
    private final boolean clean;

    private volatile SpaceCount space;

    /** Null where it can only be read. */
    private volatile @Nullable Writing writing;

    /** One that is read. */
    Ext2fs(Mount mount, Volume volume, GroupDescriptors groups, InodeTable inodes, boolean clean) {
        this.mount = mount;
        this.volume = volume;
        this.groups = groups;
        this.inodes = inodes;
        this.clean = clean;
        this.space = new SpaceCount(volume.superblock(), groups, inodes, clean, null);
    }

    /** It is written from now on, for the first time. */
    void startWriting(Writing begun) {
        space = new SpaceCount(volume.superblock(), groups, inodes, clean, begun.allocator);
        writing = begun;
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
        Writing begun = writing;
        if ((flags & SysMount.MNT_RDONLY) != 0) {
            if (begun != null) {
                begun.close();
            }
        } else if (begun != null) {
            begun.reopen();
        } else {
            startWriting(Mounting.toWrite(mount, volume, groups, inodes));
        }
    }

    /**
     * What it is written with.
     *
     * @throws ErrnoException EROFS
     */
    Writing writing() throws ErrnoException {
        Writing begun = writing;
        if (begun == null) {
            throw Errno.EROFS.exception();
        }
        return begun;
    }

    /** As the other; null where it can only be read. */
    @Nullable
    Writing writingIfAny() {
        return writing;
    }

    @Override
    public void sync(boolean wait) throws ErrnoException {
        Writing begun = writing;
        if (begun != null) {
            // That files have been read is no reason to write from time to time; sync(2) is.
            begun.sync(wait);
        }
    }

    @Override
    public void unmount() throws ErrnoException {
        try {
            Writing begun = writing;
            if (begun != null) {
                begun.close();
            }
        } finally {
            volume.close();
        }
    }
}
