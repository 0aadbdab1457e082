package org.rump4j.kern;

/** Lwps for a scheduler that is alone in the world. */
final class BareLwps {
    private BareLwps() {}

    /** One that had a CPU last. */
    @SuppressWarnings("NullAway") // to be scheduled an lwp needs no process
    static Lwp on(VirtualCpu cpu) {
        return new Lwp(null, 1, null, cpu, false);
    }
}
