package org.rump4j.kern;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The callouts of a kernel and the lwp that calls them, which is made when it is first needed. There is no tick: the lwp
 * sleeps until the first callout is due, for ever where there is none.
 */
public final class Callouts {
    /** What is to be called in more than a hundred years may as well be called then. */
    private static final long MAX_NANOS = Long.MAX_VALUE / 2;

    private final Kernel kernel;

    /** Guards everything here and in each callout. A leaf. */
    private final Kmutex lock;

    /** Something changed that the lwp waits for: what is due first. */
    private final Kcondvar changed;

    /** A callout has been called. */
    private final Kcondvar called;

    private final TreeSet<Callout> due = new TreeSet<>(Callouts::order);

    private long nextSequence;
    private boolean started;
    private @Nullable Callout running;

    Callouts(Kernel kernel) {
        this.kernel = kernel;
        lock = kernel.mutex();
        changed = kernel.condvar();
        called = kernel.condvar();
    }

    private static int order(Callout a, Callout b) {
        int byDue = Long.compare(a.dueNanos, b.dueNanos);
        return byDue != 0 ? byDue : Long.compare(a.sequence, b.sequence);
    }

    /** Makes a callout that is not scheduled. */
    public Callout create(Runnable function) {
        return new Callout(this, function);
    }

    void schedule(Callout c, long nanos) {
        boolean first;
        lock.enter();
        if (c.halters > 0) {
            lock.exit();
            return;
        }
        if (c.pending) {
            due.remove(c);
        }
        c.dueNanos = kernel.clock().uptimeNanos() + Math.clamp(nanos, 0, MAX_NANOS);
        c.sequence = nextSequence++;
        c.pending = true;
        due.add(c);
        first = !started;
        started = true;
        if (!first && due.first() == c) {
            changed.signal();
        }
        lock.exit();
        if (first) {
            kernel.kthreads().create("callout", this::run);
        }
    }

    boolean stop(Callout c) {
        lock.enter();
        boolean was = stopLocked(c);
        lock.exit();
        return was;
    }

    boolean halt(Callout c) {
        lock.enter();
        boolean was = stopLocked(c);
        c.halters++;
        while (running == c) {
            called.await(lock);
        }
        c.halters--;
        lock.exit();
        return was;
    }

    boolean isPending(Callout c) {
        lock.enter();
        boolean is = c.pending;
        lock.exit();
        return is;
    }

    private boolean stopLocked(Callout c) {
        boolean was = c.pending;
        if (was) {
            due.remove(c);
            c.pending = false;
        }
        return was;
    }

    private void run() {
        lock.enter();
        while (true) {
            if (due.isEmpty()) {
                changed.await(lock);
                continue;
            }
            Callout first = due.first();
            long left = first.dueNanos - kernel.clock().uptimeNanos();
            if (left > 0) {
                changed.timedwait(lock, left);
                continue;
            }
            due.remove(first);
            first.pending = false;
            running = first;
            lock.exit();
            first.call();
            lock.enter();
            running = null;
            called.broadcast();
        }
    }
}
