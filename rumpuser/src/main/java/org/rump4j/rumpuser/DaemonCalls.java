package org.rump4j.rumpuser;

/** Going to the background. Neither call unschedules: both are made outside the kernel. */
public interface DaemonCalls {
    /**
     * Goes on in a process of its own, in a session of its own. The process that called waits until that one says {@link
     * #daemonizeDone} and ends with the status that it is given. To be called before the kernel boots.
     *
     * @throws ErrnoException EINPROGRESS where it was called before; EAGAIN where no process can be made; EALREADY
     *     where the kernel has booted
     */
    void daemonizeBegin() throws ErrnoException;

    /**
     * Tells the process that waits that the service is up, or why not.
     *
     * @param status 0 when it is up: standard input, output and error are closed first; otherwise an error number
     * @throws ErrnoException ENOENT where {@link #daemonizeBegin} was not called; EPIPE where nobody waits any more
     */
    void daemonizeDone(int status) throws ErrnoException;
}
