package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.FileCalls.FileInfo;
import org.rump4j.rumpuser.FileCalls.FileType;
import org.rump4j.rumpuser.Rumpuser;

/**
 * The file system whose files are the host's. A host tells neither owners nor times nor what is in a directory: files belong to
 * the superuser, and in a directory only what is asked for by name is found.
 */
final class EtfsMount implements MountedFs {
    private static final int BLOCK_BYTES = 512;
    private static final int IO_BYTES = 64 << 10;
    private static final int NAME_MAX = 255;

    /** No file has this number: this file system has no root. */
    private static final long NO_FILE = 0;

    /**
     * A file of the host.
     *
     * @param up the directory that it was found in, or null for what was lent itself
     * @param fileno the number of what was lent itself, or 0
     * @param begin byte of the host's file that is the first here
     * @param size bytes, or {@link Etfs#SIZE_ENDOFF} for as far as it goes
     * @param rdev the block device that it is, or 0
     */
    private record Entry(
            @Nullable Entry up,
            long fileno,
            String hostpath,
            Etfs.Type type,
            long begin,
            long size,
            boolean readOnly,
            long rdev) {
        /** The number of the directory that was lent. */
        long lent() {
            return up == null ? fileno : up.lent();
        }

        Place place() {
            return new Place(lent(), hostpath);
        }
    }

    /**
     * Where a file was found.
     *
     * @param lent number of the directory that was lent
     */
    private record Place(long lent, String hostpath) {}

    private final Vfs vfs;
    private final Kernel kernel;
    private final Rumpuser host;
    private final Mount mount;
    private final RumpBlk blk;

    /** Guards what follows. A leaf. */
    private final Kmutex lock;

    private final Map<Long, Entry> entries = new HashMap<>();

    /** Files found in directories of the host, as long as they have vnodes. */
    private final Map<Place, Long> found = new HashMap<>();

    private long nextFileno = NO_FILE + 1;

    EtfsMount(Vfs vfs) {
        this.vfs = vfs;
        kernel = vfs.kernel();
        host = kernel.host();
        lock = kernel.mutex();
        blk = new RumpBlk(kernel);
        mount = vfs.internalMount("etfs");
        mount.setFs(this);
    }

    /** Adds a file of the host, and gives its number here. */
    long add(String hostpath, Etfs.Type type, long begin, long size, boolean readOnly) throws ErrnoException {
        FileInfo info = host.getfileinfo(hostpath);
        checkType(hostpath, type, info.type());
        boolean directory = type == Etfs.Type.DIR || type == Etfs.Type.DIR_SUBDIRS;
        long rest = info.size() - begin;
        if (!directory
                && (begin < 0 || begin > info.size() || (size != Etfs.SIZE_ENDOFF && (size < 0 || size > rest)))) {
            throw Errno.EINVAL.exception(
                    size + " bytes from byte " + begin + " on, of " + hostpath + ", which has " + info.size());
        }
        long bytes = size == Etfs.SIZE_ENDOFF ? rest : size;
        long rdev = type == Etfs.Type.BLK || type == Etfs.Type.CHR
                ? blk.addUnit(hostpath, begin, bytes, readOnly, type == Etfs.Type.CHR)
                : 0;
        lock.enter();
        long fileno = nextFileno++;
        entries.put(
                fileno,
                new Entry(null, fileno, hostpath, type, begin, type == Etfs.Type.REG ? size : bytes, readOnly, rdev));
        lock.exit();
        return fileno;
    }

    /**
     * Takes a file of the host away.
     *
     * @throws ErrnoException EBUSY where somebody uses it
     */
    void remove(long fileno) throws ErrnoException {
        Vnode vp = vnode(fileno);
        try {
            if (vp.references() > 1) {
                throw Errno.EBUSY.exception("the file is in use");
            }
            if (vp.type() == VnodeType.VBLK || vp.type() == VnodeType.VCHR) {
                blk.removeUnit(vp.rdev());
            }
            lock.enter();
            entries.remove(fileno);
            lock.exit();
        } finally {
            vp.rele();
        }
    }

    /** The kernel goes down: the host's files are closed. */
    void shutdown() throws ErrnoException {
        vfs.vnodes().flush(mount, true);
        blk.closeAll();
    }

    Vnode vnode(long fileno) throws ErrnoException {
        return vfs.vnode(mount, fileno);
    }

    private @Nullable Entry entry(long fileno) {
        lock.enter();
        Entry entry = entries.get(fileno);
        lock.exit();
        return entry;
    }

