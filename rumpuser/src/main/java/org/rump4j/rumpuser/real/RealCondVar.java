package org.rump4j.rumpuser.real;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;

/**
 * A condition variable.
 *
 * <p>A thread that waits puts a {@link Waiter} into the queue while it still holds the interlock, then sleeps until the
 * waiter's state leaves {@link Waiter#WAITING}. Whoever moves the state has taken the decision: a signal, which passes to
 * the next waiter when it loses the race, or the waiter itself when its time is over. So no signal is lost to a waiter
 * that gives up, and nothing is locked that the interlock does not lock already. A signal by the interlock's holder wakes when
 * the interlock is left.
 */
final class RealCondVar implements RumpCondVar {
    /** One that waits. */
    static final class Waiter {
        static final int WAITING = 0;
        static final int WOKEN = 1;
        static final int GIVEN_UP = 2;

        private final Thread thread = Thread.currentThread();
        private final RealMutex interlock;
        private volatile int state;

        /** The next of a ring of those whom the interlock's holder wakes when it leaves. */
        private Waiter next = this;

        Waiter(RealMutex interlock) {
            this.interlock = interlock;
        }

        boolean decide(int outcome) {
            return STATE.compareAndSet(this, WAITING, outcome);
        }

        /** Wakes it, which has been decided: at once, or when the calling thread leaves the interlock that it will want. */
        void wake() {
            if (interlock.heldByThisThread()) {
                interlock.wakeAtRelease(this);
            } else {
                LockSupport.unpark(thread);
            }
        }

        /** Becomes the last of a ring, of whose last before it comes the first after it. */
        void joinRing(@Nullable Waiter last) {
            if (last != null) {
                next = last.next;
                last.next = this;
            }
        }

        /** Wakes a ring, the first first. */
        static void wakeAll(Waiter last) {
            Waiter waiter = last;
            do {
                waiter = waiter.next;
                LockSupport.unpark(waiter.thread);
            } while (waiter != last);
        }
    }

    private static final VarHandle STATE;
    private static final VarHandle WAITERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Waiter.class, "state", int.class);
            WAITERS = lookup.findVarHandle(RealCondVar.class, "waiters", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Blocker blocker;

    /** Those that sleep, in the order in which they came. Made by the first that waits. */
    private volatile @Nullable ConcurrentLinkedQueue<Waiter> queue;

    /** How many are between the beginning and the end of a wait. */
    private volatile int waiters;

    RealCondVar(Blocker blocker) {
        this.blocker = blocker;
    }

    @Override
    public void await(RumpMutex interlock) {
        waitScheduled((RealMutex) interlock, 0, false);
    }

    @Override
    public boolean timedwait(RumpMutex interlock, long nanos) {
        return waitScheduled((RealMutex) interlock, RealClock.deadlineAfter(nanos), true);
    }

    @Override
    public void awaitNowrap(RumpMutex interlock) {
        RealMutex mutex = (RealMutex) interlock;
        checkHeld(mutex);
        WAITERS.getAndAdd(this, 1);
        sleep(mutex, 0, false);
        mutex.acquireNowrap();
        WAITERS.getAndAdd(this, -1);
    }

    @Override
    public void signal() {
        ConcurrentLinkedQueue<Waiter> q = queue;
        if (waiters != 0 && q != null) {
            wakeOne(q);
        }
    }

    @Override
    public void broadcast() {
        ConcurrentLinkedQueue<Waiter> q = queue;
        if (waiters != 0 && q != null) {
            // Not for ever: who comes back to wait again while this runs is not meant.
            for (int n = waiters; n > 0 && wakeOne(q); n--) {}
        }
    }

    @Override
    public boolean hasWaiters() {
        return waiters != 0;
    }

    @Override
    public void destroy() {
        if (waiters != 0) {
            blocker.checkExit();
            throw new IllegalStateException("destroying a condition variable that is waited on");
        }
    }

    private static void checkHeld(RealMutex mutex) {
        if (!mutex.heldByThisThread()) {
            throw new IllegalMonitorStateException("waiting with an interlock that is not held by this thread");
        }
    }

    /** The order on the way up depends on the kind of the interlock; see {@link RumpCondVar}. */
    private boolean waitScheduled(RealMutex mutex, long deadline, boolean timed) {
        if (mutex.isKmutex()) {
            checkHeld(mutex);
        }
        WAITERS.getAndAdd(this, 1);
        int nlocks = blocker.unschedule(mutex);
        if (!mutex.isKmutex() && !mutex.heldByThisThread()) {
            WAITERS.getAndAdd(this, -1);
            blocker.schedule(nlocks, mutex);
            checkHeld(mutex);
        }
        boolean woken = sleep(mutex, deadline, timed);
        if (mutex.isSpin() && mutex.isKmutex()) {
            blocker.schedule(nlocks, mutex);
            mutex.acquireNowrap();
        } else {
            mutex.acquireNowrap();
            blocker.schedule(nlocks, mutex);
        }
        WAITERS.getAndAdd(this, -1);
        return woken;
    }

    /** Gives the interlock back and sleeps. Returns without the interlock. */
    private boolean sleep(RealMutex mutex, long deadline, boolean timed) {
        ConcurrentLinkedQueue<Waiter> q = queue();
        Waiter self = new Waiter(mutex);
        q.add(self);
        mutex.release();
        try {
            blocker.sleep(() -> park(self, deadline, timed));
        } finally {
            if (self.state != Waiter.WOKEN) {
                q.remove(self);
            }
        }
        return self.state == Waiter.WOKEN;
    }

    private void park(Waiter self, long deadline, boolean timed) throws InterruptedException {
        while (self.state == Waiter.WAITING) {
            if (timed) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    self.decide(Waiter.GIVEN_UP);
                    return;
                }
                LockSupport.parkNanos(this, left);
            } else {
                LockSupport.park(this);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private static boolean wakeOne(ConcurrentLinkedQueue<Waiter> q) {
        Waiter waiter;
        while ((waiter = q.poll()) != null) {
            if (waiter.decide(Waiter.WOKEN)) {
                waiter.wake();
                return true;
            }
        }
        return false;
    }

    private ConcurrentLinkedQueue<Waiter> queue() {
        ConcurrentLinkedQueue<Waiter> q = queue;
        if (q == null) {
            // Two first waiters may hold different interlocks.
            synchronized (this) {
                q = queue;
                if (q == null) {
                    queue = q = new ConcurrentLinkedQueue<>();
                }
            }
        }
        return q;
    }
}
