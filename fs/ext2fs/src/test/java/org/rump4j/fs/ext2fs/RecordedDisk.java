package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A disk in memory that writes down what is done to it. */
final class RecordedDisk implements BlockDevice {
    private static final int SECTOR = 512;

    private final byte[] base;
    private final byte[] now;
    private final List<WriteLog.Event> events = new ArrayList<>();

    RecordedDisk(byte[] base) {
        this.base = base;
        this.now = base.clone();
    }

    /** How much has happened so far. */
    synchronized int position() {
        return events.size();
    }

    /** All that has happened. */
    synchronized WriteLog log() {
        return new WriteLog(base, List.copyOf(events));
    }

    @Override
    public long sizeBytes() {
        return now.length;
    }

    @Override
    public int sectorBytes() {
        return SECTOR;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public synchronized void read(MemorySegment dst, long offset) throws ErrnoException {
        check(dst.byteSize(), offset);
        dst.copyFrom(MemorySegment.ofArray(now).asSlice(offset, dst.byteSize()));
    }

    @Override
    public synchronized void write(MemorySegment src, long offset) throws ErrnoException {
        check(src.byteSize(), offset);
        byte[] data = new byte[(int) src.byteSize()];
        MemorySegment.ofArray(data).copyFrom(src);
        System.arraycopy(data, 0, now, (int) offset, data.length);
        events.add(new WriteLog.Write((int) offset, data));
    }

    @Override
    public synchronized void flush() {
        if (events.isEmpty() || !(events.getLast() instanceof WriteLog.Flush)) {
            events.add(new WriteLog.Flush());
        }
    }

    @Override
    public void close() {}

    private void check(long bytes, long offset) throws ErrnoException {
        if (offset < 0 || offset + bytes > now.length || (offset | bytes) % SECTOR != 0) {
            throw Errno.EINVAL.exception(bytes + " bytes at " + offset);
        }
    }
}
