package org.rump4j.kern;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A table of descriptors ({@code struct filedesc}), which processes may share. Looking one up takes no lock: what is looked up
 * may be closed at that moment, and then the reference cannot be had.
 */
public final class Filedesc {
    private static final int INITIAL_SIZE = 16;

    private final Kernel kernel;

    /** Guards everything here but lookups. A leaf. */
    private final Kmutex lock;

    private volatile AtomicReferenceArray<@Nullable OpenFile> files = new AtomicReferenceArray<>(INITIAL_SIZE);

    /** Descriptors that are taken, those that are reserved too. */
    private final BitSet used = new BitSet();

    private final BitSet closeOnExec = new BitSet();
    private int sharers = 1;

    Filedesc(Kernel kernel) {
        this.kernel = kernel;
        this.lock = kernel.mutex();
    }

    /**
     * The file of a descriptor, with a reference that the caller gives back.
     *
     * @throws ErrnoException EBADF
     */
    public OpenFile get(int fd) throws ErrnoException {
        while (true) {
            OpenFile file = lookup(fd);
            // The descriptor may have been closed and given out again before there was the reference.
            if (file.tryReference()) {
                if (files.get(fd) == file) {
                    return file;
                }
                file.release(kernel.curlwp());
            }
        }
    }

    /**
     * Takes the lowest free descriptor, for which nothing can be looked up yet.
     *
     * @param from the first that will do
     * @param limit the first that will not
     * @throws ErrnoException EMFILE
     */
    public int reserve(int from, long limit) throws ErrnoException {
        lock.enter();
        try {
            int fd = used.nextClearBit(from);
            if (fd >= limit) {
                throw Errno.EMFILE.exception();
            }
            used.set(fd);
            grow(fd);
            return fd;
        } finally {
            lock.exit();
        }
    }

    /** As the other, with the process's limit and from 0 on. */
    public int reserve(Lwp l) throws ErrnoException {
        return reserve(0, l.proc().limits().maxFiles());
    }

    /** Gives back what {@link #reserve} took, unused. */
    public void unreserve(int fd) {
        lock.enter();
        used.clear(fd);
        lock.exit();
    }

    /**
     * Lets a reserved descriptor refer to a file.
     *
     * @param file with a reference that becomes the descriptor's
     */
    public void affix(int fd, OpenFile file, boolean onExecClose) {
        lock.enter();
        files.set(fd, file);
        closeOnExec.set(fd, onExecClose);
        lock.exit();
    }

    /**
     * Takes a descriptor off.
     *
     * @throws ErrnoException EBADF
     */
    void close(Lwp l, int fd) throws ErrnoException {
        drop(l, take(fd));
    }

    /** Gives up the reference of a descriptor that has been taken off. */
    private static void drop(Lwp l, OpenFile file) {
        file.ops().descriptorClosed(l, file);
        file.release(l);
    }

    /**
     * Lets a descriptor refer to another's file, in one step. What it referred to is closed.
     *
     * @param limit the first descriptor that will not do, {@link Limits#MAXFILES} at the most
     * @throws ErrnoException EBADF where from is none, or to is out of range
     */
    void dup2(Lwp l, int from, int to, boolean onExecClose, long limit) throws ErrnoException {
        OpenFile file = get(from);
        if (to < 0 || to >= limit) {
            file.release(l);
            throw Errno.EBADF.exception("descriptor " + to);
        }
        if (from == to) {
            file.release(l);
            return;
        }
        lock.enter();
        grow(to);
        OpenFile before = files.get(to);
        if (before == null && used.get(to)) {
            lock.exit();
            file.release(l);
            throw Errno.EBUSY.exception("descriptor " + to + " is about to be opened");
        }
        used.set(to);
        files.set(to, file);
        closeOnExec.set(to, onExecClose);
        lock.exit();
        if (before != null) {
            drop(l, before);
        }
    }

    /**
     * Sees that there is such a descriptor.
     *
     * @throws ErrnoException EBADF
     */
    void check(int fd) throws ErrnoException {
        lookup(fd);
    }

