package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.ErrnoException;

/** The ends of a pipe as open files, of one with a name too. */
public final class PipeOps implements FileOps {
    /** What is different where a pipe has a name. */
    public interface Kind {
        /** The pipe of an open file. */
        Pipe pipe(OpenFile file);

        /**
         * What the file is.
         *
         * @throws ErrnoException EIO
         */
        Stat stat(Lwp l, OpenFile file) throws ErrnoException;

        /** The open file has gone, and its end is closed. */
        void closed(OpenFile file);
    }

    private final Kind kind;

    /** Of one kind. */
    public PipeOps(Kind kind) {
        this.kind = kind;
    }

    @Override
    public void read(Lwp l, OpenFile file, Uio uio) throws ErrnoException {
        kind.pipe(file).read(uio, file.has(Fcntl.O_NONBLOCK));
    }

    @Override
    public void write(Lwp l, OpenFile file, Uio uio) throws ErrnoException {
        kind.pipe(file).write(uio, file.has(Fcntl.O_NONBLOCK));
    }

    @Override
    public int poll(Lwp l, OpenFile file, int events) {
        return kind.pipe(file).poll(events, file.isReadable(), file.isWritable());
    }

    @Override
    public Selinfo selinfo(Lwp l, OpenFile file) {
        return kind.pipe(file).selinfo();
    }

    @Override
    public Stat stat(Lwp l, OpenFile file) throws ErrnoException {
        return kind.stat(l, file);
    }

    @Override
    public int ioctl(Lwp l, OpenFile file, long request, MemorySegment data) throws ErrnoException {
        if (request == Ioctl.FIONREAD) {
            Ioctl.putInt(data, kind.pipe(file).available());
            return 0;
        }
        return FileOps.super.ioctl(l, file, request, data);
    }

    @Override
    public void descriptorClosed(Lwp l, OpenFile file) {
        if (file.hasOtherUsers()) {
            kind.pipe(file).restart();
        }
    }

    @Override
    public void close(Lwp l, OpenFile file) {
        kind.pipe(file).close(file.isReadable(), file.isWritable());
        kind.closed(file);
    }
}
