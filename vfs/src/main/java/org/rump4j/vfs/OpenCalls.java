package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Filedesc;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.OpenFile;
import org.rump4j.kern.Pipe;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code open(2)} and {@code truncate(2)}. */
final class OpenCalls {
    private final Vfs vfs;
    private final Paths paths;

    OpenCalls(Vfs vfs, Paths paths) {
        this.vfs = vfs;
        this.paths = paths;
    }

    int openat(Lwp l, int dirfd, String path, int flags, int mode) throws ErrnoException {
        if ((flags & Fcntl.O_ACCMODE) == Fcntl.O_ACCMODE) {
            throw Errno.EINVAL.exception("access mode 3");
        }
        if ((flags & Fcntl.O_ACCMODE) != 0 && executes(flags)) {
            throw Errno.EINVAL.exception("for executing only, and for writing");
        }
        Filedesc files = l.proc().files();
        int fd = files.reserve(l);
        try {
            OpenFile file = open(l, dirfd, path, flags, mode);
            if (locks(flags)) {
                lock(l, file, flags);
            }
            files.affix(fd, file, (flags & Fcntl.O_CLOEXEC) != 0);
            return fd;
        } catch (ErrnoException e) {
            files.unreserve(fd);
            throw e;
        }
    }

    /**
     * O_SHLOCK and O_EXLOCK, and the O_TRUNC that goes with them: nothing is cut off while somebody else has a lock. Gives the file up
     * where there is none to be had.
     */
    private static void lock(Lwp l, OpenFile file, int flags) throws ErrnoException {
        int kind = (flags & Fcntl.O_EXLOCK) != 0 ? Fcntl.LOCK_EX : Fcntl.LOCK_SH;
        boolean locked = false;
        try {
            file.ops().flock(l, file, (flags & Fcntl.O_NONBLOCK) != 0 ? kind | Fcntl.LOCK_NB : kind);
            if ((flags & Fcntl.O_TRUNC) != 0 && OpenVnode.vnodeOf(file).type() == VnodeType.VREG) {
                VnodeFileOps.truncate(l, OpenVnode.vnodeOf(file), 0);
            }
            locked = true;
        } finally {
            if (!locked) {
                file.release(l);
            }
        }
    }

    /** O_EXEC and O_SEARCH: what is opened is neither read nor written. */
    private static boolean executes(int flags) {
        return (flags & (Fcntl.O_EXEC | Fcntl.O_SEARCH)) != 0;
    }

    private static boolean locks(int flags) {
        return (flags & (Fcntl.O_SHLOCK | Fcntl.O_EXLOCK)) != 0;
    }

    void truncate(Lwp l, String path, long length) throws ErrnoException {
        if (length < 0) {
            throw Errno.EINVAL.exception("length " + length);
        }
        Vnode vp = paths.file(l, Fcntl.AT_FDCWD, path, true);
        try {
            if (vp.isDirectory()) {
                throw Errno.EISDIR.exception();
            }
            if (vp.type() != VnodeType.VREG) {
                throw Errno.EINVAL.exception("not a regular file");
            }
            Paths.requireWritable(vp);
            requireAccess(l, vp, Fcntl.W_OK);
            VnodeFileOps.truncate(l, vp, length);
        } finally {
            vp.rele();
        }
    }

    private OpenFile open(Lwp l, int dirfd, String path, int flags, int mode) throws ErrnoException {
        boolean follow = (flags & Fcntl.O_NOFOLLOW) == 0;
        if ((flags & Fcntl.O_CREAT) == 0) {
            try (Namei.Found found = paths.find(l, dirfd, path, Namei.Want.FILE, follow)) {
                return openVnode(l, found, flags);
            }
        }
        boolean exclusive = (flags & Fcntl.O_EXCL) != 0;
        while (true) {
            try (Namei.Found found = paths.find(l, dirfd, path, Namei.Want.FILE_OR_PLACE, follow && !exclusive)) {
                if (found.vnode() != null) {
                    if (exclusive) {
                        throw Errno.EEXIST.exception();
                    }
                    return openVnode(l, found, flags);
                }
                OpenFile file = create(l, found, flags, mode);
                if (file != null) {
                    return file;
                }
            }
            // Somebody else has made it meanwhile: look again.
        }
    }

    /** Makes a regular file and opens it, whatever its mode says; null where it is there already. */
    private @Nullable OpenFile create(Lwp l, Namei.Found found, int flags, int mode) throws ErrnoException {
        if (found.trailingSlash()) {
            throw Errno.EISDIR.exception();
        }
        Vnode dir = found.dir();
        Paths.requireWritable(dir);
        Vnode vp;
        dir.lockToChange();
        try {
            Vnode there = vfs.namei().lookupLocked(dir, found.name());
            if (there != null) {
                there.rele();
                return null;
            }
            Stat dirStat = dir.ops().getattr();
            Access.checkAdd(dirStat, l.cred());
            NewFile file = Access.newFile(l, dirStat, VnodeType.VREG, mode, 0, null);
            vp = dir.ops().create(found.name(), file);
            vfs.names().enter(dir, found.name(), vp);
        } finally {
            dir.lock().exit();
        }
        return regular(vp, flags);
    }

    private OpenFile regular(Vnode vp, int flags) {
        OpenFile file = new OpenFile(vfs.kernel(), VnodeFileOps.INSTANCE, new OpenVnode(vp, null, null), kept(flags));
        if (file.isWritable()) {
            vp.addWriter();
        }
        return file;
    }

