package org.rump4j.rumpuser.real;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ClockCalls;

/** Clocks: the wall's, and {@link System#nanoTime} for the one that never steps. */
final class RealClock implements ClockCalls {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Blocker blocker;

    /** Where the wall's stands; null where it goes. */
    private final @Nullable Long wallNanos;

    RealClock(Blocker blocker, @Nullable Long wallNanos) {
        this.blocker = blocker;
        this.wallNanos = wallNanos;
    }

    @Override
    public long clockGettime(RumpClock which) {
        return switch (which) {
            case RELWALL -> {
                Long standing = wallNanos;
                if (standing != null) {
                    yield standing;
                }
                Instant now = Instant.now();
                yield now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
            }
            case ABSMONO -> System.nanoTime();
        };
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // yielding is what a sleep of no length is for
    public void clockSleep(RumpClock which, long nanos) {
        long deadline = switch (which) {
            case RELWALL -> deadlineAfter(nanos);
            case ABSMONO -> nanos;
        };
        int nlocks = blocker.unschedule(null);
        if (deadline - System.nanoTime() > 0) {
            blocker.sleep(() -> {
                for (long left; (left = deadline - System.nanoTime()) > 0; ) {
                    TimeUnit.NANOSECONDS.sleep(left);
                }
            });
        } else {
            Thread.yield();
        }
        blocker.schedule(nlocks, null);
    }

    /** The point on the steady clock that is so many nanoseconds from now; not past its end, for however many. */
    static long deadlineAfter(long nanos) {
        return System.nanoTime() + Math.clamp(nanos, 0, Long.MAX_VALUE / 2);
    }
}
