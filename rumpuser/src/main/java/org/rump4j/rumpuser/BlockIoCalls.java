package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Asynchronous block I/O. */
public interface BlockIoCalls {
    /** Read. */
    int BIO_READ = 0x01;
    /** Write. */
    int BIO_WRITE = 0x02;
    /** With {@link #BIO_WRITE}: done means durable. */
    int BIO_SYNC = 0x04;

    /** Called once when a request is done, on a thread of the host that holds a virtual CPU and has an lwp. Must not block long. */
    @FunctionalInterface
    interface BioDone {
        /**
         * Takes the outcome.
         *
         * @param count bytes moved; fewer than asked at the end of the file
         * @param error null, or what went wrong; then count is 0
         */
        void done(long count, @Nullable Errno error);
    }

    /**
     * Starts a transfer. Unschedules only where it must wait because too many are under way. Requests run side by side
     * and finish in any order.
     *
     * @param fd a descriptor of {@link FileCalls#open}
     * @param op {@link #BIO_READ}, or {@link #BIO_WRITE} with or without {@link #BIO_SYNC}. A synchronous write whose
     *     flush fails has failed
     * @param data where from or to; not to be touched until done
     * @param off byte offset
     * @param done takes the outcome, also of a request that is wrong altogether (EBADF, EINVAL)
     */
    void bio(int fd, int op, MemorySegment data, long off, BioDone done);
}
