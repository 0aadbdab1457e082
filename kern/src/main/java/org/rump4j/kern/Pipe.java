package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A pipe ({@code pipe(2)}): a ring of bytes between those who write and those who read. A fifo is one with a name. */
public final class Pipe {
    /** Bytes that a write moves in one piece, or not at all ({@code PIPE_BUF}). */
    public static final int PIPE_BUF = 512;

    /** Bytes that fit. */
    private static final int SIZE = 64 << 10;

    private final Kernel kernel;

    /** Guards everything here. A leaf. */
    private final Kmutex lock;

    /** There is something to read, or nobody writes any more. */
    private final Kcondvar filled;

    /** There is room, or nobody reads any more. */
    private final Kcondvar drained;

    /** Those who poll either end. */
    private final Selinfo sel;

    /** A reader or a writer has come: for those who open a fifo. */
    private final Kcondvar arrived;

    private MemorySegment ring = MemorySegment.NULL;

    /** Bytes read and written since the beginning; the ring holds those between. */
    private long readCount;

    private long writeCount;

    private int readers;
    private int writers;

    /** How often somebody came, so that an open is satisfied by an end that has gone again since. */
    private int readerArrivals;

    private int writerArrivals;

    /** How often those who wait to read or write have been sent back to their descriptors. */
    private int restarts;

    /** The file system that it had its name on is gone. */
    private boolean dead;

    private long atimeNanos;
    private long mtimeNanos;

    /** A pipe with neither end open. */
    public Pipe(Kernel kernel) {
        this.kernel = kernel;
        lock = kernel.mutex();
        filled = kernel.condvar();
        drained = kernel.condvar();
        sel = new Selinfo(kernel);
        arrived = kernel.condvar();
        atimeNanos = mtimeNanos = kernel.clock().wallNanos();
    }

    /**
     * Opens one end or both.
     *
     * @return what {@link #awaitOtherEnd} is told of whoever opens one end: how often somebody had come to the other one
     * @throws ErrnoException ENOMEM
     */
    public int open(boolean reader, boolean writer) throws ErrnoException {
        kernel.kmem().reserve(SIZE);
        lock.enter();
        boolean first = ring.byteSize() == 0;
        if (first) {
            ring = MemorySegment.ofArray(new byte[SIZE]);
        }
        if (reader) {
            readers++;
            readerArrivals++;
        }
        if (writer) {
            writers++;
            writerArrivals++;
        }
        int others = reader ? writers : readers;
        int arrivals = reader ? writerArrivals : readerArrivals;
        arrived.broadcast();
        sel.selnotify();
        lock.exit();
        if (!first) {
            kernel.kmem().release(SIZE);
        }
        return others > 0 ? arrivals - 1 : arrivals;
    }

    /**
     * Waits for the other end, as opening a fifo does. That may have come, and gone again, since {@link #open}.
     *
     * @param reader whether it is a reader that is waited for
     * @param arrivals what {@link #open} gave
     * @throws ErrnoException EINTR; ENXIO where it {@linkplain #die dies}
     */
    public void awaitOtherEnd(boolean reader, int arrivals) throws ErrnoException {
        lock.enter();
        try {
            while ((reader ? readerArrivals : writerArrivals) == arrivals) {
                requireAlive();
                arrived.awaitSig(lock);
            }
        } finally {
            lock.exit();
        }
    }

    /** Whether anybody has the reading end open. */
    public boolean hasReaders() {
        lock.enter();
        boolean has = readers > 0;
        lock.exit();
        return has;
    }

    /** Closes one end or both. What nobody can read any more goes with the last of both. */
    public void close(boolean reader, boolean writer) {
        boolean last;
        lock.enter();
        if (reader) {
            readers--;
        }
        if (writer) {
            writers--;
        }
        filled.broadcast();
        drained.broadcast();
        sel.selnotify();
        last = readers == 0 && writers == 0;
        if (last) {
            ring = MemorySegment.NULL;
            readCount = writeCount = 0;
        }
        lock.exit();
        if (last) {
            kernel.kmem().release(SIZE);
        }
    }

    /** Sends all who wait to read or write back to their descriptors, one of which has been closed ({@code fo_restart}). */
    void restart() {
        lock.enter();
        restarts++;
        filled.broadcast();
        drained.broadcast();
        lock.exit();
    }

    /** Nothing passes any more: the file system that it has its name on has been unmounted by force. All who wait come out. */
    public void die() {
        lock.enter();
        dead = true;
        filled.broadcast();
        drained.broadcast();
        arrived.broadcast();
        sel.selnotify();
        lock.exit();
    }

    private void requireAlive() throws ErrnoException {
        if (dead) {
            throw Errno.ENXIO.exception("the file system has been unmounted");
        }
    }

    /** Waits for room, or for something to read; EBADF where {@link #restart} comes first. */
    private void await(Kcondvar what) throws ErrnoException {
        int before = restarts;
        what.awaitSig(lock);
        if (restarts != before) {
            throw Errno.EBADF.exception();
        }
    }

