package org.rump4j.bench.jmh;

import static org.rump4j.bench.BenchKernel.MOUNT_POINT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.openjdk.jmh.annotations.Warmup;
import org.rump4j.bench.BenchKernel;
import org.rump4j.bench.Images;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** Reads from an image that the host has in memory: what the kernel has cached, which allocates nothing, and what it has not. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Ext2fsReadBenchmark {
    private static final int FILE_BYTES = 16 << 20;
    private static final int SMALL_BYTES = 512;
    private static final int LARGE_BYTES = 64 << 10;
    private static final String FILE = MOUNT_POINT + "/" + Images.FILE_NAME;

    private final RumpKernel kernel;
    private final Syscalls sys;
    private final Path folder;
    private final Path image;
    private final MemorySegment small = Arena.global().allocate(SMALL_BYTES);
    private final MemorySegment large = Arena.global().allocate(LARGE_BYTES);
    private int fd = -1;
    private long at;

    /** With an image that mke2fs makes. */
    public Ext2fsReadBenchmark() {
        try {
            folder = Files.createTempDirectory("rump4j-bench");
            image = Images.make(folder, FILE_BYTES);
            kernel = BenchKernel.boot(2);
            BenchKernel.ownProcess(kernel);
            BenchKernel.registerImage(kernel, image, true);
            sys = kernel.syscalls();
        } catch (ErrnoException | IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Setup
    public void setUp() throws ErrnoException {
        BenchKernel.mountImage(kernel);
        fd = BenchKernel.open(sys, FILE);
        BenchKernel.readAll(sys, fd, large, FILE_BYTES);
    }

    @TearDown
    public void tearDown() throws IOException {
        kernel.halt();
        Files.delete(image);
        Files.delete(folder.resolve("tree"));
        Files.delete(folder);
    }

    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public long cached512() throws ErrnoException {
        at = (at + SMALL_BYTES) & (FILE_BYTES - 1);
        return sys.pread(fd, small, at);
    }

    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public long cached64k() throws ErrnoException {
        at = (at + LARGE_BYTES) & (FILE_BYTES - 1);
        return sys.pread(fd, large, at);
    }

    /** The whole file, after a mount. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void cold16m() throws ErrnoException {
        sys.close(fd);
        BenchKernel.unmountImage(kernel);
        BenchKernel.mountImage(kernel);
        fd = BenchKernel.open(sys, FILE);
        BenchKernel.readAll(sys, fd, large, FILE_BYTES);
    }
}
