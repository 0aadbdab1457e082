package org.rump4j.netbsd.bind;

import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.RumpMutex;

/**
 * Mutexes whose state is a word in a cell. 0 is free; otherwise the word is the block of the thread that is inside, with {@link #CONTENDED}
 * set where somebody sleeps, or may. Entering is to replace 0, leaving is to replace the block by 0, both at once and only if the word is
 * what it should be: machine code does that, and comes here where it is not.
 *
 * <p>Who has to wait sets {@link #CONTENDED} and sleeps on the lower half of the word as long as it does not change (futex(2)). Who leaves
 * a word with the bit set wakes one sleeper, and that one, when it takes the mutex, sets the bit again, for it cannot know whether it was
 * the last.
 *
 * <p>{@link #GONE} is the word of all mutexes once the kernel has exited, {@link #NONE} that of a cell that has been given back. Both stay
 * whatever threads try, for none of the replacements above applies to them: nobody falls asleep any more, and each thread that comes by is
 * thrown out. Without {@link #CONTENDED} there may have been sleepers before, where one has been woken and not come to set the bit again.
 * That one finds {@link #GONE}, and wakes them all.
 */
final class NativeMutexes {
    /** Offsets in a cell. */
    static final int WORD = 0;

    /** The lwp that is inside, or 0. Written by the holder. */
    static final int OWNER = 8;

    static final int FLAGS = 16;

    static final int CONTENDED = 1;
    static final int GONE = 2;
    static final int NONE = 4;

    /** Words below are no block's. */
    static final int LEAST_BLOCK = 16;

    private final Cells cells;
    private final Futex futex;
    private final PlainHost host;

    NativeMutexes(Cells cells, Futex futex, PlainHost host) {
        this.cells = cells;
        this.futex = futex;
        this.host = host;
    }

    long init(int flags) {
        if ((flags & (RumpMutex.SPIN | RumpMutex.KMUTEX)) == 0 || (flags & ~(RumpMutex.SPIN | RumpMutex.KMUTEX)) != 0) {
            throw new IllegalArgumentException(
                    "mutex flags are SPIN, KMUTEX or both, not 0x" + Integer.toHexString(flags));
        }
        long m = cells.take(Cells.Kind.MUTEX);
        cells.setLong(m + OWNER, 0);
        cells.setInt(m + FLAGS, flags);
        cells.setLong(m + WORD, 0);
        return m;
    }

    /** The flags that a mutex was made with. */
    int flags(long m) {
        cells.require(m, Cells.Kind.MUTEX);
        return cells.getInt(m + FLAGS);
    }

    boolean isHeldBy(long m, GuestThread me) {
        return (cells.getLong(m + WORD) & ~CONTENDED) == me.block();
    }

    void requireHeld(long m, GuestThread me, String otherwise) {
        if (!isHeldBy(m, me)) {
            // Who is thrown out of a wait by the kernel's end comes by here without it.
            host.checkExit();
            throw new IllegalMonitorStateException(otherwise);
        }
    }

    void requireNotHeld(long m, GuestThread me) {
        if (isHeldBy(m, me)) {
            throw new IllegalMonitorStateException("mutex is held by this thread already");
        }
    }

    /** Takes it if it is free. */
    boolean tryenter(long m, GuestThread me) {
        if (!cells.casLong(m + WORD, 0, me.block())) {
            if (cells.getLong(m + WORD) == GONE) {
                host.checkExit();
            }
            return false;
        }
        cells.setLong(m + OWNER, me.lwp());
        return true;
    }

    /** Takes it, waiting with no regard to the virtual CPU. */
    void acquire(long m, GuestThread me) {
        long mine = me.block();
        while (true) {
            long word = cells.getLong(m + WORD);
            if (word == 0) {
                if (cells.casLong(m + WORD, 0, mine)) {
                    break;
                }
            } else if (word < LEAST_BLOCK) {
                futex.wake(m + WORD, Futex.ALL);
                host.checkExit();
                throw new IllegalArgumentException("mutex 0x" + Long.toHexString(m) + " is being destroyed");
            } else {
                requireNotHeld(m, me);
                if ((word & CONTENDED) != 0 || cells.casLong(m + WORD, word, word | CONTENDED)) {
                    futex.await(m + WORD, (int) (word | CONTENDED));
                    mine |= CONTENDED;
                }
            }
        }
        cells.setLong(m + OWNER, me.lwp());
    }

    /** Gives it back. */
    void release(long m, GuestThread me) {
        requireHeld(m, me, "mutex is not held by this thread");
        cells.setLong(m + OWNER, 0);
        if (cells.casLong(m + WORD, me.block(), 0)) {
            return;
        }
        if (!cells.casLong(m + WORD, me.block() | CONTENDED, 0)) {
            host.checkExit();
            throw new IllegalStateException("the word of a mutex that is held has changed");
        }
        futex.wake(m + WORD, 1);
    }

    long owner(long m) {
        if ((flags(m) & RumpMutex.KMUTEX) == 0) {
            throw new IllegalStateException("owner of a mutex that is not KMUTEX");
        }
        return cells.getLong(m + OWNER);
    }

    void destroy(long m) {
        cells.require(m, Cells.Kind.MUTEX);
        if (!cells.casLong(m + WORD, 0, NONE)) {
            host.checkExit();
            throw new IllegalStateException("destroying a mutex that is in use");
        }
        cells.setInt(m + FLAGS, 0);
        cells.give(m);
    }

    /** The kernel has exited. */
    void end() {
        cells.forEach(Cells.Kind.MUTEX, this::end);
    }

    void end(long m) {
        long word = cells.swapLong(m + WORD, GONE);
        if (word >= LEAST_BLOCK && (word & CONTENDED) != 0) {
            futex.wake(m + WORD, Futex.ALL);
        }
    }
}
