package org.rump4j.dev;

import java.lang.foreign.MemorySegment;
import org.rump4j.kern.CharDriver;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RandomCalls;

/**
 * The host's randomness ({@code rnd(4)}). The two differ in what is asked of the host only: {@code random} wants the best there is, and
 * may have to wait for it. What is written is dropped: the host needs no help.
 */
final class RandomDevices implements CharDriver {
    static final int RANDOM = 0;
    static final int URANDOM = 1;

    private static final int CHUNK_BYTES = 512;

    private final RandomCalls host;

    RandomDevices(RandomCalls host) {
        this.host = host;
    }

    @Override
    public void open(Lwp l, long dev, int openFlags) throws ErrnoException {
        switch (SysStat.minor(dev)) {
            case RANDOM, URANDOM -> {}
            default -> throw Errno.ENXIO.exception("rnd has no minor " + SysStat.minor(dev));
        }
    }

    @Override
    public void read(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        boolean hard = SysStat.minor(dev) == RANDOM;
        int flags = (hard ? RandomCalls.RANDOM_HARD : 0) | (hard && nonblocking ? RandomCalls.RANDOM_NOWAIT : 0);
        long wanted = uio.resid();
        byte[] chunk = new byte[(int) Math.min(wanted, CHUNK_BYTES)];
        MemorySegment memory = MemorySegment.ofArray(chunk);
        while (uio.resid() > 0) {
            int n = host.getrandom(chunk, flags);
            if (n <= 0) {
                if (uio.resid() < wanted) {
                    return;
                }
                throw (flags & RandomCalls.RANDOM_NOWAIT) != 0
                        ? Errno.EAGAIN.exception()
                        : Errno.EIO.exception("the host has no randomness");
            }
            uio.toUser(memory, 0, Math.min(n, uio.resid()));
        }
    }

    @Override
    public void write(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        uio.skip(uio.resid());
    }
}
