package org.rump4j.fs.ext2fs.judge;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Files that are changed by system calls, and the model of them with them. What a call must answer is known from the model: where it
 * must fail, and how. That there is no room is an answer at any time ({@link Full}), after which all is as it was.
 */
final class ModelledFiles {
    /** The kernel has said that there is no room. */
    static final class Full extends Exception {
        private static final long serialVersionUID = 1;

        Full() {
            super(null, null, false, false);
        }
    }

    @FunctionalInterface
    private interface Call {
        void make() throws ErrnoException;
    }

    private static final int DEFAULT_MODE = 0644;

    /** From the first second of which an inode of 128 bytes can tell to the last, and of larger ones. */
    private static final long EARLIEST = Integer.MIN_VALUE;

    private static final long LATEST = Integer.MAX_VALUE;
    private static final long LATEST_OF_LARGE_INODES = Integer.MAX_VALUE + (3L << 32);

    private final Syscalls sys;
    private final String top;
    private final Model model;
    private final boolean largeInodes;

    /**
     * Files below a directory.
     *
     * @param top the directory that the model's root is
     * @param largeInodes whether times are kept to the nanosecond
     */
    ModelledFiles(Syscalls sys, String top, Model model, boolean largeInodes) {
        this.sys = sys;
        this.top = top;
        this.model = model;
        this.largeInodes = largeInodes;
    }

    Model model() {
        return model;
    }

    Syscalls sys() {
        return sys;
    }

    String full(String path) {
        return path.isEmpty() ? top : top + "/" + path;
    }

    /** Makes a call that must give what the model expects: null for success. */
    private static boolean call(String what, @Nullable Errno expected, Call call) throws Full {
        try {
            call.make();
        } catch (ErrnoException e) {
            if (e.errno() == expected) {
                return false;
            }
            if (e.errno() == Errno.ENOSPC) {
                throw new Full();
            }
            throw new AssertionError(what + ": " + e + ", not " + (expected == null ? "success" : expected), e);
        }
        if (expected != null) {
            throw new AssertionError(what + " has succeeded, but must fail with " + expected);
        }
        return true;
    }

    private @Nullable Errno exists(String path) {
        return model.find(path) == null ? null : Errno.EEXIST;
    }

    /** Who makes a file is the superuser, and its group is the directory's. */
    private void make(String path, Model.Node node) {
        node.gid = model.at(Model.parent(path)).gid;
        model.enter(path, node);
    }

    void mkdir(String path, int mode) throws Full {
        if (call("mkdir " + path, exists(path), () -> sys.mkdir(full(path), mode))) {
            make(path, model.file(SysStat.S_IFDIR, mode));
        }
    }

    void symlink(String target, String path) throws Full {
        if (call("symlink " + path, exists(path), () -> sys.symlink(target, full(path)))) {
            Model.Node node = model.file(SysStat.S_IFLNK, 0777);
            node.target = target;
            make(path, node);
        }
    }

    void mkfifo(String path, int mode) throws Full {
        if (call("mkfifo " + path, exists(path), () -> sys.mkfifo(full(path), mode))) {
            make(path, model.file(SysStat.S_IFIFO, mode));
        }
    }

    void mknod(String path, int mode, long rdev) throws Full {
        if (call("mknod " + path, exists(path), () -> sys.mknod(full(path), mode, rdev))) {
            Model.Node node = model.file(mode & SysStat.S_IFMT, mode & ~SysStat.S_IFMT);
            node.rdev = rdev;
            make(path, node);
        }
    }

    /** Makes a regular file, or opens the one that is there. */
    int open(String path, int flags) throws Full {
        int[] fd = {-1};
        call("open " + path, null, () -> fd[0] = sys.open(full(path), flags | Fcntl.O_CREAT, DEFAULT_MODE));
        Model.Node node = model.find(path);
        if (node == null) {
            node = model.file(SysStat.S_IFREG, DEFAULT_MODE);
            make(path, node);
        }
        if ((flags & Fcntl.O_TRUNC) != 0) {
            node.contents.truncate(0);
            node.mtime = null;
        }
        return fd[0];
    }

    void create(String path) throws Full {
        close(open(path, Fcntl.O_RDWR));
    }

    /** Opens what must not be there. */
    void openExclusively(String path) throws Full {
        Errno expected = exists(path);
        int flags = Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL;
        if (call("open " + path, expected, () -> sys.close(sys.open(full(path), flags, DEFAULT_MODE)))) {
            make(path, model.file(SysStat.S_IFREG, DEFAULT_MODE));
        }
    }

    void close(int fd) {
        try {
            sys.close(fd);
        } catch (ErrnoException e) {
            throw new AssertionError("close: " + e, e);
        }
    }

    /** Writes all of it, or as much as there is room for. */
    void write(int fd, Model.Node node, long offset, byte[] bytes) throws Full {
        for (int done = 0; done < bytes.length; ) {
            byte[] rest = Arrays.copyOfRange(bytes, done, bytes.length);
            int at = done;
            int[] n = {0};
            call("write", null, () -> n[0] = sys.pwrite(fd, rest, offset + at));
            Assertions.assertTrue(n[0] > 0, "a write of nothing");
            node.contents.write(offset + done, Arrays.copyOf(rest, n[0]));
            node.mtime = null;
            done += n[0];
        }
    }

    void write(String path, long offset, byte[] bytes) throws Full {
        int fd = open(path, Fcntl.O_RDWR);
        try {
            write(fd, model.at(path), offset, bytes);
        } finally {
            close(fd);
        }
    }

