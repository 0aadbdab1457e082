package org.rump4j.kern;

import org.rump4j.rumpuser.CurlwpCalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpCondVar;

/**
 * A condition variable of the kernel ({@code condvar(9)}). Whoever waits looks again at what it waits for: it may be woken
 * without reason.
 */
public final class Kcondvar {
    private final CurlwpCalls host;
    private final RumpCondVar cv;

    Kcondvar(CurlwpCalls host, RumpCondVar cv) {
        this.host = host;
        this.cv = cv;
    }

    /** Waits. The virtual CPU is free for others meanwhile. */
    public void await(Kmutex interlock) {
        cv.await(interlock.mutex);
    }

    /**
     * Waits, unless the lwp is told to leave the kernel ({@code cv_wait_sig}).
     *
     * @throws ErrnoException EINTR where it is. The interlock is held then too
     */
    public void awaitSig(Kmutex interlock) throws ErrnoException {
        Lwp l = enterSig(interlock);
        try {
            cv.await(interlock.mutex);
        } finally {
            l.sleepingOn = null;
        }
        checkSig(l);
    }

    /**
     * Waits, but not for ever.
     *
     * @param nanos how long at the most
     * @return whether it was woken
     */
    public boolean timedwait(Kmutex interlock, long nanos) {
        return cv.timedwait(interlock.mutex, nanos);
    }

    /**
     * Waits, but not for ever, unless the lwp is told to leave the kernel ({@code cv_timedwait_sig}).
     *
     * @param nanos how long at the most
     * @return whether it was woken
     * @throws ErrnoException EINTR as {@link #awaitSig}
     */
    public boolean timedwaitSig(Kmutex interlock, long nanos) throws ErrnoException {
        Lwp l = enterSig(interlock);
        boolean woken;
        try {
            woken = cv.timedwait(interlock.mutex, nanos);
        } finally {
            l.sleepingOn = null;
        }
        checkSig(l);
        return woken;
    }

    /** Wakes one that waits. */
    public void signal() {
        cv.signal();
    }

    /** Wakes all that wait. */
    public void broadcast() {
        cv.broadcast();
    }

    /** Whether anybody waits. */
    public boolean hasWaiters() {
        return cv.hasWaiters();
    }

    /** Ends it. Nobody may wait. */
    public void destroy() {
        cv.destroy();
    }

    /** Announces the sleep, then looks whether to leave; {@link #makeLeave} does it the other way round. */
    private Lwp enterSig(Kmutex interlock) throws ErrnoException {
        OpaqueLwp current = host.curlwp();
        if (!(current instanceof Lwp l)) {
            throw new IllegalStateException("this thread is not in the kernel");
        }
        l.sleepingWith = interlock;
        l.sleepingOn = this;
        if (l.exiting) {
            l.sleepingOn = null;
            throw Errno.EINTR.exception();
        }
        return l;
    }

    private static void checkSig(Lwp l) throws ErrnoException {
        if (l.exiting) {
            throw Errno.EINTR.exception();
        }
    }

    /** Tells an lwp to leave the kernel as soon as it can, and wakes it where it sleeps on account of that. */
    static void makeLeave(Lwp l) {
        l.exiting = true;
        Kcondvar cv = l.sleepingOn;
        Kmutex interlock = l.sleepingWith;
        if (cv != null && interlock != null) {
            // Between its look and its sleep the lwp holds the interlock.
            interlock.enter();
            cv.broadcast();
            interlock.exit();
        }
    }
}
