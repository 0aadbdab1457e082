package org.rump4j.rump;

/**
 * An advisory lock on bytes of a file ({@code struct flock}). Source: NetBSD {@code fcntl(2)}.
 *
 * @param start first byte, counted from where whence says
 * @param len bytes; 0 for all up to the end, wherever that will be; a negative number for as many bytes before start
 * @param pid whose lock it is, as F_GETLK tells it; −1 for one that {@code flock(2)} has set
 * @param type {@link #F_RDLCK}, {@link #F_WRLCK} or {@link #F_UNLCK}
 * @param whence SEEK_SET, SEEK_CUR or SEEK_END of {@link Fcntl}
 */
public record Flock(long start, long len, int pid, int type, int whence) {
    /** Shared with others that are shared. */
    public static final int F_RDLCK = 1;
    /** None. */
    public static final int F_UNLCK = 2;
    /** Exclusive. */
    public static final int F_WRLCK = 3;

    /** The same bytes, with another type. */
    public Flock withType(int other) {
        return new Flock(start, len, pid, other, whence);
    }

    /** Bytes from the beginning of the file on. */
    public static Flock of(int type, long start, long len) {
        return new Flock(start, len, 0, type, Fcntl.SEEK_SET);
    }

    /** The whole file, however long it becomes. */
    public static Flock of(int type) {
        return of(type, 0, 0);
    }
}
