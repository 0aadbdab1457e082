package org.rump4j.cli;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * An image, as where copies go. The directories that are being filled are open, the innermost last, and files are made by their
 * names in those: so paths may be as long as they like, and what has many names above it costs no more than what has few. Whoever
 * copies is the superuser there.
 */
final class ImageTarget implements Target, AutoCloseable {
    private final Image image;

    /** The directories that are being filled. */
    private final Deque<Open> directories = new ArrayDeque<>();

    ImageTarget(Image image) {
        this.image = image;
    }

    /**
     * A directory.
     *
     * @param path as it was named
     * @param length of the path without a slash at its end
     * @param fd its descriptor
     */
    private record Open(String path, int length, int fd) {
        boolean has(String child) {
            return child.length() > length + 1 && child.lastIndexOf('/') == length && child.startsWith(path);
        }
    }

    /** The image. */
    Image image() {
        return image;
    }

    @Override
    public String text(String path) {
        return image.name() + ":" + path;
    }

    @Override
    public boolean isDirectory(String path) throws ErrnoException {
        Stat st = followed(path);
        return st != null && st.isDirectory();
    }

    /** What this name leads to, or null where it leads nowhere. */
    @Nullable
    Stat followed(String path) throws ErrnoException {
        try {
            return image.sys().stat(path);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** Whether a file with this name lies in a directory or below it, which has this number. */
    boolean isBelow(String path, long ino) throws ErrnoException {
        Syscalls sys = image.sys();
        String trimmed = path.endsWith("/") && path.length() > 1 ? path.substring(0, path.length() - 1) : path;
        int slash = trimmed.lastIndexOf('/');
        String above = slash <= 0 ? "/" : trimmed.substring(0, slash);
        int fd = sys.open(above, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        long last = 0;
        try {
            while (true) {
                long number = sys.fstat(fd).ino();
                if (number == ino || number == last) {
                    return number == ino;
                }
                last = number;
                int parent = sys.openat(fd, "..", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
                sys.close(fd);
                fd = parent;
            }
        } finally {
            sys.close(fd);
        }
    }

    @Override
    public @Nullable Stat stat(String path) throws ErrnoException {
        try {
            return image.sys().fstatat(at(path), in(path), Fcntl.AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public void directory(String path, int mode, boolean throughLinks) throws ErrnoException {
        Syscalls sys = image.sys();
        int dirfd = at(path);
        String name = in(path);
        try {
            sys.mkdirat(dirfd, name, mode);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST && e.errno() != Errno.EISDIR) {
                throw e;
            }
            int flags = throughLinks ? 0 : Fcntl.AT_SYMLINK_NOFOLLOW;
            if (!sys.fstatat(dirfd, name, flags).isDirectory()) {
                throw Errno.EEXIST.exception("not a directory");
            }
        }
        int noFollow = throughLinks ? 0 : Fcntl.O_NOFOLLOW;
        int fd = sys.openat(dirfd, name, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | noFollow, 0);
        directories.addLast(new Open(path, path.endsWith("/") ? path.length() - 1 : path.length(), fd));
    }

    @Override
    public Sink file(String path, int mode, boolean throughLinks) throws ErrnoException {
        int flags = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC | Fcntl.O_NONBLOCK;
        try {
            int noFollow = throughLinks ? 0 : Fcntl.O_NOFOLLOW;
            return new ImageSink(image, image.sys().openat(at(path), in(path), flags | noFollow, mode));
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EFTYPE ? Errno.EEXIST.exception("a symbolic link, which is not followed") : e;
        }
    }

    @Override
    public void symlink(String path, String target) throws ErrnoException {
        makeWay(path);
        image.sys().symlinkat(target, at(path), in(path));
    }

    @Override
    public void special(String path, int mode, long rdev) throws ErrnoException {
        makeWay(path);
        if ((mode & SysStat.S_IFMT) == SysStat.S_IFIFO) {
            image.sys().mkfifoat(at(path), in(path), mode & 0777);
        } else {
            image.sys().mknodat(at(path), in(path), mode & (SysStat.S_IFMT | 0777), rdev);
        }
    }

    @Override
    public void link(String path, String existing) throws ErrnoException {
        makeWay(path);
        image.sys().linkat(at(existing), in(existing), at(path), in(path), 0);
    }

    @Override
    public void remove(String path) throws ErrnoException {
        image.sys().unlinkat(at(path), in(path), 0);
    }

    /** What is no file, and goes where something else is that is no directory, takes its place. */
    private void makeWay(String path) throws ErrnoException {
        Stat there = stat(path);
        if (there != null && !there.isDirectory()) {
            remove(path);
        }
    }

    /** The superuser can fill any directory: it is made as it is going to be. */
    @Override
    public void restrict(String path, Stat like) {
        // Nothing to take away.
    }

    @Override
    public void attributes(String path, Stat like) throws ErrnoException {
        Syscalls sys = image.sys();
        Open innermost = directories.peekLast();
        if (innermost != null && innermost.path.equals(path)) {
            sys.fchown(innermost.fd, like.uid(), like.gid());
            sys.fchmod(innermost.fd, like.mode() & SysStat.ALLPERMS);
            sys.futimens(innermost.fd, like.atime(), like.mtime());
            return;
        }
        int dirfd = at(path);
        String name = in(path);
        // What is right already costs less to look at than to set.
        Stat made = sys.fstatat(dirfd, name, Fcntl.AT_SYMLINK_NOFOLLOW);
        boolean owned = made.uid() == like.uid() && made.gid() == like.gid();
        // In this order: a new owner takes set-id bits away.
        if (!owned) {
            sys.fchownat(dirfd, name, like.uid(), like.gid(), Fcntl.AT_SYMLINK_NOFOLLOW);
        }
        int mode = like.mode() & SysStat.ALLPERMS;
        if (!like.isSymlink() && (!owned || (made.mode() & SysStat.ALLPERMS) != mode)) {
            sys.fchmodat(dirfd, name, mode, 0);
        }
        sys.utimensat(dirfd, name, like.atime(), like.mtime(), Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    public void settle(String path) throws ErrnoException {
        Open innermost = directories.peekLast();
        if (innermost != null && innermost.path.equals(path)) {
            directories.removeLast();
            image.sys().close(innermost.fd);
        }
    }

    /** Closes what is open where a copy has been given up half way. */
    @Override
    public void close() throws ErrnoException {
        while (!directories.isEmpty()) {
            image.sys().close(directories.removeLast().fd);
        }
    }

    /** Descriptor that the name {@link #in} starts from. */
    private int at(String path) {
        Open innermost = directories.peekLast();
        return innermost != null && innermost.has(path) ? innermost.fd : Fcntl.AT_FDCWD;
    }

    private String in(String path) {
        Open innermost = directories.peekLast();
        return innermost != null && innermost.has(path) ? path.substring(innermost.length + 1) : path;
    }

    /** A file in an image that is being written. */
    private static final class ImageSink implements Sink {
        private final Image image;
        private final int fd;
        private long end;

        ImageSink(Image image, int fd) {
            this.image = image;
            this.fd = fd;
        }

        @Override
        public void write(ByteBuffer bytes, long offset) throws ErrnoException {
            Syscalls sys = image.sys();
            MemorySegment all = MemorySegment.ofBuffer(bytes);
            long done = 0;
            while (done < all.byteSize()) {
                done += sys.pwrite(fd, all.asSlice(done), offset + done);
            }
            bytes.position(bytes.limit());
            end = Math.max(end, offset + done);
        }

        @Override
        public void finish(long size) throws ErrnoException {
            if (end < size) {
                image.sys().ftruncate(fd, size);
            }
        }

        @Override
        public void close() throws ErrnoException {
            image.sys().close(fd);
        }
    }
}
