package org.rump4j.kern;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The soft interrupts of a kernel. Queues and their lwps are made when they are first needed. */
public final class Softints {
    private final Kernel kernel;

    /** By level, each with an element for each CPU; only the holder of the CPU touches that. */
    private final Map<SoftintLevel, @Nullable SoftintQueue[]> queues = new EnumMap<>(SoftintLevel.class);

    Softints(Kernel kernel) {
        this.kernel = kernel;
        for (SoftintLevel level : SoftintLevel.values()) {
            queues.put(level, new SoftintQueue[kernel.ncpu()]);
        }
    }

    /**
     * Makes one ({@code softint_establish}).
     *
     * @param handler what it does; may block on adaptive mutexes, but not wait for anything
     */
    public Softint establish(SoftintLevel level, Runnable handler) {
        return new Softint(this, level, handler, kernel.ncpu());
    }

    /** The queue of the CPU that the caller holds. */
    SoftintQueue currentQueue(SoftintLevel level) {
        @Nullable SoftintQueue[] row = Objects.requireNonNull(queues.get(level));
        while (true) {
            VirtualCpu cpu = kernel.curlwp().cpu();
            SoftintQueue q = row[cpu.index()];
            if (q != null) {
                return q;
            }
            row[cpu.index()] = q = new SoftintQueue(kernel, level, cpu);
            // This may block, and come back on another CPU.
            q.start();
        }
    }
}
