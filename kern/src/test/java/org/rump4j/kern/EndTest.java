package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.rump4j.kern.Component.Stage;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.SysReboot;
import org.rump4j.rump.suite.OtherLwp;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;

/** Halting and panicking. */
class EndTest {
    private static OpenKernel withHook(Kernel.ShutdownHook hook) throws Exception {
        return OpenKernel.boot(
                Map.of("RUMP_NCPU", "2"),
                new OpenKernel.TestComponent("hook", Stage.DRIVER, kernel -> kernel.onShutdown(hook)));
    }

    @Test
    void haltDoesWhatIsToBeDoneTheLastAddedFirst() throws Exception {
        List<String> order = new ArrayList<>();
        OpenKernel k = OpenKernel.boot(Map.of(), new OpenKernel.TestComponent("hooks", Stage.DRIVER, kernel -> {
            kernel.onShutdown((_, sync) -> order.add("first " + sync));
            kernel.onShutdown((_, sync) -> order.add("second " + sync));
        }));
        k.handle.halt();
        assertEquals(List.of("second true", "first true"), order);
        assertEquals(0, k.exitValue());
        assertEquals("halted\n", k.consoleText());
        k.handle.halt();
        assertEquals(2, order.size());
    }

    @Test
    void rebootWithoutSyncSaysSo() throws Exception {
        List<Boolean> syncs = new ArrayList<>();
        OpenKernel k = withHook((_, sync) -> syncs.add(sync));
        assertThrows(KernelDownException.class, () -> k.sys.reboot(SysReboot.RB_HALT | SysReboot.RB_NOSYNC));
        assertEquals(List.of(false), syncs);
    }

    @Test
    void rebootWithADumpEndsAtOnceAndIsAPanic() throws Exception {
        List<Boolean> syncs = new ArrayList<>();
        OpenKernel k = withHook((_, sync) -> syncs.add(sync));
        KernelDownException e = assertThrows(KernelDownException.class, () -> k.sys.reboot(SysReboot.RB_DUMP));
        assertTrue(String.valueOf(e.getMessage()).contains("panic"), e.toString());
        assertEquals(List.of(), syncs);
        assertEquals(TerminationCalls.PANIC, k.exitValue());
    }

    @Test
    void allOtherWaysToRebootEndInGoodOrder() throws Exception {
        for (int howto : new int[] {SysReboot.RB_AUTOBOOT, SysReboot.RB_HALT, SysReboot.RB_POWERDOWN}) {
            List<Boolean> syncs = new ArrayList<>();
            OpenKernel k = withHook((_, sync) -> syncs.add(sync));
            assertThrows(KernelDownException.class, () -> k.sys.reboot(howto));
            assertEquals(List.of(true), syncs);
            assertEquals(0, k.exitValue());
        }
    }

    @Test
    void whoHaltsWhileAnotherDoesWaitsForIt() throws Exception {
        CountDownLatch inHook = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger hooks = new AtomicInteger();
        OpenKernel k = withHook((l, _) -> {
            inHook.countDown();
            l.proc().kernel().clock().sleep(20_000_000);
            assertDoesNotThrow(() -> goOn.await());
            hooks.incrementAndGet();
        });
        OtherLwp<Boolean> first = OtherLwp.startIn(k.handle, 1, () -> {
            k.handle.halt();
            return hooks.get() == 1;
        });
        inHook.await();
        OtherLwp<Boolean> second = OtherLwp.startIn(k.handle, 1, () -> {
            k.handle.halt();
            return hooks.get() == 1;
        });
        OpenKernel.pause(20_000_000);
        assertTrue(k.handle.isUp());
        goOn.countDown();
        assertTrue(first.join());
        assertTrue(second.join());
        assertEquals(1, hooks.get());
    }

    @Test
    void whoWaitsForACpuIsThrownOut() throws Exception {
        OpenKernel k = OpenKernel.withCpus(1);
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
        int pid = k.sys.getpid();
        Lwp mine = k.kernel.enter();
        OtherLwp<Integer> waiting = OtherLwp.startIn(k.handle, pid, k.sys::getpid);
        OpenKernel.pause(10_000_000);
        assertThrows(RumpuserExit.class, () -> k.kernel.shutdown(mine, true));
        k.kernel.leave(mine);
        assertThrows(KernelDownException.class, waiting::join);
    }

