package org.rump4j.bench.jmh;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;

/** The claim: a reader/writer lock costs at most 1.3 times what the JDK's costs, and allocates nothing while nobody waits for it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RwLockBenchmark {
    /** What is done with the lock held, where several want it. */
    private static final int WORK = 20;

    private final RumpRwLock rw;
    private final ReentrantReadWriteLock jdk = new ReentrantReadWriteLock();

    /** One lock, of a host of its own. */
    public RwLockBenchmark() {
        rw = NoKernel.host().rwInit();
    }

    @Benchmark
    public void read() {
        rw.enter(Kind.READER);
        rw.exit();
    }

    @Benchmark
    public void readJdk() {
        jdk.readLock().lock();
        try {
            // Nothing: it is the lock that is measured.
        } finally {
            jdk.readLock().unlock();
        }
    }

    @Benchmark
    public void write() {
        rw.enter(Kind.WRITER);
        rw.exit();
    }

    @Benchmark
    public void writeJdk() {
        jdk.writeLock().lock();
        try {
            // Nothing: it is the lock that is measured.
        } finally {
            jdk.writeLock().unlock();
        }
    }

    @Benchmark
    @Threads(2)
    public void contendedRead() {
        rw.enter(Kind.READER);
        Blackhole.consumeCPU(WORK);
        rw.exit();
    }

    @Benchmark
    @Threads(2)
    public void contendedReadJdk() {
        jdk.readLock().lock();
        try {
            Blackhole.consumeCPU(WORK);
        } finally {
            jdk.readLock().unlock();
        }
    }

    @Benchmark
    @Threads(2)
    public void contendedWrite() {
        rw.enter(Kind.WRITER);
        Blackhole.consumeCPU(WORK);
        rw.exit();
    }

    @Benchmark
    @Threads(2)
    public void contendedWriteJdk() {
        jdk.writeLock().lock();
        try {
            Blackhole.consumeCPU(WORK);
        } finally {
            jdk.writeLock().unlock();
        }
    }
}
