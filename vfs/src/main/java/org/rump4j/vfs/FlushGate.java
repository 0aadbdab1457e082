package org.rump4j.vfs;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kcondvar;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Flushes of a device, which are dear: one at a time, one for all who wait meanwhile, and none where nothing has been written since
 * the last.
 *
 * <p>Where much is written in the background, now and then one of those writes is to be durable when it is done ({@link #isDue}). Nobody
 * waits for that; but the disk is at work meanwhile, and whoever flushes in the end waits for what has come since.
 */
final class FlushGate {
    /** How the device is flushed. */
    @FunctionalInterface
    interface Flush {
        /**
         * Flushes.
         *
         * @throws ErrnoException EIO
         */
        void run() throws ErrnoException;
    }

    /** So much is written in the background before the disk is to be told that it is meant. */
    static final long DUE_BYTES = 32 << 20;

    /** Guards what follows. A leaf. */
    private final Kmutex lock;

    private final Kcondvar flushed;

    /** Writes that have been done. */
    private long written;

    /** As many of them are durable. */
    private long durable;

    /** Flushes that have failed, how many writes had been done when the last of them began, and how it failed. */
    private int failures;

    private long failed;
    private @Nullable Errno error;
    private boolean flushing;

    /** Bytes written in the background since a flush began, and whether one that nobody waits for is under way. */
    private long behind;

    private boolean flushingBehind;

    FlushGate(Kernel kernel) {
        lock = kernel.mutex();
        flushed = kernel.condvar();
    }

    /** Something has been written. */
    void written() {
        lock.enter();
        written++;
        lock.exit();
    }

    /**
     * Something is going to be written in the background.
     *
     * @return whether it should be durable when it is done; then {@link #doneBehind} is called
     */
    boolean isDue(long bytes) {
        lock.enter();
        behind += bytes;
        boolean due = behind >= DUE_BYTES && !flushing && !flushingBehind;
        if (due) {
            behind = 0;
            flushingBehind = true;
        }
        lock.exit();
        return due;
    }

    /** A write that was due is done, or has failed. */
    void doneBehind() {
        lock.enter();
        flushingBehind = false;
        lock.exit();
    }

    /**
     * What has been written is durable when this returns.
     *
     * @throws ErrnoException as the flush that would have made it so
     */
    void flush(Flush how) throws ErrnoException {
        lock.enter();
        try {
            long wanted = written;
            int before = failures;
            while (durable < wanted) {
                if (flushing) {
                    flushed.await(lock);
                } else {
                    flush(how, written);
                }
                if (failures != before && failed >= wanted) {
                    throw Objects.requireNonNull(error).exception("the device could not be flushed");
                }
            }
        } finally {
            lock.exit();
        }
    }

    /** With the lock held, which is lost and taken again meanwhile. */
    private void flush(Flush how, long upTo) {
        Errno outcome = Errno.EIO;
        flushing = true;
        behind = 0;
        lock.exit();
        try {
            how.run();
            outcome = null;
        } catch (ErrnoException e) {
            outcome = e.errno();
        } finally {
            lock.enter();
            flushing = false;
            if (outcome == null) {
                durable = upTo;
            } else {
                failures++;
                failed = upTo;
                error = outcome;
            }
            flushed.broadcast();
        }
    }
}
