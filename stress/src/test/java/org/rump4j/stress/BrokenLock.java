package org.rump4j.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.rump4j.rumpuser.RumpMutex;

/** A claim that does not hold: two mutexes that guard one thing. It is there to see that jcstress finds out. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both were in, one after the other.")
@State
public class BrokenLock {
    private final CountingHost host = new CountingHost();
    private final RumpMutex oneMutex = host.rumpuser.mutexInit(RumpMutex.KMUTEX);
    private final RumpMutex otherMutex = host.rumpuser.mutexInit(RumpMutex.KMUTEX);
    private int entered;

    @Actor
    public void one() {
        oneMutex.enter();
        entered++;
        oneMutex.exit();
    }

    @Actor
    public void two() {
        otherMutex.enter();
        entered++;
        otherMutex.exit();
    }

    @Arbiter
    public void count(I_Result r) {
        r.r1 = entered;
    }
}
