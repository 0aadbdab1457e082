package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What a file does that is open ({@code struct fileops}): a vnode's, a pipe's, later a socket's. A method that a kind of file
 * does not have gives the error that {@code read(2)} and the others document for such files.
 */
public interface FileOps {
    /**
     * Reads.
     *
     * @param uio where to; for a file that has a position, the offset is where from
     * @throws ErrnoException as {@code read(2)}; EBADF, with nothing moved, to look the descriptor up and begin again
     */
    void read(Lwp l, OpenFile file, Uio uio) throws ErrnoException;

    /**
     * Writes.
     *
     * @param uio where from; for a file that has a position, the offset is where to, unless it appends
     * @throws ErrnoException as {@code write(2)}; EBADF, with nothing moved, to look the descriptor up and begin again
     */
    void write(Lwp l, OpenFile file, Uio uio) throws ErrnoException;

    /** Whether the file has a position. */
    default boolean seekable() {
        return false;
    }

    /**
     * Where a seek from the end, to data or to a hole leads. Only of files that have a position.
     *
     * @param whence SEEK_END, SEEK_DATA or SEEK_HOLE
     * @throws ErrnoException EINVAL, ENXIO as {@code lseek(2)}
     */
    default long seek(Lwp l, OpenFile file, long offset, int whence) throws ErrnoException {
        throw Errno.ESPIPE.exception();
    }

    /**
     * What the file is.
     *
     * @throws ErrnoException EIO
     */
    Stat stat(Lwp l, OpenFile file) throws ErrnoException;

    /**
     * Does something particular to the kind of file.
     *
     * @throws ErrnoException ENOTTY where it knows no such request
     */
    default int ioctl(Lwp l, OpenFile file, long request, MemorySegment data) throws ErrnoException {
        throw Errno.ENOTTY.exception();
    }

    /**
     * What can be done at once ({@code fo_poll}).
     *
     * @param events what is asked, of the constants of {@link Pollfd}
     * @return those of them that are so, and POLLERR and POLLHUP; of a file that never has anybody wait, that it can be read and
     *     written
     */
    default int poll(Lwp l, OpenFile file, int events) {
        return events & (Pollfd.POLLIN | Pollfd.POLLRDNORM | Pollfd.POLLOUT | Pollfd.POLLWRNORM);
    }

    /** Where those wait whom {@link #poll} has given nothing, or null where that never changes. */
    default @Nullable Selinfo selinfo(Lwp l, OpenFile file) {
        return null;
    }

    /**
     * Cuts or extends.
     *
     * @throws ErrnoException EINVAL where there is no length to set
     */
    default void truncate(Lwp l, OpenFile file, long length) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /**
     * Gives a piece space.
     *
     * @param length bytes, from pos on; their end is a position too
     * @throws ErrnoException as {@code posix_fallocate(2)}: ESPIPE where the file has no position
     */
    default void preallocate(Lwp l, OpenFile file, long pos, long length) throws ErrnoException {
        throw Errno.ESPIPE.exception();
    }

    /**
     * Throws a piece away.
     *
     * @param length bytes, from pos on; their end is a position too
     * @throws ErrnoException as {@code fdiscard(2)}: ESPIPE where the file has no position
     */
    default void discard(Lwp l, OpenFile file, long pos, long length) throws ErrnoException {
        throw Errno.ESPIPE.exception();
    }

    /**
     * Makes durable.
     *
     * @param dataOnly attributes that are not needed to find the data may wait
     * @throws ErrnoException EINVAL where nothing of it is ever durable
     */
    default void fsync(Lwp l, OpenFile file, boolean dataOnly) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /**
     * The next entries of a directory.
     *
     * @throws ErrnoException EINVAL where it is none
     */
    default List<Dirent> getdents(Lwp l, OpenFile file) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /**
     * Sets, clears or looks for an advisory lock of the process.
     *
     * @param cmd F_GETLK, F_SETLK or F_SETLKW
     * @param position what SEEK_CUR counts from
     * @return as {@code fcntl(2)}
     * @throws ErrnoException as {@code fcntl(2)}; EINVAL where the file has no locks; EBADF to look the descriptor up and begin again
     */
    default Flock advlock(Lwp l, OpenFile file, int cmd, Flock lock, long position) throws ErrnoException {
        throw Errno.EINVAL.exception("a file without locks");
    }

    /**
     * Sets or clears the advisory lock of the open file.
     *
     * @throws ErrnoException as {@code flock(2)}; EOPNOTSUPP where the file has no locks; EBADF to look the descriptor up and begin again
     */
    default void flock(Lwp l, OpenFile file, int operation) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception("a file without locks");
    }

    /**
     * A descriptor is gone from the table of the lwp's process; others may be left. Locks of the process on the file go with any of
     * them. Whoever waits inside is sent back to the descriptor that it came by ({@code fo_restart}), which may be this one.
     */
    default void descriptorClosed(Lwp l, OpenFile file) {}

    /** The last descriptor is gone, and nobody is inside. */
    void close(Lwp l, OpenFile file);
}
