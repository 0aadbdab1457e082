package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;

/** Files of the host and I/O on them. Descriptors are numbers of the host's own. */
public interface FileCalls {
    /** Open for reading. */
    int OPEN_RDONLY = 0x0000;
    /** Open for writing. */
    int OPEN_WRONLY = 0x0001;
    /** Open for both. */
    int OPEN_RDWR = 0x0002;
    /** The mask for the three above. */
    int OPEN_ACCMODE = 0x0003;
    /** Create the file, mode 0644 less the umask, where there is none. */
    int OPEN_CREATE = 0x0004;
    /** With {@link #OPEN_CREATE}: fail where there is one. */
    int OPEN_EXCL = 0x0008;
    /** The file will be used for block I/O. A hint. */
    int OPEN_BIO = 0x0010;

    /** For an offset: at the descriptor's current position, which advances ({@code RUMPUSER_IOV_NOSEEK}). */
    long IOV_NOSEEK = -1;

    /** {@link #syncfd}: what was read. Never anything to do. */
    int SYNCFD_READ = 0x01;
    /** {@link #syncfd}: what was written. */
    int SYNCFD_WRITE = 0x02;
    /** {@link #syncfd}: both. */
    int SYNCFD_BOTH = SYNCFD_READ | SYNCFD_WRITE;
    /** {@link #syncfd}: writes that follow stay behind those that came before. */
    int SYNCFD_BARRIER = 0x04;
    /** {@link #syncfd}: return when it is done. */
    int SYNCFD_SYNC = 0x08;

    /** What a file of the host is. The order is that of the numbers in {@code rumpuser.h}. */
    enum FileType {
        OTHER,
        DIR,
        REG,
        BLK,
        CHR
    }

    /**
     * What {@link #getfileinfo} finds out.
     *
     * @param size bytes; for a device, those of its medium
     * @param type what it is
     */
    record FileInfo(long size, FileType type) {}

    /**
     * Size and type of a file. Follows symbolic links. Does not unschedule.
     *
     * @param path of the host
     * @throws ErrnoException as {@code stat(2)}: ENOENT, EACCES, ENOTDIR, ELOOP, ENAMETOOLONG, EIO; EOPNOTSUPP for a
     *     device that does not tell its size
     */
    FileInfo getfileinfo(String path) throws ErrnoException;

    /**
     * Opens a file. Unschedules.
     *
     * @param path of the host
     * @param flags the constants above
     * @return a descriptor
     * @throws ErrnoException EINVAL where both bits of the access mode are set; EISDIR for writing to a directory; as
     *     {@code open(2)} otherwise: ENOENT, EACCES, EEXIST, ENOTDIR, EROFS, EMFILE …
     */
    int open(String path, int flags) throws ErrnoException;

    /** Flushes what was written and closes. Unschedules. Errors, a bad descriptor too, are ignored. */
    void close(int fd);

    /**
     * Reads. Unschedules. Reading at an offset neither uses nor moves the descriptor's position, so it is safe from
     * several threads. A signal or an interrupt does not cut it short.
     *
     * @param iov where to, filled in order
     * @param off byte offset, or {@link #IOV_NOSEEK}
     * @return bytes read: fewer than asked where the file ends or the device gives no more now; 0 at the end
     * @throws ErrnoException EBADF; EINVAL for another negative offset; ESPIPE for an offset into a pipe; EISDIR; EIO …
     */
    long iovread(int fd, MemorySegment[] iov, long off) throws ErrnoException;

    /**
     * Writes. Unschedules. As {@link #iovread} otherwise.
     *
     * @return bytes written
     * @throws ErrnoException as {@link #iovread}, and ENOSPC, EFBIG, EDQUOT, EROFS
     */
    long iovwrite(int fd, MemorySegment[] iov, long off) throws ErrnoException;

    /**
     * Makes what was written durable. Unschedules where it touches the file.
     *
     * @param flags the constants above
     * @param start byte offset of the range; a host may flush more
     * @param len bytes; 0 for all
     * @throws ErrnoException EINVAL where flags name neither reading nor writing; EBADF where they name writing; EIO
     */
    void syncfd(int fd, int flags, long start, long len) throws ErrnoException;
}
