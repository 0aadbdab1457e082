package org.rump4j.rump;

import org.rump4j.rumpuser.ErrnoException;

/**
 * System calls on paths. The at calls take a directory's descriptor that relative paths start from; {@link
 * Fcntl#AT_FDCWD} stands for the working directory, which the others start from.
 */
public interface FileSyscalls {
    /**
     * Opens, and creates with O_CREAT. {@code open(2)}.
     *
     * @param flags the O_ constants of {@link Fcntl}
     * @param mode permissions of a new file, less the umask
     * @return the lowest free descriptor
     * @throws ErrnoException EEXIST; EISDIR for writing to a directory; ENXIO for a device that does not exist, and for
     *     writing without blocking to a fifo that nobody reads; EMFILE; EINVAL for both bits of the access mode; EFTYPE
     *     for a symbolic link with O_NOFOLLOW, and for what is no regular file with O_REGULAR; ENOTDIR for what is no directory with
     *     O_DIRECTORY or O_SEARCH; EAGAIN where a lock is in the way of O_SHLOCK or O_EXLOCK, and O_NONBLOCK is given
     */
    int open(String path, int flags, int mode) throws ErrnoException;

    /** As {@link #open}. {@code openat(2)}. */
    int openat(int dirfd, String path, int flags, int mode) throws ErrnoException;

    /**
     * Makes a directory. {@code mkdir(2)}.
     *
     * @throws ErrnoException EEXIST; EMLINK
     */
    void mkdir(String path, int mode) throws ErrnoException;

    /** As {@link #mkdir}. {@code mkdirat(2)}. */
    void mkdirat(int dirfd, String path, int mode) throws ErrnoException;

    /**
     * Removes a directory. {@code rmdir(2)}.
     *
     * @throws ErrnoException ENOTEMPTY; EBUSY where something is mounted on it; EINVAL where path ends in {@code .}
     */
    void rmdir(String path) throws ErrnoException;

    /**
     * Removes a name. {@code unlink(2)}.
     *
     * @throws ErrnoException EPERM for a directory, for a file in a sticky directory of somebody else's, and for a file
     *     whose flags forbid it
     */
    void unlink(String path) throws ErrnoException;

    /**
     * As {@link #unlink}, or {@link #rmdir} with AT_REMOVEDIR. {@code unlinkat(2)}.
     *
     * @throws ErrnoException EINVAL for other flags
     */
    void unlinkat(int dirfd, String path, int flags) throws ErrnoException;

    /**
     * Gives a file another name. Follows a symbolic link. {@code link(2)}.
     *
     * @throws ErrnoException EEXIST; EXDEV; EPERM for a directory; EMLINK
     */
    void link(String path, String newPath) throws ErrnoException;

    /**
     * As {@link #link}, but follows a symbolic link only with AT_SYMLINK_FOLLOW. {@code linkat(2)}.
     *
     * @throws ErrnoException EINVAL for other flags
     */
    void linkat(int dirfd, String path, int newDirfd, String newPath, int flags) throws ErrnoException;

    /**
     * Makes a symbolic link. {@code symlink(2)}.
     *
     * @param target what it says; need not exist
     * @throws ErrnoException EEXIST
     */
    void symlink(String target, String path) throws ErrnoException;

    /** As {@link #symlink}. {@code symlinkat(2)}. */
    void symlinkat(String target, int dirfd, String path) throws ErrnoException;

    /**
     * What a symbolic link says. {@code readlink(2)}.
     *
     * @throws ErrnoException EINVAL where it is none
     */
    String readlink(String path) throws ErrnoException;

    /** As {@link #readlink}. {@code readlinkat(2)}. */
    String readlinkat(int dirfd, String path) throws ErrnoException;

    /**
     * Moves a name, in one step, over what has the new name. {@code rename(2)}.
     *
     * @throws ErrnoException EXDEV; EISDIR, ENOTDIR where one is a directory and the other is not; ENOTEMPTY; EINVAL where
     *     a directory would go below itself, or either is {@code .} or {@code ..}; EBUSY
     */
    void rename(String from, String to) throws ErrnoException;

    /** As {@link #rename}. {@code renameat(2)}. */
    void renameat(int fromDirfd, String from, int toDirfd, String to) throws ErrnoException;

    /** What a file is. Follows symbolic links. {@code stat(2)}. */
    Stat stat(String path) throws ErrnoException;

    /** What a file is, a symbolic link too. {@code lstat(2)}. */
    Stat lstat(String path) throws ErrnoException;

    /**
     * As {@link #stat}, or {@link #lstat} with AT_SYMLINK_NOFOLLOW. {@code fstatat(2)}.
     *
     * @throws ErrnoException EINVAL for other flags
     */
    Stat fstatat(int dirfd, String path, int flags) throws ErrnoException;

