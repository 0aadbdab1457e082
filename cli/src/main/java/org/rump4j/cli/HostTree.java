package org.rump4j.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A file of the host, or a directory and all below it, read ahead by a thread of its own: what is read comes in the order of a
 * tree, each directory before what is in it and again behind that, the names in a directory in the order of their bytes. Small
 * files come several to a buffer. Memory grows with the longest directory only.
 */
final class HostTree implements AutoCloseable {
    private static final int BUFFERS = 4;
    private static final int EVENTS = 512;

    /** What has been read, in order. */
    sealed interface Event {}

    /**
     * A file that is there: a regular one is followed by its {@link Data} and {@link End}, a directory by what is in it and its
     * {@link Leave}.
     *
     * @param text what the user can call it
     * @param name its name in its directory; the whole path of the first
     * @param link what it says, where it is a symbolic link
     */
    record Begin(
            String text, String name, Stat stat, @Nullable String link) implements Event {}

    /**
     * Some of a regular file. What lies between is nothing.
     *
     * @param at where it is in the buffer
     * @param length bytes
     * @param offset where it is in the file
     */
    record Data(int at, int length, long offset) implements Event {}

    /**
     * A regular file is over.
     *
     * @param size bytes that it had when it was read
     * @param failure what has gone wrong while it was read, or null
     */
    record End(long size, @Nullable ErrnoException failure) implements Event {}

    /** All in a directory has been read. */
    record Leave() implements Event {}

    /** Something could not be read. */
    record Failure(String text, ErrnoException failure) implements Event {}

    /** Events, and the buffer with the data of those of them that have some. */
    static final class Batch {
        final ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
        final List<Event> events = new ArrayList<>(EVENTS);
        boolean last;

        /** An exception of ours that the reader has died of. */
        @Nullable
        RuntimeException died;
    }

    private final Path start;
    private final String text;
    private final boolean follow;
    private final @Nullable Path image;

    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BUFFERS);
    private final BlockingQueue<Batch> free = new ArrayBlockingQueue<>(BUFFERS);
    private final Thread reader;
    private Batch filling = new Batch();

    /**
     * Begins to read.
     *
     * @param text what the user calls it
     * @param follow whether to read what it leads to, where it is a symbolic link
     * @param image a file that is not read, since it is being written, or null
     */
    HostTree(Path start, String text, boolean follow, @Nullable Path image) {
        this.start = start;
        this.text = text;
        this.follow = follow;
        this.image = image;
        for (int i = 1; i < BUFFERS; i++) {
            free.add(new Batch());
        }
        reader = Thread.ofPlatform().daemon().name("rump4j-read-ahead").unstarted(this::read);
        reader.start();
    }

    /** Bytes of all regular files in a tree. */
    static long bytes(Path path) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isDirectory()) {
                return attributes.isRegularFile() ? attributes.size() : 0;
            }
            long sum = 0;
            for (Path child : children(path)) {
                sum += bytes(child);
            }
            return sum;
        } catch (IOException e) {
            // Will be said when it is copied.
            return 0;
        }
    }

    /** The next events, or null where there are no more. To be given {@link #back}. */
    @Nullable
    Batch next() throws ErrnoException {
        try {
            Batch batch = full.take();
            if (batch.died != null) {
                throw batch.died;
            }
            return batch.last && batch.events.isEmpty() ? null : batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errno.EINTR.exception();
        }
    }

    /** The buffer of a batch can be filled again. */
    void back(Batch batch) {
        batch.events.clear();
        batch.buffer.clear();
        free.add(batch);
    }

    /** Reads no more. */
    @Override
    public void close() {
        reader.interrupt();
    }

    private void read() {
        try {
            try {
                visit(start, text, start.toString(), follow);
            } catch (RuntimeException e) {
                filling.died = e;
            }
            if (!filling.events.isEmpty()) {
                handOver();
            }
            filling.last = true;
            full.put(filling);
        } catch (InterruptedException e) {
            // Nobody wants to know the rest.
        }
    }

    private void visit(Path path, String called, String name, boolean follows) throws InterruptedException {
        Stat st;
        String link;
        FileChannel channel = null;
        try {
            st = HostFiles.stat(path, follows);
            link = st.isSymlink() ? HostFiles.readlink(path) : null;
            if (st.isRegular()) {
                channel = open(path);
            }
        } catch (ErrnoException e) {
            event(new Failure(called, e));
            return;
        }
        if (channel != null) {
            file(new Begin(called, name, st, null), channel);
            return;
        }
        event(new Begin(called, name, st, link));
        if (st.isDirectory()) {
            directory(path, called);
            event(new Leave());
        }
    }

    private void directory(Path path, String called) throws InterruptedException {
        List<Path> children;
        try {
            children = children(path);
        } catch (IOException e) {
            event(new Failure(called, HostErrors.translated(e)));
            return;
        }
        for (Path child : children) {
            String name = HostFiles.lastName(child);
            visit(child, Operand.join(called, name), name, false);
        }
    }

    /** What is in a directory, in the order of the names' bytes. */
    static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(children::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(children);
        return children;
    }

    private FileChannel open(Path path) throws ErrnoException {
        try {
            if (image != null && Files.isSameFile(path, image)) {
                throw Errno.EINVAL.exception("the image itself, not copied");
            }
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    private void file(Begin begin, FileChannel channel) throws InterruptedException {
        event(begin);
        long pos = 0;
        ErrnoException failure = null;
        try (channel) {
            boolean more = true;
            while (more) {
                if (!filling.buffer.hasRemaining()) {
                    handOver();
                }
                int at = filling.buffer.position();
                int room = filling.buffer.remaining();
                int n = channel.read(filling.buffer);
                if (n > 0) {
                    data(at, n, pos);
                    pos += n;
                }
                // A file that is as long as it said, and ends where the buffer does not, needs no second look.
                more = n >= 0 && !(n < room && pos == begin.stat.size());
            }
        } catch (IOException e) {
            failure = HostErrors.translated(e);
        }
        event(new End(pos, failure));
    }

    private void data(int at, int length, long offset) {
        List<Event> events = filling.events;
        MemorySegment bytes = MemorySegment.ofBuffer(filling.buffer.slice(at, length));
        Holes.<RuntimeException>between(bytes, (begin, n) -> events.add(new Data(at + begin, n, offset + begin)));
    }

    private void event(Event event) throws InterruptedException {
        if (filling.events.size() >= EVENTS) {
            handOver();
        }
        filling.events.add(event);
    }

    private void handOver() throws InterruptedException {
        full.put(filling);
        filling = free.take();
    }
}
