package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.Rumpuser;

/**
 * Block I/O of a guest. Requests are the host's to do, beside the guest, unless the guest does not mind to hear of the outcome before its
 * call returns; NetBSD's kernel does not, for so it is where there are no threads. Then a request that the host answers at once, because
 * the page is in its memory, costs less than handing it to another thread and being woken up by it: such a request is done by its caller,
 * which gives its virtual CPU away meanwhile. When one turns out to be slow, the next ones are the host's to do, side by side. What has to
 * be durable is looked at apart: where flushing waits for a disk, flushes under way together cost little more than one.
 *
 * <p>Fast is what the host's clock says, so that it is the same again where the host's time is.
 */
final class BlockIo {
    /** A transfer that took longer had to wait for a disk. */
    private static final long SLOW_NANOS = 500_000;

    /** A flush that took longer had to, too. It does not where there is no disk, or one that loses nothing. */
    private static final long SLOW_FLUSH_NANOS = 50_000;

    /** So many requests after a slow one are not done here. */
    private static final int ELSEWHERE = 64;

    private final Guest guest;
    private final Rumpuser host;
    private volatile boolean byCaller;

    /** How many more are to be done elsewhere. Threads may miscount it: it is a guess. */
    private volatile int elsewhere;

    /** As the other, of those that have to be durable. */
    private volatile int flushesElsewhere;

    BlockIo(Guest guest, Rumpuser host) {
        this.guest = guest;
        this.host = host;
    }

    /** Has the caller of a request do it where that is faster. */
    void byCaller() {
        byCaller = true;
    }

    /**
     * A request.
     *
     * @param op of {@link BlockIoCalls}
     * @param done of the guest: called with {@code arg}, a count of bytes, and an error number
     */
    void request(int fd, int op, MemorySegment data, long off, long done, long arg) {
        boolean durable = (op & (BlockIoCalls.BIO_SYNC | BlockIoCalls.BIO_READ)) == BlockIoCalls.BIO_SYNC;
        if (!byCaller || isForOthers(durable)) {
            host.bio(fd, op, data, off, (count, error) -> tell(done, arg, count, error == null ? 0 : error.number()));
            return;
        }
        long count = 0;
        int error = 0;
        try {
            count = (op & BlockIoCalls.BIO_READ) != 0 ? read(fd, data, off) : write(fd, data, off, durable);
        } catch (ErrnoException e) {
            error = e.errno().number();
        }
        tell(done, arg, count, error);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // as said
    private boolean isForOthers(boolean durable) {
        if (durable ? flushesElsewhere > 0 : elsewhere > 0) {
            if (durable) {
                flushesElsewhere--;
            } else {
                elsewhere--;
            }
            return true;
        }
        return false;
    }

    private long read(int fd, MemorySegment data, long off) throws ErrnoException {
        requirePlace(off);
        long begin = now();
        long count = host.iovread(fd, new MemorySegment[] {data}, off);
        if (now() - begin > SLOW_NANOS) {
            elsewhere = ELSEWHERE;
        }
        return count;
    }

    private long write(int fd, MemorySegment data, long off, boolean durable) throws ErrnoException {
        requirePlace(off);
        long begin = now();
        long count = host.iovwrite(fd, new MemorySegment[] {data}, off);
        long written = now();
        if (written - begin > SLOW_NANOS) {
            elsewhere = ELSEWHERE;
        }
        if (durable) {
            host.syncfd(fd, FileCalls.SYNCFD_WRITE | FileCalls.SYNCFD_SYNC, 0, 0);
            if (now() - written > SLOW_FLUSH_NANOS) {
                flushesElsewhere = ELSEWHERE;
            }
        }
        return count;
    }

    private static void requirePlace(long off) throws ErrnoException {
        if (off < 0) {
            throw Errno.EINVAL.exception("block I/O at offset " + off);
        }
    }

    private long now() {
        return host.clockGettime(RumpClock.ABSMONO);
    }

    private void tell(long done, long arg, long count, int error) {
        long _ = guest.call(done, arg, count, error);
    }
}
