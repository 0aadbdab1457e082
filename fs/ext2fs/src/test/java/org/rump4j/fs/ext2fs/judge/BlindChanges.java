package org.rump4j.fs.ext2fs.judge;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Changes what is mounted at random, without a model: what is there may be damaged, or be changed by others meanwhile. What fails must fail
 * as an ordinary error, and where it says that something is wrong with the file system, it must say where.
 */
final class BlindChanges {
    private static final int MOST_PATHS = 200;
    private static final int MOST_BATCHES = 4;
    private static final int LONGEST_PATH = 500;

    /** What calls may answer that are made without a look at what is there. */
    private static final Set<Errno> ORDINARY = EnumSet.of(
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.EISDIR,
            Errno.ENOTDIR,
            Errno.ENOTEMPTY,
            Errno.EINVAL,
            Errno.EPERM,
            Errno.ENOSPC,
            Errno.EFBIG,
            Errno.EMLINK,
            Errno.EROFS,
            Errno.ENXIO,
            Errno.ENAMETOOLONG,
            Errno.EFTYPE,
            Errno.EBUSY,
            Errno.ESPIPE,
            Errno.EXDEV,
            // Of what is no regular file.
            Errno.ENODEV);

    @FunctionalInterface
    private interface Call {
        void make() throws ErrnoException;
    }

    private final Syscalls sys;
    private final Random random;

    /** Inodes that are to be left alone; null where none is, and nobody wants to know which were changed. */
    private final @Nullable Set<Long> leftAlone;

    /** Inodes of files that have been changed. */
    private final Set<Long> touched = new HashSet<>();

    private final List<String> paths = new ArrayList<>();
    private int errors;
    private int damages;
    private int successes;

    BlindChanges(Syscalls sys, Random random, @Nullable Set<Long> leftAlone) {
        this.sys = sys;
        this.random = random;
        this.leftAlone = leftAlone;
    }

    /** How many calls have failed. */
    int errors() {
        return errors;
    }

    /** How many of them have said that something is wrong with the file system. */
    int damages() {
        return damages;
    }

    int successes() {
        return successes;
    }

    /** Whether a file may have been changed. */
    boolean isTouched(long ino) {
        return touched.contains(ino);
    }

