package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.ByteRange;
import org.rump4j.kern.CharDriver;
import org.rump4j.kern.FileLocks;
import org.rump4j.kern.FileOps;
import org.rump4j.kern.Ioctl;
import org.rump4j.kern.LockOwner;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.OpenFile;
import org.rump4j.kern.Pipe;
import org.rump4j.kern.PipeOps;
import org.rump4j.kern.Selinfo;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Open files that were opened by a path ({@code vnops}). One object serves all kinds of vnodes in all kernels: what it works on is
 * in the open file.
 */
enum VnodeFileOps implements FileOps {
    INSTANCE;

    /** Entries that one call gives at the most. */
    private static final int GETDENTS_BATCH = 512;

    @Override
    public boolean seekable() {
        return true;
    }

    @Override
    public void read(Lwp l, OpenFile file, Uio uio) throws ErrnoException {
        OpenVnode open = OpenVnode.of(file);
        Vnode vp = open.vnode();
        switch (vp.type()) {
            case VREG -> {
                vp.lock().enterRead();
                try {
                    if (uio.resid() > 0 || vp.isDead()) {
                        vp.ops().read(uio);
                    }
                } finally {
                    vp.lock().exit();
                }
                if (file.has(Fcntl.O_RSYNC)
                        && file.has(Fcntl.O_SYNC)
                        && !vp.mount().isReadOnly()) {
                    fsync(vp, false);
                }
            }
            case VDIR -> throw Errno.EISDIR.exception();
            case VCHR -> driver(l, vp).read(l, vp.rdev(), uio, file.has(Fcntl.O_NONBLOCK));
            case VBLK -> Objects.requireNonNull(open.device()).read(uio);
            case VLNK, VSOCK, VFIFO -> throw Errno.EOPNOTSUPP.exception();
        }
    }

    @Override
    public void write(Lwp l, OpenFile file, Uio uio) throws ErrnoException {
        OpenVnode open = OpenVnode.of(file);
        Vnode vp = open.vnode();
        switch (vp.type()) {
            case VREG -> writeRegular(l, file, vp, uio);
            case VDIR -> throw Errno.EISDIR.exception();
            case VCHR -> driver(l, vp).write(l, vp.rdev(), uio, file.has(Fcntl.O_NONBLOCK));
            case VBLK -> writeBlockDevice(Objects.requireNonNull(open.device()), uio);
            case VLNK, VSOCK, VFIFO -> throw Errno.EOPNOTSUPP.exception();
        }
    }

    private static void writeBlockDevice(SpecialFiles.OpenBlockDevice device, Uio uio) throws ErrnoException {
        long wanted = uio.resid();
        try {
            device.write(uio);
        } catch (ErrnoException e) {
            requirePart(uio, wanted, e);
        }
    }

    /**
     * What has been written before something went wrong counts ({@code write(2)} of POSIX); what is wrong, whoever writes the rest will be told.
     * Where there is no rest nobody would.
     */
    static void requirePart(Uio uio, long wanted, ErrnoException e) throws ErrnoException {
        if (uio.resid() == wanted || uio.resid() == 0) {
            throw e;
        }
    }

    private static void writeRegular(Lwp l, OpenFile file, Vnode vp, Uio uio) throws ErrnoException {
        if (vp.mount().isReadOnly()) {
            throw Errno.EROFS.exception();
        }
        vp.mount().vfs().pageCache().throttle();
        vp.lock().enterWrite();
        try {
            if (file.has(Fcntl.O_APPEND)) {
                uio.setOffset(vp.ops().getattr().size());
            }
            long wanted = uio.resid();
            if (wanted == 0 && !vp.isDead()) {
                return;
            }
            long cut = limitFileSize(l, uio);
            try {
                vp.ops().write(uio);
            } catch (ErrnoException e) {
                requirePart(uio, wanted - cut, e);
            } finally {
                uio.extend(cut);
            }
            if (!l.cred().isSuperuser()) {
                dropSetIds(vp);
            }
        } finally {
            vp.lock().exit();
        }
        boolean synchronous = (vp.mount().flags() & SysMount.MNT_SYNCHRONOUS) != 0;
        if (synchronous || file.has(Fcntl.O_SYNC | Fcntl.O_DSYNC)) {
            fsync(vp, !synchronous && !file.has(Fcntl.O_SYNC));
        }
    }

