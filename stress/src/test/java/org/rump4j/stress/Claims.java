package org.rump4j.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;

/**
 * Claims about the locks and waits of the real host. The state of each test has a host of its own, whose kernel counts how
 * often virtual CPUs are given away and taken. A thread that sleeps for ever is a failure too:
 * the run does not end in time.
 */
public class Claims {
    private Claims() {}

    /** Two threads in a kmutex, one after the other, whoever has to wait giving its virtual CPU away and taking it again. */
    @JCStressTest
    @Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "Both were in, and every virtual CPU is back.")
    @State
    public static class Kmutex {
        private final CountingHost host = new CountingHost();
        private final RumpMutex mutex = host.rumpuser.mutexInit(RumpMutex.KMUTEX);
        private int entered;

        @Actor
        public void one() {
            enterAndLeave();
        }

        @Actor
        public void two() {
            enterAndLeave();
        }

        private void enterAndLeave() {
            mutex.enter();
            entered++;
            mutex.exit();
        }

        @Arbiter
        public void count(II_Result r) {
            r.r1 = entered;
            r.r2 = host.away();
        }
    }

    /** Two threads in a spin mutex, twice each, neither of which may give its virtual CPU away. */
    @JCStressTest
    @Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "Both were in, and no virtual CPU was given away.")
    @State
    public static class SpinMutex {
        private final CountingHost host = new CountingHost();
        private final RumpMutex mutex = host.rumpuser.mutexInit(RumpMutex.SPIN);
        private int entered;

        @Actor
        public void one() {
            enterAndLeave();
        }

        @Actor
        public void two() {
            enterAndLeave();
        }

        private void enterAndLeave() {
            for (int i = 0; i < 2; i++) {
                mutex.enterNowrap();
                entered++;
                mutex.exit();
            }
        }

        @Arbiter
        public void count(II_Result r) {
            r.r1 = entered;
            r.r2 = host.pairs();
        }
    }

    /** One of two takes a mutex that is free, and what it wrote is seen by whoever comes next. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "One found it held.")
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Each found it free.")
    @State
    public static class MutexTryenter {
        private final RumpMutex mutex = new CountingHost().rumpuser.mutexInit(RumpMutex.KMUTEX);
        private int entered;

        @Actor
        public void one() {
            tryIt();
        }

        @Actor
        public void two() {
            tryIt();
        }

        private void tryIt() {
            if (mutex.tryenter()) {
                entered++;
                mutex.exit();
            }
        }

        @Arbiter
        public void count(I_Result r) {
            r.r1 = entered;
        }
    }

    /** A writer changes two fields; a reader sees both changes or neither. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "Before the writer, or after it.")
    @State
    public static class RwLockReaderAndWriter {
        private final RumpRwLock lock = new CountingHost().rumpuser.rwInit();
        private int a;
        private int b;

        @Actor
        public void writer() {
            lock.enter(Kind.WRITER);
            a = 1;
            b = 1;
            lock.exit();
        }

        @Actor
        public void reader(II_Result r) {
            lock.enter(Kind.READER);
            r.r1 = a;
            r.r2 = b;
            lock.exit();
        }
    }

    /** A writer and a reader that upgrades: neither is disturbed while it writes, and every virtual CPU comes back. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "2, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "With or without the upgrade.")
    @State
    public static class RwLockUpgrade {
        private final CountingHost host = new CountingHost();
        private final RumpRwLock lock = host.rumpuser.rwInit();
        private int written;

        @Actor
        public void writer() {
            lock.enter(Kind.WRITER);
            written++;
            lock.exit();
        }

        @Actor
        public void upgrader() {
            lock.enter(Kind.READER);
            if (lock.tryupgrade()) {
                written++;
            }
            lock.exit();
        }

        @Arbiter
        public void count(II_Result r) {
            r.r1 = written;
            r.r2 = host.away();
        }
    }

    /** Between a downgrade and what the former writer reads then no other writer comes in. */
    @JCStressTest
    @Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "It reads what it wrote.")
    @State
    public static class RwLockDowngrade {
        private final RumpRwLock lock = new CountingHost().rumpuser.rwInit();
        private int value;

        @Actor
        public void downgrader(Z_Result r) {
            lock.enter(Kind.WRITER);
            value = 1;
            lock.downgrade();
            r.r1 = value == 1;
            lock.exit();
        }

        @Actor
        public void readerThenWriter() {
            lock.enter(Kind.READER);
            lock.exit();
            lock.enter(Kind.WRITER);
            value = 2;
            lock.exit();
        }
    }

    /** A wait ends by a signal that is given under the interlock, and has given its virtual CPU away once each time. */
    @JCStressTest
    @Outcome(
            id = {"true, true"},
            expect = Expect.ACCEPTABLE,
            desc = "Woken, with the virtual CPU back.")
    @State
    public static class CondVarSignal {
        private final CountingHost host = new CountingHost();
        private final RumpMutex mutex = host.rumpuser.mutexInit(RumpMutex.KMUTEX);
        private final RumpCondVar cv = host.rumpuser.cvInit();
        private boolean ready;

        @Actor
        public void waiter(ZZ_Result r) {
            mutex.enter();
            while (!ready) {
                cv.await(mutex);
            }
            r.r1 = true;
            mutex.exit();
        }

        @Actor
        public void signaller() {
            mutex.enter();
            ready = true;
            cv.signal();
            mutex.exit();
        }

        @Arbiter
        public void count(ZZ_Result r) {
            r.r2 = host.away() == 0 && !cv.hasWaiters();
        }
    }

    /** The same with a mutex that may not be held while a virtual CPU is waited for, and a signal given without it. */
    @JCStressTest
    @Outcome(
            id = {"true, true"},
            expect = Expect.ACCEPTABLE,
            desc = "Woken, with the virtual CPU back.")
    @State
    public static class CondVarBroadcast {
        private final CountingHost host = new CountingHost();
        private final RumpMutex mutex = host.rumpuser.mutexInit(RumpMutex.SPIN | RumpMutex.KMUTEX);
        private final RumpCondVar cv = host.rumpuser.cvInit();
        private boolean ready;

        @Actor
        public void waiter(ZZ_Result r) {
            mutex.enter();
            while (!ready) {
                cv.await(mutex);
            }
            r.r1 = true;
            mutex.exit();
        }

        @Actor
        public void signaller() {
            mutex.enter();
            ready = true;
            mutex.exit();
            cv.broadcast();
        }

        @Arbiter
        public void count(ZZ_Result r) {
            r.r2 = host.away() == 0 && !cv.hasWaiters();
        }
    }

    /** A signal and the end of a timed wait race: whichever wins, the wait is over and the next one is not woken by it. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, false"},
            expect = Expect.ACCEPTABLE,
            desc = "Woken or not, and nothing is left of it.")
    @State
    public static class CondVarTimeout {
        private final CountingHost host = new CountingHost();
        private final RumpMutex mutex = host.rumpuser.mutexInit(RumpMutex.KMUTEX);
        private final RumpCondVar cv = host.rumpuser.cvInit();

        @Actor
        public void waiter(ZZ_Result r) {
            mutex.enter();
            r.r1 = cv.timedwait(mutex, 20_000);
            mutex.exit();
        }

        @Actor
        public void signaller() {
            cv.signal();
        }

        @Arbiter
        public void next(ZZ_Result r) {
            mutex.enter();
            r.r2 = cv.timedwait(mutex, 0) || cv.hasWaiters() || host.away() != 0;
            mutex.exit();
        }
    }
}
