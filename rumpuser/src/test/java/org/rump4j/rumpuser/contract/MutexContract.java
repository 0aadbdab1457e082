package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.RumpMutex;

/** Mutexes. */
abstract class MutexContract extends Contract {
    private static final int SPIN = RumpMutex.SPIN;
    private static final int KMUTEX = RumpMutex.KMUTEX;
    private static final int BOTH = SPIN | KMUTEX;

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void aFreeMutexIsTakenWithoutGivingTheVirtualCpuAway(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        assertPairs(0, () -> {
            mutex.enter();
            mutex.exit();
            assertTrue(mutex.tryenter());
            mutex.exit();
            mutex.destroy();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, BOTH})
    void aFreeSpinMutexIsTakenWithoutWrappingToo(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        assertPairs(0, () -> {
            mutex.enterNowrap();
            assertFalse(mutex.tryenter());
            mutex.exit();
        });
    }

    @Test
    void aContendedKmutexGivesTheVirtualCpuAwayOnceAndTakesOneAgain() throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        mutex.enter();
        Task waiter = startAndAwaitAway(
                "waiter",
                () -> assertPairs(1, () -> {
                    mutex.enter();
                    assertSame(host.curlwp(), mutex.owner());
                    mutex.exit();
                }));
        pause();
        assertTrue(waiter.away());
        mutex.exit();
        waiter.join();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, BOTH})
    void aContendedSpinMutexIsWaitedForWithTheVirtualCpuHeld(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        mutex.enter();
        Task entering = start(
                "entering",
                () -> assertPairs(0, () -> {
                    mutex.enter();
                    mutex.exit();
                }));
        pause();
        assertFalse(entering.done);
        assertFalse(entering.away());
        mutex.exit();
        entering.join();

        mutex.enter();
        Task nowrap = start(
                "nowrap",
                () -> assertPairs(0, () -> {
                    mutex.enterNowrap();
                    mutex.exit();
                }));
        pause();
        assertFalse(nowrap.done);
        mutex.exit();
        nowrap.join();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void tryenterOfAHeldMutexIsBusyForOthersAndForTheHolder(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        mutex.enter();
        assertPairs(0, () -> assertFalse(mutex.tryenter()));
        start("other", () -> assertPairs(0, () -> assertFalse(mutex.tryenter())))
                .join();
        mutex.exit();
    }

    @ParameterizedTest
    @ValueSource(ints = {KMUTEX, BOTH})
    void theOwnerIsTheLwpInside(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        assertNull(mutex.owner());
        mutex.enter();
        assertSame(host.curlwp(), mutex.owner());
        Object owner = host.curlwp();
        start("other", () -> assertSame(owner, mutex.owner())).join();
        mutex.exit();
        assertNull(mutex.owner());
        assertTrue(mutex.tryenter());
        assertSame(owner, mutex.owner());
        mutex.exit();
    }

    @Test
    void aMutexTellsWhetherItIsASpinMutex() {
        assertTrue(kernel.mutex(SPIN).spinP());
        assertTrue(kernel.mutex(BOTH).spinP());
        assertFalse(kernel.mutex(KMUTEX).spinP());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 7})
    void aMutexIsSpinOrKmutexOrBoth(int flags) {
        assertMistake(IllegalArgumentException.class, () -> host.mutexInit(flags));
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void enteringTwiceIsAMistake(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        mutex.enter();
        assertPairs(0, () -> assertMistake(IllegalMonitorStateException.class, mutex::enter));
        mutex.exit();
        assertTrue(mutex.tryenter());
        mutex.exit();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void leavingWhatOneDoesNotHoldIsAMistake(int flags) throws Throwable {
        RumpMutex mutex = kernel.mutex(flags);
        assertMistake(IllegalMonitorStateException.class, mutex::exit);
        mutex.enter();
        start("other", () -> assertMistake(IllegalMonitorStateException.class, mutex::exit))
                .join();
        mutex.exit();
    }

    @Test
    void whatIsForOneKindOnlyIsAMistakeForTheOther() {
        assertMistake(IllegalStateException.class, kernel.mutex(KMUTEX)::enterNowrap);
        assertMistake(IllegalStateException.class, kernel.mutex(SPIN)::owner);
    }

    @Test
    void destroyingAHeldMutexIsAMistake() {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        mutex.enter();
        assertMistake(IllegalStateException.class, mutex::destroy);
        mutex.exit();
        mutex.destroy();
    }

    @ParameterizedTest
    @ValueSource(ints = {SPIN, KMUTEX, BOTH})
    void oneThreadAtATimeIsInside(int flags) throws Throwable {
        int threads = 4;
        int rounds = 2000;
        RumpMutex mutex = kernel.mutex(flags);
        int[] inside = new int[1];
        int[] entered = new int[1];
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            tasks.add(start("thread " + t, () -> {
                for (int i = 0; i < rounds; i++) {
                    mutex.enter();
                    assertEquals(1, ++inside[0]);
                    entered[0]++;
                    inside[0]--;
                    mutex.exit();
                }
            }));
        }
        for (Task task : tasks) {
            task.join();
        }
        mutex.enter();
        assertEquals(threads * rounds, entered[0]);
        mutex.exit();
    }

    @Test
    void anInterruptDoesNotEndTheWaitForAMutex() throws Throwable {
        RumpMutex mutex = kernel.mutex(KMUTEX);
        mutex.enter();
        Task waiter = startAndAwaitAway("waiter", () -> {
            mutex.enter();
            assertSame(host.curlwp(), mutex.owner());
            mutex.exit();
            assertTrue(Thread.interrupted(), "the interrupt is put off, not lost");
        });
        waiter.interrupt();
        pause();
        assertFalse(waiter.done);
        mutex.exit();
        waiter.join();
    }
}
