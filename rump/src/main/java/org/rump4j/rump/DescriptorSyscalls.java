package org.rump4j.rump;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on descriptors. */
public interface DescriptorSyscalls {
    /**
     * Closes. Whoever waits in a call on the descriptor comes out with EBADF, and locks that the process has set on the file by {@link
     * #fcntl(int, int, Flock)} are gone, whichever descriptor they were set by. {@code close(2)}.
     */
    void close(int fd) throws ErrnoException;

    /**
     * Duplicates to the lowest free descriptor. {@code dup(2)}.
     *
     * @throws ErrnoException EMFILE
     */
    int dup(int fd) throws ErrnoException;

    /**
     * Duplicates to a descriptor, which is closed first. {@code dup2(2)}.
     *
     * @return to
     * @throws ErrnoException EBADF also where to is out of range
     */
    int dup2(int from, int to) throws ErrnoException;

    /**
     * As {@link #dup2}, with flags, which do nothing where from is to. {@code dup3(2)}.
     *
     * @param flags O_CLOEXEC, O_NONBLOCK, O_NOSIGPIPE
     * @throws ErrnoException EINVAL for other flags
     */
    int dup3(int from, int to, int flags) throws ErrnoException;

    /**
     * Does what cmd says. {@code fcntl(2)}.
     *
     * @param cmd one of the F_ constants of {@link Fcntl}
     * @throws ErrnoException EINVAL for another cmd, or a negative descriptor for F_DUPFD; EMFILE; EFAULT for a cmd that wants a lock
     */
    int fcntl(int fd, int cmd, int arg) throws ErrnoException;

    /**
     * Sets, clears or looks for an advisory lock on bytes of a file. It is the process's, goes when the process closes any
     * descriptor of the file, and is not inherited. {@code fcntl(2)}.
     *
     * @param cmd F_GETLK, F_SETLK or F_SETLKW of {@link Fcntl}
     * @return for F_GETLK the first lock that is in the way, counted from the beginning of the file, or the given one with F_UNLCK where
     *     there is none; otherwise the given one
     * @throws ErrnoException EAGAIN where a lock of somebody else is in the way, and cmd is F_SETLK; EDEADLK where waiting for it would
     *     never end; EBADF where it is not open for reading, for a shared lock, or not for writing, for an exclusive one; EINVAL
     *     for another cmd, type or whence, bytes before the beginning, and files that have no locks; EOVERFLOW for bytes that no
     *     offset names; ENOLCK; EINTR
     */
    Flock fcntl(int fd, int cmd, Flock lock) throws ErrnoException;

    /**
     * Sets or clears an advisory lock on a whole file. It is the open file's, so duplicates of a descriptor share it, and goes with the
     * last of them. Locks of this kind and of {@link #fcntl(int, int, Flock)} keep one another out. {@code flock(2)}.
     *
     * @param operation LOCK_SH or LOCK_EX, with LOCK_NB or without, or LOCK_UN
     * @throws ErrnoException EAGAIN where a lock of somebody else is in the way, and LOCK_NB is given; EINVAL for another operation;
     *     EOPNOTSUPP where it is no file; ENOLCK; EINTR
     */
    void flock(int fd, int operation) throws ErrnoException;

    /**
     * Reads from where the descriptor is. {@code read(2)}.
     *
     * @param buf where to, and how much
     * @return bytes read; 0 at the end
     * @throws ErrnoException EISDIR for a directory; EAGAIN where it would block and may not
     */
    long read(int fd, MemorySegment buf) throws ErrnoException;

    /** As the other, into an array. */
    default int read(int fd, byte[] buf) throws ErrnoException {
        return (int) read(fd, MemorySegment.ofArray(buf));
    }

    /** As {@link #read}, into several buffers one after the other. {@code readv(2)}. */
    long readv(int fd, MemorySegment... iov) throws ErrnoException;

