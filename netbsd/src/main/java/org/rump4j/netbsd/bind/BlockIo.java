package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;

/**
 * Block I/O of a guest. Requests are the host's to do, beside the guest, unless the guest does not mind to hear of the outcome before its
 * call returns; NetBSD's kernel does not, for so it is where there are no threads. Then a request that the host answers at once, because the page is in its memory, costs less than handing it to another
 * thread and being woken up by it: such a request is done by its caller, which gives its virtual CPU away meanwhile. When one turns out to be
 * slow, the next ones are the host's to do, side by side; so is always what has to be durable, for flushes under way together cost little
 * more than one.
 *
 * <p>Fast is what the host's clock says, so that it is the same again where the host's time is.
 */
final class BlockIo {
    /** A transfer that took longer had to wait for a disk. */
    private static final long SLOW_NANOS = 500_000;

    /** So many requests after a slow one are not done here. */
    private static final int ELSEWHERE = 64;

    private final Guest guest;
    private final Rumpuser host;
    private volatile boolean byCaller;

    /** How many more are to be done elsewhere. Threads may miscount it: it is a guess. Below 0 nothing changes. */
    private volatile int elsewhere;

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
    @SuppressWarnings("NonAtomicVolatileUpdate") // as said
    void request(int fd, int op, MemorySegment data, long off, long done, long arg) {
        boolean durable = (op & BlockIoCalls.BIO_SYNC) != 0;
        if (!byCaller || durable || elsewhere > 0) {
            elsewhere -= durable ? 0 : 1;
            host.bio(fd, op, data, off, (count, error) -> tell(done, arg, count, error == null ? 0 : error.number()));
            return;
        }
        long count = 0;
        int error = 0;
        try {
            count = timed(fd, (op & BlockIoCalls.BIO_READ) != 0, data, off);
        } catch (ErrnoException e) {
            error = e.errno().number();
        }
        tell(done, arg, count, error);
    }

    private long timed(int fd, boolean read, MemorySegment data, long off) throws ErrnoException {
        if (off < 0) {
            throw Errno.EINVAL.exception("block I/O at offset " + off);
        }
        MemorySegment[] iov = {data};
        long begin = host.clockGettime(RumpClock.ABSMONO);
        long count = read ? host.iovread(fd, iov, off) : host.iovwrite(fd, iov, off);
        if (host.clockGettime(RumpClock.ABSMONO) - begin > SLOW_NANOS) {
            elsewhere = ELSEWHERE;
        }
        return count;
    }

    private void tell(long done, long arg, long count, int error) {
        long _ = guest.call(done, arg, count, error);
    }
}
