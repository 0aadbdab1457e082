package org.rump4j.rumpuser;

/** Clocks. */
public interface ClockCalls {
    /** Which clock. The order is that of the numbers in {@code rumpuser.h}. */
    enum RumpClock {
        /** The time of day, for reading; for sleeping, a span of time from now. */
        RELWALL,
        /** A clock that never steps, for reading; for sleeping, a point on it. */
        ABSMONO
    }

    /**
     * Reads a clock. Does not unschedule.
     *
     * @return nanoseconds: since 1970 (UTC) for RELWALL, since a point that stays the same for ABSMONO
     */
    long clockGettime(RumpClock which);

    /**
     * Sleeps. Unschedules, also where there is nothing to wait for: a kernel uses that to yield. Not cut short by
     * signals and interrupts.
     *
     * @param nanos how long for RELWALL, until when for ABSMONO, in nanoseconds
     */
    void clockSleep(RumpClock which, long nanos);
}
