package org.rump4j.vfs;

import java.util.List;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.VfsCalls;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** The faction's door: hands each call to those who know. */
final class VfsSyscalls implements VfsCalls {
    private final Vfs vfs;
    private final OpenCalls opens;
    private final NameCalls names;
    private final RenameCall renames;
    private final AttributeCalls attributes;
    private final MountCalls mounts;

    VfsSyscalls(Vfs vfs) {
        this.vfs = vfs;
        Paths paths = new Paths(vfs);
        opens = new OpenCalls(vfs, paths);
        names = new NameCalls(vfs, paths);
        renames = new RenameCall(vfs, paths);
        attributes = new AttributeCalls(vfs, paths);
        mounts = new MountCalls(vfs, paths);
    }

    @Override
    public int openat(Lwp l, int dirfd, String path, int flags, int mode) throws ErrnoException {
        return opens.openat(l, dirfd, path, flags, mode);
    }

    @Override
    public void truncate(Lwp l, String path, long length) throws ErrnoException {
        opens.truncate(l, path, length);
    }

    @Override
    public void mkdirat(Lwp l, int dirfd, String path, int mode) throws ErrnoException {
        names.mkdirat(l, dirfd, path, mode);
    }

    @Override
    public void unlinkat(Lwp l, int dirfd, String path, int flags) throws ErrnoException {
        names.unlinkat(l, dirfd, path, flags);
    }

    @Override
    public void linkat(Lwp l, int dirfd, String path, int newDirfd, String newPath, int flags) throws ErrnoException {
        names.linkat(l, dirfd, path, newDirfd, newPath, flags);
    }

    @Override
    public void symlinkat(Lwp l, String target, int dirfd, String path) throws ErrnoException {
        names.symlinkat(l, target, dirfd, path);
    }

    @Override
    public void mkfifoat(Lwp l, int dirfd, String path, int mode) throws ErrnoException {
        names.mkfifoat(l, dirfd, path, mode);
    }

    @Override
    public void mknodat(Lwp l, int dirfd, String path, int mode, long dev) throws ErrnoException {
        names.mknodat(l, dirfd, path, mode, dev);
    }

    @Override
    public void renameat(Lwp l, int fromDirfd, String from, int toDirfd, String to) throws ErrnoException {
        renames.renameat(l, fromDirfd, from, toDirfd, to);
    }

    @Override
    public Stat fstatat(Lwp l, int dirfd, String path, int flags) throws ErrnoException {
        return attributes.fstatat(l, dirfd, path, flags);
    }

    @Override
    public String readlinkat(Lwp l, int dirfd, String path) throws ErrnoException {
        return attributes.readlinkat(l, dirfd, path);
    }

    @Override
    public void faccessat(Lwp l, int dirfd, String path, int amode, int flags) throws ErrnoException {
        attributes.faccessat(l, dirfd, path, amode, flags);
    }

    @Override
    public void fchmod(Lwp l, int fd, int mode) throws ErrnoException {
        attributes.fchmod(l, fd, mode);
    }

    @Override
    public void fchmodat(Lwp l, int dirfd, String path, int mode, int flags) throws ErrnoException {
        attributes.fchmodat(l, dirfd, path, mode, flags);
    }

    @Override
    public void fchown(Lwp l, int fd, int uid, int gid) throws ErrnoException {
        attributes.fchown(l, fd, uid, gid);
    }

    @Override
    public void fchownat(Lwp l, int dirfd, String path, int uid, int gid, int flags) throws ErrnoException {
        attributes.fchownat(l, dirfd, path, uid, gid, flags);
    }

    @Override
    public void fchflags(Lwp l, int fd, int flags) throws ErrnoException {
        attributes.fchflags(l, fd, flags);
    }

    @Override
    public void chflags(Lwp l, String path, int flags, boolean follow) throws ErrnoException {
        attributes.chflags(l, path, flags, follow);
    }

    @Override
    public void futimens(Lwp l, int fd, Timespec atime, Timespec mtime) throws ErrnoException {
        attributes.futimens(l, fd, atime, mtime);
    }

    @Override
    public void utimensat(Lwp l, int dirfd, String path, Timespec atime, Timespec mtime, int flags)
            throws ErrnoException {
        attributes.utimensat(l, dirfd, path, atime, mtime, flags);
    }

    @Override
    public void chdir(Lwp l, String path) throws ErrnoException {
        attributes.chdir(l, path);
    }

    @Override
    public void fchdir(Lwp l, int fd) throws ErrnoException {
        attributes.fchdir(l, fd);
    }

    @Override
    public void chroot(Lwp l, String path) throws ErrnoException {
        attributes.chroot(l, path);
    }

    @Override
    public void fchroot(Lwp l, int fd) throws ErrnoException {
        attributes.fchroot(l, fd);
    }

    @Override
    public String getcwd(Lwp l) throws ErrnoException {
        return attributes.getcwd(l);
    }

    @Override
    public void mount(Lwp l, String type, String dir, int flags, MountArgs args) throws ErrnoException {
        mounts.mount(l, type, dir, flags, args);
    }

    @Override
    public void unmount(Lwp l, String dir, int flags) throws ErrnoException {
        mounts.unmount(l, dir, flags);
    }

    @Override
    public Statvfs statvfs1(Lwp l, String path, int flags) throws ErrnoException {
        return mounts.statvfs1(l, path);
    }

    @Override
    public Statvfs fstatvfs1(Lwp l, int fd, int flags) throws ErrnoException {
        return mounts.fstatvfs1(l, fd);
    }

    @Override
    public List<Statvfs> getvfsstat(Lwp l, int flags) throws ErrnoException {
        return mounts.getvfsstat();
    }

    @Override
    public void sync(Lwp l) {
        vfs.sync();
    }

    @Override
    public String probe(Lwp l, String fspec) throws ErrnoException {
        return vfs.specialFiles().probe(l, fspec);
    }

    @Override
    public void etfsRegister(
            Lwp l, String key, String hostpath, Etfs.Type type, long begin, long size, boolean readOnly)
            throws ErrnoException {
        vfs.etfs().register(key, hostpath, type, begin, size, readOnly);
    }

    @Override
    public void etfsRemove(Lwp l, String key) throws ErrnoException {
        vfs.etfs().remove(key);
    }
}
