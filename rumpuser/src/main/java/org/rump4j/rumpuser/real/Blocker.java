package org.rump4j.rumpuser.real;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpuserExit;

/**
 * How threads of one kernel wait: with the virtual CPU given away, uninterruptibly, until the kernel exits.
 *
 * <p>Exit has to reach threads that sleep. A thread announces itself in {@link #sleepers} before it sleeps and takes
 * itself off afterwards; exit takes each thread off that it finds and interrupts it. So whoever succeeds in taking the
 * entry off decides: a sleeper that cannot take its own entry off is being interrupted, and swallows that interrupt.
 */
final class Blocker {
    /** A wait that ends early when the thread is interrupted. */
    interface Interruptible {
        void await() throws InterruptedException;
    }

    private static final long EXIT_POLL_NANOS = 10_000;

    private final Map<Thread, Boolean> sleepers = new ConcurrentHashMap<>();
    private @Nullable Hyperup hyperup;
    private volatile @Nullable RumpuserExit exit;

    void attach(Hyperup upcalls) {
        hyperup = upcalls;
    }

    boolean attached() {
        return hyperup != null;
    }

    Hyperup hyperup() {
        Hyperup upcalls = hyperup;
        if (upcalls == null) {
            throw new IllegalStateException("hypercall before rumpuser_init");
        }
        return upcalls;
    }

    /** Gives the virtual CPU away. What it returns is for {@link #schedule}. */
    int unschedule(@Nullable RumpMutex interlock) {
        checkExit();
        return hyperup().backendUnschedule(0, interlock);
    }

    /** Takes a virtual CPU again. */
    void schedule(int nlocks, @Nullable RumpMutex interlock) {
        checkExit();
        hyperup().backendSchedule(nlocks, interlock);
    }

    /**
     * Waits until wait returns by itself, however often the thread is interrupted meanwhile.
     *
     * @throws RumpuserExit where the kernel has exited, before or meanwhile
     */
    void sleep(Interruptible wait) {
        Thread self = Thread.currentThread();
        boolean interrupted = false;
        sleepers.put(self, Boolean.TRUE);
        try {
            while (true) {
                checkExit();
                try {
                    wait.await();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (sleepers.remove(self) == null) {
                // Exit is about to interrupt this thread, or has: wait for that, so that it does not strike later.
                while (!interrupted && !Thread.interrupted()) {
                    LockSupport.parkNanos(EXIT_POLL_NANOS);
                }
            } else if (interrupted) {
                self.interrupt();
            }
        }
    }

    /** Throws every thread out that sleeps here, and every one that will. To be called once. */
    void exit(RumpuserExit end) {
        exit = end;
        for (Thread sleeper : List.copyOf(sleepers.keySet())) {
            if (sleepers.remove(sleeper) != null) {
                sleeper.interrupt();
            }
        }
    }

    boolean exited() {
        return exit != null;
    }

    void checkExit() {
        RumpuserExit e = exit;
        if (e != null) {
            throw e;
        }
    }
}
