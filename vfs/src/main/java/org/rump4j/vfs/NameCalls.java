package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * System calls that make and remove names. Each finds the directory, locks it, looks the name up once more, and then has the
 * file system do it and the name cache know it before it unlocks.
 */
final class NameCalls {
    private final Vfs vfs;
    private final Paths paths;

    NameCalls(Vfs vfs, Paths paths) {
        this.vfs = vfs;
        this.paths = paths;
    }

    void mkdirat(Lwp l, int dirfd, String path, int mode) throws ErrnoException {
        make(l, dirfd, path, VnodeType.VDIR, mode & ~(SysStat.S_ISUID | SysStat.S_ISGID), 0, null);
    }

    void mkfifoat(Lwp l, int dirfd, String path, int mode) throws ErrnoException {
        make(l, dirfd, path, VnodeType.VFIFO, mode, 0, null);
    }

    void mknodat(Lwp l, int dirfd, String path, int mode, long dev) throws ErrnoException {
        VnodeType type = (mode & SysStat.S_IFMT) == 0 ? VnodeType.VREG : VnodeType.ofMode(mode);
        // Not a case of the switch, which would make it one of patterns; the first of those in a process takes long to
        // link.
        if (type == null) {
            throw Errno.EINVAL.exception("mode 0" + Integer.toOctalString(mode));
        }
        switch (type) {
            case VBLK, VCHR -> {
                if (!l.cred().isSuperuser()) {
                    throw Errno.EPERM.exception();
                }
                make(l, dirfd, path, type, mode, dev, null);
            }
            case VREG, VFIFO -> make(l, dirfd, path, type, mode, 0, null);
            case VDIR, VLNK, VSOCK -> throw Errno.EINVAL.exception("mknod of a " + type);
        }
    }

    void symlinkat(Lwp l, String target, int dirfd, String path) throws ErrnoException {
        if (target.isEmpty()) {
            throw Errno.ENOENT.exception("a symbolic link that says nothing");
        }
        if (target.indexOf('\0') >= 0) {
            throw Errno.EINVAL.exception("a NUL in a path");
        }
        String says = PathCodec.canonical(target);
        if (PathCodec.encodedLength(says) >= Namei.PATH_MAX) {
            throw Errno.ENAMETOOLONG.exception();
        }
        make(l, dirfd, path, VnodeType.VLNK, SysStat.ALLPERMS & 0777, 0, says);
    }

    private void make(Lwp l, int dirfd, String path, VnodeType type, int mode, long rdev, @Nullable String target)
            throws ErrnoException {
        try (Namei.Found found = paths.find(l, dirfd, path, Namei.Want.FILE_OR_PLACE, false)) {
            if (found.vnode() != null) {
                throw Errno.EEXIST.exception();
            }
            if (found.trailingSlash() && type != VnodeType.VDIR) {
                throw Errno.ENOENT.exception("a slash behind something that is no directory");
            }
            Vnode dir = found.dir();
            Paths.requireWritable(dir);
            dir.lockToChange();
            try {
                requireAbsent(dir, found.name());
                Stat dirStat = dir.ops().getattr();
                Access.checkAdd(dirStat, l.cred());
                Vnode vp = dir.ops().create(found.name(), Access.newFile(l, dirStat, type, mode, rdev, target));
                vfs.names().enter(dir, found.name(), vp);
                vp.rele();
            } finally {
                dir.lock().exit();
            }
        }
    }