    /**
     * Reads from an offset, and leaves the descriptor where it is. {@code pread(2)}.
     *
     * @param offset bytes from the beginning
     * @throws ErrnoException EINVAL for a negative offset; ESPIPE where the file has no position
     */
    long pread(int fd, MemorySegment buf, long offset) throws ErrnoException;

    /** As the other, into an array. */
    default int pread(int fd, byte[] buf, long offset) throws ErrnoException {
        return (int) pread(fd, MemorySegment.ofArray(buf), offset);
    }

    /** As {@link #pread}, into several buffers one after the other. {@code preadv(2)}. */
    long preadv(int fd, long offset, MemorySegment... iov) throws ErrnoException;

    /**
     * Writes to where the descriptor is, or to the end where it was opened with O_APPEND. {@code write(2)}.
     *
     * @return bytes written; fewer than asked where there is no more room
     * @throws ErrnoException EFBIG; EPIPE where nobody can read it any more; EAGAIN where it would block and may not
     */
    long write(int fd, MemorySegment buf) throws ErrnoException;

    /** As the other, from an array. */
    default int write(int fd, byte[] buf) throws ErrnoException {
        return (int) write(fd, MemorySegment.ofArray(buf));
    }

    /** As {@link #write}, from several buffers one after the other. {@code writev(2)}. */
    long writev(int fd, MemorySegment... iov) throws ErrnoException;

    /**
     * Writes at an offset, and leaves the descriptor where it is. {@code pwrite(2)}.
     *
     * @throws ErrnoException as {@link #pread} and {@link #write}
     */
    long pwrite(int fd, MemorySegment buf, long offset) throws ErrnoException;

    /** As the other, from an array. */
    default int pwrite(int fd, byte[] buf, long offset) throws ErrnoException {
        return (int) pwrite(fd, MemorySegment.ofArray(buf), offset);
    }

    /** As {@link #pwrite}, from several buffers one after the other. {@code pwritev(2)}. */
    long pwritev(int fd, long offset, MemorySegment... iov) throws ErrnoException;

    /**
     * Moves to a position. {@code lseek(2)}.
     *
     * @param whence one of the SEEK_ constants of {@link Fcntl}. A directory can only be moved to 0, or to where it was
     * @return the new position
     * @throws ErrnoException EINVAL for another whence or where the position would be negative; ESPIPE where the file has
     *     none; ENXIO where there is no data, or no file, from there on
     */
    long lseek(int fd, long offset, int whence) throws ErrnoException;

    /**
     * Does something particular to the kind of file. {@code ioctl(2)}.
     *
     * @param request NetBSD's number, which tells how much data there is and whether it goes in or comes out
     * @throws ErrnoException ENOTTY where the file knows no such request; EFAULT where data is smaller than the request says
     */
    int ioctl(int fd, long request, MemorySegment data) throws ErrnoException;

    /**
     * Waits until something can be done with one of several descriptors. {@code poll(2)}.
     *
     * @param timeoutMillis how long at the most: 0 not to wait, {@link Pollfd#INFTIM} for ever
     * @return what is so of each descriptor, of what was asked and of POLLERR, POLLHUP and POLLNVAL; all of them 0 where the time
     *     is over
     * @throws ErrnoException EINVAL for another negative time or too many descriptors
     */
    int[] poll(int timeoutMillis, Pollfd... fds) throws ErrnoException;

    /**
     * Makes a pipe. {@code pipe2(2)}.
     *
     * @param flags O_CLOEXEC, O_NONBLOCK, O_NOSIGPIPE
     * @return the descriptor to read from and the one to write to
     * @throws ErrnoException EINVAL for other flags; EMFILE
     */
    int[] pipe2(int flags) throws ErrnoException;

    /** Makes data and attributes durable. {@code fsync(2)}. */
    void fsync(int fd) throws ErrnoException;

    /** Makes data durable, and what is needed to find it. {@code fdatasync(2)}. */
    void fdatasync(int fd) throws ErrnoException;

