package org.rump4j.kern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A process: descriptors, credentials, and what else its lwps share.
 *
 * <p>Lock order: {@link Procs}, then this; nothing is locked inside of it.
 */
public final class Proc {
    private static final int DEFAULT_UMASK = 022;

    private final Kernel kernel;
    private final int pid;
    private final @Nullable Object client;
    private Object[] specific;

    /** Guards lwps, nextLid, exiting, which lwps are running, and changes of what else there is here. */
    final Kmutex lock;

    private final List<Lwp> lwps = new ArrayList<>();
    private int nextLid = 1;
    private boolean exiting;

    private volatile Proc parent;
    private volatile String comm;
    private volatile Cred cred;
    private volatile Limits limits;
    private volatile int umask;
    private volatile Filedesc files;
    private final LockOwner lockOwner;

    Proc(
            Kernel kernel,
            int pid,
            @Nullable Proc parent,
            @Nullable Object client,
            String comm,
            Cred cred,
            Limits limits,
            Filedesc files,
            Object[] specific) {
        this.kernel = kernel;
        this.pid = pid;
        this.parent = parent == null ? this : parent;
        this.client = client;
        this.comm = comm;
        this.cred = cred;
        this.limits = limits;
        this.umask = parent == null ? DEFAULT_UMASK : parent.umask;
        this.files = files;
        this.specific = specific;
        this.lock = kernel.mutex();
        // Threads without an lwp of their own are in process 1, how many of them nobody counts.
        this.lockOwner = LockOwner.process(pid, pid <= Procs.INIT_PID ? () -> Integer.MAX_VALUE : this::lwpCount);
    }

    /** The kernel that it is a process of. */
    public Kernel kernel() {
        return kernel;
    }

    /** Its number. */
    public int pid() {
        return pid;
    }

    /** Its parent; process 0 is its own. */
    public Proc parent() {
        return parent;
    }

    void reparent(Proc to) {
        parent = to;
    }

    /** Its name. */
    public String comm() {
        return comm;
    }

    void setComm(String name) {
        comm = name;
    }

    /** What the system call proxy knows it by, or null for a process of the kernel's own address space. */
    public @Nullable Object client() {
        return client;
    }

    /** Its credentials. */
    public Cred cred() {
        return cred;
    }

    /** Makes something new of something that does not change, or refuses to. */
    @FunctionalInterface
    interface Change<T> {
        T of(T before) throws ErrnoException;
    }

    /**
     * Gives it other credentials.
     *
     * @throws ErrnoException where change does
     */
    void changeCred(Change<Cred> change) throws ErrnoException {
        lock.enter();
        try {
            cred = change.of(cred);
        } finally {
            lock.exit();
        }
    }

    /** Its resource limits. */
    public Limits limits() {
        return limits;
    }

    /**
     * Gives it other limits.
     *
     * @throws ErrnoException where change does
     */
    void changeLimits(Change<Limits> change) throws ErrnoException {
        lock.enter();
        try {
            limits = change.of(limits);
        } finally {
            lock.exit();
        }
    }

    /** Permissions that new files do not get. */
    public int umask() {
        return umask;
    }

    /** Sets the umask, and gives what it was. */
    int setUmask(int to) {
        lock.enter();
        int before = umask;
        umask = to;
        lock.exit();
        return before;
    }

    /** Its descriptors. */
    public Filedesc files() {
        return files;
    }

    void setFiles(Filedesc to) {
        files = to;
    }

    /** What its advisory locks belong to. */
    public LockOwner lockOwner() {
        return lockOwner;
    }

    /** What a faction keeps in it. */
    @SuppressWarnings("unchecked") // a key has one type for life, and set takes no other
    public <T> T get(SpecificKey<T> key) {
        return (T) specific[key.index];
    }

    /** Puts what a faction keeps in it. */
    public <T> void set(SpecificKey<T> key, T value) {
        specific[key.index] = value;
    }

    Object[] specific() {
        return specific;
    }

    /** One more slot, while the kernel boots. */
    void addSpecific(Object value) {
        specific = Arrays.copyOf(specific, specific.length + 1);
        specific[specific.length - 1] = value;
    }

    /**
     * A new lwp of it, which no thread carries yet.
     *
     * @return null where the process is exiting
     */
    @Nullable
    Lwp newLwp(@Nullable String name, VirtualCpu cpu) {
        lock.enter();
        try {
            if (exiting) {
                return null;
            }
            Lwp l = new Lwp(this, nextLid++, name, cpu, false);
            lwps.add(l);
            return l;
        } finally {
            lock.exit();
        }
    }

    /** Makes an lwp one that a thread carries. False where one does already, or it has ended. */
    boolean claim(Lwp l) {
        lock.enter();
        try {
            if (l.running || !lwps.contains(l)) {
                return false;
            }
            l.running = true;
            return true;
        } finally {
            lock.exit();
        }
    }

    /** Takes an lwp off that has ended. Whether it was the last one. */
    boolean removeLwp(Lwp l) {
        lock.enter();
        try {
            lwps.remove(l);
            return lwps.isEmpty();
        } finally {
            lock.exit();
        }
    }

    /** The number of its lwps. */
    int lwpCount() {
        lock.enter();
        try {
            return lwps.size();
        } finally {
            lock.exit();
        }
    }

    /** No more lwps, and all but one are to leave the kernel as soon as they can. */
    void startExit(Lwp survivor) {
        List<Lwp> others;
        lock.enter();
        try {
            exiting = true;
            others = new ArrayList<>(lwps);
        } finally {
            lock.exit();
        }
        for (Lwp other : others) {
            if (other != survivor) {
                Kcondvar.makeLeave(other);
            }
        }
    }

    /** Lwps may be made again: the process goes on as another program. */
    void exitIsOver() {
        lock.enter();
        exiting = false;
        lock.exit();
    }

    @Override
    public String toString() {
        return pid + " (" + comm + ")";
    }
}
