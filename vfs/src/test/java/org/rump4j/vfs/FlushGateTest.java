package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Flushes that are shared and left out. */
class FlushGateTest {
    private TestKernel kernel;
    private FlushGate gate;
    private final AtomicInteger flushes = new AtomicInteger();

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.builder().environment("RUMP_NCPU", "8").boot();
        gate = kernel.inside(_ -> new FlushGate(kernel.kernel()));
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private void flush(FlushGate.Flush how) throws Exception {
        kernel.inside(_ -> {
            gate.flush(how);
            return gate;
        });
    }

    private void written() throws Exception {
        kernel.inside(_ -> {
            gate.written();
            return gate;
        });
    }

    @Test
    void whereNothingWasWrittenNothingIsFlushed() throws Exception {
        flush(flushes::incrementAndGet);
        assertEquals(0, flushes.get());
        written();
        flush(flushes::incrementAndGet);
        flush(flushes::incrementAndGet);
        assertEquals(1, flushes.get());
    }

    @Test
    void whatFailsIsTriedAgainByWhoComesNext() throws Exception {
        written();
        ErrnoException e = assertThrows(
                ErrnoException.class,
                () -> flush(() -> {
                    throw Errno.ENOSPC.exception();
                }));
        assertEquals(Errno.ENOSPC, e.errno());
        flush(flushes::incrementAndGet);
        assertEquals(1, flushes.get());
    }

    private boolean isDue(long bytes) throws Exception {
        boolean[] due = {false};
        kernel.inside(_ -> {
            due[0] = gate.isDue(bytes);
            return gate;
        });
        return due[0];
    }

    @Test
    void ofWhatIsWrittenInTheBackgroundAWriteIsFlushedNowAndThen() throws Exception {
        assertFalse(isDue(FlushGate.DUE_BYTES - 1));
        assertTrue(isDue(1));
        assertFalse(isDue(FlushGate.DUE_BYTES), "one at a time");
        kernel.inside(_ -> {
            gate.doneBehind();
            return gate;
        });
        assertTrue(isDue(1));
    }

    @Test
    void whoFlushesSparesTheBackgroundFromIt() throws Exception {
        assertFalse(isDue(FlushGate.DUE_BYTES - 1));
        written();
        flush(flushes::incrementAndGet);
        assertFalse(isDue(FlushGate.DUE_BYTES - 1));
        assertTrue(isDue(1));
    }

    @Test
    void whatIsWrittenDuringAFlushIsNotCoveredByIt() throws Exception {
        written();
        flush(() -> {
            gate.written();
            flushes.incrementAndGet();
        });
        flush(flushes::incrementAndGet);
        assertEquals(2, flushes.get());
    }

    @Test
    void thoseWhoWaitMeanwhileShareOne() throws Exception {
        written();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread first = Thread.ofPlatform()
                .start(() -> quietly(() -> flush(() -> {
                    started.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                })));
        started.await();
        written();
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(Thread.ofPlatform().start(() -> quietly(() -> flush(flushes::incrementAndGet))));
        }
        while (others.stream().anyMatch(t -> t.getState() == Thread.State.RUNNABLE)) {
            Thread.sleep(1);
        }
        goOn.countDown();
        first.join();
        for (Thread other : others) {
            other.join();
        }
        assertTrue(flushes.get() >= 1, "what was written later is flushed");
        assertEquals(1, flushes.get());
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void quietly(Body body) {
        try {
            body.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
