package org.rump4j.kern;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The soft interrupts of one level on one virtual CPU, and the lwp that runs them, which is bound to that CPU.
 *
 * <p>Scheduling one takes no lock: the CPU is the lock. The lwp could not run anyway before the CPU is given away, so it is
 * woken only then, by {@link #deliver}. It in turn looks at the queue with the CPU held, and goes to sleep with the mutex
 * held from before the CPU is given away, so that no wake-up falls between.
 */
final class SoftintQueue {
    private final Kernel kernel;
    private final SoftintLevel level;
    private final VirtualCpu cpu;

    /** Waited for with the CPU held: who gives a CPU away to get this would come back on another. */
    final Kmutex mutex;

    private final Kcondvar scheduled;

    /** Only the holder of the CPU touches this. */
    private final Deque<Softint> queue = new ArrayDeque<>();

    /** The lwp that runs them. Set when it first runs, before it first gives the CPU away. */
    private @Nullable Lwp runner;

    /** The next of those that wait to be delivered on this CPU. */
    private @Nullable SoftintQueue nextUndelivered;

    private boolean undelivered;

    SoftintQueue(Kernel kernel, SoftintLevel level, VirtualCpu cpu) {
        this.kernel = kernel;
        this.level = level;
        this.cpu = cpu;
        mutex = kernel.spinMutex();
        scheduled = kernel.condvar();
    }

    /** Makes the lwp. Once. */
    void start() {
        kernel.kthreads().createBound("softint/" + level + "/" + cpu.index(), cpu, this::run);
    }

    VirtualCpu cpu() {
        return cpu;
    }

    /** With the CPU held. */
    void add(Softint softint) {
        queue.addLast(softint);
        if (!undelivered) {
            undelivered = true;
            nextUndelivered = cpu.softints;
            cpu.softints = this;
        }
    }

    /** Wakes those that have something to do on a CPU whose holder is about to give it away. Who runs them needs no waking. */
    static void deliver(VirtualCpu cpu, Lwp holder) {
        SoftintQueue next = cpu.softints;
        cpu.softints = null;
        while (next != null) {
            SoftintQueue q = next;
            next = q.nextUndelivered;
            q.nextUndelivered = null;
            q.undelivered = false;
            if (q.runner != holder) {
                q.mutex.enter();
                q.scheduled.signal();
                q.mutex.exit();
            }
        }
    }

    private void run() {
        runner = kernel.curlwp();
        while (true) {
            mutex.enter();
            while (queue.isEmpty()) {
                scheduled.await(mutex);
            }
            mutex.exit();
            for (Softint softint; (softint = queue.pollFirst()) != null; ) {
                softint.run(cpu);
            }
        }
    }
}
