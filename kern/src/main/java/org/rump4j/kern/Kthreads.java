package org.rump4j.kern;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/** Kernel threads ({@code kthread(9)}): lwps of process 0. They end with the kernel at the latest. */
public final class Kthreads {
    private static final int UNBOUND = -1;
    private static final int DEFAULT_PRIORITY = 0;

    private final Kernel kernel;
    private final ThreadKind kind;
    private final boolean allowed;

    /** A kernel thread that can be waited for. */
    public static final class Joinable {
        private final Rumpuser host;
        private final RumpThread thread;

        private Joinable(Rumpuser host, RumpThread thread) {
            this.host = host;
            this.thread = thread;
        }

        /** Waits until it has ended. Once. */
        public void join() {
            host.threadJoin(thread);
        }
    }

    Kthreads(Kernel kernel, ThreadKind kind, boolean allowed) {
        this.kernel = kernel;
        this.kind = kind;
        this.allowed = allowed;
    }

    /** Whether there can be any ({@code RUMP_THREADS}). */
    public boolean areAllowed() {
        return allowed;
    }

    /** Starts one. Where there can be none the kernel panics, for whoever asks cannot do without. */
    public void create(String name, Runnable body) {
        RumpThread none = start(name, body, false, null);
        assert none == null;
    }

    /** Starts one that can be waited for. */
    public Joinable createJoinable(String name, Runnable body) {
        RumpThread thread = start(name, body, true, null);
        if (thread == null) {
            throw new IllegalStateException("the host gave no thread to join");
        }
        return new Joinable(kernel.host(), thread);
    }

    void createBound(String name, VirtualCpu cpu, Runnable body) {
        RumpThread none = start(name, body, false, cpu);
        assert none == null;
    }

    private @Nullable RumpThread start(String name, Runnable body, boolean joinable, @Nullable VirtualCpu cpu) {
        if (!allowed) {
            throw kernel.panic("threads not available: " + name, null);
        }
        Lwp l = kernel.procs()
                .kernelProc()
                .newLwp(name, cpu == null ? kernel.curlwp().cpu() : cpu);
        if (l == null) {
            throw kernel.panic("no lwp for " + name, null);
        }
        if (cpu != null) {
            l.bindTo(cpu);
        }
        Rumpuser host = kernel.host();
        host.curlwpop(LwpOp.CREATE, l);
        int cpuidx = cpu == null ? UNBOUND : cpu.index();
        try {
            return host.threadCreate(() -> carry(l, body), kind, name, joinable, DEFAULT_PRIORITY, cpuidx);
        } catch (ErrnoException e) {
            throw kernel.panic("no thread for " + name, e);
        }
    }

    private void carry(Lwp l, Runnable body) {
        kernel.attach(l);
        try {
            body.run();
        } catch (RumpuserExit e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw kernel.panic("in kernel thread " + l, e);
        }
        l.released = true;
        kernel.leaveForGood(l);
    }
}
