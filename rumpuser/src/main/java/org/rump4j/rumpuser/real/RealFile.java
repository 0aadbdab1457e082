package org.rump4j.rumpuser.real;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * An open file of the host.
 *
 * <p>The JDK closes a channel when the thread that uses it is interrupted, and a kernel's files must not go because
 * somebody interrupted one of its users. So an operation that finds its channel closed under it opens the file again, sees
 * that it is the same file, and goes on; the interrupt is put off until the operation is done. Positioned I/O repeats
 * safely. For files that can be positioned, the position of the unpositioned kind is therefore kept here.
 */
final class RealFile {
    /** More than this at a time would not fit a {@link ByteBuffer}. */
    private static final long MAX_TRANSFER = 1 << 30;

    /** Up to this much is copied to make one transfer of several pieces. */
    private static final long MAX_GATHERED = 1 << 20;

    private interface Operation {
        long on(FileChannel channel) throws IOException;
    }

    private final Path path;
    private final Set<OpenOption> reopenOptions;
    private final @Nullable Object key;
    private final boolean seekable;

    private volatile FileChannel channel;
    private volatile boolean closed;

    /** Whether something was written since the last flush. */
    private volatile boolean dirty;

    /** For I/O without an offset; guarded by this. */
    private long position;

    /**
     * Takes over an open channel.
     *
     * @param reopenOptions how to open it once more: as it was opened, but not creating
     * @param seekable whether it has a position
     */
    RealFile(Path path, FileChannel channel, Set<OpenOption> reopenOptions, boolean seekable) {
        this.path = path;
        this.channel = channel;
        this.reopenOptions = reopenOptions;
        this.seekable = seekable;
        BasicFileAttributes attributes = attributes(path);
        this.key = attributes == null ? null : attributes.fileKey();
    }

    long read(MemorySegment[] iov, long off) throws ErrnoException {
        return transfer(iov, off, false);
    }

    long write(MemorySegment[] iov, long off) throws ErrnoException {
        try {
            return transfer(iov, off, true);
        } finally {
            // Afterwards: a flush that runs meanwhile need not cover it.
            dirty = true;
        }
    }

    /** Flushes data, and what is needed to find it; not the times of the file, which cost a second write on many hosts. */
    void sync() throws ErrnoException {
        boolean was = dirty;
        dirty = false;
        try {
            retrying(ch -> {
                ch.force(false);
                return 0;
            });
        } catch (ErrnoException e) {
            dirty |= was;
            throw e;
        }
    }

    /** Flushes if something was written, and closes. */
    void close() {
        try {
            if (dirty) {
                sync();
            }
        } catch (ErrnoException e) {
            // close reports nothing; who needs to know calls syncfd first.
        }
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // As above.
        }
    }

    private long transfer(MemorySegment[] iov, long off, boolean write) throws ErrnoException {
        try {
            return transferUnchecked(iov, off, write);
        } catch (IllegalStateException | UnsupportedOperationException | IndexOutOfBoundsException e) {
            throw Errno.EFAULT.exception(path + ": memory that is gone, or of the wrong kind: " + e.getMessage());
        } catch (ArithmeticException e) {
            throw Errno.EINVAL.exception(path + ": more than 2^63 bytes at once");
        }
    }

    private long transferUnchecked(MemorySegment[] iov, long off, boolean write) throws ErrnoException {
        if (off >= 0) {
            return transferAt(iov, off, write);
        }
        if (off != RealFiles.IOV_NOSEEK) {
            throw Errno.EINVAL.exception("offset " + off + " of " + path);
        }
        if (seekable) {
            synchronized (this) {
                long moved = transferAt(iov, position, write);
                position += moved;
                return moved;
            }
        }
        ByteBuffer[] buffers = new ByteBuffer[iov.length];
        return retrying(ch -> {
            for (int i = 0; i < iov.length; i++) {
                buffers[i] = buffer(iov[i].asSlice(0, Math.min(iov[i].byteSize(), MAX_TRANSFER)), write);
            }
            return Math.max(0, write ? ch.write(buffers) : ch.read(buffers));
        });
    }

    /** At an offset several pieces would be several transfers, with others in between: up to a limit they are made one. */
    private long transferAt(MemorySegment[] iov, long off, boolean write) throws ErrnoException {
        long total = 0;
        for (MemorySegment segment : iov) {
            total = Math.addExact(total, segment.byteSize());
        }
        if (total > MAX_GATHERED || (iov.length == 1 && total > 0)) {
            return transferEach(iov, off, write);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(total);
            if (write) {
                copy(iov, all, total, true);
                return transferOnce(all, off, true);
            }
            long n = transferOnce(all, off, false);
            copy(iov, all, n, false);
            return n;
        }
    }

    private static void copy(MemorySegment[] iov, MemorySegment all, long count, boolean gather) {
        long at = 0;
        for (MemorySegment segment : iov) {
            long n = Math.min(segment.byteSize(), count - at);
            if (gather) {
                MemorySegment.copy(segment, 0, all, at, n);
            } else {
                MemorySegment.copy(all, at, segment, 0, n);
            }
            at += n;
        }
    }

    private long transferEach(MemorySegment[] iov, long off, boolean write) throws ErrnoException {
        long moved = 0;
        for (MemorySegment segment : iov) {
            long size = segment.byteSize();
            long at = 0;
            while (at < size) {
                MemorySegment part = at == 0 && size <= MAX_TRANSFER
                        ? segment
                        : segment.asSlice(at, Math.min(size - at, MAX_TRANSFER));
                long n;
                try {
                    n = transferOnce(part, off + moved, write);
                } catch (ErrnoException e) {
                    if (moved > 0) {
                        return moved;
                    }
                    throw e;
                }
                moved += n;
                at += n;
                if (n < part.byteSize()) {
                    return moved;
                }
            }
        }
        return moved;
    }

    private long transferOnce(MemorySegment segment, long off, boolean write) throws ErrnoException {
        ByteBuffer buffer = buffer(segment, write);
        return retrying(ch -> {
            buffer.clear();
            return Math.max(0, write ? ch.write(buffer, off) : ch.read(buffer, off));
        });
    }

    private static ByteBuffer buffer(MemorySegment segment, boolean write) {
        if (!write && segment.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        return segment.asByteBuffer();
    }

    private long retrying(Operation operation) throws ErrnoException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel ch = channel;
                try {
                    return operation.on(ch);
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    reopen(ch);
                } catch (IOException e) {
                    throw HostErrno.of(e, path.toString());
                } catch (RuntimeException e) {
                    throw HostErrno.of(e, path.toString());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(FileChannel lost) throws ErrnoException {
        if (closed) {
            throw Errno.EBADF.exception(path + " has been closed");
        }
        if (channel != lost) {
            return;
        }
        if (!seekable) {
            throw Errno.EIO.exception(path + " was interrupted and cannot be opened again");
        }
        try {
            FileChannel again = FileChannel.open(path, reopenOptions);
            BasicFileAttributes attributes = attributes(path);
            if (attributes == null || !Objects.equals(key, attributes.fileKey())) {
                again.close();
                throw Errno.EIO.exception(path + " was interrupted, and is another file by now");
            }
            channel = again;
        } catch (IOException e) {
            throw HostErrno.of(e, path.toString());
        }
    }

    private static @Nullable BasicFileAttributes attributes(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (IOException e) {
            return null;
        }
    }
}
