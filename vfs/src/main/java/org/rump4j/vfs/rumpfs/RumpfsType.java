package org.rump4j.vfs.rumpfs;

import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.MountArgs;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.FilesystemType;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;

/** The type of file systems in memory. */
public final class RumpfsType implements FilesystemType {
    private final String name;

    /** @param name by which it is mounted */
    public RumpfsType(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    /** On no device. */
    @Override
    public boolean probe(BlockDevice device) {
        return false;
    }

    @Override
    public MountedFs mount(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
        if (!(args instanceof MountArgs.Memory memory)) {
            throw Errno.EINVAL.exception(name + " is on no device");
        }
        if (memory.sizeMax() < 0 || memory.nodesMax() < 0) {
            throw Errno.EINVAL.exception(memory.toString());
        }
        return new Rumpfs(mount, memory);
    }
}
