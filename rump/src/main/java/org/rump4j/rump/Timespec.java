package org.rump4j.rump;

import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A time, or a span of it ({@code struct timespec}).
 *
 * @param sec seconds; since 1970 (UTC) for a time of day
 * @param nsec nanoseconds, 0 to 999 999 999; or {@link #UTIME_NOW} or {@link #UTIME_OMIT} where the call says so
 */
public record Timespec(long sec, int nsec) implements Comparable<Timespec> {
    /** For the utimens calls: the time of the call. */
    public static final int UTIME_NOW = (1 << 30) - 1;
    /** For the utimens calls: leave it as it is. */
    public static final int UTIME_OMIT = (1 << 30) - 2;

    /** The beginning of 1970. */
    public static final Timespec ZERO = new Timespec(0, 0);

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** From nanoseconds; negative ones lie before 1970. */
    public static Timespec ofNanos(long nanos) {
        return new Timespec(Math.floorDiv(nanos, NANOS_PER_SECOND), (int) Math.floorMod(nanos, NANOS_PER_SECOND));
    }

    /**
     * In nanoseconds; a span too long to be counted in them is the longest that can be.
     *
     * @throws ErrnoException EINVAL where nsec is out of range
     */
    public long toNanos() throws ErrnoException {
        if (nsec < 0 || nsec >= NANOS_PER_SECOND) {
            throw Errno.EINVAL.exception("tv_nsec " + nsec);
        }
        long whole = Math.multiplyHigh(sec, NANOS_PER_SECOND) == (sec * NANOS_PER_SECOND) >> 63
                ? sec * NANOS_PER_SECOND
                : sec < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        return whole > Long.MAX_VALUE - nsec ? Long.MAX_VALUE : whole + nsec;
    }

    @Override
    public int compareTo(Timespec other) {
        int bySec = Long.compare(sec, other.sec);
        return bySec != 0 ? bySec : Integer.compare(nsec, other.nsec);
    }
}
