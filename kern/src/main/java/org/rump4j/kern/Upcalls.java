package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpMutex;

/** What the kernel lets its host do. This kernel has no big lock, so there are no lock counts to hand over. */
final class Upcalls implements Hyperup {
    private @Nullable Kernel kernel;

    /** The host gets the upcalls before there is a kernel, since the kernel is made of hypercalls. */
    void connect(Kernel to) {
        kernel = to;
    }

    private Kernel kernel() {
        Kernel k = kernel;
        if (k == null) {
            throw new IllegalStateException("upcall before the kernel is there");
        }
        return k;
    }

    @Override
    public void schedule() {
        try {
            kernel().enter();
        } catch (KernelDownException e) {
            throw kernel().exitHost();
        }
    }

    @Override
    public void unschedule() {
        try {
            kernel().leave(kernel().curlwp());
        } catch (KernelDownException e) {
            throw kernel().exitHost();
        }
    }

    @Override
    public int backendUnschedule(int nlocks, @Nullable RumpMutex interlock) {
        kernel().backendUnschedule();
        return 0;
    }

    @Override
    public void backendSchedule(int nlocks, @Nullable RumpMutex interlock) {
        kernel().backendSchedule();
    }

    @Override
    public void lwprocSwitch(@Nullable OpaqueLwp lwp) {
        Lwp from = kernel().curlwp();
        if (lwp == null) {
            from.detaching = true;
        } else if (!(lwp instanceof Lwp to) || to.proc().kernel() != kernel()) {
            throw new IllegalArgumentException("lwp " + lwp + " is another kernel's");
        } else if (to != from) {
            kernel().switchTo(from, to);
        }
    }

    @Override
    public void lwprocRelease() {
        Lwp l = kernel().curlwp();
        l.released = !l.temporary;
    }

    @Override
    public void lwprocRfork(@Nullable Object client, int flags, @Nullable String comm) throws ErrnoException {
        Lwp from = kernel().curlwp();
        Proc child = kernel().procs().fork(from, client, flags, comm);
        switchToNew(from, child);
    }

    @Override
    public void lwprocNewlwp(int pid) throws ErrnoException {
        switchToNew(kernel().curlwp(), kernel().procs().find(pid));
    }

    @Override
    public @Nullable OpaqueLwp lwprocCurlwp() {
        Lwp l = kernel().curlwp();
        return l.temporary || l.released ? null : l;
    }

    @Override
    public int syscall(int number, MemorySegment arguments, long[] retval) {
        return Errno.ENOSYS.number();
    }

    @Override
    public void lwpexit() {
        Lwp l = kernel().curlwp();
        l.proc().startExit(l);
    }

    @Override
    public void execnotify(String comm) {
        Lwp l = kernel().curlwp();
        if (l.proc().lwpCount() != 1) {
            throw new IllegalStateException("exec of process " + l.proc() + ", which has other lwps");
        }
        Proc p = l.proc();
        p.setFiles(p.files().exec(l));
        p.setComm(comm);
        p.exitIsOver();
    }

    @Override
    public int getpid() {
        return kernel().curlwp().proc().pid();
    }

    private void switchToNew(Lwp from, Proc proc) throws ErrnoException {
        Lwp l = proc.newLwp(null, from.cpu);
        if (l == null) {
            throw Errno.EBUSY.exception("process " + proc + " is exiting");
        }
        kernel().host().curlwpop(LwpOp.CREATE, l);
        kernel().switchTo(from, l);
    }
}
