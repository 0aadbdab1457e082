package org.rump4j.vfs;

import org.rump4j.kern.Lwp;
import org.rump4j.kern.OpenFile;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What all system calls on paths begin with: the directory that a path starts from, and the flags of the at calls. */
final class Paths {
    private final Vfs vfs;

    Paths(Vfs vfs) {
        this.vfs = vfs;
    }

    /** Where a path leads, from the directory that dirfd is, or the working directory. */
    Namei.Found find(Lwp l, int dirfd, String path, Namei.Want want, boolean follow) throws ErrnoException {
        if (dirfd == Fcntl.AT_FDCWD || path.startsWith("/")) {
            Vnode cwd = vfs.cwdinfo(l).cdir();
            try {
                return vfs.namei().find(l, cwd, false, path, want, follow);
            } finally {
                cwd.rele();
            }
        }
        OpenFile file = l.proc().files().get(dirfd);
        try {
            Vnode start = OpenVnode.vnodeOf(file);
            if (!start.isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            return vfs.namei().find(l, start, file.has(Fcntl.O_SEARCH | Fcntl.O_EXEC), path, want, follow);
        } finally {
            file.release(l);
        }
    }

    /** The file that a path leads to, with a reference that is the caller's. */
    Vnode file(Lwp l, int dirfd, String path, boolean follow) throws ErrnoException {
        try (Namei.Found found = find(l, dirfd, path, Namei.Want.FILE, follow)) {
            return found.takeVnode();
        }
    }

    /** The vnode of a descriptor, with a reference that is the caller's. */
    Vnode vnode(Lwp l, int fd) throws ErrnoException {
        OpenFile file = l.proc().files().get(fd);
        try {
            return OpenVnode.vnodeOf(file).ref();
        } finally {
            file.release(l);
        }
    }

    /** Whether an at call follows a symbolic link in the last place; EINVAL for flags that it does not have. */
    static boolean follows(int flags, int allowed) throws ErrnoException {
        if ((flags & ~allowed) != 0) {
            throw Errno.EINVAL.exception("flags 0x" + Integer.toHexString(flags));
        }
        return (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
    }

    /** EROFS where nothing on the vnode's file system may change. */
    static void requireWritable(Vnode vp) throws ErrnoException {
        if (vp.mount().isReadOnly()) {
            throw Errno.EROFS.exception();
        }
    }

    /**
     * Sees that a directory is not in itself, whatever is stored: both are going to be locked.
     *
     * @throws ErrnoException EIO
     */
    static void checkChild(Vnode dir, Vnode child) throws ErrnoException {
        if (child == dir) {
            throw Errno.EIO.exception("directory " + dir + " is in itself");
        }
    }
}
