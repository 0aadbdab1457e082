package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The scheduler under Lincheck's model checker, which runs it thread switch by thread switch through ever other orders. It
 * finds two lwps on one virtual CPU, and, since it notices when nobody can go on, each lost wake-up.
 */
class SchedulerLincheckTest {
    private static final int INVOCATIONS = Boolean.getBoolean("rump4j.nightly") ? 20_000 : 300;

    @Test
    void aFreeCpuIsTakenByOneOfTwo() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            VirtualCpu cpu = new VirtualCpu(0);
            Taker one = new Taker(cpu);
            Taker other = new Taker(cpu);
            inParallel(one, other);
            if (one.taken == other.taken) {
                throw new AssertionError(one.taken ? "both have it" : "nobody has it");
            }
        });
    }

    @Test
    void twoLwpsShareOneCpu() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> contend(new ModelHost(false), 1, 2, 0, 1));
    }

    @Test
    void threeLwpsShareOneCpu() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> contend(new ModelHost(false), 1, 3, 0, 1));
    }

    @Test
    void threeLwpsShareTwoCpus() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> contend(new ModelHost(false), 2, 3, 0, 1));
    }

    @Test
    void boundLwpsGetTheirCpuAmongOthers() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> contend(new ModelHost(false), 2, 3, 2, 1));
    }

    @Test
    void aLostSignalWouldBeNoticed() {
        assertThrows(
                LincheckAssertionError.class,
                () -> Lincheck.runConcurrentTest(INVOCATIONS, () -> contend(new ModelHost(true), 1, 2, 0, 1)));
    }

    private static void inParallel(Thread... threads) {
        for (Thread thread : threads) {
            thread.start();
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A class with a name, as the other one: what a lambda captures the checker takes for its thread's own. */
    private static final class Taker extends Thread {
        private final VirtualCpu cpu;
        boolean taken;

        Taker(VirtualCpu cpu) {
            this.cpu = cpu;
        }

        @Override
        public void run() {
            taken = cpu.tryTake(VirtualCpu.BUSY);
        }
    }

    /** Takes a CPU and gives it back, several times. */
    private static final class Runner extends Thread {
        private final Scheduler scheduler;
        private final Lwp lwp;
        private final int rounds;

        /** Who holds which CPU. Each place is touched only by whoever holds the CPU, if all is well. */
        private final @Nullable Lwp[] holders;

        /** Whether another one was there. An exception here would not reach the checker. */
        private boolean overlapped;

        Runner(Scheduler scheduler, Lwp lwp, int rounds, @Nullable Lwp[] holders) {
            this.scheduler = scheduler;
            this.lwp = lwp;
            this.rounds = rounds;
            this.holders = holders;
        }

        @Override
        public void run() {
            for (int i = 0; i < rounds; i++) {
                scheduler.schedule(lwp);
                int cpu = lwp.cpu().index();
                overlapped |= holders[cpu] != null;
                holders[cpu] = lwp;
                holders[cpu] = null;
                scheduler.unschedule(lwp);
            }
        }
    }

    /** Lets some lwps, the first of them bound to the first CPU, come and go, and ends when all have. */
    private static void contend(ModelHost host, int ncpu, int lwps, int bound, int rounds) {
        Scheduler scheduler = new Scheduler(host, ncpu);
        @Nullable Lwp[] holders = new Lwp[ncpu];
        Runner[] runners = new Runner[lwps];
        for (int i = 0; i < lwps; i++) {
            Lwp lwp = BareLwps.on(scheduler.cpu(0));
            if (i < bound) {
                lwp.bindTo(scheduler.cpu(0));
            }
            runners[i] = new Runner(scheduler, lwp, rounds, holders);
        }
        inParallel(runners);
        for (Runner runner : runners) {
            if (runner.overlapped) {
                throw new AssertionError("two lwps on one CPU");
            }
        }
    }
}
