package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A block device that is open. Offsets and sizes are in bytes, and multiples of the sector size. */
public interface BlockDevice {
    /** Takes the outcome of a transfer, on an lwp of the kernel's. Must not block for long. */
    @FunctionalInterface
    interface Done {
        /**
         * Takes it.
         *
         * @param error what went wrong, or null where all was moved
         */
        void done(@Nullable Errno error);
    }

    /** Bytes that it holds. */
    long sizeBytes();

    /** Bytes of a sector, a power of two. */
    int sectorBytes();

    /** Whether it can only be read. */
    boolean isReadOnly();

    /**
     * Reads.
     *
     * @throws ErrnoException EINVAL where it is not within the device; EIO
     */
    void read(MemorySegment dst, long offset) throws ErrnoException;

    /**
     * Writes. Durable after the next {@link #flush}.
     *
     * @throws ErrnoException EINVAL where it is not within the device; EROFS; EIO, ENOSPC of the host
     */
    void write(MemorySegment src, long offset) throws ErrnoException;

    /** Starts to read. What would be an exception of {@link #read} goes to done. Where nothing can be started, reads. */
    default void readAsync(MemorySegment dst, long offset, Done done) {
        Errno error = null;
        try {
            read(dst, offset);
        } catch (ErrnoException e) {
            error = e.errno();
        }
        done.done(error);
    }

    /** Starts to write. What would be an exception of {@link #write} goes to done. Where nothing can be started, writes. */
    default void writeAsync(MemorySegment src, long offset, Done done) {
        Errno error = null;
        try {
            write(src, offset);
        } catch (ErrnoException e) {
            error = e.errno();
        }
        done.done(error);
    }

    /**
     * Makes durable what has been written.
     *
     * @throws ErrnoException EIO
     */
    void flush() throws ErrnoException;

    /** Closes it. What was started is over when this returns, and nothing happens to the device any more by this opening. */
    void close();
}
