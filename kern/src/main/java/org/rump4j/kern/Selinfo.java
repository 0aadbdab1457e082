package org.rump4j.kern;

import java.util.ArrayList;
import java.util.List;

/**
 * Those who wait for something to become of a file ({@code selinfo}, {@code selrecord(9)}). The owner changes the file first and
 * notifies then; who polls has itself recorded first and looks at the file then. So one of the two sees the other.
 */
public final class Selinfo {
    /** Guards changes of pollers. A leaf. */
    private final Kmutex lock;

    /** Replaced, not changed. */
    private volatile List<Poller> pollers = List.of();

    /** With nobody waiting. */
    public Selinfo(Kernel kernel) {
        lock = kernel.mutex();
    }

    /** Has all that wait look again ({@code selnotify}). Locks of the owner may be held. */
    public void selnotify() {
        for (Poller poller : pollers) {
            poller.wake();
        }
    }

    void add(Poller poller) {
        lock.enter();
        List<Poller> more = new ArrayList<>(pollers);
        more.add(poller);
        pollers = List.copyOf(more);
        lock.exit();
    }

    void remove(Poller poller) {
        lock.enter();
        List<Poller> fewer = new ArrayList<>(pollers);
        fewer.remove(poller);
        pollers = List.copyOf(fewer);
        lock.exit();
    }
}
