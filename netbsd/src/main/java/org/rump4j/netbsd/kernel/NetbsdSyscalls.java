package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Cmsg;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysReboot;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rump.Sysno;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The system calls of NetBSD's kernel: arguments in the order of its {@code syscalls.master}, structures as {@link Layouts} has them. */
final class NetbsdSyscalls implements Syscalls {
    /** An argument that is there only for the next one, of eight bytes, to be aligned on machines of four. */
    private static final long PAD = 0;

    private static final int PATH_BYTES = 1024;
    private static final int DIRENTS_BYTES = 1 << 16;

    // sys/ioccom.h

    private static final int IOCPARM_SHIFT = 16;
    private static final int IOCPARM_MASK = 0x1fff;
    private static final long IOC_OUT = 0x40000000L;

    /** What {@code sys/endian.h} calls little, big, and that of the PDP-11. */
    private static final int[] BYTE_ORDERS = {1234, 4321, 3412};

    private final NetbsdKernel kernel;
    private final Sysctl sysctl;
    private final NetbsdSockets sockets;

    NetbsdSyscalls(NetbsdKernel kernel) {
        this.kernel = kernel;
        sysctl = new Sysctl(kernel);
        sockets = new NetbsdSockets(kernel);
    }

    private Frame frame() {
        return kernel.frame();
    }

    /** One whose arguments are numbers. */
    private long call(Sysno call, long... arguments) throws ErrnoException {
        try (Frame f = frame()) {
            return f.call(call, arguments);
        }
    }

    /** One that cannot fail. */
    private int sure(Sysno call, long... arguments) {
        try {
            return (int) call(call, arguments);
        } catch (ErrnoException e) {
            throw new IllegalStateException(call + " has failed", e);
        }
    }

    // Processes

    @Override
    public int getpid() {
        return sure(Sysno.GETPID);
    }

    @Override
    public int getppid() {
        return sure(Sysno.GETPPID);
    }

    @Override
    public int getuid() {
        return sure(Sysno.GETUID);
    }

    @Override
    public int geteuid() {
        return sure(Sysno.GETEUID);
    }

    @Override
    public int getgid() {
        return sure(Sysno.GETGID);
    }

    @Override
    public int getegid() {
        return sure(Sysno.GETEGID);
    }

    @Override
    public void setuid(int uid) throws ErrnoException {
        long _ = call(Sysno.SETUID, uid);
    }

    @Override
    public void seteuid(int uid) throws ErrnoException {
        long _ = call(Sysno.SETEUID, uid);
    }

    @Override
    public void setgid(int gid) throws ErrnoException {
        long _ = call(Sysno.SETGID, gid);
    }

    @Override
    public void setegid(int gid) throws ErrnoException {
        long _ = call(Sysno.SETEGID, gid);
    }

