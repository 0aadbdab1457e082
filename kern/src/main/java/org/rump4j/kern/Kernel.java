package org.rump4j.kern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/**
 * One kernel: its host, and everything that in C would be a global variable. Components get it when they attach and reach the
 * rest through it.
 *
 * <p><b>Being in the kernel.</b> A thread enters with {@link #enter}, which gives it a virtual CPU and, where it has none, an
 * lwp, and leaves with {@link #leave}. Kernel threads are in the kernel from their beginning.
 *
 * <p><b>Going down.</b> A kernel goes down by {@link #shutdown} or {@link #panic}. Both end in the host's exit, which throws
 * every thread out that is in the kernel; whoever enters afterwards gets {@link KernelDownException}.
 */
public final class Kernel {
    private static final int MAX_CPUS = 256;
    private static final VarHandle DOWN;

    static {
        try {
            DOWN = MethodHandles.lookup().findVarHandle(Kernel.class, "down", Down.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How it ended: what callers are told, and what its host. */
    private record Down(KernelDownException why, int exitValue) {}

    /** Something to be done before a kernel goes down in good order. */
    @FunctionalInterface
    public interface ShutdownHook {
        /** Does it. Errors are for the hook to report. */
        void run(Lwp l, boolean sync);
    }

    private final Rumpuser host;
    private final Scheduler scheduler;
    private final MessageLog log;
    private final Kmem kmem;
    private final Clock clock;
    private final Procs procs;
    private final Kthreads kthreads;
    private final Callouts callouts;
    private final Softints softints;
    private final Sysctl sysctl;
    private final Devsw devsw;
    private final LockTable locks;

    /** What factions and drivers find one another by. Changed while the kernel boots only. */
    private final Map<Class<?>, Object> services = new HashMap<>();

    private final List<Component> components = new ArrayList<>();
    private final List<ShutdownHook> shutdownHooks = new ArrayList<>();
    private volatile String hostname = "";

    /** Null while the kernel is up. The first end counts. */
    private volatile @Nullable Down down;

    /** Somebody shuts it down. Guarded by the lock of process 0. */
    private boolean goingDown;

    /** With the boot thread being lwp0, which has no CPU yet. */
    Kernel(Rumpuser host, BootParameters parameters) throws ErrnoException {
        this.host = host;
        scheduler = new Scheduler(host, Math.min(parameters.ncpu(), MAX_CPUS));
        log = new MessageLog(host, mutex(), parameters.verbose());
        kmem = new Kmem(host, mutex(), parameters.memoryLimit());
        clock = new Clock(host);
        procs = new Procs(this);
        kthreads = new Kthreads(
                this,
                parameters.platformThreads() ? ThreadKind.PLATFORM : ThreadKind.VIRTUAL,
                parameters.threadsAllowed());
        callouts = new Callouts(this);
        softints = new Softints(this);
        sysctl = new Sysctl(mutex());
        devsw = new Devsw(mutex());
        locks = new LockTable(mutex(), this::condvar);
    }

    /** The host. */
    public Rumpuser host() {
        return host;
    }

    /** Virtual CPUs that it has. */
    public int ncpu() {
        return scheduler.ncpu();
    }

    Scheduler scheduler() {
        return scheduler;
    }

    VirtualCpu bootCpu() {
        return scheduler.cpu(0);
    }

    /** What it says. */
    public MessageLog log() {
        return log;
    }

    /** Its memory. */
    public Kmem kmem() {
        return kmem;
    }

    /** Its time. */
    public Clock clock() {
        return clock;
    }

    /** Its processes. */
    public Procs procs() {
        return procs;
    }

    /** Its threads. */
    public Kthreads kthreads() {
        return kthreads;
    }

    /** Functions to be called later. */
    public Callouts callouts() {
        return callouts;
    }

    /** Work to be done when a virtual CPU is given away. */
    public Softints softints() {
        return softints;
    }

    /** What can be asked and set by name. */
    public Sysctl sysctl() {
        return sysctl;
    }

    /** Its devices. */
    public Devsw devsw() {
        return devsw;
    }

    /** Advisory locks on its files. */
    public LockTable locks() {
        return locks;
    }

    /** What it calls itself. */
    public String hostname() {
        return hostname;
    }

    void setHostname(String name) {
        hostname = name;
    }

    // Locks

    /** A mutex. Also before the scheduler works, and while it is made. */
    public Kmutex mutex() {
        return new Kmutex(host, host.mutexInit(RumpMutex.KMUTEX));
    }

    /** A mutex that is waited for with the virtual CPU held, so only for what its holder does at once. */
    Kmutex spinMutex() {
        return new Kmutex(host, host.mutexInit(RumpMutex.SPIN | RumpMutex.KMUTEX));
    }

    /** A reader/writer lock. */
    public Krwlock rwlock() {
        return new Krwlock(host.rwInit());
    }

    /** A condition variable. */
    public Kcondvar condvar() {
        return new Kcondvar(host, host.cvInit());
    }

    /** A queue of work with an lwp of its own. */
    public Workqueue workqueue(String name) {
        return new Workqueue(this, name);
    }

    // Components

    /** Puts something where other components find it by its class. While the kernel boots. */
    public <T> void provide(Class<T> type, T service) {
        if (services.putIfAbsent(type, service) != null) {
            throw new IllegalStateException(type.getSimpleName() + " is there already");
        }
    }

    /** What a component has put there, or null where that component is not part of this kernel. */
    public <T> @Nullable T find(Class<T> type) {
        return type.cast(services.get(type));
    }

    /** As {@link #find}, of something that the caller cannot do without. */
    public <T> T require(Class<T> type) {
        T service = find(type);
        if (service == null) {
            throw new IllegalStateException(type.getSimpleName() + " is not linked in");
        }
        return service;
    }

    /** What it is made of, in the order in which it was attached. */
    public List<Component> components() {
        return List.copyOf(components);
    }

    void addComponent(Component component) {
        components.add(component);
    }

    /** Has something done before the kernel goes down in good order; the last one added is the first done. */
    public void onShutdown(ShutdownHook hook) {
        shutdownHooks.addFirst(hook);
    }

    // In and out

    /** The current lwp. Only of a thread that is in the kernel. */
    public Lwp curlwp() {
        OpaqueLwp l = host.curlwp();
        if (l == null) {
            throw new IllegalStateException("this thread is not in the kernel");
        }
        return (Lwp) l;
    }

    /**
     * Enters the kernel.
     *
     * @return the lwp, to be given to {@link #leave}
     */
    Lwp enter() {
        Down ended = down;
        if (ended != null) {
            throw downAgain(ended.why);
        }
        Lwp l = (Lwp) host.curlwp();
        try {
            if (l == null) {
                return enterWithoutLwp();
            }
            scheduler.schedule(l);
            return l;
        } catch (RumpuserExit e) {
            throw asDown(e);
        }
    }

    /** Leaves the kernel. */
    void leave(Lwp l) {
        try {
            if (l.temporary || l.released || l.detaching) {
                leaveForGood(l);
            } else if (down == null) {
                scheduler.unschedule(l);
            }
        } catch (RuntimeException | Error e) {
            throw asDown(e);
        }
    }

    /** Makes the calling thread, which has none, carry an lwp, and enters the kernel. */
    void attach(Lwp l) {
        host.curlwpop(LwpOp.SET, l);
        l.running = true;
        scheduler.schedule(l);
    }

    /** A CPU is taken or given in the middle of a hypercall. */
    void backendSchedule() {
        scheduler.schedule(curlwp());
    }

    void backendUnschedule() {
        scheduler.unschedule(curlwp());
    }

    private Lwp enterWithoutLwp() {
        Lwp l = new Lwp(procs.init(), 0, null, bootCpu(), true);
        host.curlwpop(LwpOp.SET, l);
        scheduler.schedule(l);
        return l;
    }

    /** Leaves the kernel, and the thread has no lwp any more. */
    void leaveForGood(Lwp l) {
        if (down == null) {
            if (l.released) {
                end(l);
            }
            scheduler.unschedule(l);
        }
        l.detaching = false;
        host.curlwpop(LwpOp.CLEAR, l);
        l.running = false;
    }

    /**
     * The thread, which has a CPU, goes on as another lwp.
     *
     * @throws IllegalStateException where another thread carries that one, or it has ended
     */
    void switchTo(Lwp from, Lwp to) {
        if (!to.proc().claim(to)) {
            throw new IllegalStateException("lwp " + to + " is running already, or has ended");
        }
        if (from.released) {
            end(from);
        }
        to.cpu = from.cpu;
        host.curlwpop(LwpOp.CLEAR, from);
        host.curlwpop(LwpOp.SET, to);
        from.detaching = false;
        from.running = false;
    }

    private void end(Lwp l) {
        host.curlwpop(LwpOp.DESTROY, l);
        if (l.proc().removeLwp(l) && l.proc() != procs.kernelProc() && l.proc() != procs.init()) {
            procs.exit(l);
        }
    }

    // Going down

    /** Whether it has neither been shut down nor panicked. */
    public boolean isUp() {
        return down == null;
    }

    /**
     * Goes down in good order.
     *
     * @param l the caller, which is in the kernel
     * @param sync whether to write back what is dirty
     * @return never
     */
    RumpuserExit shutdown(Lwp l, boolean sync) {
        Kmutex lock = procs.kernelProc().lock;
        lock.enter();
        if (goingDown) {
            awaitEnd(lock);
        }
        goingDown = true;
        lock.exit();
        for (ShutdownHook hook : shutdownHooks) {
            hook.run(l, sync);
        }
        DOWN.compareAndSet(this, null, new Down(new KernelDownException("the kernel has been halted", null), 0));
        throw exitHost();
    }

    /** As {@link #shutdown} with sync, for a caller who goes on outside. */
    void haltNow(Lwp l) {
        try {
            throw shutdown(l, true);
        } catch (RumpuserExit e) {
            // As intended.
        }
    }

    /** Waits until whoever shuts the kernel down is done, which throws everybody out. */
    private void awaitEnd(Kmutex lock) {
        Kcondvar never = condvar();
        while (true) {
            never.await(lock);
        }
    }

    /** Throws a thread out of a kernel that is down. Never returns. */
    RumpuserExit exitHost() {
        Down ended = down;
        throw host.exit(ended == null ? TerminationCalls.PANIC : ended.exitValue);
    }

    /**
     * Gives up: prints why, and goes down at once.
     *
     * @param message what is wrong
     * @param cause what it comes from, or null
     * @return never; a caller writes {@code throw kernel.panic(…)}
     */
    public RumpuserExit panic(String message, @Nullable Throwable cause) {
        KernelDownException why = new KernelDownException("panic: " + message, cause);
        if (DOWN.compareAndSet(this, null, new Down(why, TerminationCalls.PANIC))) {
            log.putLine(String.valueOf(why.getMessage()));
            if (cause != null) {
                log.putLine(cause.toString());
                for (StackTraceElement frame : cause.getStackTrace()) {
                    log.putLine("    at " + frame);
                }
            }
        }
        throw exitHost();
    }

    /** What a system call throws instead of an exception that no kernel lets out. */
    KernelDownException asDown(Throwable t) {
        if (t instanceof KernelDownException already) {
            return already;
        }
        try {
            if (!(t instanceof RumpuserExit)) {
                throw panic("unexpected " + t.getClass().getSimpleName(), t);
            }
        } catch (RumpuserExit exit) {
            // The kernel is down now.
        }
        Down ended = down;
        return ended == null ? new KernelDownException("the host has ended the kernel", null) : downAgain(ended.why);
    }

    private static KernelDownException downAgain(KernelDownException why) {
        return new KernelDownException(String.valueOf(why.getMessage()), why);
    }
}
