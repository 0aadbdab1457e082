package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on descriptors, of whatever kind of file. Source: NetBSD {@code read(2)}, {@code fcntl(2)} and their kin. */
final class DescriptorCalls {
    /** In the place of an offset: where the descriptor is, which moves. No caller's offset becomes this; see {@link #position}. */
    static final long CURRENT = Long.MIN_VALUE;

    private final Kernel kernel;

    DescriptorCalls(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A caller's offset. Negative ones are all as wrong. */
    static long position(long offset) {
        return Math.max(offset, -1);
    }

    long read(Lwp l, int fd, Uio uio, long offset) throws ErrnoException {
        long wanted = uio.resid();
        while (true) {
            OpenFile file = l.proc().files().get(fd);
            try {
                if (!file.isReadable()) {
                    throw Errno.EBADF.exception("not open for reading");
                }
                if (transfer(l, file, uio, offset, false)) {
                    return wanted - uio.resid();
                }
            } finally {
                file.release(l);
            }
        }
    }

    long write(Lwp l, int fd, Uio uio, long offset) throws ErrnoException {
        long wanted = uio.resid();
        while (true) {
            OpenFile file = l.proc().files().get(fd);
            try {
                requireWritable(file);
                if (transfer(l, file, uio, offset, true)) {
                    return wanted - uio.resid();
                }
            } finally {
                file.release(l);
            }
        }
    }

    /** False where the descriptor is to be looked up again: it may have been closed while this waited. */
    private static boolean transfer(Lwp l, OpenFile file, Uio uio, long offset, boolean write) throws ErrnoException {
        if (!file.ops().seekable()) {
            if (offset != CURRENT) {
                throw Errno.ESPIPE.exception();
            }
            return transferTo(l, file, uio, write);
        }
        if (offset != CURRENT) {
            if (offset < 0) {
                throw Errno.EINVAL.exception("offset " + offset);
            }
            return transferTo(l, file, uio, write);
        }
        file.offsetLock.enter();
        try {
            uio.setOffset(file.offset());
            boolean done = transferTo(l, file, uio, write);
            file.setOffset(uio.offset());
            return done;
        } finally {
            file.offsetLock.exit();
        }
    }

    private static boolean transferTo(Lwp l, OpenFile file, Uio uio, boolean write) throws ErrnoException {
        try {
            if (write) {
                file.ops().write(l, file, uio);
            } else {
                file.ops().read(l, file, uio);
            }
            return true;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBADF) {
                throw e;
            }
            return false;
        }
    }

    long lseek(Lwp l, int fd, long offset, int whence) throws ErrnoException {
        OpenFile file = l.proc().files().get(fd);
        try {
            if (!file.ops().seekable()) {
                throw Errno.ESPIPE.exception();
            }
            file.offsetLock.enter();
            try {
                long to = switch (whence) {
                    case Fcntl.SEEK_SET -> offset;
                    case Fcntl.SEEK_CUR -> file.offset() + offset;
                    case Fcntl.SEEK_END, Fcntl.SEEK_DATA, Fcntl.SEEK_HOLE ->
                        file.ops().seek(l, file, offset, whence);
                    default -> throw Errno.EINVAL.exception("whence " + whence);
                };
                if (to < 0) {
                    throw Errno.EINVAL.exception("offset " + to);
                }
                file.setOffset(to);
                return to;
            } finally {
                file.offsetLock.exit();
            }
        } finally {
            file.release(l);
        }
    }

    int dup(Lwp l, int fd, int from, boolean onExecClose) throws ErrnoException {
        Filedesc files = l.proc().files();
        OpenFile file = files.get(fd);
        try {
            int to = files.reserve(from, l.proc().limits().maxFiles());
            // The reference that this call has becomes the descriptor's.
            files.affix(to, file, onExecClose);
            return to;
        } catch (ErrnoException e) {
            file.release(l);
            throw e;
        }
    }

    int dup2(Lwp l, int from, int to, boolean onExecClose) throws ErrnoException {
        l.proc().files().dup2(l, from, to, onExecClose, l.proc().limits().maxFiles());
        return to;
    }

