package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.ClockCalls.RumpClock;

/** Clocks. */
abstract class ClockContract extends Contract {
    @ParameterizedTest
    @EnumSource(RumpClock.class)
    void readingAClockKeepsTheVirtualCpu(RumpClock clock) throws Throwable {
        assertPairs(0, () -> assertTrue(host.clockGettime(clock) > 0));
    }

    @Test
    void theSteadyClockNeverGoesBack() {
        long last = host.clockGettime(RumpClock.ABSMONO);
        for (int i = 0; i < 1000; i++) {
            long now = host.clockGettime(RumpClock.ABSMONO);
            assertTrue(now >= last);
            last = now;
        }
    }

    @Test
    void bothClocksGoOnDuringASleep() {
        long wall = host.clockGettime(RumpClock.RELWALL);
        long steady = host.clockGettime(RumpClock.ABSMONO);
        host.clockSleep(RumpClock.RELWALL, 20 * MILLISECOND);
        assertTrue(host.clockGettime(RumpClock.RELWALL) > wall);
        assertTrue(host.clockGettime(RumpClock.ABSMONO) > steady);
    }

    @Test
    void aSpanIsSleptThroughAndAPointIsReached() throws Throwable {
        long start = host.clockGettime(RumpClock.ABSMONO);
        assertPairs(1, () -> host.clockSleep(RumpClock.RELWALL, 5 * MILLISECOND));
        assertTrue(host.clockGettime(RumpClock.ABSMONO) - start >= 5 * MILLISECOND);

        long point = host.clockGettime(RumpClock.ABSMONO) + 5 * MILLISECOND;
        assertPairs(1, () -> host.clockSleep(RumpClock.ABSMONO, point));
        assertTrue(host.clockGettime(RumpClock.ABSMONO) >= point);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0, -1, Long.MIN_VALUE})
    void noTimeAtAllStillLetsOthersHaveTheVirtualCpu(long nanos) throws Throwable {
        assertPairs(1, () -> host.clockSleep(RumpClock.RELWALL, nanos));
    }

    @Test
    void aPointThatHasPassedIsReached() throws Throwable {
        long past = host.clockGettime(RumpClock.ABSMONO) - 1;
        assertPairs(1, () -> host.clockSleep(RumpClock.ABSMONO, past));
        assertPairs(1, () -> host.clockSleep(RumpClock.ABSMONO, 0));
    }

    @ParameterizedTest
    @EnumSource(RumpClock.class)
    void anInterruptDoesNotCutASleepShort(RumpClock clock) throws Throwable {
        Task sleeper = startAndAwaitAway("sleeper", () -> {
            long start = host.clockGettime(RumpClock.ABSMONO);
            long nanos = 50 * MILLISECOND;
            host.clockSleep(clock, clock == RumpClock.RELWALL ? nanos : start + nanos);
            assertTrue(host.clockGettime(RumpClock.ABSMONO) - start >= nanos);
            assertTrue(Thread.interrupted(), "the interrupt is put off, not lost");
        });
        sleeper.interrupt();
        sleeper.join();
    }

    @Test
    void farAwayIsNotNow() throws Throwable {
        for (RumpClock clock : RumpClock.values()) {
            Task sleeper = startAndAwaitAway("sleeper", () -> host.clockSleep(clock, Long.MAX_VALUE));
            pause();
            assertFalse(sleeper.done);
        }
        throw host.exit(0);
    }
}
