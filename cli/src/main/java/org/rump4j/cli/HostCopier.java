package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Copies what is read of a tree of the host. */
final class HostCopier {
    private final HostTree tree;
    private final Copies copies;
    private final String start;
    private final boolean recursive;

    /** Directories that are being copied. */
    private final Deque<Level> levels = new ArrayDeque<>();

    /** Directories on the way to where the reader is of which nothing is copied. */
    private int skipped;

    private @Nullable Copy current;

    private record Level(HostTree.Begin begin, String to) {}

    /** A regular file that is being copied. */
    private record Copy(HostTree.Begin begin, String to, Target.Sink sink) {}

    /**
     * A copy.
     *
     * @param start where the first goes
     * @param recursive whether directories are copied
     */
    HostCopier(HostTree tree, Copies copies, String start, boolean recursive) {
        this.tree = tree;
        this.copies = copies;
        this.start = start;
        this.recursive = recursive;
    }

    /** Copies all of it. */
    void copy() throws IOException, ErrnoException {
        try {
            for (HostTree.Batch batch = tree.next(); batch != null; batch = tree.next()) {
                for (HostTree.Event event : batch.events) {
                    take(event, batch.buffer);
                }
                tree.back(batch);
            }
        } finally {
            Copy left = current;
            if (left != null) {
                left.sink.close();
            }
        }
    }

    private void take(HostTree.Event event, ByteBuffer buffer) throws IOException {
        // An instanceof each: the AOT cache does not keep what a switch on types needs.
        if (event instanceof HostTree.Data data) {
            data(data, buffer);
        } else if (event instanceof HostTree.Begin begin) {
            begin(begin);
        } else if (event instanceof HostTree.End end) {
            end(end);
        } else if (event instanceof HostTree.Leave) {
            leave();
        } else if (event instanceof HostTree.Failure failure && skipped == 0) {
            copies.failed(failure.text(), failure.failure());
        }
    }

    private void begin(HostTree.Begin begin) throws IOException {
        Stat st = begin.stat();
        if (skipped > 0) {
            skipped += st.isDirectory() ? 1 : 0;
            return;
        }
        copies.add(0);
        boolean first = levels.isEmpty();
        String to = first ? start : Operand.join(levels.getLast().to, begin.name());
        boolean entered = false;
        try {
            if (st.isDirectory() && !recursive) {
                throw Errno.EISDIR.exception("not copied without -r");
            }
            if (!copies.begin(begin.text(), to, st)) {
                return;
            }
            if (st.isDirectory()) {
                // A link that is in the way is followed, as any cp does: it leads no further than the image.
                copies.directory(to, st, true);
                levels.addLast(new Level(begin, to));
                entered = true;
            } else {
                notDirectory(begin, to);
            }
        } catch (ErrnoException e) {
            copies.failed(begin.text(), e);
        }
        if (st.isDirectory() && !entered) {
            skipped = 1;
        }
    }

    private void notDirectory(HostTree.Begin begin, String to) throws ErrnoException {
        Stat st = begin.stat();
        if (copies.linked(to, st)) {
            return;
        }
        if (st.isRegular()) {
            current = new Copy(begin, to, copies.file(to, st, true));
            return;
        }
        try {
            copies.other(to, st, begin.link());
            copies.complete(to, st);
        } finally {
            copies.settle(to);
        }
    }

    private void data(HostTree.Data data, ByteBuffer buffer) throws IOException {
        Copy copy = current;
        copies.add(data.length());
        if (copy != null) {
            try {
                copy.sink.write(buffer.slice(data.at(), data.length()), data.offset());
            } catch (ErrnoException e) {
                giveUp(copy, e);
            }
        }
    }

    private void end(HostTree.End end) throws IOException {
        Copy copy = current;
        if (copy == null) {
            return;
        }
        ErrnoException failure = end.failure();
        if (failure != null) {
            giveUp(copy, failure);
            return;
        }
        current = null;
        try {
            try (Target.Sink sink = copy.sink) {
                sink.finish(end.size());
            }
            copies.complete(copy.to, copy.begin.stat());
            copies.settle(copy.to);
        } catch (ErrnoException e) {
            copies.failed(copy.begin.text(), e);
        }
    }

    private void giveUp(Copy copy, ErrnoException why) throws IOException {
        current = null;
        copies.failed(copy.begin.text(), why);
        try {
            copy.sink.close();
            copies.settle(copy.to);
        } catch (ErrnoException e) {
            copies.failed(copy.begin.text(), e);
        }
    }

    private void leave() throws IOException {
        if (skipped > 0) {
            skipped--;
            return;
        }
        Level level = levels.removeLast();
        try {
            copies.leave(level.to, level.begin.stat());
        } catch (ErrnoException e) {
            copies.failed(level.begin.text(), e);
        }
    }
}
