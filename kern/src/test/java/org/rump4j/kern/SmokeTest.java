package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.real.RealHost;

class SmokeTest {
    @Test
    void bootsAndAnswers() throws Exception {
        try (JavaKernel k = JavaKernel.boot(RealHost.builder()
                .components(List.of())
                .environment("RUMP_VERBOSE", "1")
                .build())) {
            assertEquals(1, k.syscalls().getpid());
            assertEquals(2, k.lwproc().rfork(0));
            assertEquals(2, k.syscalls().getpid());
            int[] p = k.syscalls().pipe2(0);
            k.syscalls().write(p[1], new byte[] {1, 2, 3});
            assertEquals(3, k.syscalls().read(p[0], new byte[10]));
            for (int r = 0; r < 5; r++) {
                long t = System.nanoTime();
                int n = 20_000_000;
                int x = 0;
                for (int i = 0; i < n; i++) x += k.syscalls().getpid();
                System.out.println("own " + (System.nanoTime() - t) / (double) n + " " + x);
            }
            k.lwproc().releaselwp();
            assertEquals(1, k.syscalls().getpid());
            for (int r = 0; r < 5; r++) {
                long t = System.nanoTime();
                int n = 5_000_000;
                int x = 0;
                for (int i = 0; i < n; i++) x += k.syscalls().getpid();
                System.out.println("implicit " + (System.nanoTime() - t) / (double) n + " " + x);
            }
        }
    }
}
