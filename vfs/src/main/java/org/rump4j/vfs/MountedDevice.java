package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.ErrnoException;

/** A block device that a file system is mounted from, which says when it is closed. */
record MountedDevice(BlockDevice device, Runnable onClose) implements BlockDevice {
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
    }
}
