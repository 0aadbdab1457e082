package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.SysTime;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code clock_gettime(2)}, {@code nanosleep(2)}. */
public abstract class TimeSuite extends SyscallSuite {
    private static final int NO_SUCH_CLOCK = 77;
    private static final long HOUR = 3600;

    /** 1 January 2001. */
    private static final long THIS_CENTURY = 978_307_200;

    @Test
    void theSteadyClockNeverGoesBack() throws Exception {
        Timespec before = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
        for (int i = 0; i < 1000; i++) {
            Timespec now = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
            assertTrue(now.compareTo(before) >= 0, before + " before " + now);
            before = now;
        }
    }

    @Test
    void theTimeOfDayIsOfThisCentury() throws Exception {
        assertTrue(sys.clockGettime(SysTime.CLOCK_REALTIME).sec() > THIS_CENTURY);
    }

    @Test
    void thereAreNoOtherClocks() {
        assertErrno(Errno.EINVAL, () -> sys.clockGettime(NO_SUCH_CLOCK));
        assertErrno(Errno.EINVAL, () -> sys.clockGetres(NO_SUCH_CLOCK));
        assertErrno(Errno.EINVAL, () -> sys.clockSettime(NO_SUCH_CLOCK, new Timespec(THIS_CENTURY, 0)));
    }

    @Test
    void clocksCountAtLeastEverySecond() throws Exception {
        for (int clock : new int[] {SysTime.CLOCK_REALTIME, SysTime.CLOCK_MONOTONIC}) {
            Timespec resolution = sys.clockGetres(clock);
            assertTrue(resolution.sec() == 0 && resolution.nsec() > 0, resolution.toString());
        }
    }

    @Test
    void settingTheTimeOfDayLeavesTheSteadyClockAlone() throws Exception {
        Timespec steady = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
        sys.clockSettime(SysTime.CLOCK_REALTIME, new Timespec(THIS_CENTURY, 5));
        Timespec now = sys.clockGettime(SysTime.CLOCK_REALTIME);
        assertTrue(now.sec() >= THIS_CENTURY && now.sec() < THIS_CENTURY + HOUR, now.toString());
        long passed = sys.clockGettime(SysTime.CLOCK_MONOTONIC).sec() - steady.sec();
        assertTrue(passed >= 0 && passed < HOUR, passed + " s");
    }

    @Test
    void theTimeOfDayIsTheSuperusersToSet() throws Exception {
        sys.seteuid(1001);
        assertErrno(Errno.EPERM, () -> sys.clockSettime(SysTime.CLOCK_REALTIME, new Timespec(THIS_CENTURY, 0)));
    }

    @Test
    void aTimeThatIsNoneCannotBeSet() {
        assumeNot(Difference.TIMES_UNCHECKED);
        assertErrno(Errno.EINVAL, () -> sys.clockSettime(SysTime.CLOCK_REALTIME, new Timespec(THIS_CENTURY, -1)));
        assertErrno(
                Errno.EINVAL,
                () -> sys.clockSettime(SysTime.CLOCK_REALTIME, new Timespec(THIS_CENTURY, 1_000_000_000)));
        assertErrno(Errno.EINVAL, () -> sys.clockSettime(SysTime.CLOCK_MONOTONIC, new Timespec(THIS_CENTURY, 0)));
    }

    @Test
    void sleepTakesAtLeastAsLongAsItIsTold() throws Exception {
        Timespec before = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
        sys.nanosleep(new Timespec(0, 30_000_000));
        Timespec after = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
        assertTrue(after.toNanos() - before.toNanos() >= 30_000_000, "from " + before + " to " + after);
        sys.nanosleep(Timespec.ZERO);
    }

    @Test
    void sleepOfALengthThatIsNoneFails() throws ErrnoException {
        assertErrno(Errno.EINVAL, () -> sys.nanosleep(new Timespec(0, 1_000_000_000)));
        assertErrno(Errno.EINVAL, () -> sys.nanosleep(new Timespec(0, -1)));
        if (differs(Difference.NEGATIVE_SLEEPS_ARE_OVER)) {
            sys.nanosleep(new Timespec(-1, 0));
        } else {
            assertErrno(Errno.EINVAL, () -> sys.nanosleep(new Timespec(-1, 0)));
        }
    }

    @Test
    void whoSleepsDoesNotKeepOthersFromWorking() throws Exception {
        OtherLwp<?>[] sleepers = new OtherLwp<?>[20];
        for (int i = 0; i < sleepers.length; i++) {
            sleepers[i] = OtherLwp.start(kernel, () -> {
                sys.nanosleep(Timespec.ofNanos(50_000_000));
                return null;
            });
        }
        sys.nanosleep(Timespec.ofNanos(1_000_000));
        for (OtherLwp<?> sleeper : sleepers) {
            sleeper.join();
        }
    }
}
