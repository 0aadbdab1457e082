package org.rump4j.kern;

/**
 * A soft interrupt ({@code softint(9)}): work that is put off until the virtual CPU is given away, and then done on that
 * CPU by an lwp of the kernel's.
 */
public final class Softint {
    private final Softints softints;
    private final SoftintLevel level;
    private final Runnable handler;

    /** By CPU; only the holder of the CPU touches its element. */
    private final boolean[] pending;

    Softint(Softints softints, SoftintLevel level, Runnable handler, int ncpu) {
        this.softints = softints;
        this.level = level;
        this.handler = handler;
        this.pending = new boolean[ncpu];
    }

    /**
     * Has it run once more on the current CPU, unless it is scheduled there already. Takes no lock and does not block, but for
     * the first of its level on a CPU.
     */
    public void schedule() {
        SoftintQueue queue = softints.currentQueue(level);
        int cpu = queue.cpu().index();
        if (!pending[cpu]) {
            pending[cpu] = true;
            queue.add(this);
        }
    }

    /** By the lwp of the queue, with the CPU held. */
    void run(VirtualCpu cpu) {
        pending[cpu.index()] = false;
        handler.run();
    }
}
