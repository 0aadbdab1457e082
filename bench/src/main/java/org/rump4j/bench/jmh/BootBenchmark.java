package org.rump4j.bench.jmh;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.rump4j.bench.BenchKernel;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.vfs.VfsComponent;

/** Booting a kernel and halting it: the base alone, with the file system faction, and with all that the loader finds. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BootBenchmark {
    private static final int NCPU = 2;

    @Benchmark
    public void base() throws ErrnoException {
        bootAndHalt(BenchKernel.hostBuilder(NCPU).components(List.of()).build());
    }

    @Benchmark
    public void vfs() throws ErrnoException {
        bootAndHalt(BenchKernel.hostBuilder(NCPU)
                .components(List.of(new VfsComponent()))
                .build());
    }

    @Benchmark
    public void everything() throws ErrnoException {
        bootAndHalt(BenchKernel.host(NCPU));
    }

    private static void bootAndHalt(Rumpuser host) throws ErrnoException {
        RumpKernel.boot("java", host).halt();
    }
}
