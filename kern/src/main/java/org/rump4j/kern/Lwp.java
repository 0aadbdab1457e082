package org.rump4j.kern;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.OpaqueLwp;

/**
 * A light-weight process: what runs kernel code. It is carried by one thread of the host at a time and belongs to one process
 * for life.
 *
 * <p>Unless said otherwise the fields are touched by the thread that carries it only.
 */
public final class Lwp implements OpaqueLwp {
    private final Proc proc;
    private final int lid;
    private final String name;

    /** The CPU that it holds, held last, or is bound to. */
    VirtualCpu cpu;

    private boolean bound;

    /** Made for one stay in the kernel of a thread that has no lwp. */
    final boolean temporary;

    /** To be ended when the CPU is given away. */
    boolean released;

    /** The thread is to have no lwp once the CPU is given away. */
    boolean detaching;

    /** A thread of the host carries it. Becomes true with its process's lock held; see {@link Proc#claim}. */
    volatile boolean running;

    /** To leave the kernel as soon as it can. Set by others. */
    volatile boolean exiting;

    /** The condition variable that it sleeps on, where it can be made to leave. Read by others. */
    volatile @Nullable Kcondvar sleepingOn;

    /** The interlock that goes with it. Written before it. */
    @Nullable
    Kmutex sleepingWith;

    private @Nullable Uio uio;
    private @Nullable Cred actingAs;

    Lwp(Proc proc, int lid, @Nullable String name, VirtualCpu cpu, boolean temporary) {
        this.proc = proc;
        this.lid = lid;
        this.name = name == null ? "" : name;
        this.cpu = cpu;
        this.temporary = temporary;
    }

    /** Its process. */
    public Proc proc() {
        return proc;
    }

    /** Its number within its process; 0 for one that is temporary. */
    public int lid() {
        return lid;
    }

    /** Its name, for kernel threads; empty for others. */
    public String name() {
        return name;
    }

    /** Whose rights it has: its process's, unless it acts as somebody else for a moment. */
    public Cred cred() {
        Cred other = actingAs;
        return other == null ? proc.cred() : other;
    }

    /** Acts with other credentials from now on; null for those of its process. */
    public void actAs(@Nullable Cred other) {
        actingAs = other;
    }

    /** The virtual CPU that it holds, or held last. */
    public VirtualCpu cpu() {
        return cpu;
    }

    /** Whether it may run on one virtual CPU only. */
    public boolean isBound() {
        return bound;
    }

    /** For the transfer of the system call that it makes, one at a time. */
    Uio uio() {
        Uio mine = uio;
        if (mine == null) {
            uio = mine = new Uio();
        }
        return mine;
    }

    void bindTo(VirtualCpu only) {
        cpu = only;
        bound = true;
    }

    @Override
    public String toString() {
        return proc.pid() + "." + lid + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
