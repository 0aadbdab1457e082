package org.rump4j.rump;

/**
 * A descriptor to be polled ({@code struct pollfd}), without what comes out. Source: NetBSD {@code poll(2)}.
 *
 * @param fd the descriptor; a negative one is passed over
 * @param events what is asked, of the constants here
 */
public record Pollfd(int fd, int events) {
    /** There is something to read, or the end of it. */
    public static final int POLLIN = 0x0001;
    /** There is something urgent to read. */
    public static final int POLLPRI = 0x0002;
    /** There is room to write. */
    public static final int POLLOUT = 0x0004;
    /** As POLLIN. */
    public static final int POLLRDNORM = 0x0040;
    /** As POLLOUT. */
    public static final int POLLWRNORM = POLLOUT;
    /** There is something out of band to read. */
    public static final int POLLRDBAND = 0x0080;
    /** There is room to write out of band. */
    public static final int POLLWRBAND = 0x0100;

    /** Comes out without being asked: an error. */
    public static final int POLLERR = 0x0008;
    /** Comes out without being asked: the other end is gone. */
    public static final int POLLHUP = 0x0010;
    /** Comes out without being asked: there is no such descriptor. */
    public static final int POLLNVAL = 0x0020;

    /** A timeout that never is over. */
    public static final int INFTIM = -1;
}
