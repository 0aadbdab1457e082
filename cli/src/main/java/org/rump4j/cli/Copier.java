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

/** Copies a file, or a directory and all below it, out of an image. */
final class Copier implements Walk.Visitor {
    /** Where a kernel cannot tell holes, so many bytes of nothing in a row are one. */
    private static final int HOLE_BYTES = 4096;

    private static final int OWNER_ALL = 0700;
    private static final int OWNER_READ_WRITE = 0600;

    private final Run run;
    private final Image image;
    private final Target target;
    private final boolean preserve;
    private final Progress progress;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);

    /** Where each directory goes that the walk is in. */
    private final Deque<String> directories = new ArrayDeque<>();

    private String start = "";

    Copier(Run run, Image image, Target target, boolean preserve, Progress progress) {
        this.run = run;
        this.image = image;
        this.target = target;
        this.preserve = preserve;
        this.progress = progress;
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
        progress.hide();
    }

    @Override
    public boolean visit(Node node) throws IOException, ErrnoException {
        boolean first = node.depth() == 0;
        String to = first ? start : Operand.join(directories.getLast(), checkedName(node));
        Stat st = node.stat();
        if (run.settings().verbose()) {
            progress.hide();
            run.out().name(node.text()).print(" -> ").name(to).println();
        }
        if (node.isDirectory()) {
            target.directory(to, st.mode() & 0777, first);
            directories.addLast(to);
            return true;
        }
        try {
            copy(node, st, to, first);
        } finally {
            // As far as it has got, as any cp leaves it.
            target.settle(to);
        }
        return false;
    }

    private void copy(Node node, Stat st, String to, boolean first) throws IOException, ErrnoException {
        switch (node.type()) {
            case Dirent.DT_REG -> file(node, st, to, first);
            case Dirent.DT_LNK -> target.symlink(to, String.valueOf(node.target()));
            case Dirent.DT_SOCK -> throw Errno.EOPNOTSUPP.exception("a socket, not copied");
            default -> target.special(to, st.mode(), st.rdev());
        }
        if (preserve) {
            target.attributes(to, st);
        }
    }

    /** A directory gets its times and permissions when nothing goes into it any more. */
    @Override
    public void leave(Node directory) throws ErrnoException {
        String to = directories.removeLast();
        if (preserve) {
            target.attributes(to, directory.stat());
        } else if ((directory.stat().mode() & OWNER_ALL) != OWNER_ALL) {
            target.restrict(to, directory.stat());
        }
        target.settle(to);
    }

    @Override
    public void failed(String text, ErrnoException e) throws IOException {
        progress.hide();
        run.fail(text, e);
    }

    /** A name out of an image that is going to be part of a path: it must not be more than one name. */
    private static String checkedName(Node node) throws ErrnoException {
        if (node.name().indexOf('/') >= 0 || node.name().isEmpty()) {
            throw Errno.EILSEQ.exception("no name for a file");
        }
        return node.name();
    }

    private void file(Node node, Stat st, String to, boolean throughLinks) throws IOException, ErrnoException {
        Syscalls sys = image.sys();
        // Times are set before permissions are, which may be none at all.
        int mode = (st.mode() & 0777) | (preserve ? OWNER_READ_WRITE : 0);
        int fd = node.open();
        try (Target.Sink sink = target.file(to, mode, throughLinks)) {
            long size = st.size();
            long pos = 0;
            boolean tellsHoles = true;
            while (pos < size) {
                long data = pos;
                long hole = size;
                if (tellsHoles) {
                    try {
                        data = sys.lseek(fd, pos, Fcntl.SEEK_DATA);
                        hole = sys.lseek(fd, data, Fcntl.SEEK_HOLE);
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
                progress.add(data - pos);
                pos = range(sys, fd, sink, data, Math.min(hole, size), tellsHoles);
            }
            progress.add(size - pos);
            sink.finish(size);
        } finally {
            sys.close(fd);
        }
    }

    /** Copies a range and gives its end, or the end of the file where that is nearer. */
    private long range(Syscalls sys, int fd, Target.Sink sink, long begin, long end, boolean allData)
            throws IOException, ErrnoException {
        long pos = begin;
        while (pos < end) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - pos));
            int n = (int) sys.pread(fd, MemorySegment.ofBuffer(buffer), pos);
            if (n == 0) {
                throw Errno.EIO.exception("the file is shorter than it says");
            }
            buffer.limit(n);
            if (allData) {
                sink.write(buffer, pos);
            } else {
                writeWithoutHoles(sink, pos);
            }
            pos += n;
            progress.add(n);
        }
        return pos;
    }

    private void writeWithoutHoles(Target.Sink sink, long offset) throws ErrnoException {
        int n = buffer.limit();
        int done = 0;
        while (done < n) {
            int hole = done;
            while (hole < n && isNothing(hole)) {
                hole = Math.min(n, hole + HOLE_BYTES);
            }
            int data = hole;
            while (data < n && !isNothing(data)) {
                data = Math.min(n, data + HOLE_BYTES);
            }
            if (data > hole) {
                sink.write(buffer.slice(hole, data - hole), offset + hole);
            }
            done = data;
        }
    }

    private boolean isNothing(int from) {
        int end = Math.min(buffer.limit(), from + HOLE_BYTES);
        int i = from;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            if (buffer.getLong(i) != 0) {
                return false;
            }
        }
        for (; i < end; i++) {
            if (buffer.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
