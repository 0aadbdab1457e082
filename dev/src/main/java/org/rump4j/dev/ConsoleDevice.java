package org.rump4j.dev;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.rump4j.kern.CharDriver;
import org.rump4j.kern.Ioctl;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.MessageLog;
import org.rump4j.kern.Uio;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The host's console. Nothing can be typed there, so reading is at the end at once. It is as much of a terminal as programs ask for that
 * want to know whether it is one, as the console of NetBSD's rump kernels is.
 */
final class ConsoleDevice implements CharDriver {
    static final int MINOR = 0;

    /** {@code TIOCGETA}: {@code tcgetattr(3)}, and with it {@code isatty(3)}. */
    static final long TIOCGETA = Ioctl.request(Ioctl.IOC_OUT, 't', 19, 44);
    /** {@code TIOCGWINSZ}: the size of the window, which nobody knows. */
    static final long TIOCGWINSZ = Ioctl.request(Ioctl.IOC_OUT, 't', 104, 8);

    /** {@code struct termios}: control flags, and the two speeds. */
    private static final long C_CFLAG = 8;

    private static final long C_ISPEED = 36;
    private static final long C_OSPEED = 40;

    /** Eight bits, and the receiver is on ({@code CS8 | CREAD}). */
    private static final int CFLAGS = 0x300 | 0x800;

    private static final int SPEED = 9600;
    private static final int CHUNK_BYTES = 4096;

    private final MessageLog log;

    ConsoleDevice(MessageLog log) {
        this.log = log;
    }

    @Override
    public void open(Lwp l, long dev, int openFlags) throws ErrnoException {
        if (SysStat.minor(dev) != MINOR) {
            throw Errno.ENXIO.exception("console has no minor " + SysStat.minor(dev));
        }
    }

    @Override
    public void read(Lwp l, long dev, Uio uio, boolean nonblocking) {}

    @Override
    public void write(Lwp l, long dev, Uio uio, boolean nonblocking) throws ErrnoException {
        byte[] chunk = new byte[(int) Math.min(uio.resid(), CHUNK_BYTES)];
        MemorySegment memory = MemorySegment.ofArray(chunk);
        while (uio.resid() > 0) {
            int n = (int) Math.min(uio.resid(), chunk.length);
            uio.fromUser(memory, 0, n);
            log.putBytes(chunk, n);
        }
    }

    @Override
    public int ioctl(Lwp l, long dev, long request, MemorySegment data) throws ErrnoException {
        if (request == TIOCGETA) {
            data.set(ValueLayout.JAVA_INT_UNALIGNED, C_CFLAG, CFLAGS);
            data.set(ValueLayout.JAVA_INT_UNALIGNED, C_ISPEED, SPEED);
            data.set(ValueLayout.JAVA_INT_UNALIGNED, C_OSPEED, SPEED);
            return 0;
        }
        if (request == TIOCGWINSZ) {
            return 0;
        }
        throw Errno.ENOTTY.exception();
    }
}
