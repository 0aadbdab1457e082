package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A disk that fails after some writes and flushes. */
final class FailingDisk implements BlockDevice {
    private final RecordedDisk disk;
    private int left = Integer.MAX_VALUE;
    private boolean failed;

    FailingDisk(byte[] base) {
        disk = new RecordedDisk(base);
    }

    /** Of so many writes and flushes more each succeeds, and then none does. */
    synchronized void failAfter(int more) {
        left = more;
        failed = false;
    }

    synchronized boolean hasFailed() {
        return failed;
    }

    RecordedDisk recorded() {
        return disk;
    }

    private synchronized void count() throws ErrnoException {
        if (left == 0) {
            failed = true;
            throw Errno.EIO.exception("as it was told");
        }
        if (left != Integer.MAX_VALUE) {
            left--;
        }
    }

    @Override
    public long sizeBytes() {
        return disk.sizeBytes();
    }

    @Override
    public int sectorBytes() {
        return disk.sectorBytes();
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public void read(MemorySegment dst, long offset) throws ErrnoException {
        disk.read(dst, offset);
    }

    @Override
    public void write(MemorySegment src, long offset) throws ErrnoException {
        count();
        disk.write(src, offset);
    }

    @Override
    public void flush() throws ErrnoException {
        count();
        disk.flush();
    }

    @Override
    public void close() {}
}
