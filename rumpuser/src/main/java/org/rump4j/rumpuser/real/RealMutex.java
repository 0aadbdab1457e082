package org.rump4j.rumpuser.real;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpMutex;

/**
 * A mutex. The queue of those that wait is the JDK's; the state is 1 while the mutex is held. Uncontended it costs one
 * compare-and-set to enter and one volatile store to leave, as {@link java.util.concurrent.locks.ReentrantLock} does. To
 * name its lwp costs a look-up, which a thread is spared that comes back to the mutex that it had last.
 */
final class RealMutex extends AbstractQueuedSynchronizer implements RumpMutex {
    private static final long serialVersionUID = 1L;
    private static final long NOBODY = 0;
    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(RealMutex.class, "holder", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final transient Blocker blocker;
    private final transient Curlwp curlwp;
    private final boolean spin;
    private final boolean kmutex;

    /** The number of the thread that is inside. Written by the holder only. */
    private transient long holder;

    /** What is known of the thread that is, or was, inside, of a KMUTEX. Written by the holder only, read by anyone. */
    private transient Curlwp.@Nullable Slot slot;

    /** The last of a ring of those whom the holder wakes when it leaves. Only the holder touches this. */
    private transient RealCondVar.@Nullable Waiter lastToWake;

    RealMutex(Blocker blocker, Curlwp curlwp, int flags) {
        if ((flags & (SPIN | KMUTEX)) == 0 || (flags & ~(SPIN | KMUTEX)) != 0) {
            throw new IllegalArgumentException(
                    "mutex flags are SPIN, KMUTEX or both, not 0x" + Integer.toHexString(flags));
        }
        this.blocker = blocker;
        this.curlwp = curlwp;
        this.spin = (flags & SPIN) != 0;
        this.kmutex = (flags & KMUTEX) != 0;
    }

    @Override
    public void enter() {
        if (compareAndSetState(0, 1)) {
            entered();
        } else {
            enterContended();
        }
    }

    @Override
    public void enterNowrap() {
        if (!spin) {
            throw new IllegalStateException("enter_nowrap of a mutex that is not SPIN");
        }
        acquireNowrap();
    }

    @Override
    public boolean tryenter() {
        if (compareAndSetState(0, 1)) {
            entered();
            return true;
        }
        return false;
    }

    @Override
    public void exit() {
        if (!heldByThisThread()) {
            // Who is thrown out of a wait by the kernel's end comes by here without it.
            blocker.checkExit();
            throw new IllegalMonitorStateException("mutex is not held by this thread");
        }
        release();
    }

    @Override
    public @Nullable OpaqueLwp owner() {
        if (!kmutex) {
            throw new IllegalStateException("owner of a mutex that is not KMUTEX");
        }
        long id = (long) HOLDER.getOpaque(this);
        Curlwp.Slot last = slot;
        return last != null && last.threadId == id ? last.lwp : null;
    }

    @Override
    public boolean spinP() {
        return spin;
    }

    @Override
    public void destroy() {
        if (getState() != 0 || hasQueuedThreads()) {
            blocker.checkExit();
            throw new IllegalStateException("destroying a mutex that is in use");
        }
    }

    boolean isSpin() {
        return spin;
    }

    boolean isKmutex() {
        return kmutex;
    }

    boolean heldByThisThread() {
        return holder == Thread.currentThread().threadId();
    }

    /** Takes it with no regard to the virtual CPU. */
    void acquireNowrap() {
        if (!compareAndSetState(0, 1)) {
            checkNotHolder();
            blocker.sleep(() -> acquireInterruptibly(1));
        }
        entered();
    }

    /** Gives it back, by the holder. */
    void release() {
        RealCondVar.Waiter last = lastToWake;
        lastToWake = null;
        HOLDER.setOpaque(this, NOBODY);
        setState(0);
        // Who queues after this look has tried once more before it sleeps.
        if (hasQueuedThreads()) {
            release(1);
        }
        if (last != null) {
            RealCondVar.Waiter.wakeAll(last);
        }
    }

    /**
     * By the holder: has a thread that will want this mutex woken when the holder leaves it. Woken at once it might run before
     * that, only to sleep again.
     */
    void wakeAtRelease(RealCondVar.Waiter waiter) {
        waiter.joinRing(lastToWake);
        lastToWake = waiter;
    }

    private void enterContended() {
        if (spin) {
            acquireNowrap();
            return;
        }
        checkNotHolder();
        int nlocks = blocker.unschedule(null);
        blocker.sleep(() -> acquireInterruptibly(1));
        entered();
        blocker.schedule(nlocks, null);
    }

    private void entered() {
        if (kmutex) {
            slot = curlwp.slot(slot);
        }
        HOLDER.setOpaque(this, Thread.currentThread().threadId());
    }

    private void checkNotHolder() {
        if (heldByThisThread()) {
            throw new IllegalMonitorStateException("mutex is held by this thread already");
        }
    }

    @Override
    protected boolean tryAcquire(int one) {
        return getState() == 0 && compareAndSetState(0, 1);
    }

    /** It has been given back already: this is about waking the next. */
    @Override
    protected boolean tryRelease(int one) {
        return true;
    }
}
