package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** System calls that look at attributes and change them. Those on descriptors and those on paths come together here. */
final class AttributeCalls {
    /** Works out a change from what the file is. */
    private interface Change {
        @Nullable
        AttributeChanges of(Stat file) throws ErrnoException;
    }

    private final Vfs vfs;
    private final Paths paths;

    AttributeCalls(Vfs vfs, Paths paths) {
        this.vfs = vfs;
        this.paths = paths;
    }

    Stat fstatat(Lwp l, int dirfd, String path, int flags) throws ErrnoException {
        Vnode vp = paths.file(l, dirfd, path, Paths.follows(flags, Fcntl.AT_SYMLINK_NOFOLLOW));
        try {
            return VnodeFileOps.attributes(vp);
        } finally {
            vp.rele();
        }
    }

    String readlinkat(Lwp l, int dirfd, String path) throws ErrnoException {
        Vnode vp = paths.file(l, dirfd, path, false);
        try {
            if (vp.type() != VnodeType.VLNK) {
                throw Errno.EINVAL.exception("not a symbolic link");
            }
            vp.lock().enterRead();
            try {
                return vp.ops().readlink();
            } finally {
                vp.lock().exit();
            }
        } finally {
            vp.rele();
        }
    }

    void faccessat(Lwp l, int dirfd, String path, int amode, int flags) throws ErrnoException {
        boolean follow = Paths.follows(flags, Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EACCESS);
        if ((amode & ~(Fcntl.R_OK | Fcntl.W_OK | Fcntl.X_OK)) != 0) {
            throw Errno.EINVAL.exception("mode " + amode);
        }
        Cred cred = (flags & Fcntl.AT_EACCESS) != 0 ? l.cred() : l.cred().asReal();
        // Directories on the way are searched as the one who is asked about.
        l.actAs(cred);
        try {
            Vnode vp = paths.file(l, dirfd, path, follow);
            try {
                if (amode != 0) {
                    vp.ops().access(amode, cred);
                    boolean stored = vp.type() == VnodeType.VREG || vp.isDirectory() || vp.type() == VnodeType.VLNK;
                    if ((amode & Fcntl.W_OK) != 0 && stored) {
                        Paths.requireWritable(vp);
                    }
                }
            } finally {
                vp.rele();
            }
        } finally {
            l.actAs(null);
        }
    }

    void fchmod(Lwp l, int fd, int mode) throws ErrnoException {
        change(paths.vnode(l, fd), file -> Access.chmod(file, mode, l.cred()));
    }

    void fchmodat(Lwp l, int dirfd, String path, int mode, int flags) throws ErrnoException {
        boolean follow = Paths.follows(flags, Fcntl.AT_SYMLINK_NOFOLLOW);
        change(paths.file(l, dirfd, path, follow), file -> Access.chmod(file, mode, l.cred()));
    }

    void fchown(Lwp l, int fd, int uid, int gid) throws ErrnoException {
        change(paths.vnode(l, fd), file -> Access.chown(file, uid, gid, l.cred()));
    }

    void fchownat(Lwp l, int dirfd, String path, int uid, int gid, int flags) throws ErrnoException {
        boolean follow = Paths.follows(flags, Fcntl.AT_SYMLINK_NOFOLLOW);
        change(paths.file(l, dirfd, path, follow), file -> Access.chown(file, uid, gid, l.cred()));
    }

    void fchflags(Lwp l, int fd, int flags) throws ErrnoException {
        change(paths.vnode(l, fd), file -> Access.chflags(file, flags, l.cred()));
    }

    void chflags(Lwp l, String path, int flags, boolean follow) throws ErrnoException {
        change(paths.file(l, Fcntl.AT_FDCWD, path, follow), file -> Access.chflags(file, flags, l.cred()));
    }

    void futimens(Lwp l, int fd, Timespec atime, Timespec mtime) throws ErrnoException {
        checkTimes(atime, mtime);
        change(paths.vnode(l, fd), file -> times(file, atime, mtime, l.cred()));
    }

    void utimensat(Lwp l, int dirfd, String path, Timespec atime, Timespec mtime, int flags) throws ErrnoException {
        boolean follow = Paths.follows(flags, Fcntl.AT_SYMLINK_NOFOLLOW);
        checkTimes(atime, mtime);
        change(paths.file(l, dirfd, path, follow), file -> times(file, atime, mtime, l.cred()));
    }

    private @Nullable AttributeChanges times(Stat file, Timespec atime, Timespec mtime, Cred cred)
            throws ErrnoException {
        boolean now = atime.nsec() == Timespec.UTIME_NOW && mtime.nsec() == Timespec.UTIME_NOW;
        if (atime.nsec() == Timespec.UTIME_OMIT && mtime.nsec() == Timespec.UTIME_OMIT) {
            return null;
        }
        if (!Access.isOwner(file, cred)) {
            // Anyone who may write may say that it was just now.
            if (!now) {
                throw Errno.EPERM.exception();
            }
            Access.check(file, Fcntl.W_OK, cred);
        }
        Access.requireMutable(file);
        Timespec time = vfs.kernel().clock().now();
        return AttributeChanges.ofTimes(time(atime, time), time(mtime, time));
    }