    /** Opens what a path led to. */
    private OpenFile openVnode(Lwp l, Namei.Found found, int flags) throws ErrnoException {
        Vnode vp = found.takeVnode();
        boolean opened = false;
        try {
            OpenFile file = openVnode(l, vp, flags);
            opened = true;
            return file;
        } finally {
            if (!opened) {
                vp.rele();
            }
        }
    }

    private OpenFile openVnode(Lwp l, Vnode vp, int flags) throws ErrnoException {
        boolean read = (flags & Fcntl.O_ACCMODE) != Fcntl.O_WRONLY;
        boolean write = (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY;
        boolean truncate = (flags & Fcntl.O_TRUNC) != 0;
        checkKind(vp, flags, write || truncate);
        int wanted = executes(flags) ? Fcntl.X_OK : read ? Fcntl.R_OK : 0;
        requireAccess(l, vp, wanted | (write || truncate ? Fcntl.W_OK : 0));
        switch (vp.type()) {
            case VREG -> {
                if (write) {
                    requireAppendOnlyObeyed(vp, flags);
                }
                if (truncate && !locks(flags)) {
                    VnodeFileOps.truncate(l, vp, 0);
                }
                return regular(vp, flags);
            }
            case VCHR -> vfs.kernel().devsw().charDriver(vp.rdev()).open(l, vp.rdev(), flags);
            case VBLK -> {
                SpecialFiles.OpenBlockDevice device = vfs.specialFiles().openBlock(l, vp.rdev(), write);
                return new OpenFile(vfs.kernel(), VnodeFileOps.INSTANCE, new OpenVnode(vp, device, null), kept(flags));
            }
            case VFIFO -> {
                return openFifo(vp, flags, read, write);
            }
            case VDIR, VLNK, VSOCK -> {}
        }
        return new OpenFile(vfs.kernel(), VnodeFileOps.INSTANCE, new OpenVnode(vp, null, null), kept(flags));
    }

    /** A fifo opens when both ends are there, as POSIX says of open. */
    private OpenFile openFifo(Vnode vp, int flags, boolean read, boolean write) throws ErrnoException {
        Pipe pipe = vfs.specialFiles().fifo(vp);
        boolean nonblocking = (flags & Fcntl.O_NONBLOCK) != 0;
        if (write && !read && nonblocking && !pipe.hasReaders()) {
            throw Errno.ENXIO.exception("nobody reads the fifo");
        }
        int arrivals = pipe.open(read, write);
        if (read != write && !nonblocking) {
            try {
                pipe.awaitOtherEnd(write, arrivals);
            } catch (ErrnoException e) {
                pipe.close(read, write);
                throw e;
            }
        }
        return new OpenFile(vfs.kernel(), VnodeFileOps.FIFO, new OpenVnode(vp, null, pipe), kept(flags));
    }

    private static void checkKind(Vnode vp, int flags, boolean change) throws ErrnoException {
        if ((flags & (Fcntl.O_DIRECTORY | Fcntl.O_SEARCH)) != 0 && !vp.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        if (executes(flags) && vp.type() != VnodeType.VREG && !vp.isDirectory()) {
            throw Errno.EINVAL.exception("only files are executed, and directories searched");
        }
        if ((flags & Fcntl.O_REGULAR) != 0 && vp.type() != VnodeType.VREG) {
            throw Errno.EFTYPE.exception("not a regular file");
        }
        switch (vp.type()) {
            case VLNK -> throw Errno.EFTYPE.exception("a symbolic link");
            case VSOCK -> throw Errno.EOPNOTSUPP.exception("a socket");
            case VDIR -> {
                if (change || (flags & Fcntl.O_CREAT) != 0) {
                    throw Errno.EISDIR.exception();
                }
            }
            case VBLK, VCHR -> {
                if ((vp.mount().flags() & SysMount.MNT_NODEV) != 0) {
                    throw Errno.ENXIO.exception("devices mean nothing on this file system");
                }
            }
            case VREG -> {
                if (change) {
                    Paths.requireWritable(vp);
                }
            }
            case VFIFO -> {}
        }
    }

    private static void requireAppendOnlyObeyed(Vnode vp, int flags) throws ErrnoException {
        int fileFlags = VnodeFileOps.attributes(vp).flags();
        if ((fileFlags & (SysStat.UF_IMMUTABLE | SysStat.SF_IMMUTABLE)) != 0) {
            throw Errno.EPERM.exception("the file is immutable");
        }
        boolean appendOnly = (fileFlags & (SysStat.UF_APPEND | SysStat.SF_APPEND)) != 0;
        if (appendOnly && ((flags & Fcntl.O_APPEND) == 0 || (flags & Fcntl.O_TRUNC) != 0)) {
            throw Errno.EPERM.exception("the file can only be appended to");
        }
    }

    static void requireAccess(Lwp l, Vnode vp, int amode) throws ErrnoException {
        if (amode != 0) {
            vp.ops().access(amode, l.cred());
        }
    }

    /** The flags that an open file keeps. */
    private static int kept(int flags) {
        return flags
                & (Fcntl.O_ACCMODE
                        | Fcntl.O_APPEND
                        | Fcntl.O_NONBLOCK
                        | Fcntl.O_SYNC
                        | Fcntl.O_DSYNC
                        | Fcntl.O_RSYNC
                        | Fcntl.O_NOSIGPIPE
                        | Fcntl.O_EXEC
                        | Fcntl.O_SEARCH);
    }
}
