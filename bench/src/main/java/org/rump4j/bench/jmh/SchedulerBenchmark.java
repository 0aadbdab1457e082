package org.rump4j.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.rump4j.bench.BenchKernel;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/**
 * Taking a virtual CPU and giving it back, by way of the services for host halves of drivers, and the cheapest of system calls,
 * which does little else. None allocates, except that the implicit lwp is an object.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SchedulerBenchmark {
    private static final int NCPU = 2;
    private static final int MANY = 8;

    private final RealHost host = BenchKernel.host(NCPU);
    private final RumpKernel kernel;

    /** With a kernel of two virtual CPUs, which is not halted: threads may still give up their lwps when the benchmark is over. */
    public SchedulerBenchmark() {
        try {
            kernel = RumpKernel.boot("java", host);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A thread that has an lwp of the kernel's own process. */
    @State(Scope.Thread)
    public static class KernelThread {
        @Setup
        public void setUp(SchedulerBenchmark b) {
            b.host.componentKthread();
        }

        @TearDown
        public void tearDown(SchedulerBenchmark b) {
            b.host.componentKthreadRelease();
        }
    }

    /** A thread that has a process. */
    @State(Scope.Thread)
    public static class OwnLwp {
        @Setup
        public void setUp(SchedulerBenchmark b) throws ErrnoException {
            BenchKernel.ownProcess(b.kernel);
        }

        @TearDown
        public void tearDown(SchedulerBenchmark b) {
            b.kernel.lwproc().releaselwp();
        }
    }

    @Benchmark
    public void scheduleUnschedule(KernelThread thread) {
        host.componentSchedule(0);
        host.componentUnschedule();
    }

    @Benchmark
    @Threads(NCPU)
    public void scheduleUnscheduleByTwo(KernelThread thread) {
        host.componentSchedule(0);
        host.componentUnschedule();
    }

    @Benchmark
    public int getpid(OwnLwp lwp) {
        return kernel.syscalls().getpid();
    }

    @Benchmark
    public int getpidImplicitLwp() {
        return kernel.syscalls().getpid();
    }

    @Benchmark
    @Threads(MANY)
    public int getpidByEight(OwnLwp lwp) {
        return kernel.syscalls().getpid();
    }
}