    /** Whether a descriptor is still that of a file. */
    boolean refersTo(int fd, OpenFile file) {
        return files.get(fd) == file;
    }

    /**
     * Whether a descriptor closes on exec.
     *
     * @throws ErrnoException EBADF
     */
    boolean closesOnExec(int fd) throws ErrnoException {
        lock.enter();
        try {
            lookup(fd);
            return closeOnExec.get(fd);
        } finally {
            lock.exit();
        }
    }

    /**
     * Sets whether a descriptor closes on exec.
     *
     * @throws ErrnoException EBADF
     */
    void setClosesOnExec(int fd, boolean to) throws ErrnoException {
        lock.enter();
        try {
            lookup(fd);
            closeOnExec.set(fd, to);
        } finally {
            lock.exit();
        }
    }

    /** The highest descriptor that is open, or −1. */
    int highest() {
        lock.enter();
        int fd = used.length() - 1;
        lock.exit();
        return fd;
    }

    /** Closes all descriptors from one on. */
    void closeFrom(Lwp l, int from) {
        closeAll(l, from, null);
    }

    /** Closes what closes on exec; of a table that is shared, in a copy, which is what the process has from now on. */
    Filedesc exec(Lwp l) {
        lock.enter();
        boolean shared = sharers > 1;
        lock.exit();
        Filedesc own = shared ? copy() : this;
        if (shared) {
            leave(l);
        }
        own.closeAll(l, 0, own.closeOnExec);
        return own;
    }

    /** One more process that shares it. */
    Filedesc share() {
        lock.enter();
        sharers++;
        lock.exit();
        return this;
    }

    /** A copy of it, for another process. */
    Filedesc copy() {
        Filedesc copy = new Filedesc(kernel);
        lock.enter();
        try {
            copy.grow(files.length() - 1);
            for (int fd = used.nextSetBit(0); fd >= 0; fd = used.nextSetBit(fd + 1)) {
                OpenFile file = files.get(fd);
                // The descriptor is a reference, so one more can be had.
                if (file != null && file.tryReference()) {
                    copy.files.set(fd, file);
                    copy.used.set(fd);
                }
            }
            copy.closeOnExec.or(closeOnExec);
            return copy;
        } finally {
            lock.exit();
        }
    }

    /** A process that shares it is gone; the last one closes everything. */
    void leave(Lwp l) {
        lock.enter();
        boolean last = --sharers == 0;
        lock.exit();
        if (last) {
            closeFrom(l, 0);
        }
    }

    private void closeAll(Lwp l, int from, @Nullable BitSet which) {
        for (int fd = from; ; fd++) {
            OpenFile file;
            lock.enter();
            fd = which == null ? used.nextSetBit(fd) : which.nextSetBit(fd);
            if (fd < 0) {
                lock.exit();
                return;
            }
            file = files.get(fd);
            if (file != null) {
                clear(fd);
            }
            lock.exit();
            if (file != null) {
                drop(l, file);
            }
        }
    }

    private OpenFile take(int fd) throws ErrnoException {
        lock.enter();
        try {
            OpenFile file = lookup(fd);
            clear(fd);
            return file;
        } finally {
            lock.exit();
        }
    }

    private void clear(int fd) {
        files.set(fd, null);
        used.clear(fd);
        closeOnExec.clear(fd);
    }

    private OpenFile lookup(int fd) throws ErrnoException {
        AtomicReferenceArray<@Nullable OpenFile> table = files;
        OpenFile file = fd >= 0 && fd < table.length() ? table.get(fd) : null;
        if (file == null) {
            throw Errno.EBADF.exception();
        }
        return file;
    }

    /** With the lock held. */
    private void grow(int fd) {
        AtomicReferenceArray<@Nullable OpenFile> table = files;
        if (fd >= table.length()) {
            AtomicReferenceArray<@Nullable OpenFile> larger =
                    new AtomicReferenceArray<>(Math.max(fd + 1, table.length() * 2));
            for (int i = 0; i < table.length(); i++) {
                larger.set(i, table.get(i));
            }
            files = larger;
        }
    }
}
