package org.rump4j.kern;

import java.util.ArrayDeque;
import java.util.Deque;

/** Work to be done soon by an lwp of its own, one piece after the other ({@code workqueue(9)}). The lwp is made at the first. */
public final class Workqueue {
    private final Kernel kernel;
    private final String name;

    /** Guards everything here. A leaf. */
    private final Kmutex lock;

    private final Kcondvar changed;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private boolean started;
    private boolean busy;

    Workqueue(Kernel kernel, String name) {
        this.kernel = kernel;
        this.name = name;
        lock = kernel.mutex();
        changed = kernel.condvar();
    }

    /** Has work done after all that has been enqueued before. */
    public void enqueue(Runnable work) {
        boolean first;
        lock.enter();
        queue.addLast(work);
        first = !started;
        started = true;
        changed.broadcast();
        lock.exit();
        if (first) {
            kernel.kthreads().create(name, this::run);
        }
    }

    /** Waits until all is done that has been enqueued so far, and what is enqueued meanwhile. */
    public void drain() {
        lock.enter();
        while (busy || !queue.isEmpty()) {
            changed.await(lock);
        }
        lock.exit();
    }

    private void run() {
        lock.enter();
        while (true) {
            Runnable work = queue.pollFirst();
            if (work == null) {
                changed.await(lock);
                continue;
            }
            busy = true;
            lock.exit();
            work.run();
            lock.enter();
            busy = false;
            changed.broadcast();
        }
    }
}
