package org.rump4j.bench.jmh;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Control;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;

/**
 * What a condition variable costs: to signal one that nobody waits for, which allocates nothing, and to hand a turn back and
 * forth between two threads, beside the JDK's. The figure is that of one hand-over.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CondVarBenchmark {
    /** Looks at the end of an iteration so often where the other side has gone already. */
    private static final long PATIENCE_NANOS = 10_000_000;

    private final RumpMutex mutex;
    private final RumpCondVar cv;
    private final RumpCondVar idle;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition condition = lock.newCondition();
    private boolean pong;

    /** All of a host of its own. */
    public CondVarBenchmark() {
        var host = NoKernel.host();
        mutex = host.mutexInit(RumpMutex.KMUTEX);
        cv = host.cvInit();
        idle = host.cvInit();
    }

    @Benchmark
    public void signalNobody() {
        idle.signal();
    }

    @Benchmark
    @Group("handOver")
    @GroupThreads
    public void ping(Control control) {
        turn(false, control);
    }

    @Benchmark
    @Group("handOver")
    @GroupThreads
    public void pong(Control control) {
        turn(true, control);
    }

    private void turn(boolean mine, Control control) {
        mutex.enter();
        while (pong != mine && !control.stopMeasurement) {
            cv.timedwait(mutex, PATIENCE_NANOS);
        }
        pong = !mine;
        cv.signal();
        mutex.exit();
    }

    @Benchmark
    @Group("handOverJdk")
    @GroupThreads
    public void pingJdk(Control control) throws InterruptedException {
        turnJdk(false, control);
    }

    @Benchmark
    @Group("handOverJdk")
    @GroupThreads
    public void pongJdk(Control control) throws InterruptedException {
        turnJdk(true, control);
    }

    private void turnJdk(boolean mine, Control control) throws InterruptedException {
        lock.lock();
        try {
            long left = PATIENCE_NANOS;
            while (pong != mine && !control.stopMeasurement) {
                left = condition.awaitNanos(left) > 0 ? left : PATIENCE_NANOS;
            }
            pong = !mine;
            condition.signal();
        } finally {
            lock.unlock();
        }
    }
}
