package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.List;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on file systems. */
final class MountCalls {
    private static final int ALLOWED_FLAGS =
            SysMount.MNT_BASIC_FLAGS | SysMount.MNT_UPDATE | SysMount.MNT_FORCE | SysMount.MNT_LOCAL;

    private final Vfs vfs;
    private final Paths paths;

    MountCalls(Vfs vfs, Paths paths) {
        this.vfs = vfs;
        this.paths = paths;
    }

    void mount(Lwp l, String type, String dir, int flags, MountArgs args) throws ErrnoException {
        requireSuperuser(l);
        if ((flags & ~ALLOWED_FLAGS) != 0) {
            throw Errno.EINVAL.exception("flags 0x" + Integer.toHexString(flags));
        }
        Vnode vp = paths.file(l, Fcntl.AT_FDCWD, dir, true);
        if ((flags & SysMount.MNT_UPDATE) == 0) {
            vfs.mount(l, type, vp, dir, flags, args);
            return;
        }
        try {
            if (!vp.isRoot()) {
                throw Errno.EINVAL.exception("nothing is mounted there");
            }
            vfs.update(vp.mount(), flags);
        } finally {
            vp.rele();
        }
    }

    void unmount(Lwp l, String dir, int flags) throws ErrnoException {
        requireSuperuser(l);
        if ((flags & ~SysMount.MNT_FORCE) != 0) {
            throw Errno.EINVAL.exception("flags 0x" + Integer.toHexString(flags));
        }
        Vnode vp = paths.file(l, Fcntl.AT_FDCWD, dir, true);
        Mount mount = vp.mount();
        boolean root = vp.isRoot();
        vp.rele();
        if (!root) {
            throw Errno.EINVAL.exception("nothing is mounted there");
        }
        vfs.unmount(mount, (flags & SysMount.MNT_FORCE) != 0);
    }

    Statvfs statvfs1(Lwp l, String path) throws ErrnoException {
        return statvfsOf(paths.file(l, Fcntl.AT_FDCWD, path, true));
    }

    Statvfs fstatvfs1(Lwp l, int fd) throws ErrnoException {
        return statvfsOf(paths.vnode(l, fd));
    }

    /** One that cannot be asked, as its device has failed, hides no other. */
    List<Statvfs> getvfsstat() {
        List<Statvfs> all = new ArrayList<>();
        for (Mount mount : vfs.mounts()) {
            try {
                all.add(mount.statvfs());
            } catch (ErrnoException e) {
                vfs.kernel().log().print(mount + ": " + e.getMessage());
            }
        }
        return all;
    }

    private static Statvfs statvfsOf(Vnode vp) throws ErrnoException {
        try {
            return vp.mount().statvfs();
        } finally {
            vp.rele();
        }
    }

    private static void requireSuperuser(Lwp l) throws ErrnoException {
        if (!l.cred().isSuperuser()) {
            throw Errno.EPERM.exception();
        }
    }
}