    int dup3(Lwp l, int from, int to, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK | Fcntl.O_NOSIGPIPE)) != 0) {
            throw Errno.EINVAL.exception("dup3 flags 0x" + Integer.toHexString(flags));
        }
        int status = flags & (Fcntl.O_NONBLOCK | Fcntl.O_NOSIGPIPE);
        if (from != to && status != 0) {
            OpenFile file = l.proc().files().get(from);
            file.setFlags(status, status);
            file.release(l);
        }
        return dup2(l, from, to, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    int fcntl(Lwp l, int fd, int cmd, int arg) throws ErrnoException {
        Filedesc files = l.proc().files();
        return switch (cmd) {
            case Fcntl.F_DUPFD, Fcntl.F_DUPFD_CLOEXEC -> {
                files.check(fd);
                if (arg < 0 || arg >= l.proc().limits().maxFiles()) {
                    throw Errno.EINVAL.exception("descriptor " + arg);
                }
                yield dup(l, fd, arg, cmd == Fcntl.F_DUPFD_CLOEXEC);
            }
            case Fcntl.F_GETFD -> files.closesOnExec(fd) ? Fcntl.FD_CLOEXEC : 0;
            case Fcntl.F_SETFD -> {
                files.setClosesOnExec(fd, (arg & Fcntl.FD_CLOEXEC) != 0);
                yield 0;
            }
            case Fcntl.F_GETFL -> {
                OpenFile file = files.get(fd);
                int flags = file.openFlags();
                file.release(l);
                yield flags;
            }
            case Fcntl.F_SETFL -> {
                OpenFile file = files.get(fd);
                file.setFlags(OpenFile.SETTABLE, arg);
                file.release(l);
                yield 0;
            }
            case Fcntl.F_GETNOSIGPIPE -> {
                OpenFile file = files.get(fd);
                boolean set = file.has(Fcntl.O_NOSIGPIPE);
                file.release(l);
                yield set ? 1 : 0;
            }
            case Fcntl.F_SETNOSIGPIPE -> {
                OpenFile file = files.get(fd);
                file.setFlags(Fcntl.O_NOSIGPIPE, arg != 0 ? Fcntl.O_NOSIGPIPE : 0);
                file.release(l);
                yield 0;
            }
            case Fcntl.F_CLOSEM -> {
                if (fd < 0) {
                    throw Errno.EBADF.exception();
                }
                files.closeFrom(l, fd);
                yield 0;
            }
            case Fcntl.F_MAXFD -> files.highest();
            case Fcntl.F_GETLK, Fcntl.F_SETLK, Fcntl.F_SETLKW -> {
                files.check(fd);
                throw Errno.EFAULT.exception("no lock is given");
            }
            default -> {
                files.check(fd);
                throw Errno.EINVAL.exception("fcntl " + cmd);
            }
        };
    }

    Flock fcntl(Lwp l, int fd, int cmd, Flock lock) throws ErrnoException {
        Filedesc files = l.proc().files();
        while (true) {
            OpenFile file = files.get(fd);
            try {
                requireLockable(file, cmd, lock);
                Flock answer =
                        file.ops().advlock(l, file, cmd, lock, lock.whence() == Fcntl.SEEK_CUR ? positionOf(file) : 0);
                if (cmd == Fcntl.F_GETLK || lock.type() == Flock.F_UNLCK) {
                    return answer;
                }
                if (files.refersTo(fd, file)) {
                    return lock;
                }
                // The lock came too late to go with the descriptor.
                file.ops().descriptorClosed(l, file);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBADF || !isOpenFor(file, lock.type())) {
                    throw e;
                }
            } finally {
                file.release(l);
            }
        }
    }

    private static void requireLockable(OpenFile file, int cmd, Flock lock) throws ErrnoException {
        switch (cmd) {
            case Fcntl.F_GETLK -> {}
            case Fcntl.F_SETLK, Fcntl.F_SETLKW -> {
                if (!isOpenFor(file, lock.type())) {
                    throw Errno.EBADF.exception("not open for what the lock is for");
                }
            }
            default -> throw Errno.EINVAL.exception("fcntl " + cmd + " with a lock");
        }
    }

    private static boolean isOpenFor(OpenFile file, int lockType) {
        return switch (lockType) {
            case Flock.F_RDLCK -> file.isReadable();
            case Flock.F_WRLCK -> file.isWritable();
            default -> true;
        };
    }

    private static long positionOf(OpenFile file) {
        file.offsetLock.enter();
        long at = file.offset();
        file.offsetLock.exit();
        return at;
    }

    void flock(Lwp l, int fd, int operation) throws ErrnoException {
        while (true) {
            OpenFile file = l.proc().files().get(fd);
            try {
                file.ops().flock(l, file, operation);
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBADF) {
                    throw e;
                }
            } finally {
                file.release(l);
            }
        }
    }

    int ioctl(Lwp l, int fd, long request, MemorySegment data) throws ErrnoException {
        Filedesc files = l.proc().files();
        OpenFile file = files.get(fd);
        try {
            MemorySegment copy = Ioctl.copyin(request, data);
            int result = ioctl(l, fd, file, request, copy);
            Ioctl.copyout(request, copy, data);
            return result;
        } finally {
            file.release(l);
        }
    }

    private static int ioctl(Lwp l, int fd, OpenFile file, long request, MemorySegment data) throws ErrnoException {
        if (request == Ioctl.FIOCLEX || request == Ioctl.FIONCLEX) {
            l.proc().files().setClosesOnExec(fd, request == Ioctl.FIOCLEX);
            return 0;
        }
        if (request == Ioctl.FIONBIO) {
            file.setFlags(Fcntl.O_NONBLOCK, Ioctl.getInt(data) != 0 ? Fcntl.O_NONBLOCK : 0);
            return 0;
        }
        return file.ops().ioctl(l, file, request, data);
    }

    int[] pipe2(Lwp l, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK | Fcntl.O_NOSIGPIPE)) != 0) {
            throw Errno.EINVAL.exception("pipe2 flags 0x" + Integer.toHexString(flags));
        }
        Filedesc files = l.proc().files();
        boolean onExecClose = (flags & Fcntl.O_CLOEXEC) != 0;
        int status = flags & (Fcntl.O_NONBLOCK | Fcntl.O_NOSIGPIPE);
        int reader = files.reserve(l);
        int writer;
        try {
            writer = files.reserve(l);
        } catch (ErrnoException e) {
            files.unreserve(reader);
            throw e;
        }
        Pipe pipe = new Pipe(kernel);
        try {
            pipe.open(true, true);
        } catch (ErrnoException e) {
            files.unreserve(reader);
            files.unreserve(writer);
            throw e;
        }
        files.affix(reader, new OpenFile(kernel, Pipe.OPS, pipe, Fcntl.O_RDONLY | status), onExecClose);
        files.affix(writer, new OpenFile(kernel, Pipe.OPS, pipe, Fcntl.O_WRONLY | status), onExecClose);
        return new int[] {reader, writer};
    }

    void fsync(Lwp l, int fd, boolean dataOnly) throws ErrnoException {
        OpenFile file = l.proc().files().get(fd);
        try {
            file.ops().fsync(l, file, dataOnly);
        } finally {
            file.release(l);
        }
    }

    /** The whole file: what is beside the piece has to reach the disk some time, too. */
    void fsyncRange(Lwp l, int fd, int how, long start, long length) throws ErrnoException {
        int what = how & (Fcntl.FDATASYNC | Fcntl.FFILESYNC);
        boolean one = what == Fcntl.FDATASYNC || what == Fcntl.FFILESYNC;
        if (!one || (how & ~(what | Fcntl.FDISKSYNC)) != 0) {
            throw Errno.EINVAL.exception("flags 0x" + Integer.toHexString(how));
        }
        checkPiece(start, length);
        OpenFile file = l.proc().files().get(fd);
        try {
            requireWritable(file);
            file.ops().fsync(l, file, what == Fcntl.FDATASYNC);
        } finally {
            file.release(l);
        }
    }

    void ftruncate(Lwp l, int fd, long length) throws ErrnoException {
        OpenFile file = l.proc().files().get(fd);
        try {
            if (length < 0 || !file.isWritable()) {
                throw Errno.EINVAL.exception(length < 0 ? "length " + length : "not open for writing");
            }
            file.ops().truncate(l, file, length);
        } finally {
            file.release(l);
        }
    }

    void posixFallocate(Lwp l, int fd, long pos, long length) throws ErrnoException {
        checkPiece(pos, length);
        OpenFile file = l.proc().files().get(fd);
        try {
            requireWritable(file);
            file.ops().preallocate(l, file, pos, length);
        } finally {
            file.release(l);
        }
    }

    void fdiscard(Lwp l, int fd, long pos, long length) throws ErrnoException {
        checkPiece(pos, length);
        OpenFile file = l.proc().files().get(fd);
        try {
            requireWritable(file);
            file.ops().discard(l, file, pos, length);
        } finally {
            file.release(l);
        }
    }

    private static void checkPiece(long start, long length) throws ErrnoException {
        if (start < 0 || length < 0 || length > Long.MAX_VALUE - start) {
            throw Errno.EINVAL.exception(length + " bytes from byte " + start);
        }
    }

    private static void requireWritable(OpenFile file) throws ErrnoException {
        if (!file.isWritable()) {
            throw Errno.EBADF.exception("not open for writing");
        }
    }

    List<Dirent> getdents(Lwp l, int fd) throws ErrnoException {
        OpenFile file = l.proc().files().get(fd);
        try {
            if (!file.isReadable()) {
                throw Errno.EBADF.exception("not open for reading");
            }
            file.offsetLock.enter();
            try {
                return file.ops().getdents(l, file);
            } finally {
                file.offsetLock.exit();
            }
        } finally {
            file.release(l);
        }
    }

    Stat fstat(Lwp l, int fd) throws ErrnoException {
        OpenFile file = l.proc().files().get(fd);
        try {
            return file.ops().stat(l, file);
        } finally {
            file.release(l);
        }
    }
}
