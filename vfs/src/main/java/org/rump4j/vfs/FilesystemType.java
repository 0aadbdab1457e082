package org.rump4j.vfs;

import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.MountArgs;
import org.rump4j.rumpuser.ErrnoException;

/** A type of file system that can be mounted. A driver registers it with {@link Vfs#addType}. */
public interface FilesystemType {
    /** What {@code mount(2)} calls it, such as {@code ext2fs}. */
    String name();

    /**
     * Whether a device holds a file system of this type, by what it begins with.
     *
     * @throws ErrnoException EIO
     */
    boolean probe(BlockDevice device) throws ErrnoException;

    /**
     * Mounts one.
     *
     * @param mount what it is going to be; its flags are set
     * @throws ErrnoException EINVAL where args are not for this type or the device does not hold such a file system; EFTYPE
     *     where it has features that the driver does not know; EROFS where it can only be mounted with MNT_RDONLY;
     *     ENOTBLK, EBUSY, EIO of the device
     */
    MountedFs mount(Lwp l, Mount mount, MountArgs args) throws ErrnoException;
}
