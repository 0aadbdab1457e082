package org.rump4j.bench.compare;

import static org.rump4j.bench.BenchKernel.MOUNT_POINT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.rump4j.bench.BenchKernel;
import org.rump4j.bench.Images;
import org.rump4j.bench.compare.Row.Libraries;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Our side of the work. {@code reference.c} is the other: the same work in the same order, under the same names, told in the
 * same units. Sizes and counts are the same there.
 */
enum Workloads {
    BOOT_BASE("boot-base", "ms") {
        @Override
        Round prepare(Work work) throws Exception {
            return bootRound(work.kernels(), Libraries.BASE);
        }
    },
    BOOT_VFS("boot-vfs", "ms") {
        @Override
        Round prepare(Work work) throws Exception {
            return bootRound(work.kernels(), Libraries.VFS);
        }
    },
    BOOT_NET("boot-net", "ms") {
        @Override
        Round prepare(Work work) throws Exception {
            return bootRound(work.kernels(), Libraries.NET);
        }
    },
    KERNELS_TIME("kernels-time", "ms") {
        @Override
        Round prepare(Work work) throws Exception {
            int count = work.kernels().isInHeap() ? KERNELS_TIMED : NATIVE_KERNELS;
            Kernels.Booting booting = work.kernels().booting(Libraries.BASE);
            return () -> {
                long begin = System.nanoTime();
                List<RumpKernel> kernels = manyKernels(booting, count);
                double millis = (System.nanoTime() - begin) / 1e6;
                kernels.forEach(RumpKernel::halt);
                return millis / count;
            };
        }
    },
    KERNELS_MEMORY("kernels-memory", "KiB") {
        @Override
        Round prepare(Work work) throws Exception {
            return kernelsMemory(work.kernels(), Libraries.BASE);
        }
    },
    FILES_MEMORY("files-memory", "KiB") {
        @Override
        Round prepare(Work work) throws Exception {
            return kernelsMemory(work.kernels(), Libraries.FILES);
        }
    },
    IDLE("idle", "wake-ups/s") {
        @Override
        Round prepare(Work work) throws Exception {
            return new IdleRound(
                    work.kernels().booting(Libraries.BASE), work.kernels().isInHeap() ? IDLE_KERNELS : 1);
        }
    },
    GETPID_OWN("getpid-own", "ns") {
        @Override
        Round prepare(Work work) throws Exception {
            RumpKernel kernel = work.kernels().boot(Libraries.BASE);
            BenchKernel.ownProcess(kernel);
            return () -> getpidNanos(kernel.syscalls(), GETPID_CALLS);
        }
    },
    GETPID_IMPLICIT("getpid-implicit", "ns") {
        @Override
        Round prepare(Work work) throws Exception {
            RumpKernel kernel = work.kernels().boot(Libraries.BASE);
            return () -> getpidNanos(kernel.syscalls(), GETPID_IMPLICIT_CALLS);
        }
    },
    GETPID_THREADS("getpid-threads", "M/s") {
        @Override
        Round prepare(Work work) throws Exception {
            return new GetpidThreadsRound(work.kernels());
        }
    },
    PIPE_VIRTUAL("pipe-virtual", "µs") {
        @Override
        Round prepare(Work work) throws Exception {
            return new PipeRound(work.kernels(), Thread.ofVirtual().factory());
        }
    },
    PIPE_PLATFORM("pipe-platform", "µs") {
        @Override
        Round prepare(Work work) throws Exception {
            return new PipeRound(work.kernels(), Thread.ofPlatform().daemon().factory());
        }
    },
    TCP_STREAM("tcp-stream", "MiB/s") {
        @Override
        Round prepare(Work work) throws Exception {
            return loopback(work.kernels()).stream();
        }
    },
    TCP_ROUND_TRIP("tcp-round-trip", "µs") {
        @Override
        Round prepare(Work work) throws Exception {
            return loopback(work.kernels()).roundTrip();
        }
    },
    NET_STREAM("net-stream", "MiB/s") {
        @Override
        Round prepare(Work work) throws Exception {
            return wired(work.kernels()).stream();
        }
    },
    NET_ROUND_TRIP("net-round-trip", "µs") {
        @Override
        Round prepare(Work work) throws Exception {
            return wired(work.kernels()).roundTrip();
        }
    },
    WRITE_FSYNC("write-fsync", "MiB/s", Image.WRITTEN) {
        @Override
        Round prepare(Work work) throws Exception {
            return writing(work).writeAndFsync();
        }
    },
    FSYNC_BLOCK("fsync-block", "µs", Image.WRITTEN) {
        @Override
        Round prepare(Work work) throws Exception {
            return writing(work).fsyncOfOneBlock();
        }
    },
    CREATE("create", "µs", Image.WRITTEN) {
        @Override
        Round prepare(Work work) throws Exception {
            return writing(work).create();
        }
    },
    REMOVE("remove", "µs", Image.WRITTEN) {
        @Override
        Round prepare(Work work) throws Exception {
            return writing(work).remove();
        }
    },
    COLD_READ("cold-read", "MiB/s", Image.READ) {
        @Override
        Round prepare(Work work) throws Exception {
            RumpKernel kernel = withImage(work, true);
            MemorySegment buffer = buffer(CALL_BYTES);
            return () -> {
                BenchKernel.mountImage(kernel, work.format());
                int fd = BenchKernel.open(kernel.syscalls(), BIG_FILE);
                long begin = System.nanoTime();
                BenchKernel.readAll(kernel.syscalls(), fd, buffer, FILE_BYTES);
                double speed = mibPerSecond(FILE_BYTES, begin);
                kernel.syscalls().close(fd);
                BenchKernel.unmountImage(kernel);
                return speed;
            };
        }
    },
    WARM_READ("warm-read", "MiB/s", Image.READ) {
        @Override
        Round prepare(Work work) throws Exception {
            RumpKernel kernel = withImage(work, true);
            MemorySegment buffer = buffer(CALL_BYTES);
            BenchKernel.mountImage(kernel, work.format());
            int fd = BenchKernel.open(kernel.syscalls(), BIG_FILE);
            BenchKernel.readAll(kernel.syscalls(), fd, buffer, FILE_BYTES);
            return () -> {
                long begin = System.nanoTime();
                for (int i = 0; i < WARM_PASSES; i++) {
                    BenchKernel.readAll(kernel.syscalls(), fd, buffer, FILE_BYTES);
                }
                return mibPerSecond(WARM_PASSES * FILE_BYTES, begin);
            };
        }
    },
    RANDOM_READ("random-read", "µs", Image.READ) {
        @Override
        Round prepare(Work work) throws Exception {
            RumpKernel kernel = withImage(work, true);
            MemorySegment buffer = buffer(PAGE_BYTES);
            Pages pages = new Pages();
            return () -> {
                BenchKernel.mountImage(kernel, work.format());
                int fd = BenchKernel.open(kernel.syscalls(), BIG_FILE);
                long begin = System.nanoTime();
                for (int i = 0; i < RANDOM_READS; i++) {
                    if (kernel.syscalls().pread(fd, buffer, pages.next() * PAGE_BYTES) != PAGE_BYTES) {
                        throw new IllegalStateException("the file is too short");
                    }
                }
                double micros = (System.nanoTime() - begin) / 1e3 / RANDOM_READS;
                kernel.syscalls().close(fd);
                BenchKernel.unmountImage(kernel);
                return micros;
            };
        }
    };

