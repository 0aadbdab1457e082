package org.rump4j.netbsd.bind;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Clients of the system call proxy, which the guest knows by numbers. It does not say when it forgets one: a client is known as long as the
 * proxy keeps it.
 */
final class Clients {
    private record Known(long number, WeakReference<Object> client) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Numbered<WeakReference<Object>> numbers = new Numbered<>("client");

    /** Guarded by {@link #lock}. */
    private final List<Known> known = new ArrayList<>();

    /** The number of a client; 0 for none. */
    long number(@Nullable Object client) {
        if (client == null) {
            return 0;
        }
        lock.lock();
        try {
            long found = 0;
            for (int i = known.size() - 1; i >= 0; i--) {
                Known k = known.get(i);
                Object other = k.client.get();
                if (other == null) {
                    WeakReference<Object> _ = numbers.remove(k.number);
                    known.remove(i);
                } else if (other == client) {
                    found = k.number;
                }
            }
            if (found == 0) {
                WeakReference<Object> reference = new WeakReference<>(client);
                found = numbers.add(reference);
                known.add(new Known(found, reference));
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** The client of a number, or null where it is gone. */
    @Nullable
    Object client(long number) {
        return number == 0 ? null : numbers.get(number).get();
    }
}
