package org.rump4j.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Puts members of an archive below a directory of an image. Their names are not trusted: each directory on the way is opened in
 * the one before it, and what is a symbolic link is not followed; so nothing gets out of the directory, whatever the archive has
 * made there before.
 */
final class TarExtractor implements AutoCloseable {
    private static final int DIRECTORY_MODE = 0755;
    private static final int PRIVATE = 0600;
    private static final int OPEN_DIRECTORY = Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW;
    private static final Timespec NOW = new Timespec(0, Timespec.UTIME_NOW);

    private final Run run;
    private final Image image;
    private final boolean keep;

    /** The directories that the last member was in: the target first, then by name. */
    private final List<Level> levels = new ArrayList<>();

    /** Directories get their times when nothing goes into them any more. */
    private final List<TarEntry> directories = new ArrayList<>();

    private record Level(String name, int fd) {}

    /**
     * Begins.
     *
     * @param directory to put members into
     * @param keep whether what is there already stays
     */
    TarExtractor(Run run, Image image, String directory, boolean keep) throws ErrnoException {
        this.run = run;
        this.image = image;
        this.keep = keep;
        levels.add(new Level("", image.sys().open(directory, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0)));
    }

    /** Takes a member; the reader has its data. */
    void extract(TarEntry entry, TarReader reader) throws IOException, ErrnoException {
        List<String> names = names(entry.name());
        if (names.isEmpty()) {
            if (entry.type() == TarEntry.DIRECTORY) {
                directories.add(entry);
            }
            return;
        }
        int dirfd = enter(names.subList(0, names.size() - 1), true);
        String name = names.getLast();
        if (entry.type() == TarEntry.DIRECTORY) {
            directory(dirfd, name);
            directories.add(entry);
            return;
        }
        if (keep && stat(dirfd, name) != null) {
            return;
        }
        remove(dirfd, name);
        Syscalls sys = image.sys();
        switch (entry.type()) {
            case TarEntry.FILE -> file(dirfd, name, entry, reader);
            case TarEntry.LINK -> {
                link(dirfd, name, entry);
                return;
            }
            case TarEntry.SYMLINK -> sys.symlinkat(entry.link(), dirfd, name);
            case TarEntry.CHARACTER, TarEntry.BLOCK ->
                sys.mknodat(dirfd, name, entry.fullMode() & (SysStat.S_IFMT | PRIVATE), entry.rdev());
            case TarEntry.FIFO -> sys.mkfifoat(dirfd, name, PRIVATE);
            default -> throw Errno.EOPNOTSUPP.exception("a member of type " + entry.type());
        }
        attributes(dirfd, name, entry);
    }

    /** All has been extracted. */
    void finish() throws IOException {
        for (TarEntry entry : directories.reversed()) {
            try {
                List<String> names = names(entry.name());
                if (names.isEmpty()) {
                    attributes(levels.getFirst().fd, ".", entry);
                } else {
                    attributes(enter(names.subList(0, names.size() - 1), false), names.getLast(), entry);
                }
            } catch (ErrnoException e) {
                run.fail(entry.name(), e);
            }
        }
    }

    @Override
    public void close() throws ErrnoException {
        leave(0);
    }

    /** The names of a path; a slash at its beginning means nothing. */
    private static List<String> names(String path) throws ErrnoException {
        List<String> names = new ArrayList<>();
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                throw Errno.EINVAL.exception("the name has .. in it: not extracted");
            }
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return names;
    }

    /** Descriptor of a directory below the target, which stays open for the members that follow. */
    private int enter(List<String> names, boolean make) throws ErrnoException {
        int common = 0;
        while (common < names.size()
                && common + 1 < levels.size()
                && levels.get(common + 1).name.equals(names.get(common))) {
            common++;
        }
        leave(common + 1);
        for (String name : names.subList(common, names.size())) {
            int above = levels.getLast().fd;
            levels.add(new Level(name, open(above, name, make)));
        }
        return levels.getLast().fd;
    }

    private int open(int dirfd, String name, boolean make) throws ErrnoException {
        Syscalls sys = image.sys();
        try {
            return sys.openat(dirfd, name, OPEN_DIRECTORY, 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EFTYPE) {
                throw Errno.ENOTDIR.exception("a symbolic link is on the way: not followed");
            }
            if (!make || e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        sys.mkdirat(dirfd, name, DIRECTORY_MODE);
        return sys.openat(dirfd, name, OPEN_DIRECTORY, 0);
    }

    private void leave(int size) throws ErrnoException {
        while (levels.size() > size) {
            image.sys().close(levels.removeLast().fd);
        }
    }

    private @Nullable Stat stat(int dirfd, String name) throws ErrnoException {
        try {
            return image.sys().fstatat(dirfd, name, Fcntl.AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    private void directory(int dirfd, String name) throws ErrnoException {
        Stat there = stat(dirfd, name);
        if (there == null || !there.isDirectory()) {
            remove(dirfd, name);
            image.sys().mkdirat(dirfd, name, DIRECTORY_MODE);
        }
    }

    private void remove(int dirfd, String name) throws ErrnoException {
        try {
            image.sys().unlinkat(dirfd, name, 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EPERM) {
                throw Errno.EISDIR.exception();
            }
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private void file(int dirfd, String name, TarEntry entry, TarReader reader) throws IOException, ErrnoException {
        int flags = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL;
        int fd = image.sys().openat(dirfd, name, flags, PRIVATE);
        byte[] buffer = new byte[(int) Math.min(Input.CHUNK_BYTES, Math.max(1, entry.size()))];
        MemorySegment bytes = MemorySegment.ofArray(buffer);
        try {
            long end = 0;
            for (TarEntry.Range range : entry.data()) {
                for (long done = 0; done < range.length(); ) {
                    run.stopIfAsked();
                    int n = (int) Math.min(buffer.length, range.length() - done);
                    reader.read(buffer, n);
                    for (long put = 0; put < n; ) {
                        put += image.sys().pwrite(fd, bytes.asSlice(put, n - put), range.offset() + done + put);
                    }
                    done += n;
                }
                end = range.offset() + range.length();
            }
            if (end < entry.size()) {
                image.sys().ftruncate(fd, entry.size());
            }
        } finally {
            image.sys().close(fd);
        }
    }

    /** The other name is one of this archive: it is looked for below the target, too. */
    private void link(int dirfd, String name, TarEntry entry) throws ErrnoException {
        List<String> names = names(entry.link());
        if (names.isEmpty()) {
            throw Errno.EINVAL.exception("a link to nothing");
        }
        Syscalls sys = image.sys();
        int at = sys.dup(levels.getFirst().fd);
        try {
            for (String on : names.subList(0, names.size() - 1)) {
                int next = open(at, on, false);
                sys.close(at);
                at = next;
            }
            sys.linkat(at, names.getLast(), dirfd, name, 0);
        } finally {
            sys.close(at);
        }
    }

    private void attributes(int dirfd, String name, TarEntry entry) throws ErrnoException {
        Syscalls sys = image.sys();
        sys.fchownat(dirfd, name, entry.uid(), entry.gid(), Fcntl.AT_SYMLINK_NOFOLLOW);
        if (entry.type() != TarEntry.SYMLINK) {
            sys.fchmodat(dirfd, name, entry.mode(), Fcntl.AT_SYMLINK_NOFOLLOW);
        }
        sys.utimensat(dirfd, name, NOW, entry.mtime(), Fcntl.AT_SYMLINK_NOFOLLOW);
    }
}
