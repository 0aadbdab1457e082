package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What is left of a file whose file system has been unmounted by force ({@code deadfs}). */
enum DeadOps implements VnodeOps {
    INSTANCE;

    static ErrnoException gone() {
        return Errno.ENXIO.exception("the file system has been unmounted");
    }

    @Override
    public Stat getattr() throws ErrnoException {
        throw gone();
    }

    @Override
    public void setattr(AttributeChanges changes) throws ErrnoException {
        throw gone();
    }

    @Override
    public void access(int amode, Cred cred) throws ErrnoException {
        throw gone();
    }

    @Override
    public @Nullable Vnode lookup(String name) throws ErrnoException {
        throw gone();
    }

    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        throw gone();
    }

    @Override
    public void fsync(boolean dataOnly) throws ErrnoException {
        throw gone();
    }

    @Override
    public void read(Uio uio) throws ErrnoException {
        throw gone();
    }

    @Override
    public void write(Uio uio) throws ErrnoException {
        throw gone();
    }

    @Override
    public void preallocate(long from, long to) throws ErrnoException {
        throw gone();
    }

    @Override
    public void discard(long from, long to) throws ErrnoException {
        throw gone();
    }

    @Override
    public String readlink() throws ErrnoException {
        throw gone();
    }
}
