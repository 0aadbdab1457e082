package org.rump4j.kern;

import org.rump4j.rump.SysTime;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on time. Source: NetBSD {@code clock_gettime(2)}, {@code nanosleep(2)}. */
final class TimeCalls {
    private static final Timespec RESOLUTION = new Timespec(0, 1);

    /** A clock that counts nanoseconds in 64 bits can be set to 2200 and still run for years. */
    private static final long MAX_SECONDS = 7_258_118_400L;

    private final Kernel kernel;

    TimeCalls(Kernel kernel) {
        this.kernel = kernel;
    }

    Timespec clockGettime(int clockId) throws ErrnoException {
        return switch (clockId) {
            case SysTime.CLOCK_REALTIME -> kernel.clock().now();
            case SysTime.CLOCK_MONOTONIC -> Timespec.ofNanos(kernel.clock().uptimeNanos());
            default -> throw unknown(clockId);
        };
    }

    void clockSettime(Lwp l, int clockId, Timespec to) throws ErrnoException {
        if (clockId != SysTime.CLOCK_REALTIME) {
            throw unknown(clockId);
        }
        long nanos = to.toNanos();
        if (to.sec() < 0 || to.sec() > MAX_SECONDS) {
            throw Errno.EINVAL.exception("tv_sec " + to.sec());
        }
        ProcessCalls.requireSuperuser(l);
        kernel.clock().setWallNanos(nanos);
    }

    Timespec clockGetres(int clockId) throws ErrnoException {
        return switch (clockId) {
            case SysTime.CLOCK_REALTIME, SysTime.CLOCK_MONOTONIC -> RESOLUTION;
            default -> throw unknown(clockId);
        };
    }

    /** Sleeps on a condition variable that nobody signals, so that the lwp can be told to leave the kernel. */
    void nanosleep(Timespec span) throws ErrnoException {
        long nanos = span.toNanos();
        if (span.sec() < 0) {
            throw Errno.EINVAL.exception("sleeping " + span.sec() + " seconds");
        }
        Kmutex lock = kernel.mutex();
        Kcondvar never = kernel.condvar();
        long deadline = kernel.clock().uptimeNanos() + Math.min(nanos, Long.MAX_VALUE / 2);
        lock.enter();
        try {
            long left = deadline - kernel.clock().uptimeNanos();
            do {
                never.timedwaitSig(lock, left);
                left = deadline - kernel.clock().uptimeNanos();
            } while (left > 0);
        } finally {
            lock.exit();
        }
    }

    private static ErrnoException unknown(int clockId) {
        return Errno.EINVAL.exception("clock " + clockId);
    }
}