    /** One round of the work: does it, and tells how fast in the workload's unit. */
    @FunctionalInterface
    interface Round {
        double run() throws Exception;
    }

    /** What a workload needs beside a kernel. */
    enum Image {
        NONE,
        /** The one that {@link Images#make} makes, which both sides share. */
        READ,
        /** One of {@link Images#makeEmpty} for each side. */
        WRITTEN
    }

    static final long FILE_BYTES = 64 << 20;
    static final int CALL_BYTES = 64 << 10;
    static final long PAGE_BYTES = 4096;

    private static final String BIG_FILE = MOUNT_POINT + "/" + Images.FILE_NAME;
    private static final int GETPID_CALLS = 1_000_000;
    private static final int GETPID_IMPLICIT_CALLS = 100_000;
    private static final int THREADS = 8;
    private static final int THREAD_CALLS = 1_000_000;
    private static final int ROUND_TRIPS = 10_000;
    private static final int BOOTS = 200;
    private static final int NATIVE_BOOTS = 20;
    private static final int KERNELS_TIMED = 1000;
    private static final int KERNELS_WEIGHED = 10_000;
    private static final int NATIVE_KERNELS = 50;
    private static final int IDLE_KERNELS = 100;
    private static final long IDLE_MILLIS = 2000;
    private static final int RANDOM_READS = 1000;
    private static final int WARM_PASSES = 8;

