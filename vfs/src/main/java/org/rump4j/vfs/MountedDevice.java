package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.ErrnoException;

/** A block device that a file system is mounted from, which says when it is closed. One that is read may be written later. */
final class MountedDevice implements BlockDevice {
    private final long dev;
    private final Runnable onClose;

    /** Another opening of the same device from when it can be written. */
    private volatile BlockDevice device;

    /** The first opening, by which transfers may still be under way. */
    private @Nullable BlockDevice before;

    MountedDevice(long dev, BlockDevice device, Runnable onClose) {
        this.dev = dev;
        this.device = device;
        this.onClose = onClose;
    }

    /** Which device it is. */
    long dev() {
        return dev;
    }

    /** From now on by another opening of the device, which can be written to. Once. */
    void upgrade(BlockDevice writable) {
        before = device;
        device = writable;
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
        return device.isReadOnly();
    }

    @Override
    public void read(MemorySegment dst, long offset) throws ErrnoException {
        device.read(dst, offset);
    }

    @Override
    public void write(MemorySegment src, long offset) throws ErrnoException {
        device.write(src, offset);
    }

    @Override
    public void readAsync(MemorySegment dst, long offset, Done done) {
        device.readAsync(dst, offset, done);
    }

    @Override
    public void writeAsync(MemorySegment src, long offset, Done done) {
        device.writeAsync(src, offset, done);
    }

    @Override
    public void flush() throws ErrnoException {
        device.flush();
    }

    @Override
    public void close() {
        onClose.run();
        device.close();
        if (before != null) {
            before.close();
        }
    }
}