    @Override
    public int[] getgroups() {
        try (Frame f = frame()) {
            int count = (int) f.call(Sysno.GETGROUPS, 0, 0);
            MemorySegment groups = f.room(Math.max(1, count) * (long) Integer.BYTES);
            count = (int) f.call(Sysno.GETGROUPS, count, groups.address());
            return groups.asSlice(0, count * (long) Integer.BYTES).toArray(JAVA_INT);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void setgroups(int... groups) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Math.max(1, groups.length) * (long) Integer.BYTES);
            MemorySegment.copy(groups, 0, room, JAVA_INT, 0, groups.length);
            long _ = f.call(Sysno.SETGROUPS, groups.length, room.address());
        }
    }

    @Override
    public int umask(int mask) {
        return sure(Sysno.UMASK, mask);
    }

    @Override
    public Rlimit getrlimit(int resource) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.RLIMIT_BYTES);
            long _ = f.call(Sysno.GETRLIMIT, resource, room.address());
            return Layouts.rlimit(room);
        }
    }

    @Override
    public void setrlimit(int resource, Rlimit limit) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.RLIMIT_BYTES);
            room.set(JAVA_LONG, 0, limit.cur());
            room.set(JAVA_LONG, Long.BYTES, limit.max());
            long _ = f.call(Sysno.SETRLIMIT, resource, room.address());
        }
    }

    // Descriptors

    @Override
    public void close(int fd) throws ErrnoException {
        long _ = call(Sysno.CLOSE, fd);
    }

    @Override
    public int dup(int fd) throws ErrnoException {
        return (int) call(Sysno.DUP, fd);
    }

    @Override
    public int dup2(int from, int to) throws ErrnoException {
        return (int) call(Sysno.DUP2, from, to);
    }

    @Override
    public int dup3(int from, int to, int flags) throws ErrnoException {
        return (int) call(Sysno.DUP3, from, to, flags);
    }

    @Override
    public int fcntl(int fd, int cmd, int arg) throws ErrnoException {
        return (int) call(Sysno.FCNTL, fd, cmd, arg);
    }

    @Override
    public Flock fcntl(int fd, int cmd, Flock lock) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.FLOCK_BYTES);
            Layouts.put(room, lock);
            long _ = f.call(Sysno.FCNTL, fd, cmd, room.address());
            return cmd == Fcntl.F_GETLK ? Layouts.flock(room) : lock;
        }
    }

    @Override
    public void flock(int fd, int operation) throws ErrnoException {
        long _ = call(Sysno.FLOCK, fd, operation);
    }

    @Override
    public long read(int fd, MemorySegment buf) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment data = f.forReading(buf);
            return f.copiedTo(buf, data, f.callHolding(data, Sysno.READ, fd, data.address(), data.byteSize()));
        }
    }

    @Override
    public long readv(int fd, MemorySegment... iov) throws ErrnoException {
        try (Frame f = frame()) {
            Frame.Pieces pieces = f.pieces(iov, false);
            return pieces.copiedTo(iov, f.call(Sysno.READV, fd, pieces.address(), iov.length));
        }
    }

    @Override
    public long pread(int fd, MemorySegment buf, long offset) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment data = f.forReading(buf);
            return f.copiedTo(
                    buf, data, f.callHolding(data, Sysno.PREAD, fd, data.address(), data.byteSize(), PAD, offset));
        }
    }

    @Override
    public long preadv(int fd, long offset, MemorySegment... iov) throws ErrnoException {
        try (Frame f = frame()) {
            Frame.Pieces pieces = f.pieces(iov, false);
            return pieces.copiedTo(iov, f.call(Sysno.PREADV, fd, pieces.address(), iov.length, PAD, offset));
        }
    }

    @Override
    public long write(int fd, MemorySegment buf) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment data = f.forWriting(buf);
            return f.callHolding(data, Sysno.WRITE, fd, data.address(), data.byteSize());
        }
    }

    @Override
    public long writev(int fd, MemorySegment... iov) throws ErrnoException {
        try (Frame f = frame()) {
            return f.call(Sysno.WRITEV, fd, f.pieces(iov, true).address(), iov.length);
        }
    }

    @Override
    public long pwrite(int fd, MemorySegment buf, long offset) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment data = f.forWriting(buf);
            return f.callHolding(data, Sysno.PWRITE, fd, data.address(), data.byteSize(), PAD, offset);
        }
    }

    @Override
    public long pwritev(int fd, long offset, MemorySegment... iov) throws ErrnoException {
        try (Frame f = frame()) {
            return f.call(Sysno.PWRITEV, fd, f.pieces(iov, true).address(), iov.length, PAD, offset);
        }
    }

    @Override
    public long lseek(int fd, long offset, int whence) throws ErrnoException {
        return call(Sysno.LSEEK, fd, PAD, offset, whence);
    }

    @Override
    public int ioctl(int fd, long request, MemorySegment data) throws ErrnoException {
        long bytes = request >> IOCPARM_SHIFT & IOCPARM_MASK;
        if (bytes > data.byteSize()) {
            throw Errno.EFAULT.exception("the request has " + bytes + " bytes of data");
        }
        try (Frame f = frame()) {
            MemorySegment room = f.room(Math.max(1, bytes));
            MemorySegment.copy(data, 0, room, 0, bytes);
            int out = (int) f.call(Sysno.IOCTL, fd, request, room.address());
            if ((request & IOC_OUT) != 0) {
                MemorySegment.copy(room, 0, data, 0, bytes);
            }
            return out;
        }
    }

    @Override
    public int[] poll(int timeoutMillis, Pollfd... fds) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Math.max(1, fds.length) * (long) Layouts.POLLFD_BYTES);
            for (int i = 0; i < fds.length; i++) {
                room.set(JAVA_INT, i * (long) Layouts.POLLFD_BYTES, fds[i].fd());
                room.set(JAVA_SHORT, i * (long) Layouts.POLLFD_BYTES + Layouts.POLLFD_EVENTS, (short) fds[i].events());
            }
            long _ = f.call(Sysno.POLL, room.address(), fds.length, timeoutMillis);
            int[] out = new int[fds.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = room.get(JAVA_SHORT, i * (long) Layouts.POLLFD_BYTES + Layouts.POLLFD_REVENTS);
            }
            return out;
        }
    }

    @Override
    public int[] pipe2(int flags) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(2L * Integer.BYTES);
            long _ = f.call(Sysno.PIPE2, room.address(), flags);
            return room.toArray(JAVA_INT);
        }
    }

    @Override
    public void fsync(int fd) throws ErrnoException {
        long _ = call(Sysno.FSYNC, fd);
    }

    @Override
    public void fdatasync(int fd) throws ErrnoException {
        long _ = call(Sysno.FDATASYNC, fd);
    }

    @Override
    public void fsyncRange(int fd, int how, long start, long length) throws ErrnoException {
        long _ = call(Sysno.FSYNC_RANGE, fd, how, start, length);
    }

    @Override
    public void ftruncate(int fd, long length) throws ErrnoException {
        long _ = call(Sysno.FTRUNCATE, fd, PAD, length);
    }

    /** This one gives its error as a result. */
    @Override
    public void posixFallocate(int fd, long pos, long length) throws ErrnoException {
        try (Frame f = frame()) {
            NetbsdKernel.require((int) f.call(Sysno.POSIX_FALLOCATE, fd, PAD, pos, length));
        }
    }

    @Override
    public void fdiscard(int fd, long pos, long length) throws ErrnoException {
        long _ = call(Sysno.FDISCARD, fd, PAD, pos, length);
    }

    @Override
    public List<Dirent> getdents(int fd) throws ErrnoException {
        List<Dirent> out = new ArrayList<>();
        try (Frame f = frame()) {
            MemorySegment room = f.room(DIRENTS_BYTES);
            long bytes;
            do {
                bytes = f.call(Sysno.GETDENTS, fd, room.address(), DIRENTS_BYTES);
                Layouts.dirents(room.asSlice(0, bytes), out);
            } while (bytes > 0 && out.isEmpty());
        }
        return out;
    }

    @Override
    public Stat fstat(int fd) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.STAT_BYTES);
            long _ = f.call(Sysno.FSTAT, fd, room.address());
            return Layouts.stat(room);
        }
    }

    @Override
    public Statvfs fstatvfs1(int fd, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.STATVFS_BYTES);
            long _ = f.call(Sysno.FSTATVFS1, fd, room.address(), flags);
            return Layouts.statvfs(room);
        }
    }

    @Override
    public void fchdir(int fd) throws ErrnoException {
        long _ = call(Sysno.FCHDIR, fd);
    }

    @Override
    public void fchroot(int fd) throws ErrnoException {
        long _ = call(Sysno.FCHROOT, fd);
    }

    @Override
    public void fchmod(int fd, int mode) throws ErrnoException {
        long _ = call(Sysno.FCHMOD, fd, mode);
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws ErrnoException {
        long _ = call(Sysno.FCHOWN, fd, uid, gid);
    }

    @Override
    public void fchflags(int fd, int flags) throws ErrnoException {
        long _ = call(Sysno.FCHFLAGS, fd, Integer.toUnsignedLong(flags));
    }

    @Override
    public void futimens(int fd, Timespec atime, Timespec mtime) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.FUTIMENS, fd, times(f, atime, mtime));
        }
    }

    private static long times(Frame f, Timespec atime, Timespec mtime) {
        MemorySegment room = f.room(2L * Layouts.TIMESPEC_BYTES);
        Layouts.put(room, 0, atime);
        Layouts.put(room, Layouts.TIMESPEC_BYTES, mtime);
        return room.address();
    }

    // Files

    @Override
    public int open(String path, int flags, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            return (int) f.call(Sysno.OPEN, f.name(path), flags, mode);
        }
    }

    @Override
    public int openat(int dirfd, String path, int flags, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            return (int) f.call(Sysno.OPENAT, dirfd, f.name(path), flags, mode);
        }
    }

    @Override
    public void mkdir(String path, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.MKDIR, f.name(path), mode);
        }
    }

    @Override
    public void mkdirat(int dirfd, String path, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.MKDIRAT, dirfd, f.name(path), mode);
        }
    }

    @Override
    public void rmdir(String path) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.RMDIR, f.name(path));
        }
    }

    @Override
    public void unlink(String path) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.UNLINK, f.name(path));
        }
    }

    @Override
    public void unlinkat(int dirfd, String path, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.UNLINKAT, dirfd, f.name(path), flags);
        }
    }

    @Override
    public void link(String path, String newPath) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.LINK, f.name(path), f.name(newPath));
        }
    }

    @Override
    public void linkat(int dirfd, String path, int newDirfd, String newPath, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.LINKAT, dirfd, f.name(path), newDirfd, f.name(newPath), flags);
        }
    }

    @Override
    public void symlink(String target, String path) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.SYMLINK, f.name(target), f.name(path));
        }
    }

    @Override
    public void symlinkat(String target, int dirfd, String path) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.SYMLINKAT, f.name(target), dirfd, f.name(path));
        }
    }

    @Override
    public String readlink(String path) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(PATH_BYTES);
            return text(room, f.call(Sysno.READLINK, f.name(path), room.address(), PATH_BYTES));
        }
    }

    @Override
    public String readlinkat(int dirfd, String path) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(PATH_BYTES);
            return text(room, f.call(Sysno.READLINKAT, dirfd, f.name(path), room.address(), PATH_BYTES));
        }
    }

    private static String text(MemorySegment room, long bytes) {
        return PathCodec.decode(room.asSlice(0, bytes).toArray(JAVA_BYTE));
    }

    @Override
    public void rename(String from, String to) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.RENAME, f.name(from), f.name(to));
        }
    }

    @Override
    public void renameat(int fromDirfd, String from, int toDirfd, String to) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.RENAMEAT, fromDirfd, f.name(from), toDirfd, f.name(to));
        }
    }

    @Override
    public Stat stat(String path) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.STAT_BYTES);
            long _ = f.call(Sysno.STAT, f.name(path), room.address());
            return Layouts.stat(room);
        }
    }

    @Override
    public Stat lstat(String path) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.STAT_BYTES);
            long _ = f.call(Sysno.LSTAT, f.name(path), room.address());
            return Layouts.stat(room);
        }
    }

    @Override
    public Stat fstatat(int dirfd, String path, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.STAT_BYTES);
            long _ = f.call(Sysno.FSTATAT, dirfd, f.name(path), room.address(), flags);
            return Layouts.stat(room);
        }
    }

    @Override
    public Statvfs statvfs1(String path, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.STATVFS_BYTES);
            long _ = f.call(Sysno.STATVFS1, f.name(path), room.address(), flags);
            return Layouts.statvfs(room);
        }
    }

    @Override
    public void chmod(String path, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.CHMOD, f.name(path), mode);
        }
    }

    @Override
    public void lchmod(String path, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.LCHMOD, f.name(path), mode);
        }
    }

    @Override
    public void fchmodat(int dirfd, String path, int mode, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.FCHMODAT, dirfd, f.name(path), mode, flags);
        }
    }

    @Override
    public void chown(String path, int uid, int gid) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.CHOWN, f.name(path), uid, gid);
        }
    }

    @Override
    public void lchown(String path, int uid, int gid) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.LCHOWN, f.name(path), uid, gid);
        }
    }

    @Override
    public void fchownat(int dirfd, String path, int uid, int gid, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.FCHOWNAT, dirfd, f.name(path), uid, gid, flags);
        }
    }

    @Override
    public void utimensat(int dirfd, String path, Timespec atime, Timespec mtime, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.UTIMENSAT, dirfd, f.name(path), times(f, atime, mtime), flags);
        }
    }

    @Override
    public void chflags(String path, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.CHFLAGS, f.name(path), Integer.toUnsignedLong(flags));
        }
    }

    @Override
    public void lchflags(String path, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.LCHFLAGS, f.name(path), Integer.toUnsignedLong(flags));
        }
    }

    @Override
    public void mkfifo(String path, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.MKFIFO, f.name(path), mode);
        }
    }

    @Override
    public void mkfifoat(int dirfd, String path, int mode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.MKFIFOAT, dirfd, f.name(path), mode);
        }
    }

    @Override
    public void mknod(String path, int mode, long dev) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.MKNOD, f.name(path), mode, dev);
        }
    }

    @Override
    public void mknodat(int dirfd, String path, int mode, long dev) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.MKNODAT, dirfd, f.name(path), mode, PAD, dev);
        }
    }

    @Override
    public void access(String path, int amode) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.ACCESS, f.name(path), amode);
        }
    }

    @Override
    public void faccessat(int dirfd, String path, int amode, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.FACCESSAT, dirfd, f.name(path), amode, flags);
        }
    }

    @Override
    public void truncate(String path, long length) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.TRUNCATE, f.name(path), PAD, length);
        }
    }

    @Override
    public void chdir(String path) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.CHDIR, f.name(path));
        }
    }

    @Override
    public void chroot(String path) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.CHROOT, f.name(path));
        }
    }

    @Override
    public String getcwd() throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(PATH_BYTES);
            long _ = f.call(Sysno.GETCWD, room.address(), PATH_BYTES);
            return Layouts.name(room, 0, PATH_BYTES);
        }
    }

    // File systems

    @Override
    public void mount(String type, String dir, int flags, MountArgs args) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment structure = MountArguments.of(f, type, args);
            if (type.equals("v7fs")) {
                mountOfAnyByteOrder(f, dir, flags, structure);
            } else {
                mount(f, type, dir, flags, structure);
            }
        }
    }

    private static void mount(Frame f, String type, String dir, int flags, MemorySegment structure)
            throws ErrnoException {
        long _ = f.call(Sysno.MOUNT, f.name(type), f.name(dir), flags, structure.address(), structure.byteSize());
    }

    /** An image does not say which byte order it has; the kernel takes those that make sense. */
    private static void mountOfAnyByteOrder(Frame f, String dir, int flags, MemorySegment structure)
            throws ErrnoException {
        for (int i = 0; ; i++) {
            MountArguments.setByteOrder(structure, BYTE_ORDERS[i]);
            try {
                mount(f, "v7fs", dir, flags, structure);
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINVAL || i == BYTE_ORDERS.length - 1) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void unmount(String dir, int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long _ = f.call(Sysno.UNMOUNT, f.name(dir), flags);
        }
    }

    @Override
    public List<Statvfs> getvfsstat(int flags) throws ErrnoException {
        try (Frame f = frame()) {
            long count = f.call(Sysno.GETVFSSTAT, 0, 0, flags);
            MemorySegment room = f.room(Math.max(1, count) * Layouts.STATVFS_BYTES);
            count = Math.min(count, f.call(Sysno.GETVFSSTAT, room.address(), room.byteSize(), flags));
            List<Statvfs> out = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                out.add(Layouts.statvfs(room.asSlice(i * Layouts.STATVFS_BYTES, Layouts.STATVFS_BYTES)));
            }
            return out;
        }
    }

    @Override
    public void sync() {
        int _ = sure(Sysno.SYNC);
    }

    // Sockets

    @Override
    public int socket(int domain, int type, int protocol) throws ErrnoException {
        return sockets.socket(domain, type, protocol);
    }

    @Override
    public int[] socketpair(int domain, int type, int protocol) throws ErrnoException {
        return sockets.socketpair(domain, type, protocol);
    }

    @Override
    public void bind(int s, Sockaddr name) throws ErrnoException {
        sockets.bind(s, name);
    }

    @Override
    public void listen(int s, int backlog) throws ErrnoException {
        sockets.listen(s, backlog);
    }

    @Override
    public Accepted accept(int s) throws ErrnoException {
        return sockets.accept(s);
    }

    @Override
    public Accepted paccept(int s, int flags) throws ErrnoException {
        return sockets.paccept(s, flags);
    }

    @Override
    public void connect(int s, Sockaddr name) throws ErrnoException {
        sockets.connect(s, name);
    }

    @Override
    public void shutdown(int s, int how) throws ErrnoException {
        sockets.shutdown(s, how);
    }

    @Override
    public Sockaddr getsockname(int s) throws ErrnoException {
        return sockets.getsockname(s);
    }

    @Override
    public Sockaddr getpeername(int s) throws ErrnoException {
        return sockets.getpeername(s);
    }

    @Override
    public long sendto(int s, MemorySegment buf, int flags, @Nullable Sockaddr to) throws ErrnoException {
        return sockets.sendto(s, buf, flags, to);
    }

    @Override
    public long sendmsg(int s, @Nullable Sockaddr to, List<Cmsg> control, int flags, MemorySegment... iov)
            throws ErrnoException {
        return sockets.sendmsg(s, to, control, flags, iov);
    }

    @Override
    public Received recvfrom(int s, MemorySegment buf, int flags) throws ErrnoException {
        return sockets.recvfrom(s, buf, flags);
    }

    @Override
    public long recv(int s, MemorySegment buf, int flags) throws ErrnoException {
        return sockets.recv(s, buf, flags);
    }

    @Override
    public Received recvmsg(int s, int controlBytes, int flags, MemorySegment... iov) throws ErrnoException {
        return sockets.recvmsg(s, controlBytes, flags, iov);
    }

    @Override
    public void setsockopt(int s, int level, int name, MemorySegment value) throws ErrnoException {
        sockets.setsockopt(s, level, name, value);
    }

    @Override
    public int getsockopt(int s, int level, int name, MemorySegment value) throws ErrnoException {
        return sockets.getsockopt(s, level, name, value);
    }

    // Time

    @Override
    public Timespec clockGettime(int clockId) throws ErrnoException {
        return clock(Sysno.CLOCK_GETTIME, clockId);
    }

    @Override
    public Timespec clockGetres(int clockId) throws ErrnoException {
        return clock(Sysno.CLOCK_GETRES, clockId);
    }

    private Timespec clock(Sysno call, int clockId) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.TIMESPEC_BYTES);
            long _ = f.call(call, clockId, room.address());
            return Layouts.timespec(room, 0);
        }
    }

    @Override
    public void clockSettime(int clockId, Timespec time) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.TIMESPEC_BYTES);
            Layouts.put(room, 0, time);
            long _ = f.call(Sysno.CLOCK_SETTIME, clockId, room.address());
        }
    }

    @Override
    public void nanosleep(Timespec time) throws ErrnoException {
        try (Frame f = frame()) {
            MemorySegment room = f.room(Layouts.TIMESPEC_BYTES);
            Layouts.put(room, 0, time);
            long _ = f.call(Sysno.NANOSLEEP, room.address(), 0);
        }
    }

    // The kernel as a whole

    @Override
    public SysctlValue sysctl(String name) throws ErrnoException {
        return sysctl.get(name);
    }

    @Override
    public void sysctl(String name, SysctlValue value) throws ErrnoException {
        sysctl.set(name, value);
    }

    @Override
    public List<String> sysctlQuery(String name) throws ErrnoException {
        return sysctl.children(name);
    }

    @Override
    public void reboot(int howto) throws ErrnoException {
        // With RB_HALT the kernel never exits: it sleeps.
        long _ = call(Sysno.REBOOT, howto & ~SysReboot.RB_HALT, 0);
    }
}
