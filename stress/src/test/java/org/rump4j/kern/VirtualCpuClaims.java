package org.rump4j.kern;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.rump4j.rumpuser.real.RealHost;

/** Claims about the fast path of the scheduler, and of what the holder of a virtual CPU writes. */
public class VirtualCpuClaims {
    private VirtualCpuClaims() {}

    /** Two take a CPU that is free. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = Expect.ACCEPTABLE,
            desc = "One has it.")
    @State
    public static class TakenOnce {
        private final VirtualCpu cpu = new VirtualCpu(0);

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = cpu.tryTake(VirtualCpu.BUSY);
        }

        @Actor
        public void two(ZZ_Result r) {
            r.r2 = cpu.tryTake(VirtualCpu.BUSY);
        }
    }

    /** A CPU is given back while another marks it: the giver wakes somebody, or the other sees that it is free. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, false"},
            expect = Expect.ACCEPTABLE,
            desc = "Both know the same.")
    @State
    public static class MarkedOrFree {
        private final VirtualCpu cpu = new VirtualCpu(0);

        public MarkedOrFree() {
            cpu.tryTake(VirtualCpu.BUSY);
        }

        @Actor
        public void giver(ZZ_Result r) {
            r.r1 = cpu.give();
        }

        @Actor
        public void wanter(ZZ_Result r) {
            r.r2 = cpu.markWanted();
        }
    }

    /** Two lwps on one CPU, twice each: what one wrote while it had it the next one sees, and both get it. */
    @JCStressTest
    @Outcome(id = "4", expect = Expect.ACCEPTABLE, desc = "Both had it, one after the other.")
    @State
    public static class SharedByTwo {
        private final Scheduler scheduler = new Scheduler(RealHost.create(), 1);
        private int held;

        @Actor
        public void one() {
            takeAndGive(BareLwps.on(scheduler.cpu(0)));
        }

        @Actor
        public void two() {
            takeAndGive(BareLwps.on(scheduler.cpu(0)));
        }

        private void takeAndGive(Lwp lwp) {
            for (int i = 0; i < 2; i++) {
                scheduler.schedule(lwp);
                held++;
                scheduler.unschedule(lwp);
            }
        }

        @Arbiter
        public void count(I_Result r) {
            r.r1 = held;
        }
    }
}
