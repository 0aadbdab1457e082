package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Requests of {@code ioctl(2)}: a direction, a length of up to 8191 bytes, a group and a number. Source: NetBSD
 * {@code sys/ioccom.h}, {@code sys/filio.h}.
 */
public final class Ioctl {
    /** No data. */
    public static final long IOC_VOID = 0x20000000L;
    /** Data comes out. */
    public static final long IOC_OUT = 0x40000000L;
    /** Data goes in. */
    public static final long IOC_IN = 0x80000000L;

    private static final int LENGTH_SHIFT = 16;
    private static final long LENGTH_MASK = 0x1fff;

    /** Close on exec. */
    public static final long FIOCLEX = request(IOC_VOID, 'f', 1, 0);
    /** Do not close on exec. */
    public static final long FIONCLEX = request(IOC_VOID, 'f', 2, 0);
    /** Bytes that can be read at once; an int. */
    public static final long FIONREAD = request(IOC_OUT, 'f', 127, Integer.BYTES);
    /** Set or clear O_NONBLOCK; an int. */
    public static final long FIONBIO = request(IOC_IN, 'f', 126, Integer.BYTES);
    /** Bytes of a block device; a quad. ({@code DIOCGMEDIASIZE}) */
    public static final long DIOCGMEDIASIZE = request(IOC_OUT, 'd', 132, Long.BYTES);
    /** Bytes of a sector of a block device; an unsigned int. ({@code DIOCGSECTORSIZE}) */
    public static final long DIOCGSECTORSIZE = request(IOC_OUT, 'd', 133, Integer.BYTES);

    private Ioctl() {}

    /** Puts a request together. */
    public static long request(long direction, char group, int number, int length) {
        return direction | (length & LENGTH_MASK) << LENGTH_SHIFT | (long) group << 8 | number;
    }

    /** Bytes of data that go with a request. */
    public static int length(long request) {
        return (int) (request >> LENGTH_SHIFT & LENGTH_MASK);
    }

    /**
     * Sees that there is as much data as a request says.
     *
     * @throws ErrnoException EFAULT where there is not
     */
    static void check(long request, MemorySegment data) throws ErrnoException {
        if ((request & (IOC_IN | IOC_OUT)) != 0 && data.byteSize() < length(request)) {
            throw Errno.EFAULT.exception("ioctl of " + length(request) + " bytes with room for " + data.byteSize());
        }
    }

    /** The int that goes in. */
    public static int getInt(MemorySegment data) {
        return data.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    }

    /** The int that comes out. */
    public static void putInt(MemorySegment data, int value) {
        data.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    }

    /** The quad that comes out. */
    public static void putLong(MemorySegment data, long value) {
        data.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }
}