    void append(String path, byte[] bytes) throws Full {
        int fd = open(path, Fcntl.O_WRONLY | Fcntl.O_APPEND);
        try {
            Model.Node node = model.at(path);
            int[] n = {0};
            call("append to " + path, null, () -> n[0] = sys.write(fd, bytes));
            node.contents.write(node.contents.size(), Arrays.copyOf(bytes, n[0]));
            node.mtime = null;
        } finally {
            close(fd);
        }
    }

    /** Reads and compares. */
    void read(int fd, Model.Node node, long offset, int bytes) throws Full {
        byte[] buf = new byte[bytes];
        int[] n = {0};
        call("read", null, () -> n[0] = sys.pread(fd, buf, offset));
        byte[] expected = node.contents.read(offset, bytes);
        int mismatch = Arrays.mismatch(expected, 0, expected.length, buf, 0, n[0]);
        Assertions.assertEquals(
                -1, mismatch, () -> "bytes read from " + offset + " on are others, of " + expected.length);
        node.atime = null;
    }

    void truncate(String path, long length) throws Full {
        Model.Node node = model.at(path);
        call("truncate " + path, null, () -> sys.truncate(full(path), length));
        truncated(node, length);
    }

    void truncate(int fd, Model.Node node, long length) throws Full {
        call("ftruncate", null, () -> sys.ftruncate(fd, length));
        truncated(node, length);
    }

    private static void truncated(Model.Node node, long length) {
        node.contents.truncate(length);
        node.mtime = null;
    }

    void discard(int fd, Model.Node node, long from, long length) throws Full {
        call("fdiscard", null, () -> sys.fdiscard(fd, from, length));
        node.contents.discard(from, from + length);
        node.mtime = null;
    }

    void allocate(int fd, Model.Node node, long from, long length) throws Full {
        Contents contents = node.contents;
        boolean whole = false;
        try {
            call("posix_fallocate", null, () -> sys.posixFallocate(fd, from, length));
            whole = true;
        } finally {
            // What there was room for may have got zeros.
            contents.fill(from, whole ? from + length : Math.min(from + length, contents.size()));
            node.mtime = null;
        }
        if (from + length > contents.size()) {
            contents.truncate(from + length);
        }
    }

    void link(String path, String to) throws Full {
        Model.Node node = model.at(path);
        Errno expected = node.isDirectory() ? exists(to) == null ? Errno.EPERM : Errno.EEXIST : exists(to);
        // Of what is a link, the link gets the name.
        if (call(
                "link " + path + " " + to,
                expected,
                () -> sys.linkat(Fcntl.AT_FDCWD, full(path), Fcntl.AT_FDCWD, full(to), 0))) {
            model.enter(to, node);
        }
    }

    void unlink(String path) throws Full {
        Errno expected = model.at(path).isDirectory() ? Errno.EPERM : null;
        if (call("unlink " + path, expected, () -> sys.unlink(full(path)))) {
            model.remove(path);
        }
    }

    void rmdir(String path) throws Full {
        Model.Node node = model.at(path);
        Errno expected = !node.isDirectory() ? Errno.ENOTDIR : node.entries.isEmpty() ? null : Errno.ENOTEMPTY;
        if (call("rmdir " + path, expected, () -> sys.rmdir(full(path)))) {
            model.remove(path);
        }
    }

    void rename(String from, String to) throws Full {
        Model.Node node = model.at(from);
        Model.Node old = model.find(to);
        if (call("rename " + from + " " + to, renameError(from, node, to, old), () -> sys.rename(full(from), full(to)))
                && node != old) {
            if (old != null) {
                model.remove(to);
            }
            model.remove(from);
            model.enter(to, node);
        }
    }

    private static @Nullable Errno renameError(String from, Model.Node node, String to, Model.@Nullable Node old) {
        if (to.startsWith(from + "/")) {
            return Errno.EINVAL;
        }
        if (old == null || old == node) {
            return null;
        }
        if (node.isDirectory() != old.isDirectory()) {
            return node.isDirectory() ? Errno.ENOTDIR : Errno.EISDIR;
        }
        return old.entries.isEmpty() ? null : Errno.ENOTEMPTY;
    }

    void chmod(String path, int mode) throws Full {
        call("chmod " + path, null, () -> sys.lchmod(full(path), mode));
        model.at(path).permissions = mode;
    }

    void chown(String path, int uid, int gid) throws Full {
        call("chown " + path, null, () -> sys.lchown(full(path), uid, gid));
        Model.Node node = model.at(path);
        node.uid = uid;
        node.gid = gid;
    }

    void chflags(String path, int flags) throws Full {
        call("chflags " + path, null, () -> sys.lchflags(full(path), flags));
        model.at(path).flags = flags;
    }

    void utimens(String path, Timespec atime, Timespec mtime) throws Full {
        call(
                "utimensat " + path,
                null,
                () -> sys.utimensat(Fcntl.AT_FDCWD, full(path), atime, mtime, Fcntl.AT_SYMLINK_NOFOLLOW));
        Model.Node node = model.at(path);
        node.atime = stored(atime);
        node.mtime = stored(mtime);
    }

    /** What is kept of a time. */
    private Timespec stored(Timespec time) {
        if (!largeInodes) {
            return new Timespec(Math.clamp(time.sec(), EARLIEST, LATEST), 0);
        }
        return new Timespec(Math.clamp(time.sec(), EARLIEST, LATEST_OF_LARGE_INODES), time.nsec());
    }

    void fsync(String path, boolean dataOnly) throws Full {
        int fd = open(path, Fcntl.O_RDWR);
        try {
            fsync(fd, dataOnly);
        } finally {
            close(fd);
        }
    }

    void fsync(int fd, boolean dataOnly) throws Full {
        call("fsync", null, () -> {
            if (dataOnly) {
                sys.fdatasync(fd);
            } else {
                sys.fsync(fd);
            }
        });
    }
}
