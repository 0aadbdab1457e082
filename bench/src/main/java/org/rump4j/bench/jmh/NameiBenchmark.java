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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rump4j.bench.BenchKernel;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** From a path to a file, by {@code stat(2)}: the name is cached, deep in the tree, or there is no such file. And directories. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NameiBenchmark {
    private static final int DEPTH = 32;
    private static final int ENTRIES = 500;
    private static final String SHALLOW = "/shallow";
    private static final String DEEP = "/d".repeat(DEPTH);
    private static final String FULL = "/full";

    private final RumpKernel kernel;
    private final Syscalls sys;
    private final int full;

    /** With a tree in the root file system. */
    public NameiBenchmark() {
        try {
            kernel = BenchKernel.boot(1);
            sys = kernel.syscalls();
            create(SHALLOW);
            for (int i = 1; i <= DEPTH; i++) {
                sys.mkdir("/d".repeat(i), 0777);
            }
            create(DEEP + SHALLOW);
            sys.mkdir(FULL, 0777);
            for (int i = 0; i < ENTRIES; i++) {
                create(FULL + "/" + i);
            }
            full = sys.open(FULL, Fcntl.O_RDONLY, 0);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    private void create(String path) throws ErrnoException {
        sys.close(sys.open(path, Fcntl.O_CREAT | Fcntl.O_WRONLY, 0666));
    }

    @TearDown
    public void tearDown() {
        kernel.halt();
    }

    @Benchmark
    public Stat cached() throws ErrnoException {
        return sys.stat(SHALLOW);
    }

    @Benchmark
    public Stat deep() throws ErrnoException {
        return sys.stat(DEEP + SHALLOW);
    }

    @Benchmark
    public Errno miss() {
        try {
            throw new IllegalStateException("there is " + sys.stat("/nothing"));
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    @Benchmark
    public List<Dirent> getdents() throws ErrnoException {
        sys.lseek(full, 0, Fcntl.SEEK_SET);
        return sys.getdents(full);
    }
}
