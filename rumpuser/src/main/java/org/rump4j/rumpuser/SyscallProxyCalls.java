package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The system call proxy: serving processes other than the kernel's own. A client is the object that was given to {@link
 * Hyperup#lwprocRfork}; its addresses are numbers.
 */
public interface SyscallProxyCalls {
    /**
     * Listens for clients. Does not unschedule.
     *
     * @param url {@code unix://path} or {@code tcp://address:port}
     * @param ostype of the kernel, for the banner
     * @param osrelease of the kernel, for the banner
     * @param machine of the kernel, for the banner
     * @throws ErrnoException EINVAL for a URL that is none; EADDRINUSE and others of {@code bind(2)}; EOPNOTSUPP where
     *     this host serves nobody
     */
    void spInit(String url, String ostype, String osrelease, String machine) throws ErrnoException;

    /**
     * Stops listening.
     *
     * @param client one whose system call ends the kernel, to be answered first; or null
     */
    void spFini(@Nullable Object client);

    /**
     * Copies from a client. Unschedules.
     *
     * @param raddr address in the client
     * @param dst where to; its size says how much
     * @throws ErrnoException EFAULT
     */
    void spCopyin(Object client, long raddr, MemorySegment dst) throws ErrnoException;

    /**
     * Copies a string from a client, up to its NUL or until dst is full. Unschedules.
     *
     * @return bytes copied; without a NUL among them the string was too long
     * @throws ErrnoException EFAULT
     */
    long spCopyinstr(Object client, long raddr, MemorySegment dst) throws ErrnoException;

    /**
     * Copies to a client, without waiting for it to arrive. Unschedules.
     *
     * @throws ErrnoException EFAULT where the client is gone
     */
    void spCopyout(Object client, MemorySegment src, long raddr) throws ErrnoException;

    /**
     * Copies a string, its NUL included, to a client. As {@link #spCopyout} otherwise.
     *
     * @throws ErrnoException EFAULT where the client is gone
     */
    void spCopyoutstr(Object client, MemorySegment src, long raddr) throws ErrnoException;

    /**
     * Makes memory in a client. Unschedules.
     *
     * @param size bytes
     * @return its address in the client
     * @throws ErrnoException EFAULT where the client is gone; ENOMEM where it has none
     */
    long spAnonmmap(Object client, long size) throws ErrnoException;

    /**
     * Raises a signal in a client, without waiting for it to arrive. Unschedules.
     *
     * @param signo NetBSD's number
     * @throws ErrnoException EFAULT where the client is gone
     */
    void spRaise(Object client, int signo) throws ErrnoException;
}
