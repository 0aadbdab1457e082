package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Where pages come from and go to: a file on a block device, or the device itself. Called by {@link FilePages}, with the
 * vnode's lock held as it is by whoever reads or writes. A block that has a place keeps it until {@link FilePages#truncate} or
 * {@link FilePages#punch} is told: whoever moves blocks must have flushed and cleared the pages before.
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

    /** Bytes of a block, which has a place of its own on the device or none: a power of two from 512 to 64 Ki. */
    default int blockBytes() {
        return Vnode.PAGE_BYTES;
    }

    /**
     * Gives a place on the device to the blocks of a piece that is about to be written, where they have none: {@link #bmap} tells them
     * from then on. What the device holds there is never read: all of a new block is going to be written. Lock: exclusive.
     *
     * @param offset within the file
     * @param bytes 1 to 64 Ki, not across a multiple of 64 KiB
     * @return how many bytes of the piece have a place now, from its beginning; fewer than all where there is no more room
     * @throws ErrnoException ENOSPC, EFBIG, EIO: no byte has, and nothing has changed
     */
    default long allocate(long offset, long bytes) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /**
     * The device that {@link #bmap} speaks of. Where there is none nothing is read ahead, and nothing can be written through pages.
     */
    default @Nullable BlockDevice device() {
        return null;
    }
}
