package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.suite.OtherLwp;

class CalloutTest {
    private static final long MILLI = 1_000_000;
    private static final long HOUR = 3600 * 1000 * MILLI;

    private OpenKernel k;

    @BeforeEach
    void boot() throws Exception {
        k = OpenKernel.boot();
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
    }

    @AfterEach
    void halt() {
        k.close();
    }

    private Callout create(Runnable function) {
        return k.kernel.callouts().create(function);
    }

    @Test
    void aFunctionIsCalledOnceWhenItIsDue() {
        AtomicLong calledAt = new AtomicLong();
        AtomicInteger calls = new AtomicInteger();
        Callout c = create(() -> {
            calledAt.set(k.kernel.clock().uptimeNanos());
            calls.incrementAndGet();
        });
        long from = k.inside(_ -> {
            assertFalse(c.isPending());
            c.schedule(HOUR);
            assertTrue(c.isPending());
            long now = k.kernel.clock().uptimeNanos();
            c.schedule(20 * MILLI);
            return now;
        });
        OpenKernel.await(() -> calls.get() > 0);
        assertTrue(calledAt.get() - from >= 20 * MILLI);
        assertFalse(k.holds(c::isPending));
        OpenKernel.pause(30 * MILLI);
        assertEquals(1, calls.get());
    }

    @Test
    void functionsAreCalledInTheOrderInWhichTheyAreDue() {
        List<Integer> order = new CopyOnWriteArrayList<>();
        k.run(() -> {
            create(() -> order.add(4)).schedule(900 * MILLI);
            create(() -> order.add(3)).schedule(500 * MILLI);
            create(() -> order.add(1)).schedule(0);
            create(() -> order.add(2)).schedule(-5);
        });
        OpenKernel.await(() -> order.size() == 4);
        assertEquals(List.of(1, 2, 3, 4), order);
    }

    @Test
    void schedulingAgainReplacesWhatWasScheduled() {
        AtomicInteger calls = new AtomicInteger();
        Callout c = create(calls::incrementAndGet);
        k.run(() -> {
            c.schedule(HOUR);
            c.schedule(MILLI);
        });
        OpenKernel.await(() -> calls.get() == 1);
        k.run(() -> {
            c.schedule(HOUR);
            c.schedule(2 * HOUR);
        });
        assertTrue(k.holds(c::stop));
        assertFalse(k.holds(c::stop));
        assertEquals(1, calls.get());
    }

    @Test
    void whatIsStoppedIsNotCalled() {
        AtomicInteger calls = new AtomicInteger();
        Callout c = create(calls::incrementAndGet);
        assertFalse(k.holds(c::stop));
        int stops = 0;
        int rounds = 500;
        for (int i = 0; i < rounds; i++) {
            long nanos = i * 1000L;
            if (k.holds(() -> {
                c.schedule(nanos);
                k.kernel.clock().sleep(nanos / 2);
                return c.halt();
            })) {
                stops++;
            }
            assertFalse(k.holds(c::isPending));
            assertEquals(i + 1, stops + calls.get());
        }
    }

    @Test
    void aFunctionMayScheduleItself() {
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<Callout> self = new AtomicReference<>();
        self.set(create(() -> {
            if (calls.incrementAndGet() < 4) {
                self.get().schedule(MILLI);
            }
        }));
        k.run(() -> self.get().schedule(0));
        OpenKernel.await(() -> calls.get() == 4);
    }

    @Test
    void haltWaitsForTheFunctionAndKeepsItFromSchedulingItself() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger finished = new AtomicInteger();
        AtomicReference<Callout> self = new AtomicReference<>();
        self.set(create(() -> {
            running.countDown();
            assertDoesNotThrow(() -> goOn.await());
            self.get().schedule(0);
            finished.incrementAndGet();
        }));
        k.run(() -> self.get().schedule(0));
        running.await();
        long asleep = k.counts.unschedules.get() - k.counts.schedules.get();
        OtherLwp<Boolean> halter =
                OtherLwp.start(k.handle, () -> k.holds(() -> self.get().halt()));
        OpenKernel.await(() -> k.counts.unschedules.get() - k.counts.schedules.get() > asleep);
        goOn.countDown();
        boolean was = halter.join();
        assertEquals(1, finished.get());
        assertFalse(was);
        OpenKernel.pause(20 * MILLI);
        assertEquals(1, finished.get());
    }
}
