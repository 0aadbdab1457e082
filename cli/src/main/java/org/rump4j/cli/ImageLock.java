package org.rump4j.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Keeps two from writing an image at the same time: a lock of the host on the whole file, as {@code fcntl(2)} has them. Virtual
 * machines that have the disk in use hold such locks, too.
 */
final class ImageLock implements AutoCloseable {
    private final FileChannel channel;

    private ImageLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks an image.
     *
     * @throws ErrnoException EAGAIN where somebody else has it locked; EACCES, EROFS … where it cannot be written
     */
    static ImageLock of(String image) throws ErrnoException {
        try {
            ImageLock lock = new ImageLock(FileChannel.open(HostPath.checked(image), StandardOpenOption.WRITE));
            if (lock.take()) {
                return lock;
            }
            lock.close();
            throw Errno.EAGAIN.exception("somebody else is writing it");
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    private boolean take() throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Somebody in this process has it.
            return false;
        }
    }

    /** Unlocks it. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written through it.
        }
    }
}
