package org.rump4j.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A file in an image, found by its name in a directory that is open: so paths may be as long as they like. What is not
 * known yet is asked when it is wanted.
 */
final class Node {
    private final Image image;
    private final @Nullable Node parent;
    private final int dirfd;
    private final String name;
    private final String text;
    private final int depth;
    private final int type;
    private @Nullable Stat stat;

    private Node(Image image, @Nullable Node parent, int dirfd, String name, String text, int type) {
        this.image = image;
        this.parent = parent;
        this.dirfd = dirfd;
        this.name = name;
        this.text = text;
        this.depth = parent == null ? 0 : parent.depth + 1;
        this.type = type;
    }

    /**
     * What the user has named.
     *
     * @param follow whether to look at what a symbolic link leads to
     * @throws ErrnoException where there is no such file
     */
    static Node of(Image image, Operand.InImage file, boolean follow) throws ErrnoException {
        Syscalls sys = image.sys();
        Stat stat = follow ? sys.stat(file.path()) : sys.lstat(file.path());
        String text = stat.isDirectory() ? file.asDirectory() : file.text();
        Node node = new Node(image, null, Fcntl.AT_FDCWD, file.path(), text, Dirent.typeOf(stat.mode()));
        node.stat = stat;
        return node;
    }

    /** Its name in its directory; the whole path of what the user has named. */
    String name() {
        return name;
    }

    /** Descriptor of its directory, while the walk is there; what {@link #name} starts from. */
    int dirfd() {
        return dirfd;
    }

    /** The image that it is in. */
    Image image() {
        return image;
    }

    /** Removes it; a directory must be empty. */
    void remove() throws ErrnoException {
        image.sys().unlinkat(dirfd, name, isDirectory() ? Fcntl.AT_REMOVEDIR : 0);
    }

    /** What the user can call it. */
    String text() {
        return text;
    }

    /** Directories between it and what the user has named, which has 0. */
    int depth() {
        return depth;
    }

    /** One of the DT_ constants of {@link Dirent}, but not DT_UNKNOWN. */
    int type() throws ErrnoException {
        return type == Dirent.DT_UNKNOWN ? Dirent.typeOf(stat().mode()) : type;
    }

    boolean isDirectory() throws ErrnoException {
        return type() == Dirent.DT_DIR;
    }

    /** What it is. */
    Stat stat() throws ErrnoException {
        Stat known = stat;
        if (known == null) {
            stat = known = image.sys().fstatat(dirfd, name, Fcntl.AT_SYMLINK_NOFOLLOW);
        }
        return known;
    }

    /** What it says, where it is a symbolic link; otherwise null. */
    @Nullable
    String target() throws ErrnoException {
        return type() == Dirent.DT_LNK ? image.sys().readlinkat(dirfd, name) : null;
    }

    /** Opens it for reading, without waiting for anybody. */
    int open() throws ErrnoException {
        return image.sys().openat(dirfd, name, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0);
    }

    /**
     * Opens it to see what is in it.
     *
     * @throws ErrnoException ENOTDIR; ELOOP where it is below itself, which it is in damaged images only
     */
    Directory openDirectory() throws ErrnoException {
        if (depth > 0) {
            long ino = stat().ino();
            for (Node above = parent; above != null; above = above.parent) {
                if (above.stat().ino() == ino) {
                    throw Errno.ELOOP.exception("the directory is below itself");
                }
            }
        }
        return new Directory(image.sys().openat(dirfd, name, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_NONBLOCK, 0));
    }

    /** A directory that is open. */
    final class Directory implements AutoCloseable {
        private final int fd;
        private Iterator<Dirent> batch = List.<Dirent>of().iterator();

        private Directory(int fd) {
            this.fd = fd;
        }

        /** The directory. */
        Node node() {
            return Node.this;
        }

        /** The next file in it, {@code .} and {@code ..} among them, or null. */
        @Nullable
        Node next() throws ErrnoException {
            if (!batch.hasNext()) {
                batch = image.sys().getdents(fd).iterator();
            }
            return batch.hasNext() ? child(batch.next()) : null;
        }

        /** All files in it, in the order of their names' bytes. */
        List<Node> sorted() throws ErrnoException {
            List<Node> all = new ArrayList<>();
            for (Node child = next(); child != null; child = next()) {
                all.add(child);
            }
            all.sort((a, b) -> Names.compare(a.name, b.name));
            return all;
        }

        private Node child(Dirent entry) {
            return new Node(image, Node.this, fd, entry.name(), Operand.join(text, entry.name()), entry.type());
        }

        @Override
        public void close() {
            try {
                image.sys().close(fd);
            } catch (ErrnoException e) {
                throw new IllegalStateException("a descriptor of ours is not open", e);
            }
        }
    }

    /** Whether it is {@code .} or {@code ..}. */
    boolean isDots() {
        return depth > 0 && (name.equals(".") || name.equals(".."));
    }
}
