package org.rump4j.rump;

import org.rump4j.rumpuser.Errno;
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

    /**
     * Boots a certain one, where there are several of the kind.
     *
     * @param host a host that has no kernel yet
     * @param which what users write behind the name and a colon
     * @throws ErrnoException as {@link RumpKernel#boot}; EINVAL where there are no several, which is so unless a provider says otherwise
     */
    default RumpKernel boot(Rumpuser host, String which) throws ErrnoException {
        throw Errno.EINVAL.exception("there is only one kernel " + name() + ", and none " + which);
    }

    /**
     * Boots one for a purpose. A provider whose kernels always have everything need not look at more than which.
     *
     * @param host a host that has no kernel yet
     * @throws ErrnoException as the others; ENOENT where it cannot be had with what is wanted
     */
    default RumpKernel boot(Rumpuser host, KernelRequest request) throws ErrnoException {
        if (!request.components().isEmpty()) {
            throw Errno.EINVAL.exception("the kernel " + name() + " has all its components, and no choice of them");
        }
        String which = request.which();
        return which == null ? boot(host) : boot(host, which);
    }
}
