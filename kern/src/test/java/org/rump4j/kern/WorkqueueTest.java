package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Lwproc;

class WorkqueueTest {
    @Test
    void workIsDoneInOrderByOneLwpOfTheKernels() throws Exception {
        try (OpenKernel k = OpenKernel.withCpus(4)) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Workqueue queue = k.kernel.workqueue("tidy");
            List<Integer> done = new CopyOnWriteArrayList<>();
            List<Lwp> by = new CopyOnWriteArrayList<>();
            k.run(() -> {
                for (int i = 0; i < 500; i++) {
                    int n = i;
                    queue.enqueue(() -> {
                        done.add(n);
                        by.add(k.kernel.curlwp());
                    });
                }
                queue.drain();
            });
            assertEquals(IntStream.range(0, 500).boxed().toList(), done);
            assertEquals(1, by.stream().distinct().count());
            assertEquals("tidy", by.getFirst().name());
            assertSame(k.kernel.procs().kernelProc(), by.getFirst().proc());
        }
    }

    @Test
    void workMayBringMoreWorkWhichDrainWaitsForToo() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            k.handle.lwproc().rfork(Lwproc.RFCFDG);
            Workqueue queue = k.kernel.workqueue("test");
            List<String> done = new CopyOnWriteArrayList<>();
            k.run(() -> {
                queue.enqueue(() -> {
                    k.kernel.clock().sleep(5_000_000);
                    queue.enqueue(() -> done.add("second"));
                    done.add("first");
                });
                queue.drain();
            });
            assertEquals(List.of("first", "second"), done);
        }
    }

    @Test
    void thereIsNothingToDrainInAQueueThatWasNeverUsed() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            k.run(() -> k.kernel.workqueue("test").drain());
        }
    }
}
