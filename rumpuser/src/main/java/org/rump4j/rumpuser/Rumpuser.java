package org.rump4j.rumpuser;

/**
 * The hypervisor of one rump kernel: every hypercall of {@code rumpuser(3)}, by the sections of the manual page.
 *
 * <p>All of it may be called from any number of threads at once, except {@link #init} and {@link
 * LoaderCalls#dlBootstrap}, which the boot thread calls once.
 */
public interface Rumpuser
        extends MemoryCalls,
                FileCalls,
                BlockIoCalls,
                ClockCalls,
                ParameterCalls,
                RandomCalls,
                ConsoleCalls,
                TerminationCalls,
                ErrnoCalls,
                ThreadCalls,
                CurlwpCalls,
                MutexCalls,
                RwLockCalls,
                CondVarCalls,
                LoaderCalls,
                DaemonCalls,
                SyscallProxyCalls,
                ComponentCalls {

    /** The version of the interface, {@code RUMPUSER_VERSION}. */
    int VERSION = 17;

    /**
     * Prepares the host for its kernel. The first hypercall of every kernel. Does not unschedule.
     *
     * @param version the version that the kernel was written for
     * @param hyperup the kernel's upcalls
     * @throws ErrnoException EPROGMISMATCH where version is not {@link #VERSION}; EALREADY where the host has a kernel
     */
    void init(int version, Hyperup hyperup) throws ErrnoException;
}
