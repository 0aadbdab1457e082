package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.Rumpuser;

/**
 * A disk whose medium is a part of a file or of a device of the host. Reading waits for the host in the calling lwp: that costs less
 * than having a thread of the host's do it and waiting for that one. What goes on in the background is block I/O.
 */
final class HostDisk implements BlockDevice {
    private final Rumpuser host;
    private final int fd;
    private final String hostpath;
    private final long begin;
    private final long size;
    private final Consumer<HostDisk> onClose;
    private final int sectorBytes;
    private final boolean readOnly;
    private final FlushGate gate;
    private final Transfers transfers;

    /**
     * Over a descriptor of the host, which is closed with it.
     *
     * @param begin byte of the host's file that is the first here
     * @param size bytes
     * @param gate new
     * @param transfers new
     * @param onClose called when it is closed
     */
    HostDisk(
            Rumpuser host,
            int fd,
            String hostpath,
            long begin,
            long size,
            int sectorBytes,
            boolean readOnly,
            FlushGate gate,
            Transfers transfers,
            Consumer<HostDisk> onClose) {
        this.host = host;
        this.fd = fd;
        this.hostpath = hostpath;
        this.begin = begin;
        this.size = size;
        this.onClose = onClose;
        this.sectorBytes = sectorBytes;
        this.readOnly = readOnly;
        this.gate = gate;
        this.transfers = transfers;
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public int sectorBytes() {
        return sectorBytes;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public void read(MemorySegment dst, long offset) throws ErrnoException {
        check(dst.byteSize(), offset);
        long n = host.iovread(fd, new MemorySegment[] {dst}, begin + offset);
        if (n < dst.byteSize()) {
            throw shortTransfer("read", n, dst.byteSize(), offset);
        }
    }

    @Override
    public void write(MemorySegment src, long offset) throws ErrnoException {
        check(src.byteSize(), offset);
        if (readOnly) {
            throw Errno.EROFS.exception(hostpath);
        }
        long n = host.iovwrite(fd, new MemorySegment[] {src}, begin + offset);
        if (n < src.byteSize()) {
            throw shortTransfer("written", n, src.byteSize(), offset);
        }
        gate.written();
    }

    @Override
    public void readAsync(MemorySegment dst, long offset, Done done) {
        start(BlockIoCalls.BIO_READ, dst, offset, done);
    }

    @Override
    public void writeAsync(MemorySegment src, long offset, Done done) {
        if (readOnly) {
            done.done(Errno.EROFS);
        } else {
            boolean due = gate.isDue(src.byteSize());
            start(due ? BlockIoCalls.BIO_WRITE | BlockIoCalls.BIO_SYNC : BlockIoCalls.BIO_WRITE, src, offset, error -> {
                gate.written();
                if (due) {
                    gate.doneBehind();
                }
                done.done(error);
            });
        }
    }

    @Override
    public void flush() throws ErrnoException {
        gate.flush(() -> host.syncfd(fd, FileCalls.SYNCFD_WRITE | FileCalls.SYNCFD_SYNC, 0, 0));
    }

    @Override
    public void close() {
        transfers.close();
        host.close(fd);
        onClose.accept(this);
    }

    private void start(int op, MemorySegment data, long offset, Done done) {
        try {
            check(data.byteSize(), offset);
        } catch (ErrnoException e) {
            done.done(e.errno());
            return;
        }
        if (!transfers.begin()) {
            done.done(Errno.ENXIO);
            return;
        }
        host.bio(fd, op, data, begin + offset, (count, error) -> {
            done.done(outcome(count, error, data));
            transfers.end();
        });
    }

    private static @Nullable Errno outcome(long count, @Nullable Errno error, MemorySegment data) {
        return error == null && count < data.byteSize() ? Errno.EIO : error;
    }

    private void check(long bytes, long offset) throws ErrnoException {
        if (offset < 0 || bytes > size - offset) {
            throw Errno.EINVAL.exception(bytes + " bytes at byte " + offset + " of a device of " + size + " bytes");
        }
        if (((offset | bytes) & (sectorBytes - 1)) != 0 && offset + bytes != size) {
            throw Errno.EINVAL.exception(
                    bytes + " bytes at byte " + offset + ", which are no sectors of " + sectorBytes + " bytes");
        }
    }

    private ErrnoException shortTransfer(String how, long n, long bytes, long offset) {
        return Errno.EIO.exception(hostpath + ": only " + n + " of " + bytes + " bytes " + how + " at byte "
                + (begin + offset) + ": the file has become shorter");
    }
}
