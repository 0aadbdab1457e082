package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A transfer between the kernel and the memory of whoever made the system call ({@code uiomove(9)}): where it goes on in the
 * file, and where in the memory.
 */
public final class Uio {
    /** Buffers that one transfer may be scattered over ({@code IOV_MAX}). */
    static final int IOV_MAX = 1024;

    private static final MemorySegment[] NO_MEMORY = {};

    /** The memory that is at hand, and after it the rest, from index on. */
    private MemorySegment current = MemorySegment.NULL;

    private MemorySegment[] rest = NO_MEMORY;
    private int index;
    private long within;
    private long offset;
    private long resid;

    Uio() {}

    /**
     * A transfer.
     *
     * @param offset where in the file it begins
     * @param memory where to or from
     */
    public static Uio of(long offset, MemorySegment memory) {
        return new Uio().reset(offset, memory);
    }

    /** This one, used again for another transfer. */
    Uio reset(long fileOffset, MemorySegment memory) {
        current = memory;
        rest = NO_MEMORY;
        index = 0;
        within = 0;
        offset = fileOffset;
        resid = memory.byteSize();
        return this;
    }

    /**
     * This one, used again for another transfer.
     *
     * @throws ErrnoException EINVAL where it is more than can be counted, or in more than {@link #IOV_MAX} pieces; EFAULT
     *     where one of them is null
     */
    Uio reset(long fileOffset, MemorySegment[] iov) throws ErrnoException {
        if (iov.length > IOV_MAX) {
            throw Errno.EINVAL.exception(iov.length + " buffers");
        }
        reset(fileOffset, MemorySegment.NULL);
        // The caller's array may change meanwhile.
        rest = iov.clone();
        for (MemorySegment segment : rest) {
            if (segment == null) {
                throw Errno.EFAULT.exception("null");
            }
            resid += segment.byteSize();
            if (resid < 0) {
                throw Errno.EINVAL.exception("more memory than can be counted");
            }
        }
        return this;
    }

    /** Where in the file it goes on. */
    public long offset() {
        return offset;
    }

    /** Goes on elsewhere in the file. */
    public void setOffset(long to) {
        offset = to;
    }

    /** Bytes that are still to be moved. */
    public long resid() {
        return resid;
    }

    /**
     * Moves no more than so many of the bytes that are still to be moved, for now.
     *
     * @return how many that leaves out, to be given to {@link #extend} so that they do not count as moved
     */
    public long truncate(long most) {
        long cut = Math.max(0, resid - most);
        resid -= cut;
        return cut;
    }

    /** So many more bytes are still to be moved. */
    public void extend(long bytes) {
        resid += bytes;
    }

    /**
     * The last bytes have been moved, but have not come to where they belong: they do not count. The transfer is over.
     *
     * @param bytes how many
     */
    public void takeBack(long bytes) {
        offset -= bytes;
        resid += bytes;
    }

    /**
     * Moves bytes of the kernel to the memory.
     *
     * @param src a piece of the kernel's memory
     * @param srcOffset first byte of it
     * @param bytes how many; no more than {@link #resid}
     * @throws ErrnoException EFAULT where the memory cannot be written
     */
    public void toUser(MemorySegment src, long srcOffset, long bytes) throws ErrnoException {
        move(src, srcOffset, bytes, true);
    }

    /**
     * Moves bytes of the memory to the kernel.
     *
     * @throws ErrnoException EFAULT where the memory cannot be read
     */
    public void fromUser(MemorySegment dst, long dstOffset, long bytes) throws ErrnoException {
        move(dst, dstOffset, bytes, false);
    }

    /**
     * Moves zeros to the memory.
     *
     * @throws ErrnoException EFAULT where the memory cannot be written
     */
    public void zeros(long bytes) throws ErrnoException {
        long left = bytes;
        while (left > 0) {
            MemorySegment segment = advanceToMemory();
            long n = Math.min(left, segment.byteSize() - within);
            try {
                segment.asSlice(within, n).fill((byte) 0);
            } catch (IllegalStateException
                    | IllegalArgumentException
                    | UnsupportedOperationException
                    | WrongThreadException e) {
                throw fault(e);
            }
            advance(n);
            left -= n;
        }
    }

    /**
     * Passes over bytes of the memory without touching them.
     *
     * @param bytes how many; no more than {@link #resid}
     */
    public void skip(long bytes) {
        long left = bytes;
        while (left > 0) {
            long n = Math.min(left, advanceToMemory().byteSize() - within);
            advance(n);
            left -= n;
        }
    }

    private void move(MemorySegment kernel, long kernelOffset, long bytes, boolean toUser) throws ErrnoException {
        long at = kernelOffset;
        long left = bytes;
        while (left > 0) {
            MemorySegment user = advanceToMemory();
            long n = Math.min(left, user.byteSize() - within);
            try {
                if (toUser) {
                    MemorySegment.copy(kernel, at, user, within, n);
                } else {
                    MemorySegment.copy(user, within, kernel, at, n);
                }
            } catch (IllegalStateException
                    | IllegalArgumentException
                    | UnsupportedOperationException
                    | WrongThreadException e) {
                throw fault(e);
            }
            advance(n);
            at += n;
            left -= n;
        }
    }

    private MemorySegment advanceToMemory() {
        while (within == current.byteSize()) {
            current = rest[index++];
            within = 0;
        }
        return current;
    }

    private void advance(long n) {
        within += n;
        offset += n;
        resid -= n;
    }

    /** A segment that is closed, read-only, or another thread's. */
    private static ErrnoException fault(RuntimeException e) {
        return Errno.EFAULT.exception(String.valueOf(e.getMessage()));
    }
}