    private static @Nullable Timespec time(Timespec asked, Timespec now) {
        return switch (asked.nsec()) {
            case Timespec.UTIME_NOW -> now;
            case Timespec.UTIME_OMIT -> null;
            default -> asked;
        };
    }

    private static void checkTimes(Timespec... times) throws ErrnoException {
        for (Timespec time : times) {
            boolean special = time.nsec() == Timespec.UTIME_NOW || time.nsec() == Timespec.UTIME_OMIT;
            if (!special && (time.nsec() < 0 || time.nsec() > 999_999_999)) {
                throw Errno.EINVAL.exception("tv_nsec " + time.nsec());
            }
        }
    }

    /** Changes a file, whose reference is taken over. */
    private static void change(Vnode vp, Change change) throws ErrnoException {
        try {
            Paths.requireWritable(vp);
            vp.lock().enterWrite();
            try {
                AttributeChanges changes = change.of(vp.ops().getattr());
                if (changes != null) {
                    vp.ops().setattr(changes);
                }
            } finally {
                vp.lock().exit();
            }
        } finally {
            vp.rele();
        }
    }

    // Which directory the process is in

    void chdir(Lwp l, String path) throws ErrnoException {
        enter(l, paths.file(l, Fcntl.AT_FDCWD, path, true), false);
    }

    void fchdir(Lwp l, int fd) throws ErrnoException {
        Vnode dir = paths.vnode(l, fd);
        boolean below = false;
        try {
            requireBelowRoot(l, dir);
            below = true;
        } finally {
            if (!below) {
                dir.rele();
            }
        }
        enter(l, dir, false);
    }

    /** A process with a root of its own does not leave that by a descriptor that it was given: EPERM, as of {@code fchdir(2)}. */
    private void requireBelowRoot(Lwp l, Vnode dir) throws ErrnoException {
        CircleCheck circle = new CircleCheck();
        Vnode root = vfs.rootOf(l);
        Vnode at = dir.ref();
        try {
            while (dir.isDirectory() && root != vfs.root() && at != root) {
                circle.step(at);
                Vnode up = vfs.namei().parent(l, at);
                boolean top = up == at;
                at.rele();
                at = up;
                if (top) {
                    throw Errno.EPERM.exception("the directory is outside of the root");
                }
            }
        } finally {
            at.rele();
            root.rele();
        }
    }

    void chroot(Lwp l, String path) throws ErrnoException {
        requireSuperuser(l);
        enter(l, paths.file(l, Fcntl.AT_FDCWD, path, true), true);
    }

    void fchroot(Lwp l, int fd) throws ErrnoException {
        requireSuperuser(l);
        enter(l, paths.vnode(l, fd), true);
    }

    private void enter(Lwp l, Vnode dir, boolean asRoot) throws ErrnoException {
        boolean entered = false;
        try {
            if (!dir.isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            dir.ops().access(Fcntl.X_OK, l.cred());
            Cwdinfo cwdinfo = vfs.cwdinfo(l);
            if (asRoot) {
                cwdinfo.chroot(dir);
            } else {
                cwdinfo.chdir(dir);
            }
            entered = true;
        } finally {
            if (!entered) {
                dir.rele();
            }
        }
    }

    /** Up from the working directory to the root, looking at each directory for the name of the one that was left. */
    String getcwd(Lwp l) throws ErrnoException {
        StringBuilder path = new StringBuilder();
        CircleCheck circle = new CircleCheck();
        Vnode root = vfs.rootOf(l);
        Vnode at = vfs.cwdinfo(l).cdir();
        try {
            while (at != root) {
                circle.step(at);
                Vnode up = vfs.namei().parent(l, at);
                if (up == at) {
                    up.rele();
                    throw Errno.ENOENT.exception("the working directory is outside of the root");
                }
                Vnode child = at;
                at = up;
                try {
                    path.insert(0, nameIn(up, child)).insert(0, '/');
                } finally {
                    child.rele();
                }
            }
        } finally {
            at.rele();
            root.rele();
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    private static String nameIn(Vnode dir, Vnode child) throws ErrnoException {
        Vnode wanted = child;
        for (Vnode covered; wanted.isRoot() && (covered = wanted.mount().covered()) != null; ) {
            wanted = covered;
        }
        long fileno = wanted.fileno();
        String[] found = {null};
        dir.lock().enterRead();
        try {
            dir.ops().readdir(0, (entry, _, name, _) -> {
                if (entry == fileno && !name.equals(".") && !name.equals("..")) {
                    found[0] = name;
                }
                return found[0] == null;
            });
        } finally {
            dir.lock().exit();
        }
        if (found[0] == null) {
            throw Errno.ENOENT.exception("the working directory has been removed");
        }
        return found[0];
    }

    private static void requireSuperuser(Lwp l) throws ErrnoException {
        if (!l.cred().isSuperuser()) {
            throw Errno.EPERM.exception();
        }
    }
}
