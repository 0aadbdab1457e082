package org.rump4j.rumpuser.real;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.rump4j.rumpuser.RumpRwLock;

/**
 * A reader/writer lock. The queue of those that wait is the JDK's; the state is the number of readers, or {@link #WRITE}.
 * Nobody overtakes who queues: a reader that comes while a writer waits stands behind it, so that writers do not starve.
 */
final class RealRwLock extends AbstractQueuedSynchronizer implements RumpRwLock {
    private static final long serialVersionUID = 1L;
    private static final int WRITE = -1;
    private static final long NOBODY = 0;

    private final transient Blocker blocker;

    /** The number of the thread that writes, for checks by that thread itself. Written by the writer only. */
    private transient long writer;

    RealRwLock(Blocker blocker) {
        this.blocker = blocker;
    }

    @Override
    public void enter(Kind kind) {
        if (!tryenter(kind)) {
            if (writtenByCaller()) {
                throw new IllegalMonitorStateException(
                        "entering a reader/writer lock that the caller holds for writing");
            }
            int nlocks = blocker.unschedule(null);
            switch (kind) {
                case READER -> blocker.sleep(() -> acquireSharedInterruptibly(1));
                case WRITER -> {
                    blocker.sleep(() -> acquireInterruptibly(1));
                    writer = Thread.currentThread().threadId();
                }
            }
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public boolean tryenter(Kind kind) {
        return switch (kind) {
            case READER -> tryAcquireShared(1) >= 0;
            case WRITER -> {
                if (!compareAndSetState(0, WRITE)) {
                    yield false;
                }
                writer = Thread.currentThread().threadId();
                yield true;
            }
        };
    }

    @Override
    public boolean tryupgrade() {
        if (getState() <= 0) {
            blocker.checkExit();
            throw new IllegalMonitorStateException("upgrading a lock that is not held for reading");
        }
        if (!compareAndSetState(1, WRITE)) {
            return false;
        }
        writer = Thread.currentThread().threadId();
        return true;
    }

    @Override
    public void downgrade() {
        if (!writtenByCaller()) {
            blocker.checkExit();
            throw new IllegalMonitorStateException("downgrading a lock that the caller does not hold for writing");
        }
        writer = NOBODY;
        setState(1);
        // The first that queues may be a reader.
        wakeNext();
    }

    @Override
    public void exit() {
        int state = getState();
        if (state > 0) {
            while (!compareAndSetState(state, state - 1)) {
                state = getState();
            }
            // While readers remain, the first that queues is a writer, who has no use for it.
            if (state == 1) {
                wakeNext();
            }
        } else if (writtenByCaller()) {
            writer = NOBODY;
            setState(0);
            wakeNext();
        } else {
            blocker.checkExit();
            throw new IllegalMonitorStateException("leaving a reader/writer lock that the caller does not hold");
        }
    }

    @Override
    public boolean held(Kind kind) {
        return switch (kind) {
            case READER -> getState() > 0;
            case WRITER -> writtenByCaller();
        };
    }

    @Override
    public void destroy() {
        if (getState() != 0 || hasQueuedThreads()) {
            blocker.checkExit();
            throw new IllegalStateException("destroying a reader/writer lock that is in use");
        }
    }

    private boolean writtenByCaller() {
        return getState() == WRITE && writer == Thread.currentThread().threadId();
    }

    @Override
    protected boolean tryAcquire(int one) {
        return getState() == 0 && compareAndSetState(0, WRITE);
    }

    @Override
    protected int tryAcquireShared(int one) {
        while (true) {
            int state = getState();
            if (state == WRITE || hasQueuedPredecessors()) {
                return -1;
            }
            if (compareAndSetState(state, state + 1)) {
                return 1;
            }
        }
    }

    /** Who queues after this look has tried once more before it sleeps. */
    private void wakeNext() {
        if (hasQueuedThreads()) {
            release(1);
        }
    }

    /** It has been given back already: this is about waking the next. */
    @Override
    protected boolean tryRelease(int one) {
        return true;
    }
}
