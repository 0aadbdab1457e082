package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.suite.OtherLwp;

class SoftintTest {
    @Test
    void aSoftIntRunsWhenTheCpuIsGivenAwayOnThatCpu() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(4)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicReference<Lwp> ran = new AtomicReference<>();
            Softint softint = k.kernel.softints().establish(SoftintLevel.BIO, () -> ran.set(k.kernel.curlwp()));
            Lwp mine = k.kernel.enter();
            softint.schedule();
            OpenKernel.pause(20_000_000);
            assertEquals(null, ran.get(), "the CPU is still held");
            k.kernel.leave(mine);
            OpenKernel.await(() -> ran.get() != null);
            assertSame(mine.cpu(), ran.get().cpu());
            assertTrue(ran.get().isBound());
            assertSame(k.kernel.procs().kernelProc(), ran.get().proc());
        }
    }

    @Test
    void whatIsScheduledAlreadyRunsOnce() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(1)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicInteger first = new AtomicInteger();
            AtomicInteger second = new AtomicInteger();
            Softint a = k.kernel.softints().establish(SoftintLevel.NET, first::incrementAndGet);
            Softint b = k.kernel.softints().establish(SoftintLevel.NET, second::incrementAndGet);
            k.run(() -> {
                a.schedule();
                a.schedule();
                b.schedule();
                a.schedule();
            });
            OpenKernel.await(() -> second.get() == 1);
            assertEquals(1, first.get());
            k.run(a::schedule);
            OpenKernel.await(() -> first.get() == 2);
            assertEquals(1, second.get());
        }
    }

    @Test
    void aSoftIntThatSchedulesItselfRunsAgain() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(1)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicInteger runs = new AtomicInteger();
            AtomicReference<Softint> self = new AtomicReference<>();
            self.set(k.kernel.softints().establish(SoftintLevel.CLOCK, () -> {
                if (runs.incrementAndGet() < 5) {
                    self.get().schedule();
                }
            }));
            k.run(self.get()::schedule);
            OpenKernel.await(() -> runs.get() == 5);
        }
    }

    @Test
    void eachLevelHasAnLwpOfItsOwn() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(1)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Map<SoftintLevel, AtomicReference<Lwp>> ran = new EnumMap<>(SoftintLevel.class);
            k.run(() -> {
                for (SoftintLevel level : SoftintLevel.values()) {
                    AtomicReference<Lwp> by = new AtomicReference<>();
                    ran.put(level, by);
                    k.kernel
                            .softints()
                            .establish(level, () -> by.set(k.kernel.curlwp()))
                            .schedule();
                }
            });
            OpenKernel.await(() -> ran.values().stream().allMatch(by -> by.get() != null));
            assertEquals(
                    SoftintLevel.values().length,
                    new HashSet<>(ran.values().stream()
                                    .map(AtomicReference::get)
                                    .toList())
                            .size());
        }
    }

    @Test
    void aHandlerMayWaitForAMutex() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(2)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Kmutex mutex = k.kernel.mutex();
            AtomicInteger runs = new AtomicInteger();
            Softint softint = k.kernel.softints().establish(SoftintLevel.SERIAL, () -> {
                mutex.enter();
                runs.incrementAndGet();
                mutex.exit();
            });
            Lwp mine = k.kernel.enter();
            mutex.enter();
            softint.schedule();
            k.kernel.clock().sleep(20_000_000);
            assertFalse(runs.get() > 0);
            softint.schedule();
            mutex.exit();
            k.kernel.leave(mine);
            OpenKernel.await(() -> runs.get() >= 1);
        }
    }

    @Test
    void whoDeliversSoftIntsKeepsItsCpuUntilItGivesItAway() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(2)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicInteger runs = new AtomicInteger();
            Softint softint = k.kernel.softints().establish(SoftintLevel.BIO, runs::incrementAndGet);
            Lwp mine = k.kernel.enter();
            VirtualCpu cpu = mine.cpu();
            SoftintQueue queue = k.kernel.softints().currentQueue(SoftintLevel.BIO);
            softint.schedule();
            k.kernel.leave(mine);
            OpenKernel.await(() -> runs.get() == 1 && cpu.isFree());
            VirtualCpu other = k.kernel.scheduler().cpu(1 - cpu.index());
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch giveUp = new CountDownLatch(1);
            k.run(() -> k.kernel.kthreads().createBound("holder", other, () -> {
                queue.mutex.enter();
                held.countDown();
                assertDoesNotThrow(() -> giveUp.await());
                queue.mutex.exit();
            }));
            held.await();
            CountDownLatch leaving = new CountDownLatch(1);
            OtherLwp<VirtualCpu> deliverer = OtherLwp.start(k.handle, () -> {
                Lwp l = k.kernel.enter();
                softint.schedule();
                leaving.countDown();
                k.kernel.leave(l);
                return l.cpu();
            });
            leaving.await();
            OpenKernel.pause(20_000_000);
            assertFalse(cpu.isFree(), "the deliverer waits for the queue");
            giveUp.countDown();
            assertSame(cpu, deliverer.join());
            OpenKernel.await(() -> runs.get() == 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void noWorkThatIsScheduledIsForgotten(int ncpu) throws Exception {
        int threads = 4;
        int rounds = 3000;
        try (OpenKernel k = OpenKernel.withCpus(ncpu)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Queue<Integer> work = new ConcurrentLinkedQueue<>();
            AtomicInteger done = new AtomicInteger();
            Softint bio = k.kernel.softints().establish(SoftintLevel.BIO, () -> {
                while (work.poll() != null) {
                    done.incrementAndGet();
                }
            });
            AtomicInteger others = new AtomicInteger();
            Softint net = k.kernel.softints().establish(SoftintLevel.NET, others::incrementAndGet);
            Kmutex contended = k.kernel.mutex();
            List<OtherLwp<Boolean>> lwps = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                lwps.add(OtherLwp.start(k.handle, () -> {
                    for (int i = 0; i < rounds; i++) {
                        k.run(() -> {
                            work.add(1);
                            bio.schedule();
                            net.schedule();
                            contended.enter();
                            contended.exit();
                            net.schedule();
                        });
                    }
                    return true;
                }));
            }
            for (OtherLwp<Boolean> lwp : lwps) {
                lwp.join();
            }
            OpenKernel.await(() -> done.get() == threads * rounds);
            assertTrue(others.get() > 0);
            for (int cpu = 0; cpu < ncpu; cpu++) {
                VirtualCpu c = k.kernel.scheduler().cpu(cpu);
                OpenKernel.await(c::isFree);
                assertNotSame(null, c);
            }
        }
    }
}
