package org.rump4j.netbsd.bind;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.RumpRwLock.Kind;

/**
 * Reader/writer locks whose state is an int in a cell: the number of readers, or {@link #WRITE}; beside it the block of the thread that
 * writes. Machine code takes and leaves locks by replacing one state by another, and only states without {@link #QUEUED}.
 *
 * <p>That bit is set as long as somebody waits. Then all that is done with the lock is done here and under {@link #queues}, except that
 * those inside stay inside: whoever comes stands at the end of the queue, and whoever leaves gives the lock to the first, a writer, or to
 * all readers before the next writer. So nobody overtakes, and no writer starves.
 *
 * <p>{@link #GONE} is the state of all locks once the kernel has exited, and of cells that have been given back. Machine code takes it for
 * {@link #QUEUED}.
 */
final class NativeRwLocks {
    /** Offsets in a cell. */
    static final int STATE = 0;

    static final int WRITER = 8;

    static final int WRITE = 1 << 31;
    static final int QUEUED = 1 << 30;
    static final int GONE = -1;

    /** What the int that a thread sleeps on says. */
    private static final int WAITING = 0;

    private static final int GRANTED = 1;
    private static final int ENDED = 2;

    private record Waiter(GuestThread thread, Kind kind) {}

    private final Cells cells;
    private final Futex futex;
    private final PlainHost host;
    private final ReentrantLock queues = new ReentrantLock();

    /** By lock, those that wait; none is empty. Guarded by {@link #queues}. */
    private final Map<Long, ArrayDeque<Waiter>> waiting = new HashMap<>();

    NativeRwLocks(Cells cells, Futex futex, PlainHost host) {
        this.cells = cells;
        this.futex = futex;
        this.host = host;
    }

    long init() {
        long lock = cells.take(Cells.Kind.RWLOCK);
        cells.setLong(lock + WRITER, 0);
        cells.setInt(lock + STATE, 0);
        return lock;
    }

    void destroy(long lock) {
        require(lock);
        if (!cells.casInt(lock + STATE, 0, GONE)) {
            host.checkExit();
            throw new IllegalStateException("destroying a reader/writer lock that is in use");
        }
        cells.give(lock);
    }

    private void require(long lock) {
        cells.require(lock, Cells.Kind.RWLOCK);
    }

    void enter(long lock, Kind kind, GuestThread me, NativeHyperup hyperup) {
        require(lock);
        if (isWrittenBy(lock, me)) {
            throw new IllegalMonitorStateException("entering a reader/writer lock that the caller holds for writing");
        }
        if (take(lock, kind, me, true)) {
            return;
        }
        int nlocks = hyperup.unschedule(0, me);
        while (me.sleepWord() == WAITING) {
            futex.await(me.sleepAddress(), WAITING);
        }
        host.checkExit();
        hyperup.schedule(nlocks, 0);
    }

    boolean tryenter(long lock, Kind kind, GuestThread me) {
        require(lock);
        return take(lock, kind, me, false);
    }

    /** Takes it, or has the caller stand in the queue if it wants to. */
    private boolean take(long lock, Kind kind, GuestThread me, boolean queue) {
        queues.lock();
        try {
            while (true) {
                int state = cells.getInt(lock + STATE);
                if (state == GONE) {
                    host.checkExit();
                    throw new IllegalArgumentException("a reader/writer lock is being destroyed");
                }
                if (switch (kind) {
                    case READER -> (state & (WRITE | QUEUED)) == 0;
                    case WRITER -> state == 0;
                }) {
                    if (cells.casInt(lock + STATE, state, kind == Kind.READER ? state + 1 : WRITE)) {
                        if (kind == Kind.WRITER) {
                            cells.setLong(lock + WRITER, me.block());
                        }
                        return true;
                    }
                } else if (!queue) {
                    return false;
                } else if ((state & QUEUED) != 0 || cells.casInt(lock + STATE, state, state | QUEUED)) {
                    me.setSleepWord(WAITING);
                    waiting.computeIfAbsent(lock, _ -> new ArrayDeque<>()).add(new Waiter(me, kind));
                    return false;
                }
            }
        } finally {
            queues.unlock();
        }
    }

