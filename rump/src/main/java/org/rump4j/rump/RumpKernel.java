package org.rump4j.rump;

import java.util.ServiceLoader;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;

/** A kernel that has booted. Kernels share nothing: there can be many in one JVM. */
public interface RumpKernel extends AutoCloseable {
    /** Its system calls. */
    Syscalls syscalls();

    /** Who the calling thread is to it. */
    Lwproc lwproc();

    /** Files of the host in it. */
    Etfs etfs();

    /**
     * Which type of file system is on a block device.
     *
     * @param fspec path of the device in the kernel
     * @return a type for {@link Syscalls#mount}
     * @throws ErrnoException as {@code open(2)} of the device; EFTYPE where no driver of this kernel knows what is on it
     */
    String probe(String fspec) throws ErrnoException;

    /** Writes back what is dirty, unmounts, and ends it. Everybody who is in it gets {@link KernelDownException}. Idempotent. */
    void halt();

    /** Whether it has neither halted nor panicked. */
    boolean isUp();

    /** As {@link #halt}. */
    @Override
    default void close() {
        halt();
    }

    /**
     * Boots a kernel by the name of its provider.
     *
     * @param provider such as {@code java}; where there are several kernels of the kind, a colon and which one may follow: {@code
     *     netbsd:/usr/lib}
     * @param host a host that has no kernel yet. Its environment says how many virtual CPUs ({@code RUMP_NCPU}), how much
     *     memory ({@code RUMP_MEMLIMIT}) and whether to print boot messages ({@code RUMP_VERBOSE})
     * @throws ErrnoException ENOENT where there is no such provider; EINVAL where the environment makes no sense; what
     *     else a driver reports
     */
    static RumpKernel boot(String provider, Rumpuser host) throws ErrnoException {
        int colon = provider.indexOf(':');
        return colon < 0
                ? boot(provider, KernelRequest.of(null), host)
                : boot(provider.substring(0, colon), KernelRequest.of(provider.substring(colon + 1)), host);
    }

    /**
     * Boots a kernel for a purpose.
     *
     * @param provider its name, and nothing else
     * @throws ErrnoException as the other; ENOENT also where there is no component that is wanted
     */
    static RumpKernel boot(String provider, KernelRequest request, Rumpuser host) throws ErrnoException {
        for (KernelProvider candidate : ServiceLoader.load(KernelProvider.class)) {
            if (candidate.name().equals(provider)) {
                return candidate.boot(host, request);
            }
        }
        throw Errno.ENOENT.exception("no kernel is called " + provider);
    }
}
