package org.rump4j.netbsd.bind;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Objects of the host that the guest knows by a number in place of a pointer: never 0, and unlike an address of its own. To look one up
 * takes no lock.
 *
 * @param <T> what they are
 */
final class Numbered<T> {
    private static final int FIRST_CAPACITY = 64;

    /** Low bits of a number, of no meaning: nobody takes it for the address of something that is aligned. */
    private static final int SHIFT = 4;

    private static final long MARK = 1;

    private final String what;
    private final ReentrantLock lock = new ReentrantLock();

    /** Written under {@link #lock}; elements are published to threads of the guest by whatever publishes their number to them. */
    private volatile @Nullable Object[] objects = new @Nullable Object[FIRST_CAPACITY];

    /** Places to use again. Guarded by {@link #lock}, as the two counts are. */
    private int[] free = new int[FIRST_CAPACITY];

    private int frees;
    private int used = 1;

    Numbered(String what) {
        this.what = what;
    }

    /** Takes an object in. */
    long add(T object) {
        lock.lock();
        try {
            int at;
            if (frees > 0) {
                at = free[--frees];
            } else {
                at = used++;
            }
            @Nullable Object[] now = objects;
            if (at >= now.length) {
                now = Arrays.copyOf(now, 2 * now.length);
            }
            now[at] = object;
            objects = now;
            return (long) at << SHIFT | MARK;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The object of a number.
     *
     * @throws IllegalArgumentException where it has none: the guest has made it up, or uses what it has destroyed
     */
    @SuppressWarnings("unchecked") // only add() puts something in
    T get(long number) {
        @Nullable Object[] now = objects;
        long at = number >>> SHIFT;
        Object found = at < now.length && (number & (1 << SHIFT) - 1) == MARK ? now[(int) at] : null;
        if (found == null) {
            throw new IllegalArgumentException("there is no " + what + " 0x" + Long.toHexString(number));
        }
        return (T) found;
    }

    /** Forgets an object. Its number may be another's afterwards. */
    T remove(long number) {
        lock.lock();
        try {
            T out = get(number);
            int at = (int) (number >>> SHIFT);
            objects[at] = null;
            if (frees == free.length) {
                free = Arrays.copyOf(free, 2 * frees);
            }
            free[frees++] = at;
            return out;
        } finally {
            lock.unlock();
        }
    }
}