    /** RLIMIT_FSIZE: a transfer that begins behind the limit fails, one that crosses it is cut there, by so many bytes. */
    private static long limitFileSize(Lwp l, Uio uio) throws ErrnoException {
        long limit = l.proc().limits().fsize().cur();
        if (limit != Rlimit.RLIM_INFINITY && uio.resid() > limit - uio.offset()) {
            if (uio.offset() >= limit) {
                throw Errno.EFBIG.exception("the process may not write files of more than " + limit + " bytes");
            }
            return uio.truncate(limit - uio.offset());
        }
        return 0;
    }

    /** Writing by anyone but the superuser takes the file's set-id bits off. */
    private static void dropSetIds(Vnode vp) throws ErrnoException {
        int mode = vp.ops().getattr().mode();
        int setIds = SysStat.S_ISUID | SysStat.S_ISGID;
        if ((mode & setIds) != 0) {
            vp.ops().setattr(AttributeChanges.ofMode(mode & SysStat.ALLPERMS & ~setIds));
        }
    }

    @Override
    public long seek(Lwp l, OpenFile file, long offset, int whence) throws ErrnoException {
        Vnode vp = OpenVnode.of(file).vnode();
        if (vp.type() == VnodeType.VBLK) {
            long size =
                    Objects.requireNonNull(OpenVnode.of(file).device()).device().sizeBytes();
            return whence == Fcntl.SEEK_END ? size + offset : seekInDense(offset, whence, size);
        }
        vp.lock().enterRead();
        try {
            long size = vp.ops().getattr().size();
            if (whence == Fcntl.SEEK_END) {
                return size + offset;
            }
            return vp.type() == VnodeType.VREG
                    ? seekInSparse(vp, offset, whence == Fcntl.SEEK_HOLE, size)
                    : seekInDense(offset, whence, size);
        } finally {
            vp.lock().exit();
        }
    }

    private static long seekInDense(long offset, int whence, long size) throws ErrnoException {
        checkWithin(offset, size);
        return whence == Fcntl.SEEK_HOLE ? size : offset;
    }

    private static long seekInSparse(Vnode vp, long offset, boolean forHole, long size) throws ErrnoException {
        checkWithin(offset, size);
        long at = offset;
        while (at < size) {
            FileExtent extent = vp.ops().bmap(at, size);
            if (extent.isHole() == forHole) {
                return at;
            }
            at = extent.end();
        }
        if (forHole) {
            return size;
        }
        throw Errno.ENXIO.exception("no data from there on");
    }

    private static void checkWithin(long offset, long size) throws ErrnoException {
        if (offset < 0 || offset >= size) {
            throw Errno.ENXIO.exception("offset " + offset + " is not within the file");
        }
    }

    @Override
    public Stat stat(Lwp l, OpenFile file) throws ErrnoException {
        return attributes(OpenVnode.of(file).vnode());
    }

    /** What a file is. */
    static Stat attributes(Vnode vp) throws ErrnoException {
        vp.lock().enterRead();
        try {
            return vp.ops().getattr();
        } finally {
            vp.lock().exit();
        }
    }

    @Override
    public int ioctl(Lwp l, OpenFile file, long request, MemorySegment data) throws ErrnoException {
        OpenVnode open = OpenVnode.of(file);
        Vnode vp = open.vnode();
        if (vp.type() == VnodeType.VCHR) {
            return driver(l, vp).ioctl(l, vp.rdev(), request, data);
        }
        if (vp.type() == VnodeType.VBLK) {
            return RawDisks.diskIoctl(Objects.requireNonNull(open.device()).device(), request, data);
        }
        if (request == Ioctl.FIONREAD) {
            long left = attributes(vp).size() - file.offset();
            Ioctl.putInt(data, Math.clamp(left, 0, Integer.MAX_VALUE));
            return 0;
        }
        throw Errno.ENOTTY.exception();
    }

