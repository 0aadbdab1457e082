package org.rump4j.rumpuser.contract;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.SyscallProxyCalls;

/** A system call proxy that does nothing but look whether it is called as it should be. */
final class FakeProxy implements SyscallProxyCalls {
    static final long MAPPED_AT = 0x2000;

    @Nullable
    FakeKernel watched;

    /** Whether the client is. */
    boolean gone;

    int calls;
    String violations = "";

    private void called(boolean blocking) {
        calls++;
        FakeKernel kernel = watched;
        if (kernel != null && kernel.context().away != blocking) {
            violations += blocking ? "a blocking call holds a virtual CPU; " : "a call gave the virtual CPU away; ";
        }
    }

    private void blockingCall() throws ErrnoException {
        called(true);
        if (gone) {
            throw Errno.EFAULT.exception("gone");
        }
    }

    @Override
    public void spInit(String url, String ostype, String osrelease, String machine) {
        called(false);
    }

    @Override
    public void spFini(@Nullable Object client) {
        called(false);
    }

    @Override
    public void spCopyin(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        blockingCall();
        dst.fill((byte) 1);
    }

    @Override
    public long spCopyinstr(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        blockingCall();
        return dst.byteSize();
    }

    @Override
    public void spCopyout(Object client, MemorySegment src, long raddr) throws ErrnoException {
        blockingCall();
    }

    @Override
    public void spCopyoutstr(Object client, MemorySegment src, long raddr) throws ErrnoException {
        blockingCall();
    }

    @Override
    public long spAnonmmap(Object client, long size) throws ErrnoException {
        blockingCall();
        return MAPPED_AT;
    }

    @Override
    public void spRaise(Object client, int signo) throws ErrnoException {
        blockingCall();
    }
}
