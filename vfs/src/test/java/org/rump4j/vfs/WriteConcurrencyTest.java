package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.kern.Workqueue;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.SysctlValue;

/** Writers, readers, truncates, syncs and the syncer at once, in a kernel of little memory, on a disk that finishes out of order. */
class WriteConcurrencyTest {
    private static final int STRIPE = 1000;

    private interface Body {
        void run() throws Exception;
    }

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private Thread start(TestKernel kernel, Body body) {
        return Thread.ofPlatform().start(() -> {
            try {
                kernel.handle().lwproc().rfork(Lwproc.RFCFDG);
                try {
                    body.run();
                } finally {
                    kernel.handle().lwproc().releaselwp();
                }
            } catch (Exception | AssertionError e) {
                failures.add(e);
            }
        });
    }

    /** Each writer has its own stripes of one file, and finds there at any time what it has written last. */
    @ParameterizedTest
    @ValueSource(strings = {"512k", "8m"})
    void nobodyLosesWhatSomebodyElseDoesNotChange(String memory) throws Exception {
        RecordingDisk disk = new RecordingDisk(TinyFs.image(6 << 20));
        TinyMachine machine = new TinyMachine(disk, memory, 0);
        List<Workqueue> workers = machine.kernel.inside(_ -> {
            List<Workqueue> made = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                made.add(machine.kernel.kernel().workqueue("disk" + i));
            }
            return made;
        });
        Random which = new Random(5);
        disk.worker = transfer -> {
            synchronized (which) {
                workers.get(which.nextInt(workers.size())).enqueue(transfer);
            }
        };
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        int writers = 3;
        for (int w = 0; w < writers; w++) {
            int me = w;
            threads.add(start(machine.kernel, () -> write(machine, me, writers)));
        }
        List<Thread> others = new ArrayList<>();
        others.add(start(machine.kernel, () -> {
            while (!over.get()) {
                machine.sys.sync();
            }
        }));
        others.add(start(machine.kernel, () -> {
            int fd = machine.open(5);
            Random random = new Random(9);
            while (!over.get()) {
                machine.write(fd, random.nextInt(500_000), new byte[random.nextInt(200_000) + 1]);
                machine.sys.ftruncate(fd, random.nextInt(500_000));
                if (random.nextInt(10) == 0) {
                    machine.sys.fsync(fd);
                }
            }
        }));
        for (Thread thread : threads) {
            thread.join();
        }
        over.set(true);
        for (Thread thread : others) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
        byte[] before = machine.read(1);
        disk.worker = null;
        machine.unmount();
        machine.mount(0);
        assertTrue(Arrays.equals(before, machine.read(1)));
        machine.close();
    }

    private static void write(TinyMachine machine, int me, int writers) throws Exception {
        int fd = machine.open(1);
        Random random = new Random(me);
        int stripes = 600;
        byte[] last = new byte[stripes];
        for (int i = 0; i < 400; i++) {
            int stripe = random.nextInt(stripes) / writers * writers + me;
            if (stripe >= stripes) {
                continue;
            }
            long offset = (long) stripe * STRIPE;
            byte[] found = new byte[STRIPE];
            int n = machine.sys.pread(fd, found, offset);
            for (int b = 0; b < n; b++) {
                assertEquals(last[stripe], found[b]);
            }
            byte[] data = new byte[STRIPE];
            last[stripe] = (byte) (1 + random.nextInt(100));
            Arrays.fill(data, last[stripe]);
            machine.write(fd, offset, data);
            if (random.nextInt(40) == 0) {
                machine.sys.fsync(fd);
            }
        }
        for (int stripe = me; stripe < stripes; stripe += writers) {
            byte[] found = new byte[STRIPE];
            int n = machine.sys.pread(fd, found, (long) stripe * STRIPE);
            for (int b = 0; b < n; b++) {
                assertEquals(last[stripe], found[b]);
            }
        }
    }

    @Test
    void thoseWhoAppendDoNotOverwriteOneAnother() throws Exception {
        TinyMachine machine = new TinyMachine(new RecordingDisk(TinyFs.image(6 << 20)), "2m", 0);
        machine.sys.sysctl("vfs.sync.maxdirty", new SysctlValue.Int(10));
        machine.sys.close(machine.open(1));
        List<Thread> threads = new ArrayList<>();
        for (int w = 0; w < 4; w++) {
            byte me = (byte) (w + 1);
            threads.add(start(machine.kernel, () -> {
                int fd = machine.sys.open(TinyMachine.DIR + "/1", Fcntl.O_WRONLY | Fcntl.O_APPEND, 0);
                byte[] record = new byte[777];
                Arrays.fill(record, me);
                for (int i = 0; i < 300; i++) {
                    assertEquals(record.length, machine.sys.write(fd, record));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
        byte[] all = machine.read(1);
        assertEquals(4 * 300 * 777, all.length);
        int[] records = new int[5];
        for (int at = 0; at < all.length; at += 777) {
            records[all[at]]++;
            for (int b = at; b < at + 777; b++) {
                assertEquals(all[at], all[b]);
            }
        }
        assertTrue(Arrays.equals(new int[] {0, 300, 300, 300, 300}, records));
        machine.close();
    }
}
