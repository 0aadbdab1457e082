package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;

/** Condition variables. That the order within a wait is right, {@link FakeKernel} looks after. */
abstract class CondVarContract extends Contract {
    private static final int SPIN = RumpMutex.SPIN;
    private static final int KMUTEX = RumpMutex.KMUTEX;
    private static final int BOTH = SPIN | KMUTEX;
    private static final long HOUR = 3_600_000 * MILLISECOND;

    private RumpCondVar cv;

    @BeforeEach
    void makeCondVar() {
        cv = host.cvInit();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void aWaitGivesTheVirtualCpuAwayOnceAndReturnsWithTheInterlock(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        boolean[] go = new boolean[1];
        Task waiter = startAndAwaitAway("waiter", () -> {
            mutex.enter();
            while (!go[0]) {
                assertPairs(1, () -> cv.await(mutex));
                assertHeld(mutex);
            }
            mutex.exit();
        });
        mutex.enter();
        go[0] = true;
        cv.signal();
        mutex.exit();
        waiter.join();
        cv.destroy();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void aWaitWithoutWrappingKeepsTheVirtualCpu(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        boolean[] go = new boolean[1];
        Task waiter = start("waiter", () -> {
            mutex.enter();
            assertPairs(0, () -> {
                while (!go[0]) {
                    cv.awaitNowrap(mutex);
                    assertHeld(mutex);
                }
            });
            mutex.exit();
        });
        waitUntil(cv::hasWaiters);
        assertFalse(waiter.away());
        mutex.enter();
        go[0] = true;
        cv.signal();
        mutex.exit();
        waiter.join();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void theInterlockIsFreeWhileItsHolderWaits(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        boolean[] go = new boolean[1];
        Task waiter = start("waiter", () -> {
            mutex.enter();
            while (!go[0]) {
                cv.await(mutex);
            }
            mutex.exit();
        });
        waitUntil(() -> {
            boolean free = cv.hasWaiters() && mutex.tryenter();
            if (free) {
                mutex.exit();
            }
            return free;
        });
        mutex.enter();
        if (flags != SPIN) {
            assertSame(host.curlwp(), mutex.owner());
        }
        go[0] = true;
        mutex.exit();
        cv.signal();
        waiter.join();
    }

    @Test
    void theMutexOfTheVirtualCpusIsEnteredAndLeftByTheKernelItself() throws Throwable {
        RumpMutex mutex = kernel.cpuMutex();
        boolean[] done = new boolean[1];
        Task waiter = startAndAwaitAway("waiter", () -> {
            assertPairs(1, () -> cv.await(mutex));
            done[0] = true;
            assertTrue(kernel.context().hasCpu);
        });
        waitUntil(() -> {
            mutex.enterNowrap();
            cv.signal();
            mutex.exit();
            return waiter.done;
        });
        waiter.join();
        assertTrue(done[0]);
        assertPairs(1, () -> assertFalse(cv.timedwait(mutex, MILLISECOND)));
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void aSignalWakesOneAndABroadcastAll(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        int[] tickets = new int[1];
        List<Task> waiters = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiters.add(startAndAwaitAway("waiter " + i, () -> {
                mutex.enter();
                while (tickets[0] == 0) {
                    cv.await(mutex);
                }
                tickets[0]--;
                mutex.exit();
            }));
        }
        mutex.enter();
        tickets[0] = 1;
        cv.signal();
        mutex.exit();
        waitUntil(() -> waiters.stream().filter(waiter -> waiter.done).count() == 1);
        mutex.enter();
        tickets[0] = 4;
        cv.broadcast();
        mutex.exit();
        for (Task waiter : waiters) {
            waiter.join();
        }
        assertEquals(0, tickets[0]);
    }

    @Test
    void signalsToNobodyAreForgotten() throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        assertPairs(0, () -> {
            cv.signal();
            cv.broadcast();
        });
        mutex.enter();
        assertFalse(cv.timedwait(mutex, MILLISECOND));
        mutex.exit();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void aTimedWaitEndsByItselfWithTheInterlockHeld(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        mutex.enter();
        long before = host.clockGettime(RumpClock.ABSMONO);
        assertPairs(1, () -> assertFalse(cv.timedwait(mutex, 5 * MILLISECOND)));
        assertTrue(host.clockGettime(RumpClock.ABSMONO) - before >= 5 * MILLISECOND);
        assertHeld(mutex);
        mutex.exit();
        assertFalse(cv.hasWaiters());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aTimedWaitWithoutTimeIsOverAtOnceButGivesTheVirtualCpuAway(long nanos) throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        mutex.enter();
        assertPairs(1, () -> assertFalse(cv.timedwait(mutex, nanos)));
        assertHeld(mutex);
        mutex.exit();
    }

    @ParameterizedTest
    @ValueSource(longs = {HOUR, Long.MAX_VALUE})
    void aTimedWaitIsWokenBeforeItsTime(long nanos) throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        boolean[] go = new boolean[1];
        Task waiter = startAndAwaitAway("waiter", () -> {
            mutex.enter();
            while (!go[0]) {
                assertTrue(cv.timedwait(mutex, nanos));
            }
            mutex.exit();
        });
        mutex.enter();
        go[0] = true;
        cv.broadcast();
        mutex.exit();
        waiter.join();
    }

    @Test
    void aWaiterCountsUntilItsWaitHasFullyReturned() throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        assertFalse(cv.hasWaiters());
        boolean[] go = new boolean[1];
        Task waiter = startAndAwaitAway("waiter", () -> {
            mutex.enter();
            while (!go[0]) {
                cv.await(mutex);
            }
            mutex.exit();
        });
        mutex.enter();
        assertTrue(cv.hasWaiters());
        go[0] = true;
        cv.signal();
        assertTrue(cv.hasWaiters(), "it cannot have returned: the interlock is held here");
        assertMistake(IllegalStateException.class, cv::destroy);
        mutex.exit();
        waiter.join();
        assertFalse(cv.hasWaiters());
        cv.destroy();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void waitingWithoutTheInterlockIsAMistake(int flags) throws Throwable {
        RumpMutex mutex = host.mutexInit(flags);
        FakeKernel.Context here = kernel.context();
        assertMistake(IllegalMonitorStateException.class, () -> cv.awaitNowrap(mutex));
        if (flags != SPIN) {
            // Of a SPIN mutex the kernel itself might be about to enter it; this one would complain that it is not its
            // own.
            assertPairs(0, () -> assertMistake(IllegalMonitorStateException.class, () -> cv.await(mutex)));
            assertPairs(0, () -> assertMistake(IllegalMonitorStateException.class, () -> cv.timedwait(mutex, HOUR)));
        }
        assertTrue(here.hasCpu);
        assertFalse(here.away);
        assertFalse(cv.hasWaiters());
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void noWakeUpIsLostBetweenTwoThreadsThatTakeTurns(int flags) throws Throwable {
        int rounds = 500;
        RumpMutex mutex = kernel.mutex(flags);
        int[] turn = new int[1];
        Task odd = start("odd", () -> takeTurns(mutex, turn, 1, rounds));
        Task even = start("even", () -> takeTurns(mutex, turn, 0, rounds));
        odd.join();
        even.join();
        assertEquals(2 * rounds, turn[0]);
    }

    private void takeTurns(RumpMutex mutex, int[] turn, int mine, int rounds) {
        for (int i = 0; i < rounds; i++) {
            mutex.enter();
            while (turn[0] % 2 != mine) {
                cv.await(mutex);
            }
            turn[0]++;
            cv.signal();
            mutex.exit();
        }
    }

    @Test
    void aSignalIsNotLostToAWaiterWhoseTimeIsOver() throws Throwable {
        int rounds = 300;
        RumpMutex mutex = kernel.mutex(KMUTEX);
        int[] items = new int[1];
        int[] taken = new int[1];
        boolean[] over = new boolean[1];
        Task impatient = start("impatient", () -> {
            mutex.enter();
            while (!over[0]) {
                cv.timedwait(mutex, MILLISECOND / 50);
                mutex.exit();
                mutex.enter();
            }
            mutex.exit();
        });
        Task patient = start("patient", () -> {
            mutex.enter();
            while (taken[0] < rounds) {
                while (items[0] == 0) {
                    cv.await(mutex);
                }
                items[0]--;
                taken[0]++;
            }
            mutex.exit();
        });
        for (int i = 0; i < rounds; i++) {
            mutex.enter();
            items[0]++;
            // Two, for one may go to the impatient thread, which does not pass it on when it was woken.
            cv.signal();
            cv.signal();
            mutex.exit();
            int wanted = i + 1;
            waitUntil(() -> {
                mutex.enter();
                boolean there = taken[0] == wanted;
                mutex.exit();
                return there;
            });
        }
        patient.join();
        mutex.enter();
        over[0] = true;
        mutex.exit();
        impatient.join();
    }

    @Test
    void anInterruptIsPutOffUntilTheWaitIsOver() throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        boolean[] go = new boolean[1];
        Task waiter = startAndAwaitAway("waiter", () -> {
            mutex.enter();
            while (!go[0]) {
                cv.await(mutex);
            }
            assertHeld(mutex);
            mutex.exit();
            assertTrue(Thread.interrupted());
        });
        waiter.interrupt();
        pause();
        assertFalse(waiter.done);
        mutex.enter();
        go[0] = true;
        cv.signal();
        mutex.exit();
        waiter.join();
    }

    private void assertHeld(RumpMutex mutex) throws Throwable {
        assertFalse(mutex.tryenter());
        if ((kernel.flags(mutex) & KMUTEX) != 0) {
            assertSame(host.curlwp(), mutex.owner());
        }
    }
}
