package org.rump4j.rump;

import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;

/** A kind of kernel that can be booted; found by {@link java.util.ServiceLoader}. */
public interface KernelProvider {
    /** What users call it. */
    String name();

    /**
     * Boots one.
     *
     * @param host a host that has no kernel yet
     * @throws ErrnoException as {@link RumpKernel#boot}
     */
    RumpKernel boot(Rumpuser host) throws ErrnoException;
}
