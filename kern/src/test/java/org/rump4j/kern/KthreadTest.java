package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rump.Lwproc;

class KthreadTest {
    @ParameterizedTest
    @CsvSource({"virtual, true", "platform, false", "whatever, true"})
    void kernelThreadsAreVirtualUnlessPlatformThreadsAreAskedFor(String threads, boolean virtual) throws Exception {
        try (OpenKernel k = OpenKernel.boot(Map.of("RUMP4J_THREADS", threads))) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicReference<Thread> thread = new AtomicReference<>();
            k.run(() -> k.kernel
                    .kthreads()
                    .createJoinable("test", () -> thread.set(Thread.currentThread()))
                    .join());
            assertEquals(virtual, thread.get().isVirtual());
            assertEquals("test", thread.get().getName());
        }
    }

    @Test
    void aKernelThreadIsAnLwpOfProcessZero() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            AtomicReference<Lwp> lwp = new AtomicReference<>();
            k.run(() -> k.kernel
                    .kthreads()
                    .createJoinable("test", () -> lwp.set(k.kernel.curlwp()))
                    .join());
            assertEquals(0, lwp.get().proc().pid());
            assertEquals("test", lwp.get().name());
            assertFalse(lwp.get().isBound());
            assertTrue(lwp.get().toString().contains("(test)"));
            assertEquals(0, k.kernel.procs().kernelProc().lwpCount(), "it is gone with its thread");
        }
    }

    @Test
    void whoJoinsGivesTheCpuToTheOne() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(1)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            int[] sum = {0};
            k.run(() -> {
                Kthreads.Joinable[] all = new Kthreads.Joinable[20];
                for (int i = 0; i < all.length; i++) {
                    int n = i;
                    all[i] = k.kernel.kthreads().createJoinable("adder", () -> sum[0] += n);
                }
                for (Kthreads.Joinable one : all) {
                    one.join();
                }
            });
            assertEquals(190, sum[0], "there is one CPU, so nobody was disturbed");
        }
    }
}