    /** The vnode of a file that was found in a directory. */
    private Vnode vnode(Entry child) throws ErrnoException {
        while (true) {
            long fileno = fileno(child);
            try {
                return vnode(fileno);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT || entry(fileno) != null) {
                    throw e;
                }
                // Its vnode went at this moment, and its number with it.
            }
        }
    }

    private long fileno(Entry file) {
        if (file.up == null) {
            return file.fileno;
        }
        lock.enter();
        Long known = found.get(file.place());
        Entry same = known == null ? null : entries.get(known);
        long fileno;
        if (known != null && same != null && same.type == file.type) {
            fileno = known;
        } else {
            fileno = nextFileno++;
            entries.put(fileno, file);
            found.put(file.place(), fileno);
        }
        lock.exit();
        return fileno;
    }

    private static void checkType(String hostpath, Etfs.Type wanted, FileType is) throws ErrnoException {
        boolean fits = switch (wanted) {
            case REG, CHR, BLK -> is == FileType.REG || is == FileType.BLK || is == FileType.CHR;
            case DIR, DIR_SUBDIRS -> is == FileType.DIR;
        };
        if (!fits) {
            throw Errno.EINVAL.exception(hostpath + " is " + is + " and cannot be lent as " + wanted);
        }
    }

    @Override
    public long rootFileno() {
        return NO_FILE;
    }

    @Override
    public int nameMax() {
        return NAME_MAX;
    }

    /** The host does with its files what it likes. */
    @Override
    public boolean namesStayTheSame() {
        return false;
    }

    @Override
    public void load(Vnode vp, long fileno) throws ErrnoException {
        Entry entry = entry(fileno);
        if (entry == null) {
            throw Errno.ENOENT.exception("etfs file " + fileno);
        }
        VnodeType type = switch (entry.type) {
            case REG -> VnodeType.VREG;
            case CHR -> VnodeType.VCHR;
            case BLK -> VnodeType.VBLK;
            case DIR, DIR_SUBDIRS -> VnodeType.VDIR;
        };
        vp.init(type, new EtfsFile(fileno, entry, type), entry.rdev);
    }

    @Override
    public Usage usage() {
        return new Usage(BLOCK_BYTES, BLOCK_BYTES, IO_BYTES, 0, 0, 0, 0, 0);
    }

    @Override
    public void unmount() {}

    private final class EtfsFile implements VnodeOps {
        private final long fileno;
        private final Entry entry;
        private final VnodeType type;

        /** Opened when it is first used; guarded by lock. */
        private int fd = -1;

        EtfsFile(long fileno, Entry entry, VnodeType type) {
            this.fileno = fileno;
            this.entry = entry;
            this.type = type;
        }

        @Override
        public Stat getattr() throws ErrnoException {
            int perms = type == VnodeType.VDIR ? 0755 : entry.readOnly ? 0444 : 0644;
            long size = size();
            return new Stat(
                    mount.fsid(),
                    type.format() | perms,
                    fileno,
                    1,
                    0,
                    0,
                    entry.rdev,
                    Timespec.ZERO,
                    Timespec.ZERO,
                    Timespec.ZERO,
                    Timespec.ZERO,
                    size,
                    (size + BLOCK_BYTES - 1) / BLOCK_BYTES,
                    IO_BYTES,
                    0,
                    0);
        }

        private long size() throws ErrnoException {
            return switch (type) {
                case VREG ->
                    entry.size == Etfs.SIZE_ENDOFF
                            ? Math.max(0, host.getfileinfo(entry.hostpath).size() - entry.begin)
                            : entry.size;
                case VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO -> entry.size;
            };
        }

        @Override
        public @Nullable Vnode lookup(String name) throws ErrnoException {
            if (name.equals("..")) {
                return entry.up == null ? vfs.root().ref() : vnode(entry.up);
            }
            String path = entry.hostpath + "/" + name;
            FileInfo info;
            try {
                info = host.getfileinfo(path);
            } catch (ErrnoException e) {
                if (e.errno() == Errno.ENOENT) {
                    return null;
                }
                throw e;
            }
            boolean subdirs = entry.type == Etfs.Type.DIR_SUBDIRS;
            if (info.type() == FileType.OTHER || (info.type() == FileType.DIR && !subdirs)) {
                return null;
            }
            Etfs.Type childType = info.type() == FileType.DIR ? Etfs.Type.DIR_SUBDIRS : Etfs.Type.REG;
            return vnode(new Entry(entry, 0, path, childType, 0, Etfs.SIZE_ENDOFF, entry.readOnly, 0));
        }

        @Override
        public void readdir(long cookie, DirentSink sink) {
            if (cookie == 0 && !sink.accept(fileno, VnodeType.VDIR.direntType(), ".", 1)) {
                return;
            }
            if (cookie <= 1) {
                long above = entry.up == null ? vfs.root().fileno() : fileno(entry.up);
                sink.accept(above, VnodeType.VDIR.direntType(), "..", 2);
            }
        }

        @Override
        public void read(Uio uio) throws ErrnoException {
            long left = size() - uio.offset();
            byte[] buffer = new byte[Math.clamp(Math.min(uio.resid(), left), 0, IO_BYTES)];
            MemorySegment memory = MemorySegment.ofArray(buffer);
            while (uio.resid() > 0 && left > 0) {
                MemorySegment part = memory.asSlice(0, Math.min(Math.min(uio.resid(), left), buffer.length));
                long n = host.iovread(fd(), new MemorySegment[] {part}, entry.begin + uio.offset());
                if (n == 0) {
                    return;
                }
                uio.toUser(memory, 0, n);
                left -= n;
            }
        }

        @Override
        public void write(Uio uio) throws ErrnoException {
            if (entry.readOnly) {
                throw Errno.EROFS.exception(entry.hostpath);
            }
            long room = entry.size == Etfs.SIZE_ENDOFF ? Long.MAX_VALUE : entry.size - uio.offset();
            if (uio.resid() > 0 && room <= 0) {
                throw Errno.ENOSPC.exception("behind the end of what is lent of " + entry.hostpath);
            }
            byte[] buffer = new byte[(int) Math.min(Math.min(uio.resid(), room), IO_BYTES)];
            MemorySegment memory = MemorySegment.ofArray(buffer);
            while (uio.resid() > 0 && room > 0) {
                long n = Math.min(Math.min(uio.resid(), room), buffer.length);
                long offset = uio.offset();
                long done = 0;
                try {
                    uio.fromUser(memory, 0, n);
                    while (done < n) {
                        MemorySegment part = memory.asSlice(done, n - done);
                        done += host.iovwrite(fd(), new MemorySegment[] {part}, entry.begin + offset + done);
                    }
                } finally {
                    uio.takeBack(uio.offset() - (offset + done));
                }
                room -= n;
            }
        }

        @Override
        public FileExtent bmap(long offset, long limit) {
            return new FileExtent(offset, limit - offset, offset);
        }

        @Override
        public void setattr(AttributeChanges changes) throws ErrnoException {
            // The host lends data: nothing else of its files can be changed. Opening with O_TRUNC what is empty is no
            // change.
            boolean nothing = changes.size() != null && changes.size() == size();
            if (!nothing) {
                throw Errno.EOPNOTSUPP.exception("attributes of the host's files cannot be changed");
            }
        }

        @Override
        public void fsync(boolean dataOnly) throws ErrnoException {
            if (!entry.readOnly && type == VnodeType.VREG) {
                host.syncfd(fd(), FileCalls.SYNCFD_WRITE | FileCalls.SYNCFD_SYNC, 0, 0);
            }
        }

        /** Whether it is still lent. */
        @Override
        public boolean hasLinks() {
            return entry(fileno) != null;
        }

        @Override
        public void reclaim() {
            lock.enter();
            int open = fd;
            fd = -1;
            if (entry.up != null) {
                entries.remove(fileno);
                found.remove(entry.place(), fileno);
            }
            lock.exit();
            if (open >= 0) {
                host.close(open);
            }
        }

        /** For writing too where it is lent for that and the host allows it; where not, writing says so. */
        private int openHostFile() throws ErrnoException {
            if (!entry.readOnly) {
                try {
                    return host.open(entry.hostpath, FileCalls.OPEN_RDWR);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EACCES && e.errno() != Errno.EROFS) {
                        throw e;
                    }
                }
            }
            return host.open(entry.hostpath, FileCalls.OPEN_RDONLY);
        }

        private int fd() throws ErrnoException {
            lock.enter();
            int open = fd;
            lock.exit();
            if (open >= 0) {
                return open;
            }
            open = openHostFile();
            lock.enter();
            boolean first = fd < 0;
            if (first) {
                fd = open;
            }
            int use = fd;
            lock.exit();
            if (!first) {
                host.close(open);
            }
            return use;
        }
    }
}
