package org.rump4j.kern;

import java.util.HashSet;
import java.util.Set;
import org.rump4j.rumpuser.ErrnoException;

/** One call of {@code poll(2)} that waits: what it has been recorded in, and how it is woken. */
final class Poller {
    private final Kernel kernel;

    /** Guards notified. The innermost of all locks. */
    private final Kmutex lock;

    private final Kcondvar woken;
    private boolean notified;

    private final Set<Selinfo> recordedIn = new HashSet<>();

    Poller(Kernel kernel) {
        this.kernel = kernel;
        lock = kernel.mutex();
        woken = kernel.condvar();
    }

    /** Has itself woken when something changes there. */
    void record(Selinfo selinfo) {
        if (recordedIn.add(selinfo)) {
            selinfo.add(this);
        }
    }

    /** Is not woken any more. */
    void forgetAll() {
        for (Selinfo selinfo : recordedIn) {
            selinfo.remove(this);
        }
        recordedIn.clear();
    }

    void wake() {
        lock.enter();
        notified = true;
        woken.signal();
        lock.exit();
    }

    /**
     * Waits until somebody notifies, or has since the last time.
     *
     * @throws ErrnoException EINTR
     */
    void await() throws ErrnoException {
        lock.enter();
        try {
            while (!notified) {
                woken.awaitSig(lock);
            }
            notified = false;
        } finally {
            lock.exit();
        }
    }

    /**
     * As the other, but not for ever.
     *
     * @param deadlineNanos until when, on the clock that never steps
     * @return false where the time is over
     * @throws ErrnoException EINTR
     */
    boolean await(long deadlineNanos) throws ErrnoException {
        lock.enter();
        try {
            while (!notified) {
                long left = deadlineNanos - kernel.clock().uptimeNanos();
                if (left <= 0) {
                    return false;
                }
                woken.timedwaitSig(lock, left);
            }
            notified = false;
            return true;
        } finally {
            lock.exit();
        }
    }
}