    void unlinkat(Lwp l, int dirfd, String path, int flags) throws ErrnoException {
        if ((flags & ~Fcntl.AT_REMOVEDIR) != 0) {
            throw Errno.EINVAL.exception("flags 0x" + Integer.toHexString(flags));
        }
        boolean rmdir = flags != 0;
        try (Namei.Found found = paths.find(l, dirfd, path, Namei.Want.PLACE, false)) {
            String name = found.name();
            checkNotSpecial(name, rmdir);
            Vnode dir = found.dir();
            dir.lockToChange();
            try {
                Vnode vp = vfs.namei().lookupLocked(dir, name);
                if (vp == null) {
                    throw Errno.ENOENT.exception();
                }
                try {
                    Paths.requireWritable(dir);
                    if (found.trailingSlash() && !vp.isDirectory()) {
                        throw Errno.ENOTDIR.exception();
                    }
                    unlinkLocked(l, dir, name, vp, rmdir);
                } finally {
                    // With the directory locked, though it may be the last reference to a file without links: that one
                    // is
                    // locked then, and files come after their directories.
                    vp.rele();
                }
            } finally {
                dir.lock().exit();
            }
        }
    }

    private void unlinkLocked(Lwp l, Vnode dir, String name, Vnode vp, boolean rmdir) throws ErrnoException {
        if (rmdir && !vp.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        Paths.checkChild(dir, vp);
        vp.lock().enterWrite();
        try {
            Stat dirStat = dir.ops().getattr();
            Access.check(dirStat, Fcntl.W_OK, l.cred());
            Access.checkRemove(dirStat, vp.ops().getattr(), l.cred());
            if (vp.mountedHere() != null || vp == vfs.root()) {
                throw Errno.EBUSY.exception("something is mounted there");
            }
            if (!rmdir && vp.isDirectory()) {
                throw Errno.EPERM.exception("a directory");
            }
            if (rmdir) {
                dir.ops().rmdir(name, vp);
                vp.setRemoved();
            } else {
                dir.ops().remove(name, vp);
            }
            vfs.names().enter(dir, name, null);
        } finally {
            vp.lock().exit();
        }
    }

    void linkat(Lwp l, int dirfd, String path, int newDirfd, String newPath, int flags) throws ErrnoException {
        if ((flags & ~Fcntl.AT_SYMLINK_FOLLOW) != 0) {
            throw Errno.EINVAL.exception("flags 0x" + Integer.toHexString(flags));
        }
        Vnode vp = paths.file(l, dirfd, path, flags != 0);
        try (Namei.Found found = paths.find(l, newDirfd, newPath, Namei.Want.FILE_OR_PLACE, false)) {
            if (found.vnode() != null) {
                throw Errno.EEXIST.exception();
            }
            if (vp.isDirectory()) {
                throw Errno.EPERM.exception("a directory");
            }
            Vnode dir = found.dir();
            if (dir.mount() != vp.mount()) {
                throw Errno.EXDEV.exception();
            }
            if (found.trailingSlash()) {
                throw Errno.ENOENT.exception("a slash behind something that is no directory");
            }
            Paths.requireWritable(dir);
            dir.lockToChange();
            try {
                requireAbsent(dir, found.name());
                Access.checkAdd(dir.ops().getattr(), l.cred());
                vp.lock().enterWrite();
                try {
                    if (!vp.ops().hasLinks()) {
                        throw Errno.ENOENT.exception("its last name is gone");
                    }
                    Access.requireMutable(vp.ops().getattr());
                    dir.ops().link(found.name(), vp);
                } finally {
                    vp.lock().exit();
                }
                vfs.names().enter(dir, found.name(), vp);
            } finally {
                dir.lock().exit();
            }
        } finally {
            vp.rele();
        }
    }

    private void requireAbsent(Vnode dir, String name) throws ErrnoException {
        Vnode there = vfs.namei().lookupLocked(dir, name);
        if (there != null) {
            there.rele();
            throw Errno.EEXIST.exception();
        }
    }

    private static void checkNotSpecial(String name, boolean rmdir) throws ErrnoException {
        if (name.isEmpty()) {
            throw Errno.EBUSY.exception("the root stays");
        }
        if (name.equals(".")) {
            throw rmdir ? Errno.EINVAL.exception() : Errno.EPERM.exception("a directory");
        }
        if (name.equals("..")) {
            throw rmdir ? Errno.ENOTEMPTY.exception() : Errno.EPERM.exception("a directory");
        }
    }
}
