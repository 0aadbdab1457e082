package org.rump4j.kern;

import org.rump4j.rump.KernelProvider;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;

/** Boots java kernels for those who ask for one by name. */
public final class JavaKernelProvider implements KernelProvider {
    /** For the service loader. */
    public JavaKernelProvider() {}

    @Override
    public String name() {
        return "java";
    }

    @Override
    public RumpKernel boot(Rumpuser host) throws ErrnoException {
        return JavaKernel.boot(host);
    }
}