    /**
     * Makes a piece of a file durable; a kernel may do more. {@code fsync_range(2)}.
     *
     * @param how {@link Fcntl#FDATASYNC} or {@link Fcntl#FFILESYNC}, and perhaps {@link Fcntl#FDISKSYNC}
     * @param start byte of the file
     * @param length bytes; 0 for all that follow
     * @throws ErrnoException EBADF where it is not open for writing; EINVAL for neither or both of the first two, for other flags,
     *     where the piece is not one of a file, and for what is no file; EIO
     */
    void fsyncRange(int fd, int how, long start, long length) throws ErrnoException;

    /**
     * Cuts or extends. {@code ftruncate(2)}.
     *
     * @throws ErrnoException EINVAL where it is not open for writing or length is negative; EFBIG
     */
    void ftruncate(int fd, long length) throws ErrnoException;

    /**
     * Sees to it that writing to a piece of a file finds room: what has no space on the disk gets some, and reads as zeros as before. A
     * file that ends before the piece does becomes longer. {@code posix_fallocate(2)}.
     *
     * @param pos byte of the file
     * @param length bytes
     * @throws ErrnoException EBADF where it is not open for writing; EINVAL where the piece is not one of a file; EISDIR for a
     *     directory; ESPIPE for a pipe or a fifo; ENODEV for anything else that is no regular file; EFBIG; ENOSPC, and the file is as
     *     long as it was; EOPNOTSUPP where the file system cannot
     */
    void posixFallocate(int fd, long pos, long length) throws ErrnoException;

    /**
     * Throws away what a piece of a file says: it reads as zeros then, and those of its blocks that are whole take no space. The file
     * stays as long as it is. {@code fdiscard(2)}.
     *
     * @param pos byte of the file
     * @param length bytes; what is behind the end is no concern
     * @throws ErrnoException as {@link #posixFallocate}, but for EFBIG; ENODEV too for a device that cannot discard
     */
    void fdiscard(int fd, long pos, long length) throws ErrnoException;

    /**
     * The next entries of a directory, {@code .} and {@code ..} among them. {@code getdents(2)}.
     *
     * @return some; none at the end. An entry that is there all the while is given once
     * @throws ErrnoException EINVAL where it is no directory
     */
    List<Dirent> getdents(int fd) throws ErrnoException;

    /** What the file is. {@code fstat(2)}. */
    Stat fstat(int fd) throws ErrnoException;

    /**
     * What the file system of the file is. {@code fstatvfs1(2)}.
     *
     * @param flags ST_WAIT or ST_NOWAIT
     */
    Statvfs fstatvfs1(int fd, int flags) throws ErrnoException;

    /** Makes a directory the working directory. {@code fchdir(2)}. */
    void fchdir(int fd) throws ErrnoException;

    /**
     * Makes a directory the root of the process. {@code fchroot(2)}.
     *
     * @throws ErrnoException EPERM for anyone but the superuser
     */
    void fchroot(int fd) throws ErrnoException;

    /**
     * Sets permissions. {@code fchmod(2)}.
     *
     * @throws ErrnoException EPERM for anyone but the owner and the superuser
     */
    void fchmod(int fd, int mode) throws ErrnoException;

    /**
     * Sets owner and group. {@code fchown(2)}.
     *
     * @param uid −1 to leave it
     * @param gid −1 to leave it
     * @throws ErrnoException EPERM
     */
    void fchown(int fd, int uid, int gid) throws ErrnoException;

    /**
     * Sets file flags. {@code fchflags(2)}.
     *
     * @throws ErrnoException EPERM; EOPNOTSUPP where the file system has none
     */
    void fchflags(int fd, int flags) throws ErrnoException;

    /**
     * Sets access and modification time. {@code futimens(2)}.
     *
     * @param atime nsec may be UTIME_NOW or UTIME_OMIT
     * @param mtime likewise
     * @throws ErrnoException EPERM, or EACCES where both are UTIME_NOW; EINVAL where nsec is out of range
     */
    void futimens(int fd, Timespec atime, Timespec mtime) throws ErrnoException;
}
