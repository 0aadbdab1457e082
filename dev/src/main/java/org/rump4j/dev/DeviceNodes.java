package org.rump4j.dev;

import org.rump4j.kern.Lwp;
import org.rump4j.kern.VfsCalls;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Makes nodes in {@code /dev} of the root file system, and that directory. */
final class DeviceNodes {
    private static final String DIRECTORY = "/dev";

    private final VfsCalls vfs;
    private final Lwp l;

    DeviceNodes(VfsCalls vfs, Lwp l) throws ErrnoException {
        this.vfs = vfs;
        this.l = l;
        try {
            vfs.mkdirat(l, Fcntl.AT_FDCWD, DIRECTORY, 0755);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** Makes the node of a character device, with exactly these permissions. */
    void make(String name, int major, int minor, int permissions) throws ErrnoException {
        String path = DIRECTORY + "/" + name;
        vfs.mknodat(l, Fcntl.AT_FDCWD, path, SysStat.S_IFCHR | permissions, SysStat.makedev(major, minor));
        vfs.fchmodat(l, Fcntl.AT_FDCWD, path, permissions, 0);
    }
}
