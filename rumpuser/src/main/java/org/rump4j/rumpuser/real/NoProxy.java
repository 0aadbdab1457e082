package org.rump4j.rumpuser.real;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.SyscallProxyCalls;

/** The system call proxy of a host that serves nobody. Having no clients, it is never asked to copy for one. */
enum NoProxy implements SyscallProxyCalls {
    INSTANCE;

    @Override
    public void spInit(String url, String ostype, String osrelease, String machine) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception("this host has no system call proxy to serve " + url);
    }

    @Override
    public void spFini(@Nullable Object client) {}

    @Override
    public void spCopyin(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        throw noClient();
    }

    @Override
    public long spCopyinstr(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        throw noClient();
    }

    @Override
    public void spCopyout(Object client, MemorySegment src, long raddr) throws ErrnoException {
        throw noClient();
    }

    @Override
    public void spCopyoutstr(Object client, MemorySegment src, long raddr) throws ErrnoException {
        throw noClient();
    }

    @Override
    public long spAnonmmap(Object client, long size) throws ErrnoException {
        throw noClient();
    }

    @Override
    public void spRaise(Object client, int signo) throws ErrnoException {
        throw noClient();
    }

    private static ErrnoException noClient() {
        return Errno.EFAULT.exception("no such client");
    }
}
