package org.rump4j.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A file that is read from its beginning to its end, in an image or on the host. */
interface Input extends AutoCloseable {
    /** How much to read at a time: what is read goes through the processor's cache. */
    int CHUNK_BYTES = 1 << 20;

    /**
     * Reads on.
     *
     * @param into filled from its position on
     * @return bytes; −1 at the end
     * @throws ErrnoException EISDIR, EIO …
     */
    int read(ByteBuffer into) throws ErrnoException;

    @Override
    void close();

    /**
     * Opens a file in an image.
     *
     * @throws ErrnoException EISDIR; as {@code open(2)}
     */
    static Input open(Image image, String path) throws ErrnoException {
        if (image.sys().stat(path).isDirectory()) {
            throw Errno.EISDIR.exception();
        }
        return new InImage(image, image.sys().open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0));
    }

    /**
     * Opens a file of the host.
     *
     * @throws ErrnoException likewise
     */
    static Input openOnHost(String name) throws ErrnoException {
        Path path = HostPath.checked(name);
        try {
            if (Files.isDirectory(path)) {
                throw Errno.EISDIR.exception();
            }
            return new OnHost(FileChannel.open(path, StandardOpenOption.READ));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** Of an image. */
    record InImage(Image image, int fd) implements Input {
        @Override
        public int read(ByteBuffer into) throws ErrnoException {
            long n = image.sys().read(fd, MemorySegment.ofBuffer(into));
            into.position(into.position() + (int) n);
            return n == 0 ? -1 : (int) n;
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

    /** Of the host. */
    record OnHost(FileChannel channel) implements Input {
        @Override
        public int read(ByteBuffer into) throws ErrnoException {
            try {
                return channel.read(into);
            } catch (IOException e) {
                throw HostErrors.translated(e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }
}
