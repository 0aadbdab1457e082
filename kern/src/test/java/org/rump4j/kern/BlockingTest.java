package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Timespec;
import org.rump4j.rump.suite.OtherLwp;

/** A call that blocks gives its CPU away exactly once and takes one exactly once; one that does not block keeps it. */
class BlockingTest {
    private static void assertPairs(OpenKernel k, long before, int pairs) {
        assertEquals(before + pairs, k.counts.unschedules.get());
        assertEquals(before + pairs, k.counts.schedules.get());
    }

    @Test
    void callsThatDoNotBlockKeepTheCpuAndMakeNoHypercalls() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            int[] pipe = k.sys.pipe2(0);
            long before = k.counts.unschedules.get();
            k.sys.write(pipe[1], new byte[10]);
            k.sys.read(pipe[0], new byte[10]);
            k.sys.fstat(pipe[0]);
            k.sys.poll(0, new Pollfd(pipe[0], Pollfd.POLLIN));
            k.sys.close(pipe[0]);
            assertPairs(k, before, 0);
            long calls = k.counts.hypercalls.get();
            k.sys.getpid();
            assertEquals(calls + 1, k.counts.hypercalls.get(), "which is the question for the current lwp");
        }
    }

    @Test
    void sleepingIsOnePair() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            long before = k.counts.unschedules.get();
            k.run(() -> k.kernel.clock().sleep(1_000_000));
            assertPairs(k, before, 1);
        }
    }

    @Test
    void aReadThatWaitsIsOnePair() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            int[] pipe = k.sys.pipe2(0);
            long before = k.counts.unschedules.get();
            OtherLwp<Integer> reader = OtherLwp.start(k.handle, () -> k.sys.read(pipe[0], new byte[1]));
            OpenKernel.await(() -> k.counts.unschedules.get() == before + 1);
            assertEquals(before, k.counts.schedules.get());
            OpenKernel.pause(5_000_000);
            k.sys.write(pipe[1], new byte[1]);
            assertEquals(1, reader.join());
            // The woken one may find the pipe's lock held for a moment, which is another call that blocks.
            assertEquals(k.counts.unschedules.get(), k.counts.schedules.get());
        }
    }

    @Test
    void aMutexThatIsHeldIsOnePair() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(2)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Kmutex mutex = k.kernel.mutex();
            AtomicBoolean got = new AtomicBoolean();
            Lwp mine = k.kernel.enter();
            mutex.enter();
            long before = k.counts.unschedules.get();
            k.kernel.kthreads().create("contender", () -> {
                mutex.enter();
                got.set(true);
                mutex.exit();
            });
            OpenKernel.await(() -> k.counts.unschedules.get() == before + 1);
            assertEquals(before, k.counts.schedules.get());
            mutex.exit();
            k.kernel.leave(mine);
            OpenKernel.await(got::get);
            assertPairs(k, before, 1);
        }
    }

    @Test
    void whoSleepsLeavesTheOnlyCpuToOthers() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(1)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            OtherLwp<Boolean> sleeper = OtherLwp.start(k.handle, () -> {
                k.sys.nanosleep(new Timespec(0, 200_000_000));
                return true;
            });
            OpenKernel.await(() -> k.counts.unschedules.get() > k.counts.schedules.get());
            for (int i = 0; i < 1000; i++) {
                k.sys.getpid();
            }
            sleeper.join();
        }
    }

    @Test
    void anIdleKernelMakesNoWakeUps() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(4)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicBoolean called = new AtomicBoolean();
            AtomicBoolean worked = new AtomicBoolean();
            AtomicBoolean interrupted = new AtomicBoolean();
            k.run(() -> {
                k.kernel.callouts().create(() -> called.set(true)).schedule(1_000_000);
                k.kernel.callouts().create(() -> {}).schedule(Long.MAX_VALUE);
                k.kernel.workqueue("test").enqueue(() -> worked.set(true));
                k.kernel
                        .softints()
                        .establish(SoftintLevel.NET, () -> interrupted.set(true))
                        .schedule();
            });
            OpenKernel.await(() -> called.get() && worked.get() && interrupted.get());
            // Until those have gone to sleep who have done that.
            OpenKernel.await(() -> k.counts.unschedules.get() == k.counts.schedules.get() + 3);
            long hypercalls = k.counts.hypercalls.get();
            long schedules = k.counts.schedules.get();
            OpenKernel.pause(300_000_000);
            assertEquals(hypercalls, k.counts.hypercalls.get());
            assertEquals(schedules, k.counts.schedules.get());
        }
    }
}
