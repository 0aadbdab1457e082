package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.suite.OtherLwp;

class SchedulerTest {
    @Test
    void anLwpGetsTheCpuBackThatItHadLast() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(4)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            VirtualCpu first = k.inside(Lwp::cpu);
            for (int i = 0; i < 100; i++) {
                assertSame(first, k.inside(Lwp::cpu));
            }
        }
    }

    @Test
    void anLwpMovesToAnotherCpuWhenItsOwnIsBusy() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(2)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            OtherLwp.start(k.handle, () -> true).join();
            Lwp mine = k.kernel.enter();
            try {
                VirtualCpu theirs =
                        OtherLwp.startIn(k.handle, 1, () -> k.inside(Lwp::cpu)).join();
                assertNotSame(mine.cpu(), theirs);
            } finally {
                k.kernel.leave(mine);
            }
        }
    }

    @Test
    void aBoundLwpWaitsForItsCpuThoughAnotherIsFree() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(2)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Lwp mine = k.kernel.enter();
            VirtualCpu cpu = mine.cpu();
            AtomicBoolean in = new AtomicBoolean();
            k.kernel.kthreads().createBound("bound", cpu, () -> {
                assertSame(cpu, k.kernel.curlwp().cpu());
                assertTrue(k.kernel.curlwp().isBound());
                in.set(true);
            });
            OpenKernel.pause(20_000_000);
            assertFalse(in.get());
            k.kernel.leave(mine);
            OpenKernel.await(in::get);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void noCpuIsHeldTwiceAndNobodyWaitsForEver(int ncpu) throws Exception {
        int threads = 6;
        int rounds = 3000;
        try (OpenKernel k = OpenKernel.withCpus(ncpu)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicIntegerArray holders = new AtomicIntegerArray(ncpu);
            AtomicInteger bound = new AtomicInteger();
            Kmutex contended = k.kernel.mutex();
            int[] inMutex = {0};
            Runnable touch = () -> {
                int cpu = k.kernel.curlwp().cpu().index();
                assertEquals(1, holders.incrementAndGet(cpu));
                holders.decrementAndGet(cpu);
            };
            // Some that are bound, and give their CPU away by locking only.
            for (int cpu = 0; cpu < ncpu; cpu++) {
                k.kernel.enter();
                k.kernel.kthreads().createBound("bound", k.kernel.curlwp().cpu(), () -> {
                    for (int i = 0; i < rounds; i++) {
                        touch.run();
                        k.kernel.clock().sleep(0);
                    }
                    bound.incrementAndGet();
                });
                k.kernel.leave(k.kernel.curlwp());
            }
            List<OtherLwp<Boolean>> others = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                boolean own = t % 2 == 0;
                others.add(OtherLwp.start(k.handle, () -> {
                    if (!own) {
                        k.handle.lwproc().releaselwp();
                    }
                    for (int i = 0; i < rounds; i++) {
                        k.run(() -> {
                            touch.run();
                            contended.enter();
                            touch.run();
                            inMutex[0]++;
                            contended.exit();
                            touch.run();
                        });
                    }
                    if (!own) {
                        k.handle.lwproc().newlwp(1);
                    }
                    return true;
                }));
            }
            for (OtherLwp<Boolean> other : others) {
                assertTrue(other.join());
            }
            OpenKernel.await(() -> bound.get() == ncpu);
            assertEquals(threads * rounds, inMutex[0]);
            for (int cpu = 0; cpu < ncpu; cpu++) {
                // The bound ones count themselves before they give their CPU back for the last time.
                OpenKernel.await(k.kernel.scheduler().cpu(cpu)::isFree);
            }
        }
    }
}
