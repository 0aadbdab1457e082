package org.rump4j.netbsd.bind;

/** Sleeping on an int in native memory, and waking who sleeps, as futex(2) does it for the threads of one process. */
final class Futex {
    /** For {@link #wake}: everybody. */
    static final int ALL = Integer.MAX_VALUE;

    /** For machine code: the operation, with the flag that only threads of this process are concerned. */
    static final int WAKE = 1 | 128;

    /** The number of the system call, on x86-64. */
    static final int SYSTEM_CALL = 202;

    private static final int WAIT = 128;
    private static final long EINTR = -4;
    private static final long ETIMEDOUT = -110;
    private static final long NANOS = 1_000_000_000;

    private final Guest guest;

    Futex(Guest guest) {
        this.guest = guest;
    }

    /** Sleeps unless the int is another than expected; until it is woken, or for no reason. */
    void await(long word, int expected) {
        long _ = guest.futex(word, WAIT, expected, 0);
    }

    /**
     * As the other, but not for ever.
     *
     * @param deadline on the clock of {@link System#nanoTime}
     * @return false where it has come
     */
    boolean await(long word, int expected, long deadline, GuestThread me) {
        while (true) {
            long left = Math.max(0, deadline - System.nanoTime());
            long error = guest.futex(word, WAIT, expected, me.timeout(left / NANOS, left % NANOS));
            if (error != EINTR) {
                return error != ETIMEDOUT;
            }
        }
    }

    /** Wakes so many of those that sleep. */
    void wake(long word, int count) {
        long _ = guest.futex(word, WAKE, count, 0);
    }
}
