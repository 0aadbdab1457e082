package org.rump4j.rumpuser.real;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.MemorySource;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.SyscallProxyCalls;

/**
 * The real host: the operating system under the JVM.
 *
 * <p>One host serves one kernel. Where the reference implementation falls short of its contract this one does not:
 * positioned I/O neither uses nor moves a position, interrupts are not seen, timeouts are measured on the clock that does not
 * step, a synchronous write whose flush fails has failed, the console is written through, readers do not starve writers, a sole
 * reader can upgrade, and block I/O runs several requests side by side.
 */
public final class RealHost implements PlainHost {
    private final Blocker blocker = new Blocker();
    private final Curlwp curlwp = new Curlwp();
    private final RealMemory memory = new RealMemory();
    private final RealClock clock;
    private final RealThreads threads = new RealThreads(blocker);
    private final RealRandom random = new RealRandom();
    private final RealComponents componentServices = new RealComponents(blocker);
    private final RealConsole console;
    private final RealFiles files;
    private final RealBlockIo blockIo;
    private final RealParameters parameters;
    private final RealDaemon daemon;
    private final SyscallProxyCalls proxy;
    private final @Nullable List<?> components;
    private final IntConsumer onSignal;
    private final IntConsumer onExit;

    private final boolean wallClockGoes;

    /** What is to be done at the exit. */
    private final ConcurrentLinkedQueue<Runnable> atExit = new ConcurrentLinkedQueue<>();

    /** The exit that counts, the first. */
    private final AtomicReference<@Nullable RumpuserExit> end = new AtomicReference<>();

    private RealHost(Builder builder) {
        clock = new RealClock(blocker, builder.wallNanos);
        wallClockGoes = builder.wallNanos == null;
        console = new RealConsole(builder.console, builder.debug);
        files = new RealFiles(blocker, console);
        parameters = new RealParameters(builder.environment, builder.process);
        blockIo = new RealBlockIo(blocker, files, componentServices, threadless(parameters));
        daemon = new RealDaemon(blocker, builder.leave);
        proxy = builder.proxy;
        components = builder.components;
        onSignal = builder.onSignal;
        onExit = builder.onExit;
    }

    /** A host with nothing changed: the process's environment, standard output for a console, every component that there is. */
    public static RealHost create() {
        return builder().build();
    }

    /** Begins a host that differs from {@link #create}. */
    public static Builder builder() {
        return new Builder();
    }

    /** How a host differs from the usual one. */
    public static final class Builder {
        private final Map<String, String> environment = new HashMap<>();
        private Function<String, @Nullable String> process = System::getenv;
        private OutputStream console = new FileOutputStream(FileDescriptor.out);
        private OutputStream debug = new FileOutputStream(FileDescriptor.err);
        private SyscallProxyCalls proxy = NoProxy.INSTANCE;
        private @Nullable List<?> components;
        private @Nullable Long wallNanos;
        private IntConsumer onSignal = RealHost::raise;
        private IntConsumer onExit = _ -> {};
        private IntConsumer leave = status -> Runtime.getRuntime().halt(status);

        private Builder() {}

        /** Sets a variable of the kernel's environment, such as {@code RUMP_NCPU}, over that of the process. */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /**
         * Where variables are looked up that have not been set here, each time that one is asked for: for a process whose environment
         * changes, which the JVM does not notice. Gives null for one that is not set.
         */
        public Builder environment(Function<String, @Nullable String> variables) {
            process = variables;
            return this;
        }

        /** Where the console prints. Should not be buffered: a kernel's last words must come out. */
        public Builder console(OutputStream out) {
            console = out;
            return this;
        }

        /** Where {@code dprintf} prints. Should not be buffered. */
        public Builder debug(OutputStream out) {
            debug = out;
            return this;
        }

        /** Stops the clock of the wall: whatever is made has this time, in nanoseconds since 1970. The steady clock goes on. */
        public Builder wallClock(long nanos) {
            wallNanos = nanos;
            return this;
        }

        /** Which components the kernel has, in place of those that {@link ServiceLoader} finds. */
        public Builder components(List<?> linkedIn) {
            components = List.copyOf(linkedIn);
            return this;
        }

        /** What a signal to the host process does, by NetBSD's number, in place of raising it. */
        public Builder onSignal(IntConsumer handler) {
            onSignal = handler;
            return this;
        }