    @Override
    public int poll(Lwp l, OpenFile file, int events) {
        Vnode vp = OpenVnode.of(file).vnode();
        if (vp.type() == VnodeType.VCHR) {
            try {
                return driver(l, vp).poll(l, vp.rdev(), events);
            } catch (ErrnoException e) {
                return Pollfd.POLLERR;
            }
        }
        return FileOps.super.poll(l, file, events);
    }

    @Override
    public @Nullable Selinfo selinfo(Lwp l, OpenFile file) {
        Vnode vp = OpenVnode.of(file).vnode();
        try {
            return vp.type() == VnodeType.VCHR ? driver(l, vp).selinfo(vp.rdev()) : null;
        } catch (ErrnoException e) {
            return null;
        }
    }

    @Override
    public void truncate(Lwp l, OpenFile file, long length) throws ErrnoException {
        Vnode vp = OpenVnode.of(file).vnode();
        if (vp.type() != VnodeType.VREG) {
            throw Errno.EINVAL.exception("not a regular file");
        }
        truncate(l, vp, length);
    }

    /** Cuts or extends a regular file that the caller may write to. */
    static void truncate(Lwp l, Vnode vp, long length) throws ErrnoException {
        if (vp.mount().isReadOnly()) {
            throw Errno.EROFS.exception();
        }
        if (length > l.proc().limits().fsize().cur()) {
            throw Errno.EFBIG.exception();
        }
        vp.lock().enterWrite();
        try {
            Access.requireMutable(vp.ops().getattr());
            vp.ops().setattr(AttributeChanges.ofSize(length));
        } finally {
            vp.lock().exit();
        }
    }

    @Override
    public void preallocate(Lwp l, OpenFile file, long pos, long length) throws ErrnoException {
        Vnode vp = OpenVnode.of(file).vnode();
        requireSpace(vp);
        if (pos + length > l.proc().limits().fsize().cur()) {
            throw Errno.EFBIG.exception();
        }
        vp.lock().enterWrite();
        try {
            Access.requireMutable(vp.ops().getattr());
            if (length > 0) {
                vp.ops().preallocate(pos, pos + length);
            }
        } finally {
            vp.lock().exit();
        }
    }

    @Override
    public void discard(Lwp l, OpenFile file, long pos, long length) throws ErrnoException {
        Vnode vp = OpenVnode.of(file).vnode();
        requireSpace(vp);
        vp.lock().enterWrite();
        try {
            Stat stat = vp.ops().getattr();
            Access.requireMutable(stat);
            long to = Math.min(pos + length, stat.size());
            if (pos < to) {
                vp.ops().discard(pos, to);
            }
        } finally {
            vp.lock().exit();
        }
    }

    /** Whether a file has space that can be given to it or taken from it. No driver of a device here can discard. */
    private static void requireSpace(Vnode vp) throws ErrnoException {
        switch (vp.type()) {
            case VREG -> {
                if (vp.mount().isReadOnly()) {
                    throw Errno.EROFS.exception();
                }
            }
            case VDIR -> throw Errno.EISDIR.exception();
            case VBLK, VCHR -> throw Errno.ENODEV.exception();
            case VLNK, VSOCK, VFIFO -> throw Errno.ESPIPE.exception();
        }
    }

    @Override
    public void fsync(Lwp l, OpenFile file, boolean dataOnly) throws ErrnoException {
        OpenVnode open = OpenVnode.of(file);
        Vnode vp = open.vnode();
        if (vp.type() == VnodeType.VBLK) {
            Objects.requireNonNull(open.device()).flush();
            return;
        }
        if (!vp.mount().isReadOnly()) {
            fsync(vp, dataOnly);
        }
    }

