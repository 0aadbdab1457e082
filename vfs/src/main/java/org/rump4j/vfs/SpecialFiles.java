package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Krwlock;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Pipe;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Devices and fifos: what is behind vnodes that only lead to something else ({@code specfs}, {@code fifofs}). */
final class SpecialFiles {
    /** A block device that somebody has open, by one node or another. */
    static final class OpenBlockDevice {
        private final Kernel kernel;
        private final long dev;
        private final Syncer syncer;
        private final FilePages pages;

        /** Changed, with the lock held exclusively, when the first comes who wants to write. */
        private volatile BlockDevice device;

        /** Guards what is on the device, as the lock of a vnode guards a file. */
        private final Krwlock lock;

        private int users;
        private boolean written;

        private OpenBlockDevice(Vfs vfs, long dev, BlockDevice device) {
            this.kernel = vfs.kernel();
            this.dev = dev;
            this.device = device;
            this.syncer = new Syncer(kernel, vfs.syncerQueue(), this, _ -> flush());
            this.pages = new FilePages(
                    vfs.pageCache(),
                    new BlockDevicePages(this),
                    new DirtyFiles(vfs.pageCache(), syncer::dirtied),
                    this);
            this.lock = kernel.rwlock();
        }

        BlockDevice device() {
            return device;
        }

        /** From now on by another opening of the device, which can be written to. */
        private void upgrade(BlockDevice writable) {
            lock.enterWrite();
            BlockDevice before = device;
            device = writable;
            lock.exit();
            before.close();
        }

        /** Reads at the transfer's offset. */
        void read(Uio uio) throws ErrnoException {
            lock.enterRead();
            try {
                pages.read(uio, device.sizeBytes());
            } finally {
                lock.exit();
            }
        }

        /** Writes at the transfer's offset. */
        void write(Uio uio) throws ErrnoException {
            long size = device.sizeBytes();
            if (uio.resid() > 0 && uio.offset() >= size) {
                throw Errno.ENOSPC.exception("behind the end of the device");
            }
            long left = Math.min(uio.resid(), size - uio.offset());
            lock.enterWrite();
            try {
                while (left > 0) {
                    pages.throttle();
                    left -= pages.write(uio, size, Math.min(left, WRITE_BYTES));
                }
            } finally {
                lock.exit();
            }
        }

        /** Makes durable what has been written. */
        void flush() throws ErrnoException {
            pages.flush();
            device.flush();
        }

        private void close() {
            syncer.stop();
            try {
                if (written) {
                    flush();
                }
            } catch (ErrnoException e) {
                kernel.log().print(this + ": data is lost: " + e.getMessage());
            }
            pages.clear();
            device.close();
        }

        @Override
        public String toString() {
            return "block device " + SysStat.major(dev) + "," + SysStat.minor(dev);
        }
    }

    private static final int WRITE_BYTES = 1 << 20;

    private final Vfs vfs;

    /** Guards what follows, and the special of vnodes. */
    private final Kmutex lock;

    private final Map<Long, OpenBlockDevice> blockDevices = new HashMap<>();
    private final Map<Long, MountedDevice> mountedDevices = new HashMap<>();

    SpecialFiles(Vfs vfs) {
        this.vfs = vfs;
        this.lock = vfs.kernel().mutex();
    }

    /**
     * Opens a block device for reading and writing as a file.
     *
     * @throws ErrnoException ENXIO, EROFS, EIO; EBUSY for writing to one that is mounted
     */
    OpenBlockDevice openBlock(Lwp l, long dev, boolean write) throws ErrnoException {
        lock.enter();
        try {
            if (write && mountedDevices.containsKey(dev)) {
                throw Errno.EBUSY.exception("the device is mounted");
            }
            OpenBlockDevice open = blockDevices.get(dev);
            if (open == null) {
                open = new OpenBlockDevice(vfs, dev, openDriver(l, dev, write));
                blockDevices.put(dev, open);
            } else if (write && open.device.isReadOnly()) {
                open.upgrade(openDriver(l, dev, true));
            }
            open.users++;
            open.written |= write;
            return open;
        } finally {
            lock.exit();
        }
    }

    /** Closes what {@link #openBlock} gave. What has been written is durable when the last user has gone. */
    void closeBlock(OpenBlockDevice open) {
        lock.enter();
        if (--open.users == 0) {
            // With the lock held, so that whoever opens it next finds what has been written.
            open.close();
            blockDevices.remove(open.dev);
        }
        lock.exit();
    }

    /** Makes durable what has been written to block devices that are open. */
    void sync() {
        lock.enter();
        List<OpenBlockDevice> all = List.copyOf(blockDevices.values());
        lock.exit();
        for (OpenBlockDevice open : all) {
            try {
                open.syncer.sync(true);
            } catch (ErrnoException e) {
                vfs.kernel().log().print(open + ": cannot be synced: " + e.getMessage());
            }
        }
    }

