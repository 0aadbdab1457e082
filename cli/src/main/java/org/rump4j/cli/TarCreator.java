package org.rump4j.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Puts what a walk comes by into an archive. */
final class TarCreator implements Walk.Visitor {
    private final Run run;
    private final TarWriter writer;
    private final byte[] buffer = new byte[Input.CHUNK_BYTES];

    /** Names of the directories that the walk is in, each with a slash at its end. */
    private final Deque<String> directories = new ArrayDeque<>();

    /** The first member for each file with several names, by its number. */
    private final Map<Long, String> known = new HashMap<>();

    TarCreator(Run run, TarWriter writer) {
        this.run = run;
        this.writer = writer;
    }

    /** Adds all that is in a directory, below {@code ./}, or a file by its name. */
    void add(Node node) throws IOException {
        known.clear();
        Walk.from(node, this);
    }

    @Override
    public boolean visit(Node node) throws IOException, ErrnoException {
        run.stopIfAsked();
        Stat st = node.stat();
        String name;
        if (node.depth() > 0) {
            name = directories.getLast() + node.name();
        } else {
            name = node.isDirectory() ? "." : node.name().substring(node.name().lastIndexOf('/') + 1);
        }
        if (node.isDirectory()) {
            directories.addLast(name + "/");
            member(node, entry(name + "/", TarEntry.DIRECTORY, st, 0, "", List.of()));
            return true;
        }
        String before = st.nlink() > 1 ? known.putIfAbsent(st.ino(), name) : null;
        if (before != null) {
            member(node, entry(name, TarEntry.LINK, st, 0, before, List.of()));
            return false;
        }
        switch (node.type()) {
            case Dirent.DT_REG -> file(node, name, st);
            case Dirent.DT_LNK ->
                member(node, entry(name, TarEntry.SYMLINK, st, 0, String.valueOf(node.target()), List.of()));
            case Dirent.DT_CHR -> member(node, entry(name, TarEntry.CHARACTER, st, 0, "", List.of()));
            case Dirent.DT_BLK -> member(node, entry(name, TarEntry.BLOCK, st, 0, "", List.of()));
            case Dirent.DT_FIFO -> member(node, entry(name, TarEntry.FIFO, st, 0, "", List.of()));
            default -> throw Errno.EOPNOTSUPP.exception("a socket, not archived");
        }
        return false;
    }

    @Override
    public void leave(Node directory) {
        directories.removeLast();
    }

    @Override
    public void failed(String text, ErrnoException e) throws IOException {
        run.fail(text, e);
    }

    private void member(Node node, TarEntry entry) throws IOException, ErrnoException {
        if (run.settings().tells()) {
            // Standard output may be the archive.
            run.err().name(node.text()).println().flush();
        }
        writer.begin(entry);
    }

    private void file(Node node, String name, Stat st) throws IOException, ErrnoException {
        int fd = node.open();
        try {
            List<TarEntry.Range> data = ranges(node.image(), fd, st.size());
            member(node, entry(name, TarEntry.FILE, st, st.size(), "", data));
            for (TarEntry.Range range : data) {
                data(node.image(), fd, range);
            }
            writer.end();
        } finally {
            node.image().sys().close(fd);
        }
    }

    /** An archive in the middle of a member cannot leave anything out: where data cannot be read, there are zeros. */
    private void data(Image image, int fd, TarEntry.Range range) throws IOException, ErrnoException {
        long done = 0;
        try {
            while (done < range.length()) {
                run.stopIfAsked();
                MemorySegment into =
                        MemorySegment.ofArray(buffer).asSlice(0, Math.min(buffer.length, range.length() - done));
                int n = (int) image.sys().pread(fd, into, range.offset() + done);
                if (n == 0) {
                    throw Errno.EIO.exception("the file is shorter than it says");
                }
                writer.write(buffer, n);
                done += n;
            }
        } finally {
            writer.fill(range.length() - done);
        }
    }

    private static List<TarEntry.Range> ranges(Image image, int fd, long size) throws ErrnoException {
        List<TarEntry.Range> ranges = new ArrayList<>();
        long pos = 0;
        try {
            while (pos < size) {
                long data = image.sys().lseek(fd, pos, Fcntl.SEEK_DATA);
                long hole = Math.min(image.sys().lseek(fd, data, Fcntl.SEEK_HOLE), size);
                if (data < hole) {
                    ranges.add(new TarEntry.Range(data, hole - data));
                }
                pos = hole;
            }
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                return List.of(new TarEntry.Range(0, size));
            }
            if (e.errno() != Errno.ENXIO) {
                throw e;
            }
        }
        return ranges;
    }

    private static TarEntry entry(String name, char type, Stat st, long size, String link, List<TarEntry.Range> data) {
        return new TarEntry(
                name, type, st.mode() & SysStat.ALLPERMS, st.uid(), st.gid(), size, st.mtime(), link, st.rdev(), data);
    }
}
