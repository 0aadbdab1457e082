package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Krwlock;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Pipe;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Devices and fifos: what is behind vnodes that only lead to something else ({@code specfs}, {@code fifofs}). */
final class SpecialFiles {
    /** A block device that somebody has open, by one node or another. */
    static final class OpenBlockDevice {
        private final long dev;
        private final FilePages pages;

        /** Changed, with the lock held exclusively, when the first comes who wants to write. */
        private volatile BlockDevice device;

        /** Guards what is on the device, as the lock of a vnode guards a file. */
        private final Krwlock lock;

        private int users;
        private boolean written;

        private OpenBlockDevice(Vfs vfs, long dev, BlockDevice device) {
            this.dev = dev;
            this.device = device;
            this.pages = new FilePages(
                    vfs.pageCache(), new BlockDevicePages(this), vfs.kernel().clock());
            this.lock = vfs.kernel().rwlock();
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

        /** Writes at the transfer's offset, past the cache, whole sectors only. */
        void write(Uio uio) throws ErrnoException {
            int sector = device.sectorBytes();
            if (uio.offset() % sector != 0 || uio.resid() % sector != 0) {
                throw Errno.EINVAL.exception("not a multiple of " + sector + " bytes");
            }
            if (uio.resid() > 0 && uio.offset() >= device.sizeBytes()) {
                throw Errno.ENOSPC.exception("behind the end of the device");
            }
            byte[] buffer = new byte[(int) Math.min(uio.resid(), WRITE_BYTES)];
            MemorySegment memory = MemorySegment.ofArray(buffer);
            lock.enterWrite();
            try {
                while (uio.resid() > 0 && uio.offset() < device.sizeBytes()) {
                    long bytes = Math.min(Math.min(uio.resid(), buffer.length), device.sizeBytes() - uio.offset());
                    long offset = uio.offset();
                    uio.fromUser(memory, 0, bytes);
                    device.write(memory.asSlice(0, bytes), offset);
                }
            } finally {
                pages.clear();
                lock.exit();
            }
        }
    }

    private static final int WRITE_BYTES = 64 << 10;

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

    /** Closes what {@link #openBlock} gave. */
    void closeBlock(OpenBlockDevice open) {
        boolean last;
        lock.enter();
        last = --open.users == 0;
        if (last) {
            blockDevices.remove(open.dev);
        }
        lock.exit();
        if (last) {
            open.pages.clear();
            open.device.close();
        }
    }

    /** The kernel goes down: nothing of a device stays in the cache, and none stays open. */
    void shutdown() {
        lock.enter();
        List<OpenBlockDevice> all = List.copyOf(blockDevices.values());
        blockDevices.clear();
        lock.exit();
        for (OpenBlockDevice open : all) {
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
            MountedDevice mounted = new MountedDevice(openDriver(l, dev, write), () -> forgetMounted(dev));
            mountedDevices.put(dev, mounted);
            return mounted;
        } finally {
            lock.exit();
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
        public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
            BlockDevice d = open.device;
            long bytes = Math.min(dst.byteSize(), d.sizeBytes() - offset);
            d.read(dst.asSlice(0, bytes), offset);
            dst.asSlice(bytes).fill((byte) 0);
        }
    }
}
