package org.rump4j.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.real.RealHost;

/** What is not contended costs no memory. */
class LocksAllocateNothingTest {
    private static final int ROUNDS = 100_000;

    /** Of which the JVM may need some for itself, such as to profile. */
    private static final long SLACK_BYTES = ROUNDS / 10;

    private final Rumpuser host = RealHost.create();

    @ParameterizedTest
    @ValueSource(ints = {RumpMutex.SPIN, RumpMutex.KMUTEX, RumpMutex.SPIN | RumpMutex.KMUTEX})
    void aMutex(int flags) {
        RumpMutex mutex = host.mutexInit(flags);
        assertAllocatesNothing(() -> {
            mutex.enter();
            mutex.exit();
            assertTrue(mutex.tryenter());
            mutex.exit();
        });
    }

    @Test
    void aReaderWriterLock() {
        RumpRwLock lock = host.rwInit();
        assertAllocatesNothing(() -> {
            lock.enter(Kind.READER);
            assertTrue(lock.tryupgrade());
            lock.downgrade();
            lock.exit();
            lock.enter(Kind.WRITER);
            lock.exit();
        });
    }

    @Test
    void aConditionVariableThatNobodyWaitsOn() {
        RumpCondVar cv = host.cvInit();
        assertAllocatesNothing(() -> {
            cv.signal();
            cv.broadcast();
        });
    }

    private static void assertAllocatesNothing(Runnable body) {
        assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean,
                "this JVM does not count what a thread allocates");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < ROUNDS; i++) {
            body.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            body.run();
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < SLACK_BYTES, () -> allocated + " bytes in " + ROUNDS + " rounds");
    }
}