    boolean tryupgrade(long lock, GuestThread me) {
        require(lock);
        queues.lock();
        try {
            while (true) {
                int state = cells.getInt(lock + STATE);
                if (readers(state) == 0) {
                    host.checkExit();
                    throw new IllegalMonitorStateException("upgrading a lock that is not held for reading");
                }
                if (readers(state) > 1) {
                    return false;
                }
                if (cells.casInt(lock + STATE, state, (state & QUEUED) | WRITE)) {
                    cells.setLong(lock + WRITER, me.block());
                    return true;
                }
            }
        } finally {
            queues.unlock();
        }
    }

    void downgrade(long lock, GuestThread me) {
        require(lock);
        if (!isWrittenBy(lock, me)) {
            host.checkExit();
            throw new IllegalMonitorStateException("downgrading a lock that the caller does not hold for writing");
        }
        leave(lock, WRITE, 1);
    }

    void exit(long lock, GuestThread me) {
        require(lock);
        if (isWrittenBy(lock, me)) {
            leave(lock, WRITE, 0);
        } else if (readers(cells.getInt(lock + STATE)) > 0) {
            leave(lock, 1, 0);
        } else {
            host.checkExit();
            throw new IllegalMonitorStateException("leaving a reader/writer lock that the caller does not hold");
        }
    }

    boolean isHeld(long lock, Kind kind, GuestThread me) {
        require(lock);
        return switch (kind) {
            case READER -> readers(cells.getInt(lock + STATE)) > 0;
            case WRITER -> isWrittenBy(lock, me);
        };
    }

    private static int readers(int state) {
        return state < 0 ? 0 : state & ~QUEUED;
    }

    private boolean isWrittenBy(long lock, GuestThread me) {
        int state = cells.getInt(lock + STATE);
        return state < 0 && state != GONE && cells.getLong(lock + WRITER) == me.block();
    }

    /** Takes what the caller had off the state, gives it what it is to have instead, and the rest to those whose turn it is. */
    private void leave(long lock, int had, int has) {
        queues.lock();
        try {
            if (had == WRITE) {
                cells.setLong(lock + WRITER, 0);
            }
            while (true) {
                int state = cells.getInt(lock + STATE);
                if (state == GONE) {
                    host.checkExit();
                }
                int left = (state & ~QUEUED) - had + has;
                if ((state & QUEUED) != 0) {
                    // Nobody else changes it now.
                    handOver(lock, left);
                    return;
                }
                if (cells.casInt(lock + STATE, state, left)) {
                    return;
                }
            }
        } finally {
            queues.unlock();
        }
    }

    /** Lets those in whose turn it is. */
    private void handOver(long lock, int left) {
        ArrayDeque<Waiter> queue = waiting.get(lock);
        if (queue == null) {
            throw new IllegalStateException("a reader/writer lock that nobody waits for says so");
        }
        List<GuestThread> granted = new ArrayList<>();
        int state = left;
        Waiter first = queue.peek();
        while (first != null && (first.kind == Kind.READER ? state >= 0 : state == 0)) {
            if (first.kind == Kind.WRITER) {
                cells.setLong(lock + WRITER, first.thread.block());
            }
            state = first.kind == Kind.READER ? state + 1 : WRITE;
            granted.add(first.thread);
            queue.remove();
            first = queue.peek();
        }
        if (first == null) {
            waiting.remove(lock);
        } else {
            state |= QUEUED;
        }
        cells.setInt(lock + STATE, state);
        for (GuestThread thread : granted) {
            wake(thread, GRANTED);
        }
    }

    private void wake(GuestThread thread, int why) {
        thread.setSleepWord(why);
        futex.wake(thread.sleepAddress(), 1);
    }

    /** The kernel has exited. */
    void end() {
        queues.lock();
        try {
            cells.forEach(Cells.Kind.RWLOCK, this::end);
            for (ArrayDeque<Waiter> queue : waiting.values()) {
                for (Waiter waiter : queue) {
                    wake(waiter.thread, ENDED);
                }
            }
            waiting.clear();
        } finally {
            queues.unlock();
        }
    }

    void end(long lock) {
        cells.setInt(lock + STATE, GONE);
    }
}
