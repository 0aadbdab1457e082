package org.rump4j.kern;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Rlimit;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The processes of a kernel. Process 0 is the kernel's own; process 1 is that of all who have not made one, and the parent of
 * those whose parent is gone.
 */
public final class Procs {
    private static final int KERNEL_PID = 0;
    static final int INIT_PID = 1;
    static final int PID_MAX = 30000;

    private final Kernel kernel;

    /** Guards the table. Taken before a process's. */
    private final Kmutex lock;

    private final TreeMap<Integer, Proc> table = new TreeMap<>();
    private final List<SpecificKey<?>> keys = new ArrayList<>();
    private int nextPid = INIT_PID + 1;

    private final Proc kernelProc;
    private @Nullable Proc init;

    Procs(Kernel kernel) {
        this.kernel = kernel;
        this.lock = kernel.mutex();
        kernelProc = new Proc(
                kernel,
                KERNEL_PID,
                null,
                null,
                "system",
                Cred.ROOT,
                Limits.DEFAULT,
                new Filedesc(kernel),
                new Object[0]);
        table.put(KERNEL_PID, kernelProc);
    }

    /**
     * A slot in each process. While the kernel boots, before {@link #makeInit}.
     *
     * @param first what process 0 has, and process 1 a fork of
     * @param fork makes what a child has of what its parent has
     * @param exit gives up what a process had
     */
    public <T> SpecificKey<T> newKey(T first, Function<T, T> fork, Consumer<T> exit) {
        if (init != null) {
            throw new IllegalStateException("the kernel has booted");
        }
        SpecificKey<T> key = new SpecificKey<>(keys.size(), fork, exit);
        keys.add(key);
        kernelProc.addSpecific(first);
        return key;
    }

    /** Makes process 1, when all factions have their slots. */
    void makeInit() {
        Proc p = new Proc(
                kernel,
                INIT_PID,
                kernelProc,
                null,
                "init",
                Cred.ROOT,
                Limits.DEFAULT,
                new Filedesc(kernel),
                forkSlots(kernelProc));
        lock.enter();
        table.put(INIT_PID, p);
        lock.exit();
        init = p;
    }

    /** The lwp that boots the kernel. */
    Lwp bootLwp() {
        Lwp l = kernelProc.newLwp("boot", kernel.bootCpu());
        if (l == null) {
            throw new IllegalStateException("process 0 is exiting");
        }
        return l;
    }

    /** Process 0. */
    public Proc kernelProc() {
        return kernelProc;
    }

    /** Process 1. */
    public Proc init() {
        Proc p = init;
        if (p == null) {
            throw new IllegalStateException("process 1 is not there yet");
        }
        return p;
    }

    /**
     * A process by its number.
     *
     * @throws ErrnoException ESRCH
     */
    public Proc find(int pid) throws ErrnoException {
        lock.enter();
        try {
            Proc p = table.get(pid);
            if (p == null) {
                throw Errno.ESRCH.exception("process " + pid);
            }
            return p;
        } finally {
            lock.exit();
        }
    }

    /** All of them, by number. */
    public List<Proc> all() {
        lock.enter();
        try {
            return new ArrayList<>(table.values());
        } finally {
            lock.exit();
        }
    }

    /**
     * Makes a child, which has no lwp yet.
     *
     * @param flags what becomes of the descriptors; see {@link Lwproc#rfork}
     * @throws ErrnoException EINVAL for other flags; EAGAIN where there are too many processes
     */
    Proc fork(Lwp l, @Nullable Object client, int flags, @Nullable String comm) throws ErrnoException {
        Proc parent = l.proc();
        Filedesc files = switch (flags) {
            case Lwproc.RFFD_SHARE -> parent.files().share();
            case Lwproc.RFFDG -> parent.files().copy();
            case Lwproc.RFCFDG -> new Filedesc(kernel);
            default -> throw Errno.EINVAL.exception("rfork flags " + flags);
        };
        Object[] specific = forkSlots(parent);
        String name = comm == null ? parent.comm() : comm;
        lock.enter();
        boolean allowed = mayFork(parent);
        int pid = allowed ? freePid() : -1;
        if (pid < 0) {
            lock.exit();
            files.leave(l);
            exitSlots(specific);
            throw Errno.EAGAIN.exception(
                    allowed
                            ? "too many processes"
                            : "user " + parent.cred().uid() + " has as many as the limit allows");
        }
        Proc child = new Proc(kernel, pid, parent, client, name, parent.cred(), parent.limits(), files, specific);
        table.put(pid, child);
        lock.exit();
        return child;
    }

    /** With the lock held: whether RLIMIT_NPROC allows one more of the process's user. The superuser has as many as there can be. */
    private boolean mayFork(Proc parent) {
        int uid = parent.cred().uid();
        long most = parent.limits().maxProcs();
        if (most == Rlimit.RLIM_INFINITY || uid == Cred.ROOT.uid()) {
            return true;
        }
        return table.values().stream().filter(p -> p.cred().uid() == uid).count() < most;
    }

    /** The last lwp of a process is going; l is that lwp, and still has a CPU. */
    void exit(Lwp l) {
        Proc p = l.proc();
        p.files().leave(l);
        kernel.locks().releaseAll(p.lockOwner());
        exitSlots(p.specific());
        lock.enter();
        table.remove(p.pid());
        for (Proc other : table.values()) {
            if (other.parent() == p) {
                other.reparent(init());
            }
        }
        lock.exit();
    }

    private Object[] forkSlots(Proc parent) {
        Object[] slots = new Object[keys.size()];
        for (SpecificKey<?> key : keys) {
            slots[key.index] = forkSlot(parent, key);
        }
        return slots;
    }

    private static <T> T forkSlot(Proc parent, SpecificKey<T> key) {
        return key.fork.apply(parent.get(key));
    }

    private void exitSlots(Object[] slots) {
        for (SpecificKey<?> key : keys) {
            exitSlot(slots[key.index], key);
        }
    }

    @SuppressWarnings("unchecked") // a slot holds what its key says
    private static <T> void exitSlot(Object value, SpecificKey<T> key) {
        key.exit.accept((T) value);
    }

    /** With the lock held: a number that no process has, or −1. */
    private int freePid() {
        for (int tried = 0; tried < PID_MAX; tried++) {
            int pid = nextPid++;
            if (nextPid > PID_MAX) {
                nextPid = INIT_PID + 1;
            }
            if (!table.containsKey(pid)) {
                return pid;
            }
        }
        return -1;
    }
}
