package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Pollfd;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A driver of character devices ({@code struct cdevsw}). */
public interface CharDriver {
    /**
     * Somebody opens a device. Each open is closed once.
     *
     * @param openFlags as of {@code open(2)}
     * @throws ErrnoException ENXIO where there is no such device
     */
    void open(Lwp l, long dev, int openFlags) throws ErrnoException;

    /** Somebody who opened it closes it. */
    default void close(Lwp l, long dev) {}

    /**
     * Reads.
     *
     * @throws ErrnoException as {@code read(2)}
     */
    void read(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException;

    /**
     * Writes.
     *
     * @throws ErrnoException as {@code write(2)}
     */
    void write(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException;

    /**
     * What can be done at once, as {@link FileOps#poll}.
     *
     * @return of a device that never has anybody wait, that it can be read and written
     */
    default int poll(Lwp l, long dev, int events) {
        return events & (Pollfd.POLLIN | Pollfd.POLLRDNORM | Pollfd.POLLOUT | Pollfd.POLLWRNORM);
    }

    /** Where those wait whom {@link #poll} has given nothing, or null where that never changes. */
    default @Nullable Selinfo selinfo(long dev) {
        return null;
    }

    /**
     * Does something particular to the device.
     *
     * @throws ErrnoException ENOTTY where it knows no such request
     */
    default int ioctl(Lwp l, long dev, long request, MemorySegment data) throws ErrnoException {
        throw Errno.ENOTTY.exception();
    }
}