    /** The kernel goes down: nothing of a device stays in the cache, and none stays open. */
    void shutdown() {
        lock.enter();
        List<OpenBlockDevice> all = List.copyOf(blockDevices.values());
        blockDevices.clear();
        lock.exit();
        for (OpenBlockDevice open : all) {
            open.syncer.stop();
            open.lock.enterWrite();
            open.pages.clear();
            open.device.close();
            open.lock.exit();
        }
    }

    /** Opens a block device by its path, to mount what is on it. */
    BlockDevice openForMount(Lwp l, String fspec, boolean write) throws ErrnoException {
        long dev;
        Vnode vp = lookupBlockDevice(l, fspec);
        try {
            if (!l.cred().isSuperuser()) {
                vp.ops().access(write ? Fcntl.R_OK | Fcntl.W_OK : Fcntl.R_OK, l.cred());
            }
            dev = vp.rdev();
        } finally {
            vp.rele();
        }
        lock.enter();
        try {
            OpenBlockDevice open = blockDevices.get(dev);
            if (mountedDevices.containsKey(dev) || (open != null && open.written)) {
                throw Errno.EBUSY.exception(fspec + (open == null ? " is mounted" : " is open for writing"));
            }
            MountedDevice mounted = new MountedDevice(dev, openDriver(l, dev, write), () -> forgetMounted(dev));
            mountedDevices.put(dev, mounted);
            return mounted;
        } finally {
            lock.exit();
        }
    }

    /**
     * Opens a device for writing that {@link #openForMount} opened for reading.
     *
     * @throws ErrnoException EROFS, EACCES
     */
    void openForWriting(Lwp l, MountedDevice mounted) throws ErrnoException {
        if (mounted.isReadOnly()) {
            mounted.upgrade(openDriver(l, mounted.dev(), true));
        }
    }

    /** The type of file system that is on a block device. */
    String probe(Lwp l, String fspec) throws ErrnoException {
        Vnode vp = lookupBlockDevice(l, fspec);
        try {
            BlockDevice device = openDriver(l, vp.rdev(), false);
            try {
                for (FilesystemType type : vfs.types()) {
                    if (type.probe(device)) {
                        return type.name();
                    }
                }
                throw Errno.EFTYPE.exception("no file system that this kernel knows");
            } finally {
                device.close();
            }
        } finally {
            vp.rele();
        }
    }

    /** The pipe behind a fifo's node. There is one for as long as the node has a vnode. */
    Pipe fifo(Vnode vp) {
        lock.enter();
        try {
            if (vp.special instanceof Pipe pipe) {
                return pipe;
            }
            Pipe pipe = new Pipe(vfs.kernel());
            vp.special = pipe;
            return pipe;
        } finally {
            lock.exit();
        }
    }

    /** A fifo's vnode has gone. Where it was in use, by force: whoever waits there is told so. */
    void fifoGone(Vnode vp) {
        lock.enter();
        Object special = vp.special;
        lock.exit();
        if (special instanceof Pipe pipe) {
            pipe.die();
        }
    }

    private Vnode lookupBlockDevice(Lwp l, String fspec) throws ErrnoException {
        Vnode cwd = vfs.cwdinfo(l).cdir();
        Vnode vp;
        try {
            vp = vfs.namei().file(l, cwd, fspec, true);
        } finally {
            cwd.rele();
        }
        if (vp.type() != VnodeType.VBLK) {
            vp.rele();
            throw Errno.ENOTBLK.exception(fspec);
        }
        if ((vp.mount().flags() & SysMount.MNT_NODEV) != 0) {
            vp.rele();
            throw Errno.ENXIO.exception(fspec + ": devices mean nothing on this file system");
        }
        return vp;
    }

    private BlockDevice openDriver(Lwp l, long dev, boolean write) throws ErrnoException {
        return vfs.kernel().devsw().blockDriver(dev).open(l, dev, write);
    }

    private void forgetMounted(long dev) {
        lock.enter();
        MountedDevice removed = mountedDevices.remove(dev);
        lock.exit();
        assert removed != null;
    }

    /** The pages of a block device that is read as a file. */
    private record BlockDevicePages(OpenBlockDevice open) implements PageSource {
        @Override
        public BlockDevice device() {
            return open.device;
        }

        @Override
        public FileExtent bmap(long offset, long limit) {
            return new FileExtent(offset, limit - offset, offset);
        }

        @Override
        public int blockBytes() {
            return open.device.sectorBytes();
        }

        @Override
        public long allocate(long offset, long bytes) {
            return bytes;
        }

        @Override
        public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
            BlockDevice d = open.device;
            long bytes = Math.min(dst.byteSize(), d.sizeBytes() - offset);
            d.read(dst.asSlice(0, bytes), offset);
            dst.asSlice(bytes).fill((byte) 0);
        }
    }
}
