package org.rump4j.fs.ext2fs.judge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Walks all over a file system that may be damaged: lists, looks up, stats, reads. What fails must fail as an ordinary error that
 * says where; how much is walked is bounded, for what is damaged may seem endless.
 */
final class Explorer {
    private static final int MOST_FILES = 600;
    private static final int MOST_BATCHES = 40;
    private static final int MOST_PIECES = 12;
    private static final int LONGEST_PATH = 900;

    private final Syscalls sys;
    private final byte[] buf = new byte[1 << 16];
    private final Set<Long> seen = new HashSet<>();
    private final Deque<String> directories = new ArrayDeque<>();
    private int files;
    private int errors;

    Explorer(Syscalls sys) {
        this.sys = sys;
    }

    /** How many calls have failed as they should. */
    int errors() {
        return errors;
    }

    /** What fails in no acceptable way is an AssertionError. */
    void explore() {
        attempt("statvfs", () -> sys.statvfs1(Machine.MOUNT, SysMount.ST_WAIT));
        attempt("stat of the root", () -> sys.stat(Machine.MOUNT));
        directories.add(Machine.MOUNT);
        while (!directories.isEmpty() && files < MOST_FILES) {
            directory(directories.remove());
        }
    }

    private void directory(String path) {
        missing(path);
        attempt("list " + path, () -> {
            int fd = sys.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
            try {
                for (int i = 0; i < MOST_BATCHES; i++) {
                    List<Dirent> some = sys.getdents(fd);
                    if (some.isEmpty()) {
                        return;
                    }
                    some.forEach(entry -> entry(path, entry));
                }
            } finally {
                sys.close(fd);
            }
        });
    }

    private void missing(String path) {
        for (String name : List.of("no such name", "n".repeat(255))) {
            attempt("look up what is not in " + path, () -> {
                try {
                    sys.lstat(path + "/" + name);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.ENOENT) {
                        throw e;
                    }
                }
            });
        }
    }

    private void entry(String path, Dirent entry) {
        String name = entry.name();
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0 || entry.fileno() == 0) {
            throw new AssertionError(path + " has an entry " + entry);
        }
        String full = path + "/" + name;
        if (full.length() > LONGEST_PATH || name.equals(".") || name.equals("..") || ++files > MOST_FILES) {
            return;
        }
        attempt("look at " + full, () -> {
            Stat stat = sys.lstat(full);
            if (seen.add(stat.ino())) {
                if (stat.isDirectory()) {
                    directories.add(full);
                } else if (stat.isSymlink()) {
                    sys.readlink(full);
                } else if (stat.isRegular()) {
                    regular(full);
                }
            }
        });
    }

    private void regular(String path) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        try {
            long size = sys.fstat(fd).size();
            attempt("read " + path, () -> {
                sys.pread(fd, buf, 0);
                sys.pread(fd, buf, Math.max(0, size - buf.length / 2));
                sys.pread(fd, buf, size / 2);
            });
            attempt("seek in " + path, () -> pieces(fd, size));
        } finally {
            sys.close(fd);
        }
    }

    private void pieces(int fd, long size) throws ErrnoException {
        long at = 0;
        for (int i = 0; i < MOST_PIECES && at < size; i++) {
            try {
                at = sys.lseek(fd, at, Fcntl.SEEK_DATA);
            } catch (ErrnoException e) {
                if (e.errno() == Errno.ENXIO) {
                    return;
                }
                throw e;
            }
            sys.pread(fd, buf, at);
            long hole = sys.lseek(fd, at, Fcntl.SEEK_HOLE);
            if (hole <= at || hole > size) {
                throw new AssertionError("a hole at " + hole + " behind data at " + at + " of " + size + " bytes");
            }
            at = hole;
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void make() throws ErrnoException;
    }

    private void attempt(String what, Attempt attempt) {
        try {
            attempt.make();
        } catch (ErrnoException e) {
            errors++;
            if (!isAcceptable(e)) {
                throw new AssertionError(what + ": " + e, e);
            }
        }
    }

    private static boolean isAcceptable(ErrnoException e) {
        return switch (e.errno()) {
            // A name that is listed may still be one that its hash value does not lead to.
            case ENOENT -> e.detail() == null || saysWhere(e);
            // Files may seem to be encrypted.
            case EIO, EOPNOTSUPP -> saysWhere(e);
            default -> false;
        };
    }

    /** Whether an error says which block or inode is wrong. */
    static boolean saysWhere(ErrnoException e) {
        String detail = e.detail();
        return detail != null && detail.chars().anyMatch(Character::isDigit);
    }
}
