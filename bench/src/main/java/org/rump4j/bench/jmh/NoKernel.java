package org.rump4j.bench.jmh;

import org.rump4j.bench.BenchKernel;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.contract.IdleKernel;
import org.rump4j.rumpuser.real.RealHost;

/** Hosts with no kernel worth the name, to see what the host alone costs. */
final class NoKernel {
    private NoKernel() {}

    /** A host that has been initialised and has nobody to give a virtual CPU back to. */
    static RealHost host() {
        RealHost host = BenchKernel.host(1);
        try {
            host.init(Rumpuser.VERSION, new IdleKernel());
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
        return host;
    }
}
