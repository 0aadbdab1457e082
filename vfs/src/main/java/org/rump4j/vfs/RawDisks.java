package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.CharDriver;
import org.rump4j.kern.Ioctl;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The disks that the host lends, as character devices: what is read and written passes by all caches. */
final class RawDisks implements CharDriver {
    private static final int TRANSFER_BYTES = 64 << 10;

    private static final class OpenDisk {
        final BlockDevice device;
        int users = 1;

        OpenDisk(BlockDevice device) {
            this.device = device;
        }
    }

    private final RumpBlk blk;

    /** Guards what follows. */
    private final Kmutex lock;

    private final Map<Long, OpenDisk> open = new HashMap<>();

    RawDisks(Kernel kernel, RumpBlk blk) {
        this.blk = blk;
        this.lock = kernel.mutex();
    }

    @Override
    public void open(Lwp l, long dev, int openFlags) throws ErrnoException {
        lock.enter();
        try {
            OpenDisk disk = open.get(dev);
            if (disk == null) {
                open.put(dev, new OpenDisk(openWritable(l, dev)));
            } else {
                disk.users++;
            }
        } finally {
            lock.exit();
        }
    }

    /** For writing too where that is possible, since others may open it later on. */
    private BlockDevice openWritable(Lwp l, long dev) throws ErrnoException {
        try {
            return blk.open(l, dev, true);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EROFS && e.errno() != Errno.EACCES && e.errno() != Errno.EPERM) {
                throw e;
            }
            return blk.open(l, dev, false);
        }
    }

    @Override
    public void close(Lwp l, long dev) {
        lock.enter();
        OpenDisk disk = open.get(dev);
        if (disk != null && --disk.users == 0) {
            open.remove(dev);
        } else {
            disk = null;
        }
        lock.exit();
        if (disk != null) {
            disk.device.close();
        }
    }

    @Override
    public void read(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        BlockDevice disk = disk(dev);
        MemorySegment buffer = MemorySegment.ofArray(new byte[TRANSFER_BYTES]);
        while (uio.resid() > 0 && uio.offset() < disk.sizeBytes()) {
            long bytes = transferSize(uio, disk);
            disk.read(buffer.asSlice(0, bytes), uio.offset());
            uio.toUser(buffer, 0, bytes);
        }
    }

    @Override
    public void write(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        BlockDevice disk = disk(dev);
        if (uio.resid() > 0 && uio.offset() >= disk.sizeBytes()) {
            throw Errno.ENOSPC.exception("behind the end of the device");
        }
        MemorySegment buffer = MemorySegment.ofArray(new byte[TRANSFER_BYTES]);
        long wanted = uio.resid();
        while (uio.resid() > 0 && uio.offset() < disk.sizeBytes()) {
            long offset = uio.offset();
            long bytes = transferSize(uio, disk);
            try {
                uio.fromUser(buffer, 0, bytes);
                disk.write(buffer.asSlice(0, bytes), offset);
            } catch (ErrnoException e) {
                uio.takeBack(uio.offset() - offset);
                VnodeFileOps.requirePart(uio, wanted, e);
                return;
            }
        }
    }

    @Override
    public int ioctl(Lwp l, long dev, long request, MemorySegment data) throws ErrnoException {
        return diskIoctl(disk(dev), request, data);
    }

    /** The requests that every disk knows. */
    static int diskIoctl(BlockDevice disk, long request, MemorySegment data) throws ErrnoException {
        if (request == Ioctl.DIOCGMEDIASIZE) {
            Ioctl.putLong(data, disk.sizeBytes());
        } else if (request == Ioctl.DIOCGSECTORSIZE) {
            Ioctl.putInt(data, disk.sectorBytes());
        } else {
            throw Errno.ENOTTY.exception();
        }
        return 0;
    }

    private static long transferSize(Uio uio, BlockDevice disk) {
        return Math.min(Math.min(uio.resid(), TRANSFER_BYTES), disk.sizeBytes() - uio.offset());
    }

    private BlockDevice disk(long dev) throws ErrnoException {
        lock.enter();
        OpenDisk disk = open.get(dev);
        lock.exit();
        if (disk == null) {
            throw Errno.ENXIO.exception("the disk is not open");
        }
        return disk.device;
    }
}