    void run(int steps) {
        paths.add(Machine.MOUNT);
        for (int i = 0; i < paths.size() && paths.size() < MOST_PATHS; i++) {
            list(paths.get(i));
        }
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    private void list(String path) {
        attempt("list " + path, () -> {
            if (!sys.lstat(path).isDirectory()) {
                return;
            }
            int fd = sys.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
            try {
                for (int i = 0; i < MOST_BATCHES; i++) {
                    for (Dirent entry : sys.getdents(fd)) {
                        String below = path + "/" + entry.name();
                        if (!entry.name().equals(".") && !entry.name().equals("..") && below.length() < LONGEST_PATH) {
                            paths.add(below);
                        }
                    }
                }
            } finally {
                sys.close(fd);
            }
        });
    }

    private void attempt(String what, Call call) {
        try {
            call.make();
            successes++;
        } catch (ErrnoException e) {
            errors++;
            acceptable(what, e);
        }
    }

    private String there() {
        return paths.get(random.nextInt(paths.size()));
    }

    private String another() {
        String path = there();
        return switch (random.nextInt(3)) {
            case 0 -> path;
            case 1 -> path + "/" + "n".repeat(1 + random.nextInt(60)) + random.nextInt(100);
            default ->
                path.substring(0, Math.max(path.lastIndexOf('/'), Machine.MOUNT.length())) + "/new"
                        + random.nextInt(1000);
        };
    }

    /** Whether a file may be changed, and the one that it leads to if it is a link; from now on they are some that have been. */
    private boolean mayChange(String path) {
        return leftAlone == null || (mayChange(path, Fcntl.AT_SYMLINK_NOFOLLOW) && mayChange(path, 0));
    }

    private boolean mayChange(String path, int flags) {
        try {
            Stat stat = sys.fstatat(Fcntl.AT_FDCWD, path, flags);
            touched.add(stat.ino());
            return leftAlone == null || !leftAlone.contains(stat.ino());
        } catch (ErrnoException e) {
            acceptable("stat " + path, e);
            // What is not there is made; but not where it is there, and cannot be looked at.
            return e.errno() == Errno.ENOENT && e.detail() == null;
        }
    }

    /** Whether names may come and go there, and what has the name may. */
    private boolean mayReplace(String path) {
        return mayChange(path.substring(0, Math.max(path.lastIndexOf('/'), Machine.MOUNT.length()))) && mayChange(path);
    }

    private void step() {
        String path = there();
        String other = another();
        boolean file = mayChange(path);
        boolean name = mayReplace(path);
        boolean otherName = mayReplace(other);
        switch (random.nextInt(16)) {
            case 0, 1 -> onOpen(other, otherName, fd -> sys.pwrite(fd, bytes(), offset()));
            case 2 -> onOpen(path, name, fd -> sys.pwrite(fd, bytes(), offset()));
            case 3 -> onOpen(path, name, fd -> sys.ftruncate(fd, offset()));
            case 4 -> call(file, "truncate " + path, () -> sys.truncate(path, offset()));
            case 5 -> call(name, "unlink " + path, () -> sys.unlink(path));
            case 6 -> call(name, "rmdir " + path, () -> sys.rmdir(path));
            case 7, 8 -> call(name && otherName, "rename " + path + " " + other, () -> sys.rename(path, other));
            case 9 ->
                call(
                        file && otherName,
                        "link " + path + " " + other,
                        () -> sys.linkat(Fcntl.AT_FDCWD, path, Fcntl.AT_FDCWD, other, 0));
            case 10 -> call(otherName, "mkdir " + other, () -> sys.mkdir(other, 0755));
            case 11 ->
                call(otherName, "symlink " + other, () -> sys.symlink("t".repeat(1 + random.nextInt(200)), other));
            case 12 ->
                call(file, "attributes of " + path, () -> {
                    sys.lchmod(path, random.nextInt(0777));
                    sys.lchflags(path, random.nextBoolean() ? SysStat.UF_NODUMP : 0);
                    Timespec time = new Timespec(random.nextInt(), 5);
                    sys.utimensat(Fcntl.AT_FDCWD, path, time, time, Fcntl.AT_SYMLINK_NOFOLLOW);
                });
            case 13 -> onOpen(path, name, fd -> sys.fdiscard(fd, offset(), 1 + random.nextInt(100_000)));
            case 14 -> onOpen(path, name, fd -> sys.posixFallocate(fd, offset(), 1 + random.nextInt(100_000)));
            default -> manyNames(other, otherName);
        }
    }

    private void call(boolean may, String what, Call call) {
        if (may) {
            attempt(what, call);
        }
    }

    private byte[] bytes() {
        byte[] bytes = new byte[1 + random.nextInt(20_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    private long offset() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(5000);
            case 1 -> random.nextInt(100_000);
            case 2 -> random.nextInt(80 << 20);
            default -> random.nextLong(1L << 34);
        };
    }

    @FunctionalInterface
    private interface OnOpen {
        void make(int fd) throws ErrnoException;
    }

    private void onOpen(String path, boolean may, OnOpen call) {
        call(may, "change " + path, () -> {
            int fd = sys.open(path, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_NONBLOCK | Fcntl.O_NOFOLLOW, 0644);
            try {
                touched.add(sys.fstat(fd).ino());
                call.make(fd);
                if (random.nextBoolean()) {
                    sys.fsync(fd);
                }
            } finally {
                sys.close(fd);
            }
        });
    }

    private void manyNames(String path, boolean may) {
        call(may, "make names below " + path, () -> {
            sys.mkdir(path, 0755);
            for (int i = 0; i < 40; i++) {
                sys.symlink("x", path + "/" + "m".repeat(50) + i);
            }
            sys.sync();
        });
    }

    /** Fails where a call may not fail so. */
    static void acceptable(String what, ErrnoException e) {
        boolean fine = ORDINARY.contains(e.errno())
                || ((e.errno() == Errno.EIO || e.errno() == Errno.EOPNOTSUPP) && Explorer.saysWhere(e));
        if (!fine) {
            throw new AssertionError(what + ": " + e, e);
        }
    }
}
