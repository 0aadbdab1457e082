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

    private final transient Blocker blocker;
    private final transient Curlwp curlwp;

    /** The lwp that writes. Written by the writer only. */
    private transient volatile @Nullable OpaqueLwp writer;

    RealRwLock(Blocker blocker, Curlwp curlwp) {
        this.blocker = blocker;
        this.curlwp = curlwp;
    }

    @Override
    public void enter(Kind kind) {
        if (!tryenter(kind)) {
            int nlocks = blocker.unschedule(null);
            switch (kind) {
                case READER -> blocker.sleep(() -> acquireSharedInterruptibly(1));
                case WRITER -> {
                    blocker.sleep(() -> acquireInterruptibly(1));
                    writer = curlwp.get();
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
                writer = curlwp.get();
                yield true;
            }
        };
    }

    @Override
    public boolean tryupgrade() {
        if (getState() <= 0) {
            throw new IllegalMonitorStateException("upgrading a lock that is not held for reading");
        }
        if (!compareAndSetState(1, WRITE)) {
            return false;
        }
        writer = curlwp.get();
        return true;
    }

    @Override
    public void downgrade() {
        if (getState() != WRITE) {
            throw new IllegalMonitorStateException("downgrading a lock that is not held for writing");
        }
        writer = null;
        // Become two readers and leave as one of them: leaving is what wakes the readers that queue.
        setState(2);
        releaseShared(1);
    }

    @Override
    public void exit() {
        int state = getState();
        if (state == WRITE) {
            writer = null;
            release(1);
        } else if (state > 0) {
            releaseShared(1);
        } else {
            throw new IllegalMonitorStateException("reader/writer lock is not held");
        }
    }

    @Override
    public boolean held(Kind kind) {
        return switch (kind) {
            case READER -> getState() > 0;
            case WRITER -> getState() == WRITE && writer == curlwp.get();
        };
    }

    @Override
    public void destroy() {
        if (getState() != 0 || hasQueuedThreads()) {
            throw new IllegalStateException("destroying a reader/writer lock that is in use");
        }
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

    /** True also when readers remain, after a downgrade: the first that queues may be a reader too. */
    @Override
    protected boolean tryReleaseShared(int one) {
        while (true) {
            int state = getState();
            if (compareAndSetState(state, state - 1)) {
                return true;
            }
        }
    }
}
