package org.rump4j.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Copies a file, or a directory and all below it, from an image. */
final class Copier implements Walk.Visitor {
    private final Image image;
    private final Copies copies;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);

    /** Where each directory goes that the walk is in. */
    private final Deque<String> directories = new ArrayDeque<>();

    private String start = "";

    Copier(Image image, Copies copies) {
        this.image = image;
        this.copies = copies;
    }

    /** Bytes of all regular files in a tree. */
    static long bytes(Node node) throws IOException {
        long[] sum = {0};
        Walk.from(node, new Walk.Visitor() {
            @Override
            public boolean visit(Node file) throws ErrnoException {
                sum[0] += file.type() == Dirent.DT_REG ? file.stat().size() : 0;
                return true;
            }

            @Override
            public void failed(String text, ErrnoException e) {
                // Will be said when it is copied.
            }
        });
        return sum[0];
    }

    /** Copies. */
    void copy(Node from, String to) throws IOException {
        start = to;
        Walk.from(from, this);
    }

    @Override
    public boolean visit(Node node) throws IOException, ErrnoException {
        boolean first = node.depth() == 0;
        String to = first ? start : Operand.join(directories.getLast(), checkedName(node));
        Stat st = node.stat();
        if (!copies.begin(node.text(), to, st)) {
            return false;
        }
        if (node.isDirectory()) {
            copies.directory(to, st, first);
            directories.addLast(to);
            return true;
        }
        try {
            if (!copies.linked(to, st)) {
                if (node.type() == Dirent.DT_REG) {
                    file(node, st, to, first);
                } else {
                    copies.other(to, st, node.target());
                }
                copies.complete(to, st);
            }
        } finally {
            copies.settle(to);
        }
        return false;
    }

    @Override
    public void leave(Node directory) throws ErrnoException {
        copies.leave(directories.removeLast(), directory.stat());
    }

    @Override
    public void failed(String text, ErrnoException e) throws IOException {
        copies.failed(text, e);
    }

    /** A name out of an image that is going to be part of a path: it must not be more than one name. */
    private static String checkedName(Node node) throws ErrnoException {
        if (node.name().indexOf('/') >= 0 || node.name().isEmpty()) {
            throw Errno.EILSEQ.exception("no name for a file");
        }
        return node.name();
    }

    private void file(Node node, Stat st, String to, boolean throughLinks) throws IOException, ErrnoException {
        int fd = node.open();
        try (Target.Sink sink = copies.file(to, st, throughLinks)) {
            long size = st.size();
            long pos = 0;
            boolean tellsHoles = true;
            while (pos < size) {
                long data = pos;
                long hole = size;
                if (tellsHoles) {
                    try {
                        data = image.sys().lseek(fd, pos, Fcntl.SEEK_DATA);
                        hole = image.sys().lseek(fd, data, Fcntl.SEEK_HOLE);
                    } catch (ErrnoException e) {
                        if (e.errno() == Errno.ENXIO) {
                            break;
                        }
                        if (e.errno() != Errno.EINVAL) {
                            throw e;
                        }
                        tellsHoles = false;
                        data = pos;
                    }
                }
                copies.add(data - pos);
                pos = range(fd, sink, data, Math.min(hole, size), tellsHoles);
            }
            copies.add(size - pos);
            sink.finish(size);
        } finally {
            image.sys().close(fd);
        }
    }

    /** Copies a range and gives its end, or the end of the file where that is nearer. */
    private long range(int fd, Target.Sink sink, long begin, long end, boolean allData)
            throws IOException, ErrnoException {
        long pos = begin;
        while (pos < end) {
            Syscalls sys = image.sys();
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - pos));
            int n = (int) sys.pread(fd, MemorySegment.ofBuffer(buffer), pos);
            if (n == 0) {
                throw Errno.EIO.exception("the file is shorter than it says");
            }
            buffer.limit(n);
            if (allData) {
                sink.write(buffer, pos);
            } else {
                long offset = pos;
                Holes.<ErrnoException>between(
                        MemorySegment.ofBuffer(buffer),
                        (at, length) -> sink.write(buffer.slice(at, length), offset + at));
            }
            pos += n;
            copies.add(n);
        }
        return pos;
    }
}
