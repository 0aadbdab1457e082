package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;

/** Reader/writer locks. */
abstract class RwLockContract extends Contract {
    private RumpRwLock lock;

    @BeforeEach
    void makeLock() {
        lock = host.rwInit();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aFreeLockIsTakenWithoutGivingTheVirtualCpuAway(Kind kind) throws Throwable {
        assertPairs(0, () -> {
            lock.enter(kind);
            lock.exit();
            assertTrue(lock.tryenter(kind));
            lock.exit();
            lock.destroy();
        });
    }

    @Test
    void readersShare() throws Throwable {
        lock.enter(Kind.READER);
        start(
                        "reader",
                        () -> assertPairs(0, () -> {
                            lock.enter(Kind.READER);
                            assertTrue(lock.tryenter(Kind.READER));
                            lock.exit();
                            lock.exit();
                        }))
                .join();
        lock.exit();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whoeverWaitsForAWriterGivesTheVirtualCpuAwayOnce(Kind kind) throws Throwable {
        lock.enter(Kind.WRITER);
        Task waiter = startAndAwaitAway(
                "waiter",
                () -> assertPairs(1, () -> {
                    lock.enter(kind);
                    assertTrue(lock.held(kind));
                    lock.exit();
                }));
        pause();
        assertTrue(waiter.away());
        lock.exit();
        waiter.join();
    }

    @Test
    void aWriterWaitsForAllReaders() throws Throwable {
        lock.enter(Kind.READER);
        lock.enter(Kind.READER);
        Task writer = startAndAwaitAway(
                "writer",
                () -> assertPairs(1, () -> {
                    lock.enter(Kind.WRITER);
                    assertTrue(lock.held(Kind.WRITER));
                    lock.exit();
                }));
        lock.exit();
        pause();
        assertTrue(writer.away());
        lock.exit();
        writer.join();
    }

    @Test
    void tryenterIsBusyWhereItWouldHaveToWait() throws Throwable {
        assertPairs(0, () -> {
            lock.enter(Kind.READER);
            assertFalse(lock.tryenter(Kind.WRITER));
            lock.exit();
            lock.enter(Kind.WRITER);
            assertFalse(lock.tryenter(Kind.WRITER));
            assertFalse(lock.tryenter(Kind.READER));
            lock.exit();
        });
    }

    @Test
    void theOnlyReaderCanBecomeTheWriter() throws Throwable {
        assertPairs(0, () -> {
            lock.enter(Kind.READER);
            assertTrue(lock.tryupgrade());
            assertTrue(lock.held(Kind.WRITER));
            assertFalse(lock.held(Kind.READER));
            assertFalse(lock.tryenter(Kind.READER));
            lock.exit();
            assertTrue(lock.tryenter(Kind.WRITER));
            lock.exit();
        });
    }

    @Test
    void oneReaderOfSeveralCannotBecomeTheWriterAndIsAReaderStill() throws Throwable {
        lock.enter(Kind.READER);
        start("another reader", () -> {
                    lock.enter(Kind.READER);
                    assertFalse(lock.tryupgrade());
                    assertTrue(lock.held(Kind.READER));
                    assertFalse(lock.held(Kind.WRITER));
                    lock.exit();
                })
                .join();
        assertTrue(lock.tryupgrade());
        lock.exit();
    }

    @Test
    void aDowngradedWriterIsAReaderAndLetsOthersRead() throws Throwable {
        lock.enter(Kind.WRITER);
        int before = kernel.context().pairs.get();
        lock.downgrade();
        assertTrue(kernel.context().pairs.get() - before <= 1);
        assertFalse(lock.held(Kind.WRITER));
        assertTrue(lock.held(Kind.READER));
        assertFalse(lock.tryenter(Kind.WRITER));
        assertTrue(lock.tryenter(Kind.READER));
        lock.exit();
        lock.exit();
        assertFalse(lock.held(Kind.READER));
    }

    @Test
    void aDowngradeLetsInTheReadersThatWaited() throws Throwable {
        lock.enter(Kind.WRITER);
        List<Task> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(startAndAwaitAway("reader " + i, () -> {
                lock.enter(Kind.READER);
                lock.exit();
            }));
        }
        pause();
        lock.downgrade();
        for (Task reader : readers) {
            reader.join();
        }
        assertTrue(lock.held(Kind.READER));
        lock.exit();
    }

    @Test
    void noWriterComesInWhileAnotherDowngrades() throws Throwable {
        AtomicInteger writers = new AtomicInteger();
        lock.enter(Kind.WRITER);
        Task writer = startAndAwaitAway("writer", () -> {
            lock.enter(Kind.WRITER);
            writers.incrementAndGet();
            lock.exit();
        });
        lock.downgrade();
        pause();
        assertEquals(0, writers.get());
        lock.exit();
        writer.join();
        assertEquals(1, writers.get());
    }

    @Test
    void aWriterThatWaitsKeepsNewReadersOutAndSoDoesNotStarve() throws Throwable {
        lock.enter(Kind.READER);
        AtomicInteger order = new AtomicInteger();
        Task writer = startAndAwaitAway("writer", () -> {
            lock.enter(Kind.WRITER);
            assertEquals(1, order.incrementAndGet());
            lock.exit();
        });
        waitUntil(() -> {
            boolean in = lock.tryenter(Kind.READER);
            if (in) {
                lock.exit();
            }
            return !in;
        });
        Task reader = startAndAwaitAway("reader", () -> {
            lock.enter(Kind.READER);
            assertEquals(2, order.incrementAndGet());
            lock.exit();
        });
        pause();
        assertTrue(writer.away());
        assertTrue(reader.away());
        lock.exit();
        writer.join();
        reader.join();
    }

    @Test
    void heldForWritingIsAnsweredToTheWriterAndHeldForReadingToAnybody() throws Throwable {
        assertFalse(lock.held(Kind.READER));
        assertFalse(lock.held(Kind.WRITER));
        lock.enter(Kind.WRITER);
        assertTrue(lock.held(Kind.WRITER));
        assertFalse(lock.held(Kind.READER));
        start("other", () -> {
                    assertFalse(lock.held(Kind.WRITER));
                    assertFalse(lock.held(Kind.READER));
                })
                .join();
        lock.exit();
        lock.enter(Kind.READER);
        start("other", () -> {
                    assertTrue(lock.held(Kind.READER));
                    assertFalse(lock.held(Kind.WRITER));
                })
                .join();
        lock.exit();
    }

    @Test
    void leavingOrChangingWhatOneDoesNotHoldIsAMistake() throws Throwable {
        assertMistake(IllegalMonitorStateException.class, lock::exit);
        assertMistake(IllegalMonitorStateException.class, lock::downgrade);
        assertMistake(IllegalMonitorStateException.class, lock::tryupgrade);
        lock.enter(Kind.WRITER);
        start("other", () -> {
                    assertMistake(IllegalMonitorStateException.class, lock::exit);
                    assertMistake(IllegalMonitorStateException.class, lock::downgrade);
                })
                .join();
        assertTrue(lock.held(Kind.WRITER));
        lock.exit();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void enteringWhatOneHoldsForWritingIsAMistake(Kind kind) throws Throwable {
        lock.enter(Kind.WRITER);
        assertPairs(0, () -> assertMistake(IllegalMonitorStateException.class, () -> lock.enter(kind)));
        lock.exit();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void destroyingAHeldLockIsAMistake(Kind kind) {
        lock.enter(kind);
        assertMistake(IllegalStateException.class, lock::destroy);
        lock.exit();
        lock.destroy();
    }

    @Test
    void writersAreAloneAndReadersAmongThemselves() throws Throwable {
        int threads = 4;
        int rounds = 1000;
        AtomicInteger readers = new AtomicInteger();
        AtomicInteger writers = new AtomicInteger();
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int seed = t;
            tasks.add(start("thread " + t, () -> {
                for (int i = 0; i < rounds; i++) {
                    if ((i + seed) % 3 == 0) {
                        lock.enter(Kind.WRITER);
                        assertEquals(1, writers.incrementAndGet());
                        assertEquals(0, readers.get());
                        writers.decrementAndGet();
                        if (i % 2 == 0) {
                            readers.incrementAndGet();
                            lock.downgrade();
                            assertEquals(0, writers.get());
                            readers.decrementAndGet();
                        }
                        lock.exit();
                    } else {
                        lock.enter(Kind.READER);
                        readers.incrementAndGet();
                        assertEquals(0, writers.get());
                        readers.decrementAndGet();
                        if (lock.tryupgrade()) {
                            assertEquals(1, writers.incrementAndGet());
                            assertEquals(0, readers.get());
                            writers.decrementAndGet();
                        }
                        lock.exit();
                    }
                }
            }));
        }
        for (Task task : tasks) {
            task.join();
        }
        lock.destroy();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptDoesNotEndTheWaitForALock(Kind kind) throws Throwable {
        lock.enter(Kind.WRITER);
        Task waiter = startAndAwaitAway("waiter", () -> {
            lock.enter(kind);
            assertTrue(lock.held(kind));
            lock.exit();
            assertTrue(Thread.interrupted(), "the interrupt is put off, not lost");
        });
        waiter.interrupt();
        pause();
        assertFalse(waiter.done);
        lock.exit();
        waiter.join();
    }
}
