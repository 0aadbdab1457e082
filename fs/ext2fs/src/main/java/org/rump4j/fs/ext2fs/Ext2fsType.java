package org.rump4j.fs.ext2fs;

import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.FilesystemType;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;

/** The type of file systems that are called ext2, ext3 and ext4 elsewhere. */
final class Ext2fsType implements FilesystemType {
    static final String NO_WRITING = "this driver does not write";

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
        mount.addFlags(SysMount.MNT_RDONLY);
        BlockDevice device = mount.vfs().openDevice(l, mount, args);
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
}
