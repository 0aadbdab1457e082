package org.rump4j.kern;

/** A function to be called later ({@code callout(9)}). It is called by an lwp of the kernel's and must not block for long. */
public final class Callout {
    private final Callouts callouts;
    private final Runnable function;

    /** When it is due, in nanoseconds of the steady clock. Guarded by the lock of callouts, as all that follows is. */
    long dueNanos;

    /** Orders callouts that are due at the same time. */
    long sequence;

    boolean pending;

    /** Those who wait for it not to run. */
    int halters;

    Callout(Callouts callouts, Runnable function) {
        this.callouts = callouts;
        this.function = function;
    }

    /**
     * Has it called once, after a time, instead of what was scheduled before.
     *
     * @param nanos from now; 0 for as soon as possible
     */
    public void schedule(long nanos) {
        callouts.schedule(this, nanos);
    }

    /** Has it not called. It may be running at this moment. Whether it was to be called. */
    public boolean stop() {
        return callouts.stop(this);
    }

    /**
     * As {@link #stop}, and waits until it does not run; meanwhile it cannot be scheduled. Not to be called by the function
     * itself.
     */
    public boolean halt() {
        return callouts.halt(this);
    }

    /** Whether it is to be called. */
    public boolean isPending() {
        return callouts.isPending(this);
    }

    void call() {
        function.run();
    }
}
