package org.rump4j.rump;

/** Constants of NetBSD's {@code sys/time.h}. */
public final class SysTime {
    /** The time of day. */
    public static final int CLOCK_REALTIME = 0;
    /** A clock that never steps. */
    public static final int CLOCK_MONOTONIC = 3;

    private SysTime() {}
}
