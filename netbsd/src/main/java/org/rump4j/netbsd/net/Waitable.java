package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A descriptor of the host that threads wait for, and that another may close meanwhile: it is then closed by the last who uses it, because its
 * number may be another file's right afterwards.
 */
final class Waitable {
    private final int fd;
    private final int wakeup;

    /** Who uses it, and one as long as it has not been closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over a descriptor that does not block. */
    Waitable(int fd) throws ErrnoException {
        this.fd = fd;
        boolean made = false;
        try {
            wakeup = Unix.eventfd();
            made = true;
        } finally {
            if (!made) {
                Unix.close(fd);
            }
        }
    }

    /** Bytes read; −1 where there are none now, or it has been closed. */
    int read(MemorySegment buffer) throws ErrnoException {
        return transfer(buffer, false);
    }

    /** Bytes written; −1 where there is no room now, or it has been closed. */
    int write(MemorySegment data) throws ErrnoException {
        return transfer(data, true);
    }

    private int transfer(MemorySegment data, boolean write) throws ErrnoException {
        if (!enter()) {
            return -1;
        }
        try {
            return write ? Unix.write(fd, data) : Unix.read(fd, data);
        } finally {
            leave();
        }
    }

    /** Waits until there may be something to read; false once it has been closed. */
    boolean await() throws ErrnoException {
        if (!enter()) {
            return false;
        }
        try {
            Unix.awaitReadable(fd, wakeup);
            return !closed.get();
        } finally {
            leave();
        }
    }

    private boolean enter() {
        while (!closed.get()) {
            int now = users.get();
            if (now == 0) {
                return false;
            }
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    private void leave() {
        if (users.decrementAndGet() == 0) {
            Unix.close(fd);
            Unix.close(wakeup);
        }
    }

    /** Whoever waits comes out. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            int _ = Unix.write(wakeup, arena.allocateFrom(JAVA_LONG, 1));
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        } finally {
            leave();
        }
    }
}
