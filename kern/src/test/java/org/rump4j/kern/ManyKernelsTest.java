package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.SysTime;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.OpaqueLwp;

class ManyKernelsTest {
    @Test
    void twoKernelsShareNothing() throws Exception {
        try (OpenKernel a = OpenKernel.boot();
                OpenKernel b = OpenKernel.boot()) {
            a.handle.lwproc().rfork(Lwproc.RFCFDG);
            assertEquals(1, b.sys.getpid(), "the thread is an lwp of the other kernel only");
            b.handle.lwproc().rfork(Lwproc.RFCFDG);
            int[] pipe = a.sys.pipe2(0);
            assertErrno(Errno.EBADF, () -> b.sys.close(pipe[0]));
            a.sys.setuid(7);
            assertEquals(0, b.sys.getuid());
            b.sys.sysctl("kern.hostname", new SysctlValue.Text("b"));
            assertNotEquals("b", a.sys.sysctl("kern.hostname").toString());
            b.sys.clockSettime(SysTime.CLOCK_REALTIME, new Timespec(1_000_000_000, 0));
            assertTrue(a.sys.clockGettime(SysTime.CLOCK_REALTIME).sec() > 1_500_000_000);
            OpaqueLwp ofA = a.handle.lwproc().curlwp();
            a.handle.lwproc().switchTo(null);
            assertThrows(IllegalArgumentException.class, () -> b.handle.lwproc().switchTo(ofA));
            a.handle.lwproc().switchTo(ofA);
            a.handle.halt();
            assertTrue(b.handle.isUp());
            b.sys.pipe2(0);
        }
    }

    @Test
    void aKernelThatPanicsTakesNoOtherWithIt() throws Exception {
        try (OpenKernel a = OpenKernel.boot();
                OpenKernel b = OpenKernel.boot()) {
            b.handle.lwproc().rfork(Lwproc.RFCFDG);
            int[] pipe = b.sys.pipe2(0);
            a.run(() -> a.kernel.kthreads().create("doomed", () -> {
                throw new IllegalStateException("doomed");
            }));
            OpenKernel.await(() -> !a.handle.isUp());
            assertEquals(1, b.sys.write(pipe[1], new byte[1]));
            assertEquals(1, b.sys.read(pipe[0], new byte[1]));
        }
    }

    @Test
    void aThousandKernelsAreUpAtOnce() throws Exception {
        List<JavaKernel> kernels = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            JavaKernel kernel = JavaKernel.boot(new OpenKernel.Console().host(Map.of(), List.of()));
            kernel.lwproc().rfork(Lwproc.RFCFDG);
            kernel.syscalls().sysctl("kern.hostname", new SysctlValue.Text("host" + i));
            kernels.add(kernel);
        }
        for (int i = 0; i < kernels.size(); i++) {
            JavaKernel kernel = kernels.get(i);
            assertEquals("host" + i, kernel.syscalls().sysctl("kern.hostname").toString());
            kernel.halt();
            assertFalse(kernel.isUp());
        }
    }

    @Test
    void kernelsComeAndGo() throws Exception {
        for (int i = 0; i < 300; i++) {
            try (OpenKernel k = OpenKernel.boot()) {
                k.handle.lwproc().rfork(Lwproc.RFCFDG);
                k.run(() -> {
                    k.kernel.callouts().create(() -> {}).schedule(1);
                    k.kernel.softints().establish(SoftintLevel.NET, () -> {}).schedule();
                    k.kernel.workqueue("test").enqueue(() -> {});
                });
            }
        }
    }
}
