package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Where pages come from and go to: a file on a block device, or the device itself. Called by {@link FilePages}, with the
 * vnode's lock held as it is by whoever reads or writes.
 */
public interface PageSource {
    /**
     * The piece that a byte is in, as long as it is contiguous on the device, or a hole. Lock: shared.
     *
     * @param offset within the file
     * @param limit the first byte that is of no interest: the piece need not be followed further
     * @throws ErrnoException EIO
     */
    default FileExtent bmap(long offset, long limit) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * Reads past all caches. Lock: shared. What lies behind the end, or in a hole, reads as zeros.
     *
     * @param offset a multiple of {@link Vnode#PAGE_BYTES}
     * @param dst a multiple of that long
     * @throws ErrnoException EIO
     */
    default void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * Writes past all caches. Lock: exclusive. As {@link #readBlocks} otherwise.
     *
     * @throws ErrnoException EIO, ENOSPC
     */
    default void writeBlocks(long offset, MemorySegment src) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /** The device that {@link #bmap} speaks of, where reading ahead by it is worth trying; or null. */
    default @Nullable BlockDevice device() {
        return null;
    }
}
