package org.rump4j.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The file of the host, or the device, that a file system is made in. A file is emptied first, so that all that is not written is a hole; of a
 * device everything is written that must be zeros. One that was not there goes away again unless it is {@link #keep kept}, also where a signal
 * ends the process.
 */
final class NewImageFile implements FilesystemMaker.Sink, AutoCloseable {
    /** Where the kinds of what may be there tell themselves, and some more. */
    private static final int HEAD_BYTES = 132 << 10;

    private static final int ZEROS_BYTES = 1 << 20;

    private final Path path;
    private final boolean isFile;
    private final boolean isNew;
    private final FileChannel channel;
    private @Nullable Thread atExit;

    private NewImageFile(Path path, boolean isFile, boolean isNew, FileChannel channel) {
        this.path = path;
        this.isFile = isFile;
        this.isNew = isNew;
        this.channel = channel;
    }

    /** Bytes of a device, or of a file that is there; 0 where there is none. */
    static long size(String name) throws ErrnoException {
        Path path = HostPath.checked(name);
        try {
            if (!Files.exists(path)) {
                return 0;
            }
            if (Files.isDirectory(path)) {
                throw Errno.EISDIR.exception();
            }
            // Of a device this is where its end is, which java.nio does not say otherwise.
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                return channel.size();
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /**
     * What is there that would be lost: in words, or null where there is nothing.
     *
     * @throws ErrnoException where it cannot be read
     */
    static @Nullable String contents(String name) throws ErrnoException {
        Path path = HostPath.checked(name);
        if (!Files.exists(path)) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
            int n;
            do {
                n = channel.read(head, head.position());
            } while (n > 0 && head.hasRemaining());
            return Signatures.of(head.flip());
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /**
     * Opens it, and empties a file.
     *
     * @throws ErrnoException as {@code open(2)}
     */
    static NewImageFile open(String name) throws ErrnoException {
        Path path = HostPath.checked(name);
        try {
            boolean isNew = !Files.exists(path);
            boolean isFile = isNew
                    || Files.readAttributes(path, BasicFileAttributes.class).isRegularFile();
            FileChannel channel = isNew
                    ? FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                    : FileChannel.open(path, StandardOpenOption.WRITE);
            NewImageFile file = new NewImageFile(path, isFile, isNew, channel);
            if (isFile) {
                channel.truncate(0);
            }
            if (isNew) {
                file.atExit = new Thread(file::remove);
                Runtime.getRuntime().addShutdownHook(file.atExit);
            }
            return file;
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** Whether it was made for this. */
    boolean isNew() {
        return isNew;
    }

    @Override
    public void write(MemorySegment from, long offset) throws ErrnoException {
        ByteBuffer bytes = from.asByteBuffer();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, offset + bytes.position());
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void zero(long offset, long bytes) throws ErrnoException {
        if (isFile) {
            return;
        }
        MemorySegment zeros = MemorySegment.ofBuffer(ByteBuffer.allocateDirect((int) Math.min(bytes, ZEROS_BYTES)));
        for (long done = 0; done < bytes; done += zeros.byteSize()) {
            write(zeros.asSlice(0, Math.min(zeros.byteSize(), bytes - done)), offset + done);
        }
    }

    /** Makes a file this long; java.nio lengthens one by its last byte only. */
    void finish(long size) throws ErrnoException {
        try {
            if (isFile && channel.size() < size) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** Makes durable what has been written. */
    void flush() throws ErrnoException {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** What has been made is complete, and stays. */
    void keep() {
        Thread hook = atExit;
        if (hook != null) {
            atExit = null;
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process is ending, and the file goes away.
            }
        }
    }

    @Override
    public void close() throws ErrnoException {
        try {
            channel.close();
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** Takes away what is not complete. */
    void removeUnlessKept() {
        if (atExit != null) {
            keep();
            remove();
        }
    }

    private void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // It stays.
        }
    }
}
