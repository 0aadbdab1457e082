package org.rump4j.rumpuser.real;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpRwLock;

/**
 * A reader/writer lock. The queue of those that wait is the JDK's; the state is the number of readers, or {@link #WRITE}.
 * Nobody overtakes who queues: a reader that comes while a writer waits stands behind it, so that writers do not starve.
 */
final class RealRwLock extends AbstractQueuedSynchronizer implements RumpRwLock {
    private static final long serialVersionUID = 1L;
    private static final int WRITE = -1;

    /** How to release a share: wake who queues in any case. */
    private static final int WAKE = 2;

    private final transient Blocker blocker;
    private final transient Curlwp curlwp;

    /** Who writes: see {@link #caller}. Written by the writer only. */
    private transient volatile @Nullable Object writer;

    RealRwLock(Blocker blocker, Curlwp curlwp) {
        this.blocker = blocker;
        this.curlwp = curlwp;
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
                    writer = caller();
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
                writer = caller();
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
        writer = caller();
        return true;
    }

    @Override
    public void downgrade() {
        if (!writtenByCaller()) {
            blocker.checkExit();
            throw new IllegalMonitorStateException("downgrading a lock that the caller does not hold for writing");
        }
        writer = null;
        // Become two readers and leave as one of them: leaving is what wakes the readers that queue.
        setState(2);
        releaseShared(WAKE);
    }

    @Override
    public void exit() {
        int state = getState();
        if (state > 0) {
            releaseShared(1);
        } else if (writtenByCaller()) {
            writer = null;
            release(1);
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

    /** The calling lwp, or the thread where it has none. */
    private Object caller() {
        OpaqueLwp lwp = curlwp.get();
        return lwp == null ? Thread.currentThread() : lwp;
    }

    private boolean writtenByCaller() {
        return getState() == WRITE && writer == caller();
    }

    @Override
    protected boolean tryAcquire(int one) {
        return getState() == 0 && compareAndSetState(0, WRITE);
    }

    @Override
    protected boolean tryRelease(int one) {
        setState(0);
        return true;
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

    /**
     * Whether to wake the first that queues. While readers remain that is a writer, who has no use for it, except after a
     * downgrade, when it may be a reader.
     */
    @Override
    protected boolean tryReleaseShared(int how) {
        while (true) {
            int state = getState();
            if (compareAndSetState(state, state - 1)) {
                return state == 1 || how == WAKE;
            }
        }
    }
}