    final String label;
    final String unit;
    final Image image;

    Workloads(String label, String unit) {
        this(label, unit, Image.NONE);
    }

    Workloads(String label, String unit, Image image) {
        this.label = label;
        this.unit = unit;
        this.image = image;
    }

    /** Makes ready. */
    abstract Round prepare(Work work) throws Exception;

    /**
     * What a workload works with.
     *
     * @param kernels of this kind
     * @param image what it needs, if it does
     * @param format of the image
     */
    record Work(Kernels kernels, Path image, Images.Format format) {}

    static Workloads of(String label) {
        for (Workloads w : values()) {
            if (w.label.equals(label)) {
                return w;
            }
        }
        throw new IllegalArgumentException("no workload is called " + label);
    }

    // What several of them need

    /** One after the other, each halted before the next; the median. */
    private static Round bootRound(Kernels kernels, Libraries libraries) throws Exception {
        int boots = kernels.isInHeap() ? BOOTS : NATIVE_BOOTS;
        Kernels.Booting booting = kernels.booting(libraries);
        return () -> {
            double[] millis = new double[boots];
            for (int i = 0; i < boots; i++) {
                long begin = System.nanoTime();
                RumpKernel kernel = booting.boot();
                millis[i] = (System.nanoTime() - begin) / 1e6;
                kernel.halt();
            }
            Arrays.sort(millis);
            return millis[boots / 2];
        };
    }

    private static Round kernelsMemory(Kernels kind, Libraries libraries) throws Exception {
        int count = kind.isInHeap() ? KERNELS_WEIGHED : NATIVE_KERNELS;
        Kernels.Booting booting = kind.booting(libraries);
        return () -> {
            long before = usedBytes(kind);
            List<RumpKernel> kernels = manyKernels(booting, count);
            double kib = (usedBytes(kind) - before) / 1024.0 / count;
            kernels.forEach(RumpKernel::halt);
            return kib;
        };
    }