    /**
     * Reads what there is, and waits for something where there is nothing.
     *
     * @param nonblocking give EAGAIN rather than wait
     * @throws ErrnoException EAGAIN, EINTR, EFAULT; EBADF where a descriptor has been closed while this waited, perhaps the caller's
     */
    public void read(Uio uio, boolean nonblocking) throws ErrnoException {
        if (uio.resid() == 0) {
            return;
        }
        lock.enter();
        try {
            while (writeCount == readCount || dead) {
                requireAlive();
                if (writers == 0) {
                    return;
                }
                if (nonblocking) {
                    throw Errno.EAGAIN.exception();
                }
                await(filled);
            }
            while (writeCount > readCount && uio.resid() > 0) {
                int at = (int) (readCount % SIZE);
                long n = Math.min(uio.resid(), Math.min(writeCount - readCount, SIZE - at));
                uio.toUser(ring, at, n);
                readCount += n;
            }
            atimeNanos = kernel.clock().wallNanos();
            drained.broadcast();
            sel.selnotify();
        } finally {
            lock.exit();
        }
    }

    /**
     * Writes all, waiting for room as often as it must.
     *
     * @param nonblocking write what there is room for rather than wait, and give EAGAIN where there is none
     * @throws ErrnoException EPIPE where nobody reads; EAGAIN, EINTR, EFAULT; EBADF as {@link #read}, where nothing has been written
     */
    public void write(Uio uio, boolean nonblocking) throws ErrnoException {
        long wanted = uio.resid();
        lock.enter();
        try {
            do {
                requireAlive();
                if (readers == 0) {
                    throw Errno.EPIPE.exception();
                }
                long room = SIZE - (writeCount - readCount);
                // A short write must not be broken up. A long one that can wait has no use for a byte at a time.
                if (room < (nonblocking && wanted > PIPE_BUF ? 1 : Math.min(uio.resid(), PIPE_BUF))) {
                    if (nonblocking) {
                        if (uio.resid() == wanted) {
                            throw Errno.EAGAIN.exception();
                        }
                        return;
                    }
                    await(drained);
                    continue;
                }
                for (long left = Math.min(room, uio.resid()); left > 0; ) {
                    int at = (int) (writeCount % SIZE);
                    long n = Math.min(left, SIZE - at);
                    uio.fromUser(ring, at, n);
                    writeCount += n;
                    left -= n;
                }
                filled.broadcast();
                sel.selnotify();
            } while (uio.resid() > 0);
            mtimeNanos = kernel.clock().wallNanos();
        } catch (ErrnoException e) {
            if (uio.resid() == wanted || e.errno() == Errno.EPIPE) {
                throw e;
            }
        } finally {
            lock.exit();
        }
    }

    /**
     * What can be done at once with an end.
     *
     * @param reader whether it can be read from
     * @param writer whether it can be written to
     */
    public int poll(int events, boolean reader, boolean writer) {
        int revents = 0;
        lock.enter();
        if (dead) {
            revents |= Pollfd.POLLHUP | Pollfd.POLLERR;
        }
        if (reader) {
            if (writeCount > readCount || writers == 0) {
                revents |= events & (Pollfd.POLLIN | Pollfd.POLLRDNORM);
            }
            if (writers == 0) {
                revents |= Pollfd.POLLHUP;
            }
        }
        if (writer) {
            if (SIZE - (writeCount - readCount) >= PIPE_BUF || readers == 0) {
                revents |= events & (Pollfd.POLLOUT | Pollfd.POLLWRNORM);
            }
            if (readers == 0) {
                revents |= Pollfd.POLLHUP;
            }
        }
        lock.exit();
        return revents;
    }

    /** Where those wait who poll either end. */
    public Selinfo selinfo() {
        return sel;
    }

    /** Bytes that can be read at once. */
    public int available() {
        lock.enter();
        int n = (int) (writeCount - readCount);
        lock.exit();
        return n;
    }

    /** What {@code fstat(2)} says of a pipe without a name. */
    Stat stat(Cred cred) {
        lock.enter();
        try {
            return new Stat(
                    0,
                    SysStat.S_IFIFO | 0600,
                    0,
                    0,
                    cred.euid(),
                    cred.egid(),
                    0,
                    Timespec.ofNanos(atimeNanos),
                    Timespec.ofNanos(mtimeNanos),
                    Timespec.ofNanos(mtimeNanos),
                    Timespec.ZERO,
                    writeCount - readCount,
                    0,
                    SIZE,
                    0,
                    0);
        } finally {
            lock.exit();
        }
    }

    /** The ends of a pipe without a name, as open files. */
    static final FileOps OPS = new PipeOps(new PipeOps.Kind() {
        @Override
        public Pipe pipe(OpenFile file) {
            return (Pipe) file.data();
        }

        @Override
        public Stat stat(Lwp l, OpenFile file) {
            return pipe(file).stat(l.cred());
        }

        @Override
        public void closed(OpenFile file) {}
    });
}
