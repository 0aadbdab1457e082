package org.rump4j.rump;

import java.util.List;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on file systems. */
public interface FilesystemSyscalls {
    /**
     * Mounts a file system. {@code mount(2)}.
     *
     * @param type such as {@code ext2fs}
     * @param dir where
     * @param flags the MNT_ constants of {@link SysMount}; MNT_UPDATE changes what is mounted there
     * @param args for the type
     * @throws ErrnoException ENODEV for an unknown type; EBUSY where dir is a mount point or the device is mounted; ENOTBLK
     *     where the device is none; EINVAL where the device does not hold such a file system or dir is no mount point for
     *     MNT_UPDATE; EFTYPE where it has features that the driver does not know, which the message names; EPERM for
     *     anyone but the superuser
     */
    void mount(String type, String dir, int flags, MountArgs args) throws ErrnoException;

    /**
     * Unmounts a file system. {@code unmount(2)}.
     *
     * @param dir where it is mounted
     * @param flags MNT_FORCE, or 0
     * @throws ErrnoException EINVAL where dir is no mount point; EBUSY where it is in use; EPERM for anyone but the superuser
     */
    void unmount(String dir, int flags) throws ErrnoException;

    /**
     * All that is mounted, the root first. {@code getvfsstat(2)}.
     *
     * @param flags ST_WAIT or ST_NOWAIT
     */
    List<Statvfs> getvfsstat(int flags) throws ErrnoException;

    /** Starts to write back what is dirty. {@code sync(2)}. */
    void sync();
}