    private static List<RumpKernel> manyKernels(Kernels.Booting booting, int n) throws Exception {
        List<RumpKernel> kernels = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            RumpKernel kernel = booting.boot();
            kernel.syscalls().getpid();
            kernels.add(kernel);
        }
        return kernels;
    }

    /** Of the heap; for kernels that are elsewhere, pages that this process has for itself, which is what the reference counts. */
    private static long usedBytes(Kernels kernels) throws IOException {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        if (kernels.isInHeap()) {
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Private_Dirty:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    << 10;
        }
    }

    private static double getpidNanos(Syscalls syscalls, int calls) {
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            syscalls.getpid();
        }
        return (System.nanoTime() - begin) / (double) calls;
    }

    private static RumpKernel withImage(Work work, boolean readOnly) throws Exception {
        RumpKernel kernel = work.kernels().boot(Libraries.FILES);
        BenchKernel.ownProcess(kernel);
        BenchKernel.registerImage(kernel, work.image(), readOnly);
        return kernel;
    }

    private static WritingRounds writing(Work work) throws Exception {
        RumpKernel kernel = withImage(work, false);
        BenchKernel.mountWritable(kernel, work.format());
        return new WritingRounds(kernel);
    }

    private static TcpRounds loopback(Kernels kernels) throws Exception {
        RumpKernel kernel = kernels.boot(Libraries.NET);
        return new TcpRounds(kernel, kernel, "127.0.0.1");
    }

    private static TcpRounds wired(Kernels kernels) throws Exception {
        RumpKernel[] pair = kernels.wired();
        return new TcpRounds(pair[0], pair[1], Kernels.SECOND_ADDRESS);
    }

    static MemorySegment buffer(long bytes) {
        return Arena.global().allocate(bytes);
    }

    static double mibPerSecond(long bytes, long begin) {
        return bytes / (double) (1 << 20) / ((System.nanoTime() - begin) / 1e9);
    }

    interface Body {
        void run() throws ErrnoException, InterruptedException, BrokenBarrierException;
    }

    /** Runs a thread's body. What goes wrong there must not leave the others waiting. */
    static void failHard(Body body) {
        try {
            body.run();
        } catch (ErrnoException | InterruptedException | BrokenBarrierException | RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    /** From the first thread's beginning to the last one's end: whoever waits for them may well be late itself. */
    private static final class GetpidThreadsRound implements Round {
        private final CyclicBarrier barrier = new CyclicBarrier(THREADS + 1);
        private final long[] begins = new long[THREADS];
        private final long[] ends = new long[THREADS];

        GetpidThreadsRound(Kernels kernels) throws Exception {
            RumpKernel kernel = kernels.boot(Libraries.BASE);
            for (int i = 0; i < THREADS; i++) {
                int self = i;
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> failHard(() -> {
                            BenchKernel.ownProcess(kernel);
                            while (true) {
                                barrier.await();
                                begins[self] = System.nanoTime();
                                getpidNanos(kernel.syscalls(), THREAD_CALLS);
                                ends[self] = System.nanoTime();
                                barrier.await();
                            }
                        }));
            }
        }

        @Override
        public double run() throws InterruptedException, BrokenBarrierException {
            barrier.await();
            barrier.await();
            long begin = Arrays.stream(begins).min().orElseThrow();
            long end = Arrays.stream(ends).max().orElseThrow();
            return THREADS * (double) THREAD_CALLS / ((end - begin) / 1e3);
        }
    }

    /** A byte there and a byte back is a round trip. Both ends are threads of the same kind, with an lwp of their own. */
    private static final class PipeRound implements Round {
        private final CyclicBarrier barrier = new CyclicBarrier(2);
        private volatile double micros;

        PipeRound(Kernels kernels, ThreadFactory threads) throws Exception {
            RumpKernel kernel = kernels.boot(Libraries.BASE);
            Syscalls sys = kernel.syscalls();
            // Both threads are in process 1, where the pipes are.
            int[] there = sys.pipe2(0);
            int[] back = sys.pipe2(0);
            threads.newThread(() -> failHard(() -> {
                        kernel.lwproc().newlwp(1);
                        MemorySegment one = buffer(1);
                        while (true) {
                            moved(sys.read(there[0], one));
                            moved(sys.write(back[1], one));
                        }
                    }))
                    .start();
            threads.newThread(() -> failHard(() -> {
                        kernel.lwproc().newlwp(1);
                        MemorySegment one = buffer(1);
                        while (true) {
                            barrier.await();
                            long begin = System.nanoTime();
                            for (int i = 0; i < ROUND_TRIPS; i++) {
                                moved(sys.write(there[1], one));
                                moved(sys.read(back[0], one));
                            }
                            micros = (System.nanoTime() - begin) / 1e3 / ROUND_TRIPS;
                            barrier.await();
                        }
                    }))
                    .start();
        }

        private static void moved(long bytes) {
            if (bytes != 1) {
                throw new IllegalStateException("the other end is gone");
            }
        }

        @Override
        public double run() throws InterruptedException, BrokenBarrierException {
            barrier.await();
            barrier.await();
            return micros;
        }
    }

    /**
     * How often a thread of this process is given a processor on account of a kernel: with many that have been used, less
     * without any, for a JVM is never quite still.
     */
    private record IdleRound(Kernels.Booting booting, int count) implements Round {
        @Override
        public double run() throws Exception {
            double without = switchesPerSecond();
            List<RumpKernel> kernels = manyKernels(booting, count);
            double with = switchesPerSecond();
            kernels.forEach(RumpKernel::halt);
            return Math.max(0, with - without) / count;
        }

        private static double switchesPerSecond() throws IOException, InterruptedException {
            Thread.sleep(500);
            long before = switches();
            Thread.sleep(IDLE_MILLIS);
            return (switches() - before) / (IDLE_MILLIS / 1e3);
        }

        private static long switches() throws IOException {
            long sum = 0;
            try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
                for (Path task : tasks.toList()) {
                    sum += voluntarySwitches(task.resolve("status"));
                }
            }
            return sum;
        }

        private static long voluntarySwitches(Path status) {
            try (Stream<String> lines = Files.lines(status)) {
                return lines.filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                        .mapToLong(line -> Long.parseLong(
                                line.substring(line.indexOf(':') + 1).strip()))
                        .sum();
            } catch (IOException e) {
                // The thread has ended meanwhile.
                return 0;
            }
        }
    }

    /** The generator of both sides: MMIX's, the upper bits of it. */
    static final class Pages {
        private long state = 1;

        long next() {
            state = state * 6364136223846793005L + 1442695040888963407L;
            return (state >>> 33) % (FILE_BYTES / PAGE_BYTES);
        }
    }
}
