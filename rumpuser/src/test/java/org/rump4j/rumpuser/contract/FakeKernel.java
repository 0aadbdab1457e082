package org.rump4j.rumpuser.contract;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.Rumpuser;

/**
 * A kernel that does nothing but watch its host. It has virtual CPUs, which are taken and given back by the upcalls as in a
 * real kernel, and holds each upcall against the rules:
 *
 * <ul>
 *   <li>no upcall before the scheduler exists;
 *   <li>away, then back, by turns, on one thread, with the same lock count and the same interlock;
 *   <li>only a thread that holds a virtual CPU gives one away; the host's own threads, who come from outside, only take;
 *   <li>an interlock is held by its caller on the way down, and on the way up unless it is SPIN and KMUTEX both.
 * </ul>
 */
final class FakeKernel implements Hyperup {
    private static final int ODD_LOCK_COUNT = 1000;

    /** What a thread is at, by the kernel's reckoning. Touched by that thread, watched by others. */
    static final class Context {
        volatile @Nullable FakeLwp lwp;
        volatile boolean hasCpu;

        /** It has given the virtual CPU away in a hypercall and has not got it back. */
        volatile boolean away;

        /** How often it has done that. */
        final AtomicInteger pairs = new AtomicInteger();

        /** A thread of the host's, which the host brought in. */
        boolean outside;

        int nlocks;

        @Nullable
        RumpMutex interlock;
    }

    private final Rumpuser host;
    private final AtomicInteger counter = new AtomicInteger();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Context> contexts = ThreadLocal.withInitial(Context::new);
    private final Map<RumpMutex, Integer> mutexFlags = new ConcurrentHashMap<>();

    private @Nullable RumpMutex cpuMutex;
    private @Nullable RumpCondVar cpuFree;

    /** Guarded by cpuMutex. */
    private int freeCpus;

    private volatile boolean started;

    FakeKernel(Rumpuser host) {
        this.host = host;
    }

    /** From now on there is a scheduler. The host has been given this kernel. */
    void start(int ncpu) {
        cpuMutex = mutex(RumpMutex.SPIN);
        cpuFree = host.cvInit();
        freeCpus = ncpu;
        started = true;
    }

    /** A mutex of the kernel's. Only about those does the kernel know whether they should be held. */
    RumpMutex mutex(int flags) {
        RumpMutex mutex = host.mutexInit(flags);
        mutexFlags.put(mutex, flags);
        return mutex;
    }

    /** The mutex that guards the virtual CPUs: the one interlock that the kernel itself enters and leaves. */
    RumpMutex cpuMutex() {
        RumpMutex mutex = cpuMutex;
        if (mutex == null) {
            throw new IllegalStateException("not started");
        }
        return mutex;
    }

    /** What the calling thread is at. */
    Context context() {
        return contexts.get();
    }

    /** Brings the calling thread into the kernel, with an lwp and a virtual CPU. */
    void enter(String name) {
        setLwp(new FakeLwp(name, 1, false));
        takeCpu(false);
    }

    /** Takes the calling thread out of the kernel. */
    void leave() {
        giveCpu(false);
        clearLwp();
    }

    /** What the host did wrong, a line each; empty for nothing. */
    String violations() {
        return String.join("\n", violations);
    }

    private void check(boolean right, String otherwise) {
        if (!right) {
            violations.add(Thread.currentThread().getName() + ": " + otherwise);
        }
    }

    // The upcalls

    @Override
    public void schedule() {
        Context here = contexts.get();
        check(started, "schedule before there is a scheduler");
        check(!here.hasCpu, "schedule with a virtual CPU held");
        if (here.lwp == null) {
            setLwp(new FakeLwp("temporary", 1, true));
        }
        takeCpu(false);
    }

    @Override
    public void unschedule() {
        Context here = contexts.get();
        check(here.hasCpu, "unschedule without a virtual CPU");
        giveCpu(false);
        FakeLwp lwp = here.lwp;
        if (lwp != null && (lwp.temporary || lwp.released)) {
            clearLwp();
        }
    }

    @Override
    public int backendUnschedule(int nlocks, @Nullable RumpMutex interlock) {
        Context here = contexts.get();
        check(started, "backend_unschedule before there is a scheduler");
        check(nlocks == 0, "backend_unschedule with a lock count of its own: " + nlocks);
        check(here.hasCpu, "backend_unschedule without a virtual CPU");
        check(!here.away, "backend_unschedule nested in another");
        boolean ours = interlock == cpuMutex;
        if (interlock != null && !ours) {
            check(heldByCaller(interlock), "the interlock is not held while the virtual CPU is given away");
        }
        here.away = true;
        here.pairs.incrementAndGet();
        here.nlocks = counter.addAndGet(ODD_LOCK_COUNT);
        here.interlock = interlock;
        giveCpu(ours);
        return here.nlocks;
    }

