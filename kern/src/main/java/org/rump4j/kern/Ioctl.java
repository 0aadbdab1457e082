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
     * The kernel's own copy of the data, so that drivers need not trust the caller's memory: what goes in, or zeros.
     *
     * @throws ErrnoException EFAULT where there is less than the request says, or it cannot be read
     */
    static MemorySegment copyin(long request, MemorySegment data) throws ErrnoException {
        if ((request & (IOC_IN | IOC_OUT)) == 0) {
            return MemorySegment.NULL;
        }
        int length = length(request);
        if (data.byteSize() < length) {
            throw Errno.EFAULT.exception("ioctl of " + length + " bytes with room for " + data.byteSize());
        }
        MemorySegment copy = MemorySegment.ofArray(new byte[length]);
        if ((request & IOC_IN) != 0) {
            Uio.of(0, data.asSlice(0, length)).fromUser(copy, 0, length);
        }
        return copy;
    }

    /**
     * Gives the caller what comes out.
     *
     * @throws ErrnoException EFAULT where the caller's memory cannot be written
     */
    static void copyout(long request, MemorySegment copy, MemorySegment data) throws ErrnoException {
        if ((request & IOC_OUT) != 0) {
            Uio.of(0, data.asSlice(0, copy.byteSize())).toUser(copy, 0, copy.byteSize());
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
