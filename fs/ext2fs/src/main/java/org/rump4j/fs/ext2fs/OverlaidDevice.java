package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A device as it would be if its journal had been played back: blocks of which the journal has a newer copy are read from there. It cannot
 * be written.
 */
final class OverlaidDevice implements BlockDevice {
    private final BlockDevice device;
    private final int blockShift;
    private final BlockCopies copies;

    /** @param copies as {@link #copy} makes them */
    OverlaidDevice(BlockDevice device, int blockShift, BlockCopies copies) {
        this.device = device;
        this.blockShift = blockShift;
        this.copies = copies;
    }

    /**
     * Where the copy of a block is.
     *
     * @param blkno its number on the device
     * @param escaped whether its first four bytes are the journal's magic number, whatever is there
     */
    static long copy(long blkno, boolean escaped) {
        return blkno << 1 | (escaped ? 1 : 0);
    }

    /** The block of the device that a copy is in. */
    static long blknoOf(long copy) {
        return copy >> 1;
    }

    /** Whether a copy is one that is escaped. */
    static boolean isEscaped(long copy) {
        return (copy & 1) != 0;
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public int sectorBytes() {
        return device.sectorBytes();
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public void read(MemorySegment dst, long offset) throws ErrnoException {
        long end = offset + dst.byteSize();
        long at = offset;
        while (at < end) {
            long copy = copies.get(at >> blockShift);
            if (copy == BlockCopies.NONE) {
                long next = plainEnd(at, end);
                device.read(dst.asSlice(at - offset, next - at), at);
                at = next;
            } else {
                long next = Math.min(blockEnd(at), end);
                readCopy(dst.asSlice(at - offset, next - at), copy, at & ((1L << blockShift) - 1));
                at = next;
            }
        }
    }

    private long blockEnd(long at) {
        return ((at >> blockShift) + 1) << blockShift;
    }

    /** From a block that has no copy on: up to the next one that has. */
    private long plainEnd(long from, long end) {
        long at = blockEnd(from);
        while (at < end && copies.get(at >> blockShift) == BlockCopies.NONE) {
            at = blockEnd(at);
        }
        return Math.min(at, end);
    }

    private void readCopy(MemorySegment dst, long copy, long within) throws ErrnoException {
        device.read(dst, (blknoOf(copy) << blockShift) + within);
        if (isEscaped(copy) && within == 0 && dst.byteSize() >= Integer.BYTES) {
            JournalLayout.H_MAGIC.set(dst, 0, JournalLayout.MAGIC);
        }
    }

    @Override
    public void write(MemorySegment src, long offset) throws ErrnoException {
        throw Errno.EROFS.exception("a journal lies over the device");
    }

    @Override
    public void readAsync(MemorySegment dst, long offset, Done done) {
        if (plainEnd(offset, offset + dst.byteSize()) == offset + dst.byteSize()
                && copies.get(offset >> blockShift) == BlockCopies.NONE) {
            device.readAsync(dst, offset, done);
        } else {
            BlockDevice.super.readAsync(dst, offset, done);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        copies.close();
        device.close();
    }
}
