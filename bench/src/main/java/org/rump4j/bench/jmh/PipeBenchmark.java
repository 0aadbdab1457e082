package org.rump4j.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rump4j.bench.BenchKernel;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** A byte through a pipe and another one back, between two threads, virtual ones or those of the operating system. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PipeBenchmark {
    private static final int NCPU = 2;
    private static final int INIT_PID = 1;
    private static final int BATCH = 1000;

    @Param({"true", "false"})
    public boolean virtual;

    private final RumpKernel kernel;
    private final Syscalls sys;
    private final int[] there;
    private final int[] back;

    /** With a kernel of two virtual CPUs. */
    public PipeBenchmark() {
        try {
            kernel = BenchKernel.boot(NCPU);
            sys = kernel.syscalls();
            there = sys.pipe2(0);
            back = sys.pipe2(0);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Setup
    public void setUp() {
        start(this::echo);
    }

    @TearDown
    public void tearDown() {
        kernel.halt();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void roundTrip() throws InterruptedException {
        start(this::ping).join();
    }

    private Thread start(Runnable body) {
        return virtual
                ? Thread.startVirtualThread(body)
                : Thread.ofPlatform().daemon().start(body);
    }

    private void ping() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(1);
            kernel.lwproc().newlwp(INIT_PID);
            for (int i = 0; i < BATCH; i++) {
                sys.write(there[1], one);
                sys.read(back[0], one);
            }
            kernel.lwproc().releaselwp();
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    private void echo() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(1);
            kernel.lwproc().newlwp(INIT_PID);
            while (sys.read(there[0], one) == 1) {
                sys.write(back[1], one);
            }
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        } catch (KernelDownException e) {
            // The benchmark is over.
        }
    }
}
