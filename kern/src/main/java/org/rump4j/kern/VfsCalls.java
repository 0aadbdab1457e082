package org.rump4j.kern;

import java.util.List;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What the file system faction does for the system calls: as {@link org.rump4j.rump.Syscalls} says, for an lwp. In a kernel
 * without that faction each of them gives ENOSYS.
 */
public interface VfsCalls {
    /** The faction that is not there. */
    VfsCalls ABSENT = new VfsCalls() {};

    default void fchdir(Lwp l, int fd) throws ErrnoException {
        throw absent();
    }

    default void fchroot(Lwp l, int fd) throws ErrnoException {
        throw absent();
    }

    default void fchmod(Lwp l, int fd, int mode) throws ErrnoException {
        throw absent();
    }

    default void fchown(Lwp l, int fd, int uid, int gid) throws ErrnoException {
        throw absent();
    }

    default void fchflags(Lwp l, int fd, int flags) throws ErrnoException {
        throw absent();
    }

    default void futimens(Lwp l, int fd, Timespec atime, Timespec mtime) throws ErrnoException {
        throw absent();
    }

    default Statvfs fstatvfs1(Lwp l, int fd, int flags) throws ErrnoException {
        throw absent();
    }

    default int openat(Lwp l, int dirfd, String path, int flags, int mode) throws ErrnoException {
        throw absent();
    }

    default void mkdirat(Lwp l, int dirfd, String path, int mode) throws ErrnoException {
        throw absent();
    }

    default void unlinkat(Lwp l, int dirfd, String path, int flags) throws ErrnoException {
        throw absent();
    }

    default void linkat(Lwp l, int dirfd, String path, int newDirfd, String newPath, int flags) throws ErrnoException {
        throw absent();
    }

    default void symlinkat(Lwp l, String target, int dirfd, String path) throws ErrnoException {
        throw absent();
    }

    default String readlinkat(Lwp l, int dirfd, String path) throws ErrnoException {
        throw absent();
    }

    default void renameat(Lwp l, int fromDirfd, String from, int toDirfd, String to) throws ErrnoException {
        throw absent();
    }

    default Stat fstatat(Lwp l, int dirfd, String path, int flags) throws ErrnoException {
        throw absent();
    }

    default Statvfs statvfs1(Lwp l, String path, int flags) throws ErrnoException {
        throw absent();
    }

    default void fchmodat(Lwp l, int dirfd, String path, int mode, int flags) throws ErrnoException {
        throw absent();
    }

    default void fchownat(Lwp l, int dirfd, String path, int uid, int gid, int flags) throws ErrnoException {
        throw absent();
    }

    default void utimensat(Lwp l, int dirfd, String path, Timespec atime, Timespec mtime, int flags)
            throws ErrnoException {
        throw absent();
    }

    default void chflags(Lwp l, String path, int flags, boolean follow) throws ErrnoException {
        throw absent();
    }

    default void mkfifoat(Lwp l, int dirfd, String path, int mode) throws ErrnoException {
        throw absent();
    }

    default void mknodat(Lwp l, int dirfd, String path, int mode, long dev) throws ErrnoException {
        throw absent();
    }

    default void faccessat(Lwp l, int dirfd, String path, int amode, int flags) throws ErrnoException {
        throw absent();
    }

    default void truncate(Lwp l, String path, long length) throws ErrnoException {
        throw absent();
    }

    default void chdir(Lwp l, String path) throws ErrnoException {
        throw absent();
    }

    default void chroot(Lwp l, String path) throws ErrnoException {
        throw absent();
    }

    default String getcwd(Lwp l) throws ErrnoException {
        throw absent();
    }

    default void mount(Lwp l, String type, String dir, int flags, MountArgs args) throws ErrnoException {
        throw absent();
    }

    default void unmount(Lwp l, String dir, int flags) throws ErrnoException {
        throw absent();
    }

    default List<Statvfs> getvfsstat(Lwp l, int flags) throws ErrnoException {
        throw absent();
    }

    default void sync(Lwp l) {}

    default String probe(Lwp l, String fspec) throws ErrnoException {
        throw absent();
    }

    default void etfsRegister(
            Lwp l, String key, String hostpath, Etfs.Type type, long begin, long size, boolean readOnly)
            throws ErrnoException {
        throw absent();
    }

    default void etfsRemove(Lwp l, String key) throws ErrnoException {
        throw absent();
    }

    private static ErrnoException absent() {
        return Errno.ENOSYS.exception("the file system faction is not linked in");
    }
}