    private static void fsync(Vnode vp, boolean dataOnly) throws ErrnoException {
        FilePages pages = vp.pagesIfAny();
        if (pages != null) {
            pages.flush();
        }
        vp.lock().enterRead();
        try {
            vp.ops().fsync(dataOnly);
        } finally {
            vp.lock().exit();
        }
    }

    @Override
    public List<Dirent> getdents(Lwp l, OpenFile file) throws ErrnoException {
        Vnode vp = OpenVnode.of(file).vnode();
        if (!vp.isDirectory()) {
            throw Errno.EINVAL.exception("not a directory");
        }
        List<Dirent> entries = new ArrayList<>();
        long[] next = {file.offset()};
        vp.lock().enterRead();
        try {
            if (!vp.isRemoved()) {
                vp.ops().readdir(file.offset(), (fileno, type, name, cookie) -> {
                    entries.add(new Dirent(fileno, type, name));
                    next[0] = cookie;
                    return entries.size() < GETDENTS_BATCH;
                });
            }
        } finally {
            vp.lock().exit();
        }
        file.setOffset(next[0]);
        return entries;
    }

    @Override
    public Flock advlock(Lwp l, OpenFile file, int cmd, Flock lock, long position) throws ErrnoException {
        Vnode vp = OpenVnode.of(file).vnode();
        long base = switch (lock.whence()) {
            case Fcntl.SEEK_SET -> 0;
            case Fcntl.SEEK_CUR -> position;
            case Fcntl.SEEK_END -> attributes(vp).size();
            default -> throw Errno.EINVAL.exception("whence " + lock.whence());
        };
        return l.proc().kernel().locks().fcntl(l, file, locks(vp), cmd, lock, ByteRange.of(lock, base));
    }

    @Override
    public void flock(Lwp l, OpenFile file, int operation) throws ErrnoException {
        l.proc().kernel().locks().flock(l, file, locks(OpenVnode.of(file).vnode()), operation);
    }

    private static FileLocks locks(Vnode vp) throws ErrnoException {
        FileLocks locks = vp.locks();
        // Whoever lets it die looks for locks afterwards.
        if (vp.isDead()) {
            throw DeadOps.gone();
        }
        return locks;
    }

    @Override
    public void descriptorClosed(Lwp l, OpenFile file) {
        FileLocks locks = OpenVnode.of(file).vnode().locksIfAny();
        if (locks != null) {
            l.proc().kernel().locks().release(l.proc().lockOwner(), locks);
            if (file.hasOtherUsers()) {
                l.proc().kernel().locks().restart(file, locks);
            }
        }
    }

    @Override
    public void close(Lwp l, OpenFile file) {
        OpenVnode open = OpenVnode.of(file);
        Vnode vp = open.vnode();
        LockOwner lockOwner = file.lockOwnerIfAny();
        if (lockOwner != null) {
            l.proc().kernel().locks().release(lockOwner, vp.locks());
        }
        if (open.device() != null) {
            vp.mount().vfs().specialFiles().closeBlock(open.device());
        } else if (vp.type() == VnodeType.VCHR) {
            try {
                driver(l, vp).close(l, vp.rdev());
            } catch (ErrnoException e) {
                // The driver was there when the device was opened.
            }
        } else if (vp.type() == VnodeType.VREG && file.isWritable()) {
            if (vp.removeWriter()) {
                vp.ops().closedByWriters();
            }
        }
        vp.rele();
    }

    private static CharDriver driver(Lwp l, Vnode vp) throws ErrnoException {
        return l.proc().kernel().devsw().charDriver(vp.rdev());
    }

    /** The ends of a fifo, which has no position but is otherwise a file with a name. */
    static final FileOps FIFO = new PipeOps(new PipeOps.Kind() {
        @Override
        public Pipe pipe(OpenFile file) {
            return Objects.requireNonNull(OpenVnode.of(file).pipe());
        }

        @Override
        public Stat stat(Lwp l, OpenFile file) throws ErrnoException {
            return attributes(OpenVnode.of(file).vnode());
        }

        @Override
        public void closed(OpenFile file) {
            OpenVnode.of(file).vnode().rele();
        }
    });
}