        /** Told the value when the kernel exits, once, before its threads are thrown out. */
        public Builder onExit(IntConsumer handler) {
            onExit = handler;
            return this;
        }

        /** How a process ends that has handed over to one in the background, in place of ending the JVM. */
        public Builder onLeave(IntConsumer handler) {
            leave = handler;
            return this;
        }

        /**
         * Who serves system calls to other processes. Without one, {@link Rumpuser#spInit} gives EOPNOTSUPP. Giving the
         * virtual CPU away around what may block is this host's business, not the server's.
         */
        public Builder syscallProxy(SyscallProxyCalls server) {
            proxy = server;
            return this;
        }

        /** The host. */
        public RealHost build() {
            return new RealHost(this);
        }
    }

    private static boolean threadless(RealParameters parameters) {
        try {
            return parameters.getparam("RUMP_THREADS").startsWith("0");
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static void raise(int signo) {
        int host = HostSignals.toHost(signo, System.getProperty("os.name", ""));
        if (host != 0) {
            NativeCalls.kill(host);
        }
    }

    // Initialisation and termination

    @Override
    public void init(int version, Hyperup hyperup) throws ErrnoException {
        if (version != VERSION) {
            String message =
                    "the kernel wants hypercalls of version %d, the host has version %d".formatted(version, VERSION);
            console.dprintf("rumpuser: " + message + "\n");
            throw Errno.EPROGMISMATCH.exception(message);
        }
        if (blocker.attached()) {
            throw Errno.EALREADY.exception("this host has a kernel already");
        }
        blocker.attach(hyperup);
    }

    @Override
    public RumpuserExit exit(int value) {
        RumpuserExit mine = new RumpuserExit(value);
        RumpuserExit first = end.compareAndExchange(null, mine);
        if (first != null) {
            throw first;
        }
        try {
            console.println("halted");
            onExit.accept(value);
        } finally {
            blocker.exit(mine);
            for (Runnable action : atExit) {
                action.run();
            }
        }
        throw mine;
    }

    @Override
    public void atExit(Runnable action) {
        atExit.add(action);
        if (blocker.exited()) {
            action.run();
        }
    }

    @Override
    public void checkExit() {
        blocker.checkExit();
    }

    @Override
    public boolean wallClockGoes() {
        return wallClockGoes;
    }

    @Override
    public void kill(long pid, int signo) {
        onSignal.accept(signo);
    }

    // Memory

    @Override
    public MemorySegment malloc(long size, long alignment) throws ErrnoException {
        return memory.malloc(size, alignment);
    }

    @Override
    public void free(@Nullable MemorySegment segment) {
        memory.free(segment);
    }

    @Override
    public MemorySegment anonmmap(long hint, long size, int alignbit, boolean exec) throws ErrnoException {
        return memory.anonmmap(hint, size, alignbit, exec);
    }

    @Override
    public void unmap(MemorySegment segment) {
        memory.unmap(segment);
    }

    @Override
    public boolean takeMemoryFrom(MemorySource source) {
        return memory.takeMemoryFrom(source);
    }

    // Files and block I/O

    @Override
    public FileInfo getfileinfo(String path) throws ErrnoException {
        return files.getfileinfo(path);
    }

    @Override
    public int open(String path, int flags) throws ErrnoException {
        return files.open(path, flags);
    }

    @Override
    public void close(int fd) {
        files.close(fd);
    }

    @Override
    public long iovread(int fd, MemorySegment[] iov, long off) throws ErrnoException {
        return files.iovread(fd, iov, off);
    }

    @Override
    public long iovwrite(int fd, MemorySegment[] iov, long off) throws ErrnoException {
        return files.iovwrite(fd, iov, off);
    }

    @Override
    public void syncfd(int fd, int flags, long start, long len) throws ErrnoException {
        files.syncfd(fd, flags, start, len);
    }

    @Override
    public void bio(int fd, int op, MemorySegment data, long off, BioDone done) {
        blockIo.bio(fd, op, data, off, done);
    }

    // Clocks, parameters, randomness, console, errno

    @Override
    public long clockGettime(RumpClock which) {
        return clock.clockGettime(which);
    }

    @Override
    public void clockSleep(RumpClock which, long nanos) {
        clock.clockSleep(which, nanos);
    }

    @Override
    public String getparam(String name) throws ErrnoException {
        return parameters.getparam(name);
    }

    @Override
    public int getrandom(byte[] buf, int flags) {
        return random.getrandom(buf, flags);
    }

    @Override
    public void putchar(int c) {
        console.putchar(c);
    }

    @Override
    public void dprintf(String message) {
        console.dprintf(message);
    }

    @Override
    public void seterrno(int errno) {
        curlwp.seterrno(errno);
    }

    @Override
    public int errno() {
        return curlwp.errno();
    }

    // Threads and lwps

    @Override
    public @Nullable RumpThread threadCreate(
            Runnable body, ThreadKind kind, @Nullable String name, boolean joinable, int priority, int cpuidx)
            throws ErrnoException {
        return threads.threadCreate(body, kind, name, joinable, priority, cpuidx);
    }

    @Override
    public Error threadExit() {
        return threads.threadExit();
    }

    @Override
    public void threadJoin(RumpThread thread) {
        threads.threadJoin(thread);
    }

    @Override
    public void curlwpop(LwpOp op, OpaqueLwp lwp) {
        curlwp.op(op, lwp);
    }

    @Override
    public @Nullable OpaqueLwp curlwp() {
        return curlwp.get();
    }

    // Locks and condition variables

    @Override
    public RumpMutex mutexInit(int flags) {
        return new RealMutex(blocker, curlwp, flags);
    }

    @Override
    public RumpRwLock rwInit() {
        return new RealRwLock(blocker);
    }

    @Override
    public RumpCondVar cvInit() {
        return new RealCondVar(blocker);
    }

    // Loader

    @Override
    public <C> void dlBootstrap(Class<C> type, DlCallbacks<C> callbacks) {
        if (components != null) {
            for (Object component : components) {
                callbacks.compload(type.cast(component));
            }
        } else {
            // The kernel's module knows the type, this one does not: it has to say that it uses it.
            RealHost.class.getModule().addUses(type);
            ModuleLayer layer = type.getModule().getLayer();
            boolean modulesOnly =
                    layer != null && System.getProperty("java.class.path", "").isEmpty();
            // To look for providers on the class path means to open each file of a module, too.
            ServiceLoader<C> found =
                    modulesOnly ? ServiceLoader.load(layer, type) : ServiceLoader.load(type, type.getClassLoader());
            found.forEach(callbacks::compload);
        }
    }

    // Daemonizing and system call proxy

    @Override
    public void daemonizeBegin() throws ErrnoException {
        daemon.daemonizeBegin();
    }

    @Override
    public void daemonizeDone(int status) throws ErrnoException {
        daemon.daemonizeDone(status);
    }

    @Override
    public void spInit(String url, String ostype, String osrelease, String machine) throws ErrnoException {
        proxy.spInit(url, ostype, osrelease, machine);
    }

    @Override
    public void spFini(@Nullable Object client) {
        proxy.spFini(client);
    }

    @Override
    public void spCopyin(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            proxy.spCopyin(client, raddr, dst);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public long spCopyinstr(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            return proxy.spCopyinstr(client, raddr, dst);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public void spCopyout(Object client, MemorySegment src, long raddr) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            proxy.spCopyout(client, src, raddr);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public void spCopyoutstr(Object client, MemorySegment src, long raddr) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            proxy.spCopyoutstr(client, src, raddr);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public long spAnonmmap(Object client, long size) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            return proxy.spAnonmmap(client, size);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public void spRaise(Object client, int signo) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            proxy.spRaise(client, signo);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    // Component services

    @Override
    public int componentUnschedule() {
        return componentServices.componentUnschedule();
    }

    @Override
    public void componentSchedule(int cookie) {
        componentServices.componentSchedule(cookie);
    }

    @Override
    public void componentKthread() {
        componentServices.componentKthread();
    }

    @Override
    public void componentKthreadRelease() {
        componentServices.componentKthreadRelease();
    }

    @Override
    public @Nullable OpaqueLwp componentCurlwp() {
        return componentServices.componentCurlwp();
    }

    @Override
    public void componentSwitchlwp(@Nullable OpaqueLwp lwp) {
        componentServices.componentSwitchlwp(lwp);
    }

    @Override
    public int componentErrtrans(int hosterrno) {
        return componentServices.componentErrtrans(hosterrno);
    }
}
