package org.rump4j.vfs;

import org.rump4j.kern.Kernel;
import org.rump4j.kern.Workqueue;
import org.rump4j.rumpuser.Errno;

/** The thread of a kernel that syncs what has been dirty for some time, and how long that is: {@code vfs.sync.delay}, in seconds. */
final class SyncerQueue {
    private static final int DEFAULT_DELAY_SECONDS = 5;
    private static final int MAX_DELAY_SECONDS = 3600;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Workqueue queue;
    private final boolean works;
    private volatile int delaySeconds = DEFAULT_DELAY_SECONDS;

    SyncerQueue(Kernel kernel) {
        queue = kernel.workqueue("ioflush");
        works = kernel.kthreads().areAllowed();
        kernel.sysctl().int32("vfs.sync.delay", () -> delaySeconds, seconds -> {
            if (seconds.value() < 0 || seconds.value() > MAX_DELAY_SECONDS) {
                throw Errno.EINVAL.exception(seconds.value() + " seconds");
            }
            delaySeconds = seconds.value();
        });
    }

    /** Whether there is such a thread. Where a kernel may have none, things are synced when somebody asks for it. */
    boolean works() {
        return works;
    }

    long delayNanos() {
        return delaySeconds * NANOS_PER_SECOND;
    }

    void enqueue(Runnable work) {
        queue.enqueue(work);
    }
}
