package org.rump4j.kern;

import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** The java kernels that the suites are run on. */
enum JavaKernelKind implements KernelUnderTest {
    ONE_CPU(1, "virtual"),
    FOUR_CPUS(4, "virtual"),
    FOUR_CPUS_AND_PLATFORM_THREADS(4, "platform");

    private final int ncpu;
    private final String threads;

    JavaKernelKind(int ncpu, String threads) {
        this.ncpu = ncpu;
        this.threads = threads;
    }

    @Override
    public RumpKernel boot(Map<String, String> environment) throws ErrnoException {
        RealHost.Builder host = RealHost.builder()
                .components(List.of())
                .console(OutputStream.nullOutputStream())
                .environment("RUMP_NCPU", Integer.toString(ncpu))
                .environment("RUMP4J_THREADS", threads);
        environment.forEach(host::environment);
        return JavaKernel.boot(host.build());
    }
}
