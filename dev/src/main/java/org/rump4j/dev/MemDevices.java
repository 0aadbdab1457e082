package org.rump4j.dev;

import org.rump4j.kern.CharDriver;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What swallows and what gives zeros ({@code mem(4)}, {@code full(4)}). There is no memory to look at, as a rump kernel has none. */
final class MemDevices implements CharDriver {
    /** Always at its end; swallows everything. */
    static final int NULL = 2;
    /** Gives zeros; always full. */
    static final int FULL = 11;
    /** Gives zeros; swallows everything. */
    static final int ZERO = 12;

    @Override
    public void open(Lwp l, long dev, int openFlags) throws ErrnoException {
        switch (SysStat.minor(dev)) {
            case NULL, FULL, ZERO -> {}
            default -> throw Errno.ENXIO.exception("mem has no minor " + SysStat.minor(dev));
        }
    }

    @Override
    public void read(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        if (SysStat.minor(dev) != NULL) {
            uio.zeros(uio.resid());
        }
    }

    @Override
    public void write(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        if (SysStat.minor(dev) == FULL && uio.resid() > 0) {
            throw Errno.ENOSPC.exception();
        }
        uio.skip(uio.resid());
    }
}