    @Override
    public void backendSchedule(int nlocks, @Nullable RumpMutex interlock) {
        Context here = contexts.get();
        check(started, "backend_schedule before there is a scheduler");
        check(!here.hasCpu, "backend_schedule with a virtual CPU held");
        if (here.outside && nlocks == 0) {
            check(interlock == null, "a thread from outside with an interlock");
        } else if (here.away) {
            check(nlocks == here.nlocks, "backend_schedule with another lock count than backend_unschedule gave");
            check(interlock == here.interlock, "backend_schedule with another interlock than backend_unschedule");
        } else {
            check(false, "backend_schedule of a thread that has not given a virtual CPU away");
        }
        check(here.lwp != null, "backend_schedule of a thread without an lwp");
        boolean ours = interlock == cpuMutex;
        if (interlock != null && !ours) {
            boolean cpuFirst = flags(interlock) == (RumpMutex.SPIN | RumpMutex.KMUTEX);
            check(
                    heldByCaller(interlock) != cpuFirst,
                    cpuFirst
                            ? "a SPIN mutex is held while a virtual CPU is waited for"
                            : "the interlock is not held while the virtual CPU is taken again");
        }
        takeCpu(ours);
        here.away = false;
        here.interlock = null;
    }

    @Override
    public void lwprocSwitch(@Nullable OpaqueLwp lwp) {
        checkInside("lwproc_switch");
        clearLwp();
        setLwp(lwp == null ? new FakeLwp("detached", 1, true) : (FakeLwp) lwp);
    }

    @Override
    public void lwprocRelease() {
        checkInside("lwproc_release");
        FakeLwp lwp = contexts.get().lwp;
        if (lwp != null) {
            lwp.released = true;
        }
    }

    @Override
    public void lwprocRfork(@Nullable Object client, int flags, @Nullable String comm) {
        checkInside("lwproc_rfork");
        clearLwp();
        setLwp(new FakeLwp(comm == null ? "forked" : comm, counter.incrementAndGet(), false));
    }

    @Override
    public void lwprocNewlwp(int pid) {
        checkInside("lwproc_newlwp");
        clearLwp();
        setLwp(new FakeLwp("lwp of " + pid, pid, false));
        contexts.get().outside = true;
    }

    @Override
    public @Nullable OpaqueLwp lwprocCurlwp() {
        checkInside("lwproc_curlwp");
        FakeLwp lwp = contexts.get().lwp;
        return lwp == null || lwp.temporary || lwp.released ? null : lwp;
    }

    @Override
    public int syscall(int number, MemorySegment arguments, long[] retval) {
        checkInside("syscall");
        return Errno.ENOSYS.number();
    }

    @Override
    public void lwpexit() {
        checkInside("lwpexit");
    }

    @Override
    public void execnotify(String comm) {
        checkInside("execnotify");
    }

    @Override
    public int getpid() {
        checkInside("getpid");
        FakeLwp lwp = contexts.get().lwp;
        return lwp == null ? -1 : lwp.pid;
    }

    private void checkInside(String upcall) {
        check(contexts.get().hasCpu, upcall + " without a virtual CPU");
    }

    // Lwps and virtual CPUs

    private void setLwp(FakeLwp lwp) {
        host.curlwpop(LwpOp.CREATE, lwp);
        host.curlwpop(LwpOp.SET, lwp);
        contexts.get().lwp = lwp;
    }

    private void clearLwp() {
        Context here = contexts.get();
        FakeLwp lwp = here.lwp;
        if (lwp != null) {
            host.curlwpop(LwpOp.CLEAR, lwp);
            host.curlwpop(LwpOp.DESTROY, lwp);
            here.lwp = null;
        }
    }

    private void takeCpu(boolean mutexHeld) {
        RumpMutex mutex = cpuMutex();
        RumpCondVar free = cpuFree;
        if (free == null) {
            throw new IllegalStateException("not started");
        }
        if (!mutexHeld) {
            mutex.enterNowrap();
        }
        while (freeCpus == 0) {
            free.awaitNowrap(mutex);
        }
        freeCpus--;
        mutex.exit();
        contexts.get().hasCpu = true;
    }

    private void giveCpu(boolean keepMutex) {
        RumpMutex mutex = cpuMutex();
        contexts.get().hasCpu = false;
        mutex.enterNowrap();
        freeCpus++;
        if (cpuFree != null) {
            cpuFree.signal();
        }
        if (!keepMutex) {
            mutex.exit();
        }
    }

    /** What a mutex of the kernel's was made with. */
    int flags(RumpMutex mutex) {
        Integer flags = mutexFlags.get(mutex);
        if (flags == null) {
            throw new IllegalStateException("a mutex that this kernel did not make");
        }
        return flags;
    }

    /** Exact for KMUTEX; for others whether it is held at all. */
    private boolean heldByCaller(RumpMutex mutex) {
        if ((flags(mutex) & RumpMutex.KMUTEX) != 0) {
            return mutex.owner() == contexts.get().lwp;
        }
        if (mutex.tryenter()) {
            mutex.exit();
            return false;
        }
        return true;
    }
}
