package org.rump4j.dev;

import org.rump4j.kern.CharDriver;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The terminal of the caller's session ({@code tty(4)}). Nobody here has one, which is what opening it tells. */
final class ControllingTerminal implements CharDriver {
    static final int MINOR = 0;

    @Override
    public void open(Lwp l, long dev, int openFlags) throws ErrnoException {
        throw noTerminal();
    }

    @Override
    public void read(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        throw noTerminal();
    }

    @Override
    public void write(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        throw noTerminal();
    }

    private static ErrnoException noTerminal() {
        return Errno.ENXIO.exception("no controlling terminal");
    }
}
