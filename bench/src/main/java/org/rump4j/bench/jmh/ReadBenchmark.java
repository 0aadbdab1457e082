package org.rump4j.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rump4j.bench.BenchKernel;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A read of what is in memory. A byte from a pipe after it has been written there allocates nothing; the file system that is all
 * in memory makes one small object for each chunk that it copies from.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReadBenchmark {
    private static final int FILE_BYTES = 1 << 20;

    @Param({"512", "65536"})
    public int bytes;

    private final RumpKernel kernel;
    private final Syscalls sys;
    private final int fd;
    private final int[] pipe;
    private final MemorySegment one = Arena.global().allocate(1);
    private MemorySegment buffer = MemorySegment.NULL;
    private long at;

    /** With a file. */
    public ReadBenchmark() {
        try {
            kernel = BenchKernel.boot(1);
            BenchKernel.ownProcess(kernel);
            sys = kernel.syscalls();
            pipe = sys.pipe2(0);
            fd = sys.open("/file", Fcntl.O_CREAT | Fcntl.O_RDWR, 0666);
            sys.pwrite(fd, Arena.global().allocate(FILE_BYTES), 0);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Setup
    public void setUp() {
        buffer = Arena.global().allocate(bytes);
    }

    @TearDown
    public void tearDown() {
        kernel.halt();
    }

    @Benchmark
    public long rumpfs() throws ErrnoException {
        at = (at + bytes) & (FILE_BYTES - 1);
        return sys.pread(fd, buffer, at);
    }

    @Benchmark
    public long pipe() throws ErrnoException {
        return sys.write(pipe[1], one) + sys.read(pipe[0], one);
    }
}
