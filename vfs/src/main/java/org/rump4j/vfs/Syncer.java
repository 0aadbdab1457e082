package org.rump4j.vfs;

import org.rump4j.kern.Callout;
import org.rump4j.kern.Kcondvar;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Keeps a mount, or a device that is open itself, from being dirty for long: some time after something has become dirty it is synced.
 * While all is clean nothing happens. Everybody who syncs does it here, so that it happens once at a time, and not any more when
 * it goes.
 */
final class Syncer {
    /** How something is synced. */
    @FunctionalInterface
    interface Action {
        /**
         * Syncs.
         *
         * @param wait until it is durable
         * @throws ErrnoException EIO
         */
        void sync(boolean wait) throws ErrnoException;
    }

    /** When syncing fails it is tried again after more and more time, up to so many times the usual. */
    private static final int MAX_PATIENCE = 64;

    private final Kernel kernel;
    private final SyncerQueue queue;
    private final Object name;
    private final Action action;
    private final Callout callout;

    /** Guards what follows. Held while callouts are, nothing else. */
    private final Kmutex lock;

    private final Kcondvar idle;

    /** Whether it is going to be synced. Read without the lock first. */
    private volatile boolean armed;

    private boolean running;
    private boolean stopped;
    private int patience = 1;

    /** @param name what messages call it */
    Syncer(Kernel kernel, SyncerQueue queue, Object name, Action action) {
        this.kernel = kernel;
        this.queue = queue;
        this.name = name;
        this.action = action;
        callout = kernel.callouts().create(() -> queue.enqueue(this::run));
        lock = kernel.mutex();
        idle = kernel.condvar();
    }

    /** Something has become dirty. */
    void dirtied() {
        if (!armed) {
            arm();
        }
    }

    private void arm() {
        if (!queue.works()) {
            return;
        }
        lock.enter();
        if (!armed && !stopped) {
            armed = true;
            callout.schedule(queue.delayNanos() * patience);
        }
        lock.exit();
    }

    /**
     * Syncs, after whoever does it at this moment. Not when it has been stopped.
     *
     * @param wait until it is durable
     * @throws ErrnoException EIO
     */
    void sync(boolean wait) throws ErrnoException {
        lock.enter();
        while (running) {
            idle.await(lock);
        }
        if (stopped) {
            lock.exit();
            return;
        }
        running = true;
        lock.exit();
        boolean synced = false;
        try {
            action.sync(wait);
            synced = true;
        } finally {
            lock.enter();
            patience = synced ? 1 : Math.min(patience * 2, MAX_PATIENCE);
            running = false;
            idle.broadcast();
            lock.exit();
        }
    }

    /** Nobody syncs any more when this returns. */
    void stop() {
        lock.enter();
        stopped = true;
        while (running) {
            idle.await(lock);
        }
        lock.exit();
        callout.stop();
    }

    private void run() {
        // What becomes dirty from here on may not be synced this time.
        armed = false;
        try {
            sync(false);
        } catch (ErrnoException e) {
            kernel.log().print(name + ": cannot be synced: " + e.getMessage());
            arm();
        }
    }
}
