package org.rump4j.bench.jmh;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
import org.rump4j.rumpuser.RumpMutex;

/** The claim: a mutex costs at most 1.3 times what the JDK's lock costs, and allocates nothing while nobody waits for it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MutexBenchmark {
    /** What is done with the lock held, where several want it. */
    private static final int WORK = 20;

    private final RumpMutex plain;
    private final RumpMutex kmutex;
    private final ReentrantLock jdk = new ReentrantLock();

    /** Two locks of a host of its own. */
    public MutexBenchmark() {
        var host = NoKernel.host();
        plain = host.mutexInit(RumpMutex.SPIN);
        kmutex = host.mutexInit(RumpMutex.KMUTEX);
    }

    @Benchmark
    public void spin() {
        plain.enterNowrap();
        plain.exit();
    }

    @Benchmark
    public void kmutex() {
        kmutex.enter();
        kmutex.exit();
    }

    @Benchmark
    public void jdk() {
        jdk.lock();
        try {
            // Nothing: it is the lock that is measured.
        } finally {
            jdk.unlock();
        }
    }

    @Benchmark
    @Threads(2)
    public void contendedKmutex() {
        kmutex.enter();
        Blackhole.consumeCPU(WORK);
        kmutex.exit();
    }

    @Benchmark
    @Threads(2)
    public void contendedJdk() {
        jdk.lock();
        try {
            Blackhole.consumeCPU(WORK);
        } finally {
            jdk.unlock();
        }
    }
}
