package org.rump4j.kern;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.CondVarCalls;
import org.rump4j.rumpuser.MutexCalls;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;

/**
 * The locks of a host in the simplest form, made of monitors, so that a model checker has little to look at besides what
 * stands on them. What the scheduler does not use is not there.
 */
final class ModelHost implements MutexCalls, CondVarCalls {
    private final boolean forgetful;

    /** @param forgetful whether signals are lost, to see that the checker notices */
    ModelHost(boolean forgetful) {
        this.forgetful = forgetful;
    }

    @Override
    public RumpMutex mutexInit(int flags) {
        return new ModelMutex();
    }

    @Override
    public RumpCondVar cvInit() {
        return new ModelCondVar(forgetful);
    }

    private static final class ModelMutex implements RumpMutex {
        private boolean held;

        @Override
        public void enter() {
            enterNowrap();
        }

        @Override
        public synchronized void enterNowrap() {
            while (held) {
                uninterruptibly(this);
            }
            held = true;
        }

        @Override
        public synchronized boolean tryenter() {
            boolean free = !held;
            held = true;
            return free;
        }

        @Override
        public synchronized void exit() {
            held = false;
            notifyAll();
        }

        @Override
        public @Nullable OpaqueLwp owner() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean spinP() {
            return true;
        }

        @Override
        public void destroy() {}
    }

    private static final class ModelCondVar implements RumpCondVar {
        private final boolean forgetful;

        /** How many have begun to wait, and how many of them, the first, have been woken. */
        private int begun;

        private int woken;

        ModelCondVar(boolean forgetful) {
            this.forgetful = forgetful;
        }

        @Override
        public void await(RumpMutex interlock) {
            awaitNowrap(interlock);
        }

        @Override
        public void awaitNowrap(RumpMutex interlock) {
            synchronized (this) {
                int turn = begun++;
                interlock.exit();
                while (woken <= turn) {
                    uninterruptibly(this);
                }
            }
            interlock.enterNowrap();
        }

        @Override
        public boolean timedwait(RumpMutex interlock, long nanos) {
            throw new UnsupportedOperationException();
        }

        @Override
        public synchronized void signal() {
            if (woken < begun && !forgetful) {
                woken++;
                notifyAll();
            }
        }

        @Override
        public synchronized void broadcast() {
            if (!forgetful) {
                woken = begun;
                notifyAll();
            }
        }

        @Override
        public synchronized boolean hasWaiters() {
            return woken < begun;
        }

        @Override
        public void destroy() {}
    }

    /** Called with the monitor held, in a loop. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private static void uninterruptibly(Object monitor) {
        try {
            monitor.wait();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
