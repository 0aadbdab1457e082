package org.rump4j.kern;

import org.rump4j.rump.Flock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Bytes of a file that a lock is on.
 *
 * @param first the first of them
 * @param last the last of them; {@link #END} for all that there ever will be
 */
public record ByteRange(long first, long last) {
    /** Behind this one there is no byte. */
    public static final long END = Long.MAX_VALUE;

    /** The whole file. */
    public static final ByteRange ALL = new ByteRange(0, END);

    /**
     * Of what a caller says.
     *
     * @param base what its start is counted from
     * @throws ErrnoException EINVAL where there are bytes before the beginning; EOVERFLOW where there are some that no offset names
     */
    public static ByteRange of(Flock lock, long base) throws ErrnoException {
        long start = add(base, lock.start());
        long first = lock.len() < 0 ? add(start, lock.len()) : start;
        if (first < 0) {
            throw Errno.EINVAL.exception("bytes before the beginning");
        }
        if (lock.len() == 0) {
            return new ByteRange(first, END);
        }
        return new ByteRange(first, lock.len() < 0 ? start - 1 : add(start, lock.len() - 1));
    }

    private static long add(long a, long b) throws ErrnoException {
        if (a > 0 && b > Long.MAX_VALUE - a) {
            throw Errno.EOVERFLOW.exception("bytes behind all that an offset names");
        }
        if (a < 0 && b < Long.MIN_VALUE - a) {
            throw Errno.EINVAL.exception("bytes before the beginning");
        }
        return a + b;
    }

    /** The number of bytes as a caller is told it: 0 for all that there ever will be. */
    long length() {
        return last == END ? 0 : last - first + 1;
    }

    /** Whether there is a byte in both. */
    boolean overlaps(ByteRange other) {
        return first <= other.last && other.first <= last;
    }

    /** Whether one begins where the other ends. */
    boolean meets(ByteRange other) {
        return (last != END && last + 1 == other.first) || (other.last != END && other.last + 1 == first);
    }

    /** All bytes from the first of either to the last of either. */
    ByteRange span(ByteRange other) {
        return new ByteRange(Math.min(first, other.first), Math.max(last, other.last));
    }
}
