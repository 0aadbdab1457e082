package org.rump4j.rump;

import org.rump4j.rumpuser.ErrnoException;

/** System calls on time. */
public interface TimeSyscalls {
    /**
     * Reads a clock. {@code clock_gettime(2)}.
     *
     * @param clockId one of the CLOCK_ constants of {@link SysTime}
     * @throws ErrnoException EINVAL for another clock
     */
    Timespec clockGettime(int clockId) throws ErrnoException;

    /**
     * Sets a clock, of this kernel only. {@code clock_settime(2)}.
     *
     * @throws ErrnoException EINVAL for any clock but CLOCK_REALTIME or an invalid time; EPERM for anyone but the superuser
     */
    void clockSettime(int clockId, Timespec time) throws ErrnoException;

    /**
     * How finely a clock counts. {@code clock_getres(2)}.
     *
     * @throws ErrnoException EINVAL for another clock
     */
    Timespec clockGetres(int clockId) throws ErrnoException;

    /**
     * Sleeps. {@code nanosleep(2)}.
     *
     * @param time how long
     * @throws ErrnoException EINVAL where it is negative or nsec is out of range
     */
    void nanosleep(Timespec time) throws ErrnoException;
}
