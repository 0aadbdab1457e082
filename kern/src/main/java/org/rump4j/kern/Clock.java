package org.rump4j.kern;

import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ClockCalls;
import org.rump4j.rumpuser.ClockCalls.RumpClock;

/** The kernel's time: the host's, and how far the kernel's time of day has been set away from it. */
public final class Clock {
    /** What {@code hz} says to those who ask. Nothing ticks. */
    public static final int HZ = 100;

    private final ClockCalls host;
    private final long bootNanos;
    private volatile long offsetNanos;

    Clock(ClockCalls host) {
        this.host = host;
        bootNanos = host.clockGettime(RumpClock.RELWALL);
    }

    /** Nanoseconds on the clock that never steps. */
    public long uptimeNanos() {
        return host.clockGettime(RumpClock.ABSMONO);
    }

    /** Nanoseconds since 1970 (UTC). */
    public long wallNanos() {
        return host.clockGettime(RumpClock.RELWALL) + offsetNanos;
    }

    /** The time of day. */
    public Timespec now() {
        return Timespec.ofNanos(wallNanos());
    }

    /** Sets the time of day. */
    void setWallNanos(long nanos) {
        offsetNanos = nanos - host.clockGettime(RumpClock.RELWALL);
    }

    /** When the kernel booted, by the time of day as it is set now. */
    Timespec bootTime() {
        return Timespec.ofNanos(bootNanos + offsetNanos);
    }

    /** Sleeps. The virtual CPU is free for others meanwhile. */
    void sleep(long nanos) {
        host.clockSleep(RumpClock.RELWALL, nanos);
    }
}