    @Test
    void kernelThreadsEndWithTheKernel() throws Exception {
        OpenKernel k = OpenKernel.withCpus(2);
        List<Thread> threads = new ArrayList<>();
        CountDownLatch started = new CountDownLatch(3);
        k.run(() -> {
            Kmutex mutex = k.kernel.mutex();
            Kcondvar never = k.kernel.condvar();
            k.kernel.kthreads().create("waits", () -> {
                threads.add(Thread.currentThread());
                mutex.enter();
                started.countDown();
                while (true) {
                    never.await(mutex);
                }
            });
        });
        k.run(() -> k.kernel.kthreads().create("sleeps", () -> {
            started.countDown();
            k.kernel.clock().sleep(Long.MAX_VALUE);
        }));
        k.run(() -> k.kernel.kthreads().create("works", () -> {
            started.countDown();
            while (true) {
                k.kernel.clock().sleep(1);
            }
        }));
        started.await();
        k.handle.halt();
        threads.getFirst().join();
        assertFalse(threads.getFirst().isAlive());
    }

    @Test
    void aPanicKeepsItsMessage() throws Exception {
        OpenKernel k = OpenKernel.boot();
        RuntimeException cause = new IllegalStateException("inode 7 is its own parent");
        assertThrows(RumpuserExit.class, () -> k.inside(_ -> k.kernel.panic("free list is a circle", cause)));
        assertFalse(k.handle.isUp());
        assertEquals(-1, k.exitValue());
        String text = k.consoleText();
        assertTrue(text.startsWith("panic: free list is a circle\n"), text);
        assertTrue(text.contains("inode 7 is its own parent"), text);
        assertTrue(text.contains("at org.rump4j.kern.EndTest"), text);
        assertTrue(text.endsWith("halted\n"), text);
        KernelDownException e = assertThrows(KernelDownException.class, k.sys::getpid);
        assertEquals("panic: free list is a circle", e.getMessage());
        Throwable first = e.getCause();
        assertSame(cause, first == null ? null : first.getCause());
        k.handle.halt();
    }

    @Test
    void theFirstPanicCounts() throws Exception {
        OpenKernel k = OpenKernel.boot();
        assertThrows(RumpuserExit.class, () -> k.inside(_ -> k.kernel.panic("first", null)));
        assertThrows(RumpuserExit.class, () -> k.kernel.panic("second", null));
        assertEquals(
                "panic: first",
                assertThrows(KernelDownException.class, k.sys::getpid).getMessage());
        assertFalse(k.consoleText().contains("second"));
    }

    @Test
    void anExceptionThatNoKernelLetsOutIsAPanic() throws Exception {
        OpenKernel k = OpenKernel.boot();
        k.kernel.sysctl().int32("kern.broken", () -> {
            throw new IllegalStateException("broken");
        });
        KernelDownException e = assertThrows(KernelDownException.class, () -> k.sys.sysctl("kern.broken"));
        assertTrue(String.valueOf(e.getMessage()).startsWith("panic: unexpected IllegalStateException"), e.toString());
        assertFalse(k.handle.isUp());
    }

    @Test
    void anExceptionInAKernelThreadIsAPanic() throws Exception {
        OpenKernel k = OpenKernel.boot();
        k.run(() -> k.kernel.kthreads().create("doomed", () -> {
            throw new IllegalStateException("doomed indeed");
        }));
        OpenKernel.await(() -> k.exitValue() == -1);
        assertTrue(k.consoleText().contains("doomed indeed"), k.consoleText());
    }

    @Test
    void aPanicThrowsOutWhoeverIsInside() throws Exception {
        OpenKernel k = OpenKernel.withCpus(2);
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
        int[] pipe = k.sys.pipe2(0);
        OtherLwp<Integer> reader = OtherLwp.start(k.handle, () -> k.sys.read(pipe[0], new byte[1]));
        OpenKernel.await(() -> k.counts.unschedules.get() > k.counts.schedules.get());
        assertThrows(RumpuserExit.class, () -> k.inside(_ -> k.kernel.panic("enough", null)));
        KernelDownException e = assertThrows(KernelDownException.class, reader::join);
        assertEquals("panic: enough", e.getMessage());
    }

    @Test
    void aKernelWithoutThreadsBootsAndPanicsWhenItNeedsOne() throws Exception {
        OpenKernel k = OpenKernel.boot(Map.of("RUMP_THREADS", "0"));
        assertEquals(1, k.sys.getpid());
        assertThrows(
                RumpuserExit.class,
                () -> k.run(() -> k.kernel.callouts().create(() -> {}).schedule(1)));
        assertTrue(k.consoleText().contains("panic: threads not available: callout"), k.consoleText());
    }

    @Test
    void upcallsIntoAKernelThatIsDownThrowTheThreadOut() throws Exception {
        OpenKernel k = OpenKernel.boot();
        k.handle.halt();
        assertThrows(RumpuserExit.class, () -> k.counts.upcalls().schedule());
    }
}
