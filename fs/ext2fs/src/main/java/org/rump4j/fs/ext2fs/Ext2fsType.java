package org.rump4j.fs.ext2fs;

import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.FilesystemType;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;

/** The type of file systems that are called ext2, ext3 and ext4 elsewhere. */
final class Ext2fsType implements FilesystemType {
    @Override
    public String name() {
        return "ext2fs";
    }

    @Override
    public boolean probe(BlockDevice device) throws ErrnoException {
        return Superblock.probe(device);
    }

    @Override
    public MountedFs mount(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
        boolean wantsToWrite = !mount.isReadOnly();
        BlockDevice device = open(l, mount, args);
        boolean mounted = false;
        try {
            MountedFs fs = new Mounting(mount, device, wantsToWrite).mount();
            mounted = true;
            return fs;
        } finally {
            if (!mounted) {
                device.close();
            }
        }
    }

    /** Opens the device, for reading where it cannot be written. */
    private static BlockDevice open(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
        try {
            return mount.vfs().openDevice(l, mount, args);
        } catch (ErrnoException e) {
            if (mount.isReadOnly() || e.errno() != Errno.EROFS) {
                throw e;
            }
            mount.addFlags(SysMount.MNT_RDONLY);
            BlockDevice device = mount.vfs().openDevice(l, mount, args);
            mount.vfs().kernel().log().print(mount.from() + ": mounted read-only: the device cannot be written");
            return device;
        }
    }
}
