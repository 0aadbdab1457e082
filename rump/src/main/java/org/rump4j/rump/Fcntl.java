package org.rump4j.rump;

/** Constants of NetBSD's {@code fcntl.h} and {@code unistd.h}. */
public final class Fcntl {
    /** Open for reading only. */
    public static final int O_RDONLY = 0x0;
    /** Open for writing only. */
    public static final int O_WRONLY = 0x1;
    /** Open for both. */
    public static final int O_RDWR = 0x2;
    /** Mask for the three above. */
    public static final int O_ACCMODE = 0x3;
    /** Do not block. */
    public static final int O_NONBLOCK = 0x4;
    /** Each write goes to the end. */
    public static final int O_APPEND = 0x8;
    /** Take a shared lock as {@code flock(2)} does. */
    public static final int O_SHLOCK = 0x10;
    /** Take an exclusive lock as {@code flock(2)} does. */
    public static final int O_EXLOCK = 0x20;
    /** Writes are durable when they return. */
    public static final int O_SYNC = 0x80;
    /** Fail where the last component is a symbolic link. */
    public static final int O_NOFOLLOW = 0x100;
    /** Create where there is none. */
    public static final int O_CREAT = 0x200;
    /** Cut to no bytes. */
    public static final int O_TRUNC = 0x400;
    /** With O_CREAT: fail where there is one. */
    public static final int O_EXCL = 0x800;
    /** Do not become the controlling terminal. */
    public static final int O_NOCTTY = 0x8000;
    /** Data of writes is durable when they return. */
    public static final int O_DSYNC = 0x10000;
    /** Reads see what O_SYNC or O_DSYNC promise of writes. */
    public static final int O_RSYNC = 0x20000;
    /** Fail where it is no directory. */
    public static final int O_DIRECTORY = 0x200000;
    /** Close on exec. */
    public static final int O_CLOEXEC = 0x400000;
    /** A directory for use with the at calls only: it must be searchable now, and not any more when it is used. */
    public static final int O_SEARCH = 0x800000;
    /** Fail where it is no regular file. */
    public static final int O_REGULAR = 0x2000000;
    /** Open for executing only: it can be neither read nor written. A directory: as O_SEARCH. */
    public static final int O_EXEC = 0x4000000;
    /** A pipe or fifo that nobody reads raises no signal, which it never does in a kernel whose processes have none. */
    public static final int O_NOSIGPIPE = 0x1000000;

    /** {@code fcntl}: duplicate to the first descriptor from the argument on. */
    public static final int F_DUPFD = 0;
    /** {@code fcntl}: get the descriptor's flags. */
    public static final int F_GETFD = 1;
    /** {@code fcntl}: set them. */
    public static final int F_SETFD = 2;
    /** {@code fsync_range}: data, and what is needed to get at it. */
    public static final int FDATASYNC = 0x10;
    /** {@code fsync_range}: data and attributes. */
    public static final int FFILESYNC = 0x20;
    /** {@code fsync_range}: through the cache of the disk, too. */
    public static final int FDISKSYNC = 0x40;

    /** {@code fcntl}: get the file's flags and access mode. */
    public static final int F_GETFL = 3;
    /** {@code fcntl}: set O_NONBLOCK and O_APPEND. */
    public static final int F_SETFL = 4;
    /** {@code fcntl}: tell what is in the way of a lock. */
    public static final int F_GETLK = 7;
    /** {@code fcntl}: set or clear a lock, or fail. */
    public static final int F_SETLK = 8;
    /** {@code fcntl}: set or clear a lock, and wait while something is in the way. */
    public static final int F_SETLKW = 9;
    /** {@code fcntl}: close all descriptors from this on. */
    public static final int F_CLOSEM = 10;
    /** {@code fcntl}: the highest descriptor that is open. */
    public static final int F_MAXFD = 11;
    /** {@code fcntl}: as F_DUPFD, and close the new one on exec. */
    public static final int F_DUPFD_CLOEXEC = 12;
    /** {@code fcntl}: get whether O_NOSIGPIPE is set. */
    public static final int F_GETNOSIGPIPE = 13;
    /** {@code fcntl}: set it, or clear it with 0. */
    public static final int F_SETNOSIGPIPE = 14;
    /** Flag of a descriptor: close on exec. */
    public static final int FD_CLOEXEC = 1;

    /** {@code flock}: a lock that is shared with others that are. */
    public static final int LOCK_SH = 0x1;
    /** {@code flock}: a lock that nobody else has. */
    public static final int LOCK_EX = 0x2;
    /** {@code flock}: do not wait. */
    public static final int LOCK_NB = 0x4;
    /** {@code flock}: no lock any more. */
    public static final int LOCK_UN = 0x8;

    /** The at calls: relative to the working directory. */
    public static final int AT_FDCWD = -100;
    /** {@code faccessat}: check for the effective ids. */
    public static final int AT_EACCESS = 0x100;
    /** The at calls: act on a symbolic link itself. */
    public static final int AT_SYMLINK_NOFOLLOW = 0x200;
    /** {@code linkat}: follow a symbolic link. */
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    /** {@code unlinkat}: remove a directory. */
    public static final int AT_REMOVEDIR = 0x800;

    /** {@code lseek}: from the beginning. */
    public static final int SEEK_SET = 0;
    /** {@code lseek}: from where it is. */
    public static final int SEEK_CUR = 1;
    /** {@code lseek}: from the end. */
    public static final int SEEK_END = 2;
    /** {@code lseek}: to the first data from there on. NetBSD has no number for this one and the next; FreeBSD's and Linux's. */
    public static final int SEEK_DATA = 3;
    /** {@code lseek}: to the first hole from there on; the end of the file is one. */
    public static final int SEEK_HOLE = 4;

    /** {@code access}: does it exist. */
    public static final int F_OK = 0;
    /** {@code access}: may it be executed or searched. */
    public static final int X_OK = 1;
    /** {@code access}: may it be written. */
    public static final int W_OK = 2;
    /** {@code access}: may it be read. */
    public static final int R_OK = 4;

    private Fcntl() {}
}