    /**
     * What the file system is that a file is on. {@code statvfs1(2)}.
     *
     * @param flags ST_WAIT or ST_NOWAIT
     */
    Statvfs statvfs1(String path, int flags) throws ErrnoException;

    /**
     * Sets permissions. {@code chmod(2)}.
     *
     * @throws ErrnoException EPERM for anyone but the owner and the superuser; EFTYPE for the sticky bit on something that
     *     is no directory, by anyone but the superuser
     */
    void chmod(String path, int mode) throws ErrnoException;

    /** As {@link #chmod}, of a symbolic link itself. {@code lchmod(2)}. */
    void lchmod(String path, int mode) throws ErrnoException;

    /**
     * As {@link #chmod}. {@code fchmodat(2)}.
     *
     * @param flags 0 or AT_SYMLINK_NOFOLLOW
     */
    void fchmodat(int dirfd, String path, int mode, int flags) throws ErrnoException;

    /**
     * Sets owner and group. {@code chown(2)}.
     *
     * @param uid −1 to leave it
     * @param gid −1 to leave it
     * @throws ErrnoException EPERM for a change of the owner by anyone but the superuser, or of the group to one that the
     *     owner is not a member of
     */
    void chown(String path, int uid, int gid) throws ErrnoException;

    /** As {@link #chown}, of a symbolic link itself. {@code lchown(2)}. */
    void lchown(String path, int uid, int gid) throws ErrnoException;

    /**
     * As {@link #chown}. {@code fchownat(2)}.
     *
     * @param flags 0 or AT_SYMLINK_NOFOLLOW
     */
    void fchownat(int dirfd, String path, int uid, int gid, int flags) throws ErrnoException;

    /**
     * Sets access and modification time. {@code utimensat(2)}.
     *
     * @param atime nsec may be UTIME_NOW or UTIME_OMIT
     * @param mtime likewise
     * @param flags 0 or AT_SYMLINK_NOFOLLOW
     * @throws ErrnoException EPERM, or EACCES where both are UTIME_NOW; EINVAL where nsec or flags are out of range
     */
    void utimensat(int dirfd, String path, Timespec atime, Timespec mtime, int flags) throws ErrnoException;

    /**
     * Sets file flags. {@code chflags(2)}.
     *
     * @throws ErrnoException EPERM; EOPNOTSUPP where the file system has none
     */
    void chflags(String path, int flags) throws ErrnoException;

    /** As {@link #chflags}, of a symbolic link itself. {@code lchflags(2)}. */
    void lchflags(String path, int flags) throws ErrnoException;

    /**
     * Makes a fifo. {@code mkfifo(2)}.
     *
     * @throws ErrnoException EEXIST
     */
    void mkfifo(String path, int mode) throws ErrnoException;

    /** As {@link #mkfifo}. {@code mkfifoat(2)}. */
    void mkfifoat(int dirfd, String path, int mode) throws ErrnoException;

    /**
     * Makes a device node, a fifo or a regular file. {@code mknod(2)}.
     *
     * @param mode type and permissions
     * @param dev of a device node; see {@link SysStat#makedev}
     * @throws ErrnoException EEXIST; EPERM for a device node by anyone but the superuser; EINVAL for another type
     */
    void mknod(String path, int mode, long dev) throws ErrnoException;

    /** As {@link #mknod}. {@code mknodat(2)}. */
    void mknodat(int dirfd, String path, int mode, long dev) throws ErrnoException;

    /**
     * Whether the real user may do something. {@code access(2)}.
     *
     * @param amode R_OK, W_OK, X_OK, or F_OK for whether it exists
     * @throws ErrnoException EACCES; EROFS; EINVAL for another amode
     */
    void access(String path, int amode) throws ErrnoException;

    /**
     * As {@link #access}. {@code faccessat(2)}.
     *
     * @param flags AT_EACCESS for the effective user, AT_SYMLINK_NOFOLLOW
     */
    void faccessat(int dirfd, String path, int amode, int flags) throws ErrnoException;

    /**
     * Cuts or extends. {@code truncate(2)}.
     *
     * @throws ErrnoException EISDIR; EINVAL where it is neither a file nor length positive; EFBIG
     */
    void truncate(String path, long length) throws ErrnoException;

    /** Makes a directory the working directory. {@code chdir(2)}. */
    void chdir(String path) throws ErrnoException;

    /**
     * Makes a directory the root of the process. {@code chroot(2)}.
     *
     * @throws ErrnoException EPERM for anyone but the superuser
     */
    void chroot(String path) throws ErrnoException;

    /**
     * The path of the working directory from the process's root. {@code getcwd(3)}.
     *
     * @throws ErrnoException ENOENT where it has been removed, or lies outside of the root
     */
    String getcwd() throws ErrnoException;
}
