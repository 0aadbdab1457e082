package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysReboot;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The system calls as the outside sees them: each goes into the kernel, has its part of the kernel do it, and comes out again.
 * What no kernel lets out, an exception that is not an {@link ErrnoException}, is a panic.
 *
 * <p>The calls that are made most often are written out; the others go through {@link #call} and {@link #run}, which cost an
 * object each.
 */
final class SyscallTable implements Syscalls {
    private interface Call<T> {
        T on(Lwp l) throws ErrnoException;
    }

    private interface Run {
        void on(Lwp l) throws ErrnoException;
    }

    private final Kernel kernel;
    private final DescriptorCalls descriptors;
    private final PollCalls polls;
    private final ProcessCalls processes;
    private final TimeCalls time;
    private final VfsCalls vfs;

    SyscallTable(Kernel kernel) {
        this.kernel = kernel;
        descriptors = new DescriptorCalls(kernel);
        polls = new PollCalls(kernel);
        processes = new ProcessCalls();
        time = new TimeCalls(kernel);
        VfsCalls faction = kernel.find(VfsCalls.class);
        vfs = faction == null ? VfsCalls.ABSENT : faction;
    }

    private <T> T call(Call<T> body) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return body.on(l);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    private void run(Run body) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            body.on(l);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    /**
     * An argument that the caller must have given.
     *
     * @throws ErrnoException EFAULT where it is null, as of any bad address
     */
    private static <T> T given(@Nullable T argument) throws ErrnoException {
        if (argument == null) {
            throw Errno.EFAULT.exception("null");
        }
        return argument;
    }

    /** The credentials of the caller. They do not change, so they can be looked at outside. */
    private Cred cred() {
        Lwp l = kernel.enter();
        Cred cred = l.cred();
        kernel.leave(l);
        return cred;
    }

    // Process

    @Override
    public int getpid() {
        Lwp l = kernel.enter();
        int pid = l.proc().pid();
        kernel.leave(l);
        return pid;
    }

    @Override
    public int getppid() {
        Lwp l = kernel.enter();
        int pid = l.proc().parent().pid();
        kernel.leave(l);
        return pid;
    }

    @Override
    public int getuid() {
        return cred().uid();
    }

    @Override
    public int geteuid() {
        return cred().euid();
    }

    @Override
    public int getgid() {
        return cred().gid();
    }

    @Override
    public int getegid() {
        return cred().egid();
    }

    @Override
    public int[] getgroups() {
        return cred().groups();
    }

    @Override
    public void setuid(int uid) throws ErrnoException {
        run(l -> processes.setuid(l, uid));
    }

    @Override
    public void seteuid(int uid) throws ErrnoException {
        run(l -> processes.seteuid(l, uid));
    }

    @Override
    public void setgid(int gid) throws ErrnoException {
        run(l -> processes.setgid(l, gid));
    }

    @Override
    public void setegid(int gid) throws ErrnoException {
        run(l -> processes.setegid(l, gid));
    }

    @Override
    public void setgroups(int... groups) throws ErrnoException {
        run(l -> processes.setgroups(l, given(groups)));
    }

    @Override
    public int umask(int mask) {
        Lwp l = kernel.enter();
        int before = processes.umask(l, mask);
        kernel.leave(l);
        return before;
    }

    @Override
    public Rlimit getrlimit(int resource) throws ErrnoException {
        return call(l -> processes.getrlimit(l, resource));
    }

    @Override
    public void setrlimit(int resource, Rlimit limit) throws ErrnoException {
        run(l -> processes.setrlimit(l, resource, given(limit)));
    }

    // Descriptors

    @Override
    public void close(int fd) throws ErrnoException {
        run(l -> l.proc().files().close(l, fd));
    }

    @Override
    public int dup(int fd) throws ErrnoException {
        return call(l -> descriptors.dup(l, fd, 0, false));
    }

    @Override
    public int dup2(int from, int to) throws ErrnoException {
        return call(l -> descriptors.dup2(l, from, to, false));
    }

    @Override
    public int dup3(int from, int to, int flags) throws ErrnoException {
        return call(l -> descriptors.dup3(l, from, to, flags));
    }

    @Override
    public int fcntl(int fd, int cmd, int arg) throws ErrnoException {
        return call(l -> descriptors.fcntl(l, fd, cmd, arg));
    }

    @Override
    public Flock fcntl(int fd, int cmd, Flock lock) throws ErrnoException {
        return call(l -> descriptors.fcntl(l, fd, cmd, given(lock)));
    }

    @Override
    public void flock(int fd, int operation) throws ErrnoException {
        run(l -> descriptors.flock(l, fd, operation));
    }

    @Override
    public long read(int fd, MemorySegment buf) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return descriptors.read(l, fd, l.uio().reset(0, given(buf)), DescriptorCalls.CURRENT);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    @Override
    public long pread(int fd, MemorySegment buf, long offset) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return descriptors.read(l, fd, l.uio().reset(offset, given(buf)), DescriptorCalls.position(offset));
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    @Override
    public long write(int fd, MemorySegment buf) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return descriptors.write(l, fd, l.uio().reset(0, given(buf)), DescriptorCalls.CURRENT);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    @Override
    public long pwrite(int fd, MemorySegment buf, long offset) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return descriptors.write(l, fd, l.uio().reset(offset, given(buf)), DescriptorCalls.position(offset));
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    @Override
    public long readv(int fd, MemorySegment... iov) throws ErrnoException {
        return call(l -> descriptors.read(l, fd, l.uio().reset(0, given(iov)), DescriptorCalls.CURRENT));
    }

    @Override
    public long preadv(int fd, long offset, MemorySegment... iov) throws ErrnoException {
        return call(l -> descriptors.read(l, fd, l.uio().reset(offset, given(iov)), DescriptorCalls.position(offset)));
    }

    @Override
    public long writev(int fd, MemorySegment... iov) throws ErrnoException {
        return call(l -> descriptors.write(l, fd, l.uio().reset(0, given(iov)), DescriptorCalls.CURRENT));
    }

    @Override
    public long pwritev(int fd, long offset, MemorySegment... iov) throws ErrnoException {
        return call(l -> descriptors.write(l, fd, l.uio().reset(offset, given(iov)), DescriptorCalls.position(offset)));
    }

    @Override
    public long lseek(int fd, long offset, int whence) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return descriptors.lseek(l, fd, offset, whence);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    @Override
    public int ioctl(int fd, long request, MemorySegment data) throws ErrnoException {
        return call(l -> descriptors.ioctl(l, fd, request, given(data)));
    }

    @Override
    public int[] poll(int timeoutMillis, Pollfd... fds) throws ErrnoException {
        return call(l -> polls.poll(l, timeoutMillis, given(fds)));
    }

    @Override
    public int[] pipe2(int flags) throws ErrnoException {
        return call(l -> descriptors.pipe2(l, flags));
    }

    @Override
    public void fsync(int fd) throws ErrnoException {
        run(l -> descriptors.fsync(l, fd, false));
    }

    @Override
    public void fdatasync(int fd) throws ErrnoException {
        run(l -> descriptors.fsync(l, fd, true));
    }

    @Override
    public void fsyncRange(int fd, int how, long start, long length) throws ErrnoException {
        run(l -> descriptors.fsyncRange(l, fd, how, start, length));
    }

    @Override
    public void ftruncate(int fd, long length) throws ErrnoException {
        run(l -> descriptors.ftruncate(l, fd, length));
    }

    @Override
    public void posixFallocate(int fd, long pos, long length) throws ErrnoException {
        run(l -> descriptors.posixFallocate(l, fd, pos, length));
    }

    @Override
    public void fdiscard(int fd, long pos, long length) throws ErrnoException {
        run(l -> descriptors.fdiscard(l, fd, pos, length));
    }

    @Override
    public List<Dirent> getdents(int fd) throws ErrnoException {
        return call(l -> descriptors.getdents(l, fd));
    }

    @Override
    public Stat fstat(int fd) throws ErrnoException {
        return call(l -> descriptors.fstat(l, fd));
    }

    @Override
    public Statvfs fstatvfs1(int fd, int flags) throws ErrnoException {
        return call(l -> vfs.fstatvfs1(l, fd, flags));
    }

    @Override
    public void fchdir(int fd) throws ErrnoException {
        run(l -> vfs.fchdir(l, fd));
    }

    @Override
    public void fchroot(int fd) throws ErrnoException {
        run(l -> vfs.fchroot(l, fd));
    }

    @Override
    public void fchmod(int fd, int mode) throws ErrnoException {
        run(l -> vfs.fchmod(l, fd, mode));
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws ErrnoException {
        run(l -> vfs.fchown(l, fd, uid, gid));
    }

    @Override
    public void fchflags(int fd, int flags) throws ErrnoException {
        run(l -> vfs.fchflags(l, fd, flags));
    }

    @Override
    public void futimens(int fd, Timespec atime, Timespec mtime) throws ErrnoException {
        run(l -> vfs.futimens(l, fd, given(atime), given(mtime)));
    }

    // Files

    @Override
    public int open(String path, int flags, int mode) throws ErrnoException {
        return openat(Fcntl.AT_FDCWD, path, flags, mode);
    }

    @Override
    public int openat(int dirfd, String path, int flags, int mode) throws ErrnoException {
        return call(l -> vfs.openat(l, dirfd, given(path), flags, mode));
    }

    @Override
    public void mkdir(String path, int mode) throws ErrnoException {
        mkdirat(Fcntl.AT_FDCWD, path, mode);
    }

    @Override
    public void mkdirat(int dirfd, String path, int mode) throws ErrnoException {
        run(l -> vfs.mkdirat(l, dirfd, given(path), mode));
    }

    @Override
    public void rmdir(String path) throws ErrnoException {
        unlinkat(Fcntl.AT_FDCWD, path, Fcntl.AT_REMOVEDIR);
    }

    @Override
    public void unlink(String path) throws ErrnoException {
        unlinkat(Fcntl.AT_FDCWD, path, 0);
    }

    @Override
    public void unlinkat(int dirfd, String path, int flags) throws ErrnoException {
        run(l -> vfs.unlinkat(l, dirfd, given(path), flags));
    }

    @Override
    public void link(String path, String newPath) throws ErrnoException {
        linkat(Fcntl.AT_FDCWD, path, Fcntl.AT_FDCWD, newPath, Fcntl.AT_SYMLINK_FOLLOW);
    }

    @Override
    public void linkat(int dirfd, String path, int newDirfd, String newPath, int flags) throws ErrnoException {
        run(l -> vfs.linkat(l, dirfd, given(path), newDirfd, given(newPath), flags));
    }

    @Override
    public void symlink(String target, String path) throws ErrnoException {
        symlinkat(target, Fcntl.AT_FDCWD, path);
    }

    @Override
    public void symlinkat(String target, int dirfd, String path) throws ErrnoException {
        run(l -> vfs.symlinkat(l, given(target), dirfd, given(path)));
    }

    @Override
    public String readlink(String path) throws ErrnoException {
        return readlinkat(Fcntl.AT_FDCWD, path);
    }

    @Override
    public String readlinkat(int dirfd, String path) throws ErrnoException {
        return call(l -> vfs.readlinkat(l, dirfd, given(path)));
    }

    @Override
    public void rename(String from, String to) throws ErrnoException {
        renameat(Fcntl.AT_FDCWD, from, Fcntl.AT_FDCWD, to);
    }

    @Override
    public void renameat(int fromDirfd, String from, int toDirfd, String to) throws ErrnoException {
        run(l -> vfs.renameat(l, fromDirfd, given(from), toDirfd, given(to)));
    }

    @Override
    public Stat stat(String path) throws ErrnoException {
        return fstatat(Fcntl.AT_FDCWD, path, 0);
    }

    @Override
    public Stat lstat(String path) throws ErrnoException {
        return fstatat(Fcntl.AT_FDCWD, path, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    public Stat fstatat(int dirfd, String path, int flags) throws ErrnoException {
        return call(l -> vfs.fstatat(l, dirfd, given(path), flags));
    }

    @Override
    public Statvfs statvfs1(String path, int flags) throws ErrnoException {
        return call(l -> vfs.statvfs1(l, given(path), flags));
    }

    @Override
    public void chmod(String path, int mode) throws ErrnoException {
        fchmodat(Fcntl.AT_FDCWD, path, mode, 0);
    }

    @Override
    public void lchmod(String path, int mode) throws ErrnoException {
        fchmodat(Fcntl.AT_FDCWD, path, mode, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    public void fchmodat(int dirfd, String path, int mode, int flags) throws ErrnoException {
        run(l -> vfs.fchmodat(l, dirfd, given(path), mode, flags));
    }

    @Override
    public void chown(String path, int uid, int gid) throws ErrnoException {
        fchownat(Fcntl.AT_FDCWD, path, uid, gid, 0);
    }

    @Override
    public void lchown(String path, int uid, int gid) throws ErrnoException {
        fchownat(Fcntl.AT_FDCWD, path, uid, gid, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    public void fchownat(int dirfd, String path, int uid, int gid, int flags) throws ErrnoException {
        run(l -> vfs.fchownat(l, dirfd, given(path), uid, gid, flags));
    }

    @Override
    public void utimensat(int dirfd, String path, Timespec atime, Timespec mtime, int flags) throws ErrnoException {
        run(l -> vfs.utimensat(l, dirfd, given(path), given(atime), given(mtime), flags));
    }

    @Override
    public void chflags(String path, int flags) throws ErrnoException {
        run(l -> vfs.chflags(l, given(path), flags, true));
    }

    @Override
    public void lchflags(String path, int flags) throws ErrnoException {
        run(l -> vfs.chflags(l, given(path), flags, false));
    }

    @Override
    public void mkfifo(String path, int mode) throws ErrnoException {
        mkfifoat(Fcntl.AT_FDCWD, path, mode);
    }

    @Override
    public void mkfifoat(int dirfd, String path, int mode) throws ErrnoException {
        run(l -> vfs.mkfifoat(l, dirfd, given(path), mode));
    }

    @Override
    public void mknod(String path, int mode, long dev) throws ErrnoException {
        mknodat(Fcntl.AT_FDCWD, path, mode, dev);
    }

    @Override
    public void mknodat(int dirfd, String path, int mode, long dev) throws ErrnoException {
        run(l -> vfs.mknodat(l, dirfd, given(path), mode, dev));
    }

    @Override
    public void access(String path, int amode) throws ErrnoException {
        faccessat(Fcntl.AT_FDCWD, path, amode, 0);
    }

    @Override
    public void faccessat(int dirfd, String path, int amode, int flags) throws ErrnoException {
        run(l -> vfs.faccessat(l, dirfd, given(path), amode, flags));
    }

    @Override
    public void truncate(String path, long length) throws ErrnoException {
        run(l -> vfs.truncate(l, given(path), length));
    }

    @Override
    public void chdir(String path) throws ErrnoException {
        run(l -> vfs.chdir(l, given(path)));
    }

    @Override
    public void chroot(String path) throws ErrnoException {
        run(l -> vfs.chroot(l, given(path)));
    }

    @Override
    public String getcwd() throws ErrnoException {
        return call(vfs::getcwd);
    }

    // File systems

    @Override
    public void mount(String type, String dir, int flags, MountArgs args) throws ErrnoException {
        run(l -> vfs.mount(l, given(type), given(dir), flags, given(args)));
    }

    @Override
    public void unmount(String dir, int flags) throws ErrnoException {
        run(l -> vfs.unmount(l, given(dir), flags));
    }

    @Override
    public List<Statvfs> getvfsstat(int flags) throws ErrnoException {
        return call(l -> vfs.getvfsstat(l, flags));
    }

    @Override
    public void sync() {
        Lwp l = kernel.enter();
        try {
            vfs.sync(l);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    // Time

    @Override
    public Timespec clockGettime(int clockId) throws ErrnoException {
        return call(_ -> time.clockGettime(clockId));
    }

    @Override
    public void clockSettime(int clockId, Timespec to) throws ErrnoException {
        run(l -> time.clockSettime(l, clockId, given(to)));
    }

    @Override
    public Timespec clockGetres(int clockId) throws ErrnoException {
        return call(_ -> time.clockGetres(clockId));
    }

    @Override
    public void nanosleep(Timespec span) throws ErrnoException {
        run(_ -> time.nanosleep(given(span)));
    }

    // System

    @Override
    public SysctlValue sysctl(String name) throws ErrnoException {
        return call(_ -> kernel.sysctl().get(given(name)));
    }

    @Override
    public void sysctl(String name, SysctlValue value) throws ErrnoException {
        run(l -> {
            kernel.sysctl().set(l.cred(), given(name), given(value));
        });
    }

    @Override
    public List<String> sysctlQuery(String name) throws ErrnoException {
        return call(_ -> kernel.sysctl().query(given(name)));
    }

    @Override
    public void reboot(int howto) throws ErrnoException {
        run(l -> {
            ProcessCalls.requireSuperuser(l);
            if ((howto & SysReboot.RB_DUMP) != 0) {
                throw kernel.panic("asked for by reboot(2)", null);
            }
            throw kernel.shutdown(l, (howto & SysReboot.RB_NOSYNC) == 0);
        });
    }
}
