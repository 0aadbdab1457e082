package org.rump4j.rumpuser;

/** Termination. */
public interface TerminationCalls {
    /** {@link #exit}: the kernel has panicked. */
    int PANIC = -1;
    /** {@link #kill}: this process. */
    long PID_SELF = -1;

    /**
     * Ends the kernel: prints {@code halted}, and throws every thread out of the kernel that is in it. Does not return.
     *
     * @param value exit status of the kernel, or {@link #PANIC}
     * @return never; a caller writes {@code throw host.exit(…)}
     * @throws RumpuserExit always
     */
    RumpuserExit exit(int value);

    /**
     * Raises a signal in the host process. Does not unschedule.
     *
     * @param pid {@link #PID_SELF}; ignored
     * @param signo NetBSD's number; one that the host does not have does nothing
     */
    void kill(long pid, int signo);
}
