package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Hypercall;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.contract.HostUnderTest;
import org.rump4j.rumpuser.real.RealHost;

/**
 * A host as a kernel in C sees it, with a face of Java again: each call of {@link Rumpuser} calls a function of a guest in C, which makes
 * the hypercall of the same name. So what judges hosts judges the binding.
 *
 * <p>What C calls in turn, upcalls, threads and the ends of transfers, comes back to Java by a signal that no kernel sends: the guest
 * leaves in a variable of its thread what it wants, and the host's handler of signals does it. What is thrown there goes the way of whatever
 * is thrown in a hypercall.
 */
@SuppressWarnings("EnumOrdinal") // their orders are those of the numbers
final class CHost implements Rumpuser, AutoCloseable {
    /** What {@code ring} asks for. */
    private enum Ring {
        SCHEDULE,
        UNSCHEDULE,
        BACKEND_UNSCHEDULE,
        BACKEND_SCHEDULE,
        LWPROC_SWITCH,
        LWPROC_RELEASE,
        LWPROC_RFORK,
        LWPROC_NEWLWP,
        LWPROC_CURLWP,
        SYSCALL,
        LWPEXIT,
        EXECNOTIFY,
        GETPID,
        THREAD,
        BIO_DONE
    }

    private static final Ring[] RINGS = Ring.values();

    /** A number that is no signal. */
    private static final int RING = 0x40000000;

    private static final String SOURCE = """
            static __thread long box[4];
            long *mailbox(void) { return box; }
            static long ring(int what, long a, long b, long c) {
                box[0] = what; box[1] = a; box[2] = b; box[3] = c;
                rumpuser_kill(-1, 0x40000000);
                return box[0];
            }
            static void up_schedule(void) { ring(0, 0, 0, 0); }
            static void up_unschedule(void) { ring(1, 0, 0, 0); }
            static void up_backend_unschedule(int n, int *np, void *interlock) { *np = ring(2, n, (long)interlock, 0); }
            static void up_backend_schedule(int n, void *interlock) { ring(3, n, (long)interlock, 0); }
            static void up_switch(void *l) { ring(4, (long)l, 0, 0); }
            static void up_release(void) { ring(5, 0, 0, 0); }
            static int up_rfork(void *client, int flags, const char *comm) { return ring(6, (long)client, flags, 0); }
            static int up_newlwp(int pid) { return ring(7, pid, 0, 0); }
            static void *up_curlwp(void) { return (void *)ring(8, 0, 0, 0); }
            static int up_syscall(int n, void *a, long *r) { return ring(9, n, (long)a, (long)r); }
            static void up_lwpexit(void) { ring(10, 0, 0, 0); }
            static void up_execnotify(const char *comm) { ring(11, 0, 0, 0); }
            static int up_getpid(void) { return ring(12, 0, 0, 0); }
            struct rumpuser_hyperup {
                void *f[13];
                void *extra[8];
            } up = {{ up_schedule, up_unschedule, up_backend_unschedule, up_backend_schedule, up_switch, up_release, up_rfork,
                up_newlwp, up_curlwp, up_syscall, up_lwpexit, up_execnotify, up_getpid }};
            void *upcalls(void) { return &up; }
            static void *thread_(void *arg) { ring(13, (long)arg, 0, 0); return 0; }
            void *thread(void) { return thread_; }
            static void done_(void *arg, size_t n, int error) { ring(14, (long)arg, n, error); }
            void *done(void) { return done_; }
            static void modinit_(const void *const *m, size_t n) { }
            static int symload_(void *s, uint64_t sbytes, char *n, uint64_t nbytes) {
                rumpuser_free(s, sbytes); rumpuser_free(n, nbytes);
                return 0;
            }
            static void compload_(const void *c) { }
            void bootstrap(void) { rumpuser_dl_bootstrap(modinit_, symload_, compload_); }
            static __thread int seen;
            long seterrno(int e, int *(*location)(void)) { rumpuser_seterrno(e); seen = *location(); return 0; }
            int geterrno(void) { return seen; }
            static const char constant[4096] = { 1 };
            const void *read_only(void) { return constant; }
            """;

    /** For each hypercall a function of an array of arguments, which C cuts to what the hypercall takes. */
    private static String callers() {
        StringBuilder out = new StringBuilder();
        for (Hypercall h : Hypercall.values()) {
            boolean nothing = h.signature().startsWith("void (");
            out.append("long c_").append(h.symbol()).append("(long *a) { ");
            out.append(nothing ? "" : "return (long)").append(h.symbol()).append('(');
            for (int i = 0; i < parameters(h.signature()); i++) {
                out.append(i == 0 ? "a[" : ", a[").append(i).append(']');
            }
            out.append(nothing ? "); return 0; }\n" : "); }\n");
        }
        return out.toString();
    }

    private static int parameters(String signature) {
        String all = signature.substring(signature.indexOf('(') + 1);
        if (all.equals("void)")) {
            return 0;
        }
        int depth = 0;
        int count = 1;
        for (int i = 0; i < all.length(); i++) {
            char c = all.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            count += c == ',' && depth == 0 ? 1 : 0;
        }
        return count;
    }

    /** Compiles the guest. */
    static Path library(Path dir) throws IOException {
        return Toolchain.library(dir, "contract", CGuest.declarations() + SOURCE + callers(), "-Wno-int-conversion");
    }

    private final Guest guest;
    private final Map<Hypercall, Long> callers = new EnumMap<>(Hypercall.class);
    private final Map<Long, CMutex> mutexes = new ConcurrentHashMap<>();
    private final Map<OpaqueLwp, Long> lwpAddresses = new ConcurrentHashMap<>();
    private final Map<Long, OpaqueLwp> lwps = new ConcurrentHashMap<>();
    private final Map<Long, Runnable> bodies = new ConcurrentHashMap<>();
    private final Map<Long, Transfer> transfers = new ConcurrentHashMap<>();
    private final Map<Long, Arena> arenas = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong(1);
    private final AtomicBoolean told = new AtomicBoolean();

    /** The thread that has made the mistake which has ended the kernel. */
    private final AtomicReference<@Nullable Thread> culprit = new AtomicReference<>();

    private final AtomicReference<@Nullable Hyperup> hyperup = new AtomicReference<>();
    private final MemorySegment errnoLocation =
            Linker.nativeLinker().defaultLookup().find("__errno_location").orElseThrow();

    /**
     * One that is under way.
     *
     * @param data must be there as long as it is
     */
    private record Transfer(MemorySegment data, BioDone done) {}

    private record CThread(long cookie) implements RumpThread {}

    /**
     * Begins.
     *
     * @param stubs whether hypercalls may be machine code
     */
    CHost(Path library, HostUnderTest.Setup setup, boolean stubs) {
        RealHost.Builder builder = RealHost.builder()
                .console(setup.console())
                .debug(new FilterOutputStream(setup.debug()) {
                    @Override
                    public void write(byte[] bytes, int off, int len) throws IOException {
                        if (new String(bytes, off, len, StandardCharsets.UTF_8).startsWith("rump kernel: ")) {
                            culprit.set(Thread.currentThread());
                        }
                        out.write(bytes, off, len);
                    }
                })
                .components(setup.components())
                .onSignal(signo -> {
                    if (signo == RING) {
                        answer();
                    } else {
                        setup.onSignal().accept(signo);
                    }
                })
                .onExit(setup.onExit())
                .environment(Guest.STUBS, stubs ? "1" : "0");
        setup.environment().forEach(builder::environment);
        if (setup.proxy() != null) {
            builder.syscallProxy(setup.proxy());
        }
        Assumptions.assumeTrue(
                setup.components().isEmpty(),
                "what is linked into a kernel of native code is known to the linker: see HypercallsTest");
        try {
            guest = Guest.load(Guest.plan(Catalogue.of(List.of()), List.of(library.toString())), builder.build());
            for (Hypercall h : Hypercall.values()) {
                callers.put(h, guest.images().function("c_" + h.symbol()));
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // Down: into C

    private long function(String name, long... arguments) {
        long[] a = new long[6];
        System.arraycopy(arguments, 0, a, 0, arguments.length);
        try {
            return guest.call(guest.images().function(name), a[0], a[1], a[2], a[3], a[4], a[5]);
        } catch (LinkException e) {
            throw new AssertionError(e);
        }
    }

    /** A hypercall. The mistake that it is comes out as itself, the first time; afterwards the kernel has exited. */
    private long call(Hypercall h, long... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(8 * Long.BYTES, Long.BYTES);
            MemorySegment.copy(arguments, 0, a, ValueLayout.JAVA_LONG, 0, arguments.length);
            return guest.call(Objects.requireNonNull(callers.get(h)), a.address());
        } catch (RumpuserExit exit) {
            Throwable mistake = mistake();
            if (mistake != null && culprit.get() == Thread.currentThread() && told.compareAndSet(false, true)) {
                if (mistake instanceof RuntimeException e) {
                    throw e;
                }
                throw new AssertionError(mistake);
            }
            throw exit;
        }
    }

    /** What the guest did that it may not. It may panic. */
    private @Nullable Throwable mistake() {
        Throwable failure = guest.failure();
        return failure instanceof GuestPanicException ? null : failure;
    }

    private void require(long error) throws ErrnoException {
        if ((int) error != 0) {
            throw Objects.requireNonNull(Errno.of((int) error)).exception();
        }
    }

    /** One that stores a word. */
    private long stored(Hypercall h, int at, long... arguments) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocate(Long.BYTES, Long.BYTES);
            long[] all = Arrays.copyOf(arguments, Math.max(arguments.length, at + 1));
            all[at] = word.address();
            long error = call(h, all);
            if (!h.signature().startsWith("void")) {
                require(error);
            }
            return word.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** As the other, one that does not fail. */
    private long storedSurely(Hypercall h, int at, long... arguments) {
        try {
            return stored(h, at, arguments);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean got(long error) {
        if (error != 0) {
            assertEquals(Errno.EBUSY.number(), error);
        }
        return error == 0;
    }

    private long lwp(@Nullable OpaqueLwp lwp) {
        if (lwp == null) {
            return 0;
        }
        return lwpAddresses.computeIfAbsent(lwp, l -> {
            long address = 0x10000 + 64 * next.getAndIncrement();
            lwps.put(address, l);
            return address;
        });
    }

    private @Nullable OpaqueLwp lwpAt(long address) {
        return address == 0 ? null : Objects.requireNonNull(lwps.get(address));
    }

    // Up: out of C

    private void answer() {
        Hyperup up = hyperup.get();
        MemorySegment box = MemorySegment.ofAddress(function("mailbox")).reinterpret(4 * Long.BYTES);
        Ring what = RINGS[(int) box.getAtIndex(ValueLayout.JAVA_LONG, 0)];
        long a = box.getAtIndex(ValueLayout.JAVA_LONG, 1);
        long b = box.getAtIndex(ValueLayout.JAVA_LONG, 2);
        long c = box.getAtIndex(ValueLayout.JAVA_LONG, 3);
        long result = 0;
        try {
            switch (what) {
                case THREAD -> Objects.requireNonNull(bodies.remove(a)).run();
                case BIO_DONE ->
                    Objects.requireNonNull(transfers.remove(a)).done.done(b, c == 0 ? null : Errno.of((int) c));
                default -> result = upcall(Objects.requireNonNull(up), what, a, b, c);
            }
        } catch (ErrnoException e) {
            result = e.errno().number();
        }
        box.setAtIndex(ValueLayout.JAVA_LONG, 0, result);
    }

    private long upcall(Hyperup up, Ring what, long a, long b, long c) throws ErrnoException {
        switch (what) {
            case SCHEDULE -> up.schedule();
            case UNSCHEDULE -> up.unschedule();
            case BACKEND_UNSCHEDULE -> {
                return up.backendUnschedule((int) a, mutex(b));
            }
            case BACKEND_SCHEDULE -> up.backendSchedule((int) a, mutex(b));
            case LWPROC_SWITCH -> up.lwprocSwitch(lwpAt(a));
            case LWPROC_RELEASE -> up.lwprocRelease();
            case LWPROC_RFORK -> up.lwprocRfork(null, (int) b, null);
            case LWPROC_NEWLWP -> up.lwprocNewlwp((int) a);
            case LWPROC_CURLWP -> {
                return lwp(up.lwprocCurlwp());
            }
            case SYSCALL -> {
                return up.syscall((int) a, MemorySegment.ofAddress(b), new long[2]);
            }
            case LWPEXIT -> up.lwpexit();
            case EXECNOTIFY -> up.execnotify("");
            case GETPID -> {
                return up.getpid();
            }
            case THREAD, BIO_DONE -> throw new AssertionError(what + " " + c);
        }
        return 0;
    }

    private @Nullable CMutex mutex(long address) {
        return address == 0 ? null : Objects.requireNonNull(mutexes.get(address));
    }

    // Initialisation and termination

    @Override
    public void init(int version, Hyperup upcalls) throws ErrnoException {
        Hyperup before = hyperup.getAndSet(upcalls);
        boolean done = false;
        try {
            require(call(Hypercall.INIT, version, function("upcalls")));
            done = true;
        } finally {
            if (!done) {
                hyperup.set(before);
            }
        }
    }

    @Override
    public RumpuserExit exit(int value) {
        long _ = call(Hypercall.EXIT, value);
        throw new AssertionError("rumpuser_exit has returned");
    }

    @Override
    public void kill(long pid, int signo) {
        long error = call(Hypercall.KILL, pid, signo);
        assertEquals(0, error);
    }

    // Memory

    @SuppressWarnings("MustBeClosedChecker") // when it is given back
    private MemorySegment lent(long address, long size) {
        Arena arena = Arena.ofShared();
        arenas.put(address, arena);
        return MemorySegment.ofAddress(address).reinterpret(size, arena, null);
    }

    private void taken(long address) {
        Arena arena = arenas.remove(address);
        if (arena != null) {
            arena.close();
        }
    }

    @Override
    public MemorySegment malloc(long size, long alignment) throws ErrnoException {
        return lent(stored(Hypercall.MALLOC, 2, size, alignment), size);
    }

    @Override
    public void free(@Nullable MemorySegment segment) {
        if (segment == null) {
            long _ = call(Hypercall.FREE, 0, 0);
            return;
        }
        long _ = call(Hypercall.FREE, segment.address(), segment.byteSize());
        taken(segment.address());
    }

    @Override
    public MemorySegment anonmmap(long hint, long size, int alignbit, boolean exec) throws ErrnoException {
        return lent(stored(Hypercall.ANONMMAP, 4, hint, size, alignbit, exec ? 1 : 0), size);
    }

    @Override
    public void unmap(MemorySegment segment) {
        long _ = call(Hypercall.UNMAP, segment.address(), segment.byteSize());
        taken(segment.address());
    }

    // Files and block I/O

    private static long name(Arena arena, String s) {
        return arena.allocateFrom(s).address();
    }

    @Override
    public FileInfo getfileinfo(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(Long.BYTES, Long.BYTES);
            MemorySegment type = arena.allocate(Integer.BYTES, Integer.BYTES);
            require(call(Hypercall.GETFILEINFO, name(arena, path), size.address(), type.address()));
            return new FileInfo(
                    size.get(ValueLayout.JAVA_LONG, 0), FileType.values()[type.get(ValueLayout.JAVA_INT, 0)]);
        }
    }

    @Override
    public int open(String path, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) stored(Hypercall.OPEN, 2, name(arena, path), flags);
        }
    }

    @Override
    public void close(int fd) {
        assertEquals(0, call(Hypercall.CLOSE, fd));
    }

    /** What C has of a piece: what is not there any more is at an address where nothing is. */
    private long address(MemorySegment piece, boolean written) {
        if (!piece.scope().isAlive()) {
            return 8;
        }
        return written && piece.isReadOnly() ? function("read_only") : piece.address();
    }

    private long transfer(Hypercall h, int fd, MemorySegment[] iov, long off) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pieces = arena.allocate(Math.max(1, iov.length) * 16L, Long.BYTES);
            for (int i = 0; i < iov.length; i++) {
                pieces.setAtIndex(ValueLayout.JAVA_LONG, 2L * i, address(iov[i], h == Hypercall.IOVREAD));
                pieces.setAtIndex(ValueLayout.JAVA_LONG, 2L * i + 1, iov[i].byteSize());
            }
            return stored(h, 4, fd, pieces.address(), iov.length, off);
        }
    }

    @Override
    public long iovread(int fd, MemorySegment[] iov, long off) throws ErrnoException {
        return transfer(Hypercall.IOVREAD, fd, iov, off);
    }

    @Override
    public long iovwrite(int fd, MemorySegment[] iov, long off) throws ErrnoException {
        return transfer(Hypercall.IOVWRITE, fd, iov, off);
    }

    @Override
    public void syncfd(int fd, int flags, long start, long len) throws ErrnoException {
        require(call(Hypercall.SYNCFD, fd, flags, start, len));
    }

    @Override
    public void bio(int fd, int op, MemorySegment data, long off, BioDone done) {
        long arg = next.getAndIncrement();
        transfers.put(arg, new Transfer(data, done));
        long _ = call(
                Hypercall.BIO,
                fd,
                op,
                address(data, (op & BIO_READ) != 0),
                data.byteSize(),
                off,
                function("done"),
                arg);
    }

    // Clocks, parameters, randomness, console, errno

    private static final long NANOS = 1_000_000_000;

    @Override
    public long clockGettime(RumpClock which) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment now = arena.allocate(2 * Long.BYTES, Long.BYTES);
            long error = call(Hypercall.CLOCK_GETTIME, which.ordinal(), now.address(), now.address() + Long.BYTES);
            assertEquals(0, error);
            return now.getAtIndex(ValueLayout.JAVA_LONG, 0) * NANOS + now.getAtIndex(ValueLayout.JAVA_LONG, 1);
        }
    }

    @Override
    public void clockSleep(RumpClock which, long nanos) {
        long error =
                call(Hypercall.CLOCK_SLEEP, which.ordinal(), Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
        assertEquals(0, error);
    }

    @Override
    public String getparam(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(4096);
            require(call(Hypercall.GETPARAM, name(arena, name), value.address(), value.byteSize()));
            return value.getString(0);
        }
    }

    @Override
    public int getrandom(byte[] buf, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment random = arena.allocate(Math.max(1, buf.length));
            int got = (int) storedSurely(Hypercall.GETRANDOM, 3, random.address(), buf.length, flags);
            MemorySegment.copy(random, ValueLayout.JAVA_BYTE, 0, buf, 0, got);
            return got;
        }
    }

    @Override
    public void putchar(int c) {
        long _ = call(Hypercall.PUTCHAR, c);
    }

    @Override
    public void dprintf(String message) {
        try (Arena arena = Arena.ofConfined()) {
            long _ = call(Hypercall.DPRINTF, name(arena, "%s"), name(arena, message));
        }
    }

    @Override
    public void seterrno(int errno) {
        long _ = function("seterrno", errno, errnoLocation.address());
    }

    @Override
    public int errno() {
        return (int) function("geterrno");
    }

    // Threads and lwps

    @Override
    public @Nullable RumpThread threadCreate(
            Runnable body, ThreadKind kind, @Nullable String name, boolean joinable, int priority, int cpuidx)
            throws ErrnoException {
        long arg = next.getAndIncrement();
        bodies.put(arg, body);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cookie = arena.allocate(Long.BYTES, Long.BYTES);
            require(call(
                    Hypercall.THREAD_CREATE,
                    function("thread"),
                    arg,
                    name == null ? 0 : name(arena, name),
                    joinable ? 1 : 0,
                    priority,
                    cpuidx,
                    cookie.address()));
            long value = cookie.get(ValueLayout.JAVA_LONG, 0);
            return joinable ? new CThread(value) : null;
        }
    }

    @Override
    public Error threadExit() {
        long _ = call(Hypercall.THREAD_EXIT);
        throw new AssertionError("rumpuser_thread_exit has returned");
    }

    @Override
    public void threadJoin(RumpThread thread) {
        assertEquals(0, call(Hypercall.THREAD_JOIN, ((CThread) thread).cookie));
    }

    @Override
    public void curlwpop(LwpOp op, OpaqueLwp lwp) {
        long _ = call(Hypercall.CURLWPOP, op.ordinal(), lwp(lwp));
    }

    @Override
    public @Nullable OpaqueLwp curlwp() {
        return lwpAt(call(Hypercall.CURLWP));
    }

    // Locks and condition variables

    private final class CMutex implements RumpMutex {
        private final long address;

        private CMutex(long address) {
            this.address = address;
        }

        @Override
        public void enter() {
            long _ = call(Hypercall.MUTEX_ENTER, address);
        }

        @Override
        public void enterNowrap() {
            long _ = call(Hypercall.MUTEX_ENTER_NOWRAP, address);
        }

        @Override
        public boolean tryenter() {
            return got(call(Hypercall.MUTEX_TRYENTER, address));
        }

        @Override
        public void exit() {
            long _ = call(Hypercall.MUTEX_EXIT, address);
        }

        @Override
        public @Nullable OpaqueLwp owner() {
            return lwpAt(storedSurely(Hypercall.MUTEX_OWNER, 1, address));
        }

        @Override
        public boolean spinP() {
            return call(Hypercall.MUTEX_SPIN_P, address) != 0;
        }

        @Override
        public void destroy() {
            long _ = call(Hypercall.MUTEX_DESTROY, address);
        }
    }

    @Override
    public RumpMutex mutexInit(int flags) {
        long address = storedSurely(Hypercall.MUTEX_INIT, 0, 0, flags);
        CMutex mutex = new CMutex(address);
        mutexes.put(address, mutex);
        return mutex;
    }

    private final class CRwLock implements RumpRwLock {
        private final long address;

        private CRwLock(long address) {
            this.address = address;
        }

        @Override
        public void enter(Kind kind) {
            long _ = call(Hypercall.RW_ENTER, kind.ordinal(), address);
        }

        @Override
        public boolean tryenter(Kind kind) {
            return got(call(Hypercall.RW_TRYENTER, kind.ordinal(), address));
        }

        @Override
        public boolean tryupgrade() {
            return got(call(Hypercall.RW_TRYUPGRADE, address));
        }

        @Override
        public void downgrade() {
            long _ = call(Hypercall.RW_DOWNGRADE, address);
        }

        @Override
        public void exit() {
            long _ = call(Hypercall.RW_EXIT, address);
        }

        @Override
        public boolean held(Kind kind) {
            return (int) storedSurely(Hypercall.RW_HELD, 2, kind.ordinal(), address) != 0;
        }

        @Override
        public void destroy() {
            long _ = call(Hypercall.RW_DESTROY, address);
        }
    }

    @Override
    public RumpRwLock rwInit() {
        return new CRwLock(storedSurely(Hypercall.RW_INIT, 0));
    }

    private final class CCondVar implements RumpCondVar {
        private final long address;

        private CCondVar(long address) {
            this.address = address;
        }

        @Override
        public void await(RumpMutex interlock) {
            long _ = call(Hypercall.CV_WAIT, address, ((CMutex) interlock).address);
        }

        @Override
        public void awaitNowrap(RumpMutex interlock) {
            long _ = call(Hypercall.CV_WAIT_NOWRAP, address, ((CMutex) interlock).address);
        }

        @Override
        public boolean timedwait(RumpMutex interlock, long nanos) {
            int error = (int) call(
                    Hypercall.CV_TIMEDWAIT,
                    address,
                    ((CMutex) interlock).address,
                    Math.floorDiv(nanos, NANOS),
                    Math.floorMod(nanos, NANOS));
            if (error != 0) {
                assertEquals(Errno.ETIMEDOUT.number(), error);
            }
            return error == 0;
        }

        @Override
        public void signal() {
            long _ = call(Hypercall.CV_SIGNAL, address);
        }

        @Override
        public void broadcast() {
            long _ = call(Hypercall.CV_BROADCAST, address);
        }

        @Override
        public boolean hasWaiters() {
            return (int) storedSurely(Hypercall.CV_HAS_WAITERS, 1, address) != 0;
        }

        @Override
        public void destroy() {
            long _ = call(Hypercall.CV_DESTROY, address);
        }
    }

    @Override
    public RumpCondVar cvInit() {
        return new CCondVar(storedSurely(Hypercall.CV_INIT, 0));
    }

    // Loader, daemonizing, system call proxy

    @Override
    public <C> void dlBootstrap(Class<C> type, DlCallbacks<C> callbacks) {
        long _ = function("bootstrap");
    }

    @Override
    public void daemonizeBegin() throws ErrnoException {
        require(call(Hypercall.DAEMONIZE_BEGIN));
    }

    @Override
    public void daemonizeDone(int status) throws ErrnoException {
        require(call(Hypercall.DAEMONIZE_DONE, status));
    }

    @Override
    public void spInit(String url, String ostype, String osrelease, String machine) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            require(call(
                    Hypercall.SP_INIT,
                    name(arena, url),
                    name(arena, ostype),
                    name(arena, osrelease),
                    name(arena, machine)));
        }
    }

    @Override
    public void spFini(@Nullable Object client) {
        long _ = call(Hypercall.SP_FINI, guest.client(client));
    }

    @Override
    public void spCopyin(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        require(call(Hypercall.SP_COPYIN, guest.client(client), raddr, dst.address(), dst.byteSize()));
    }

    /** A length is stored where it was read. */
    private long string(Hypercall h, long client, long from, long to, long length) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocateFrom(ValueLayout.JAVA_LONG, length);
            require(call(h, client, from, to, word.address()));
            return word.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public long spCopyinstr(Object client, long raddr, MemorySegment dst) throws ErrnoException {
        return string(Hypercall.SP_COPYINSTR, guest.client(client), raddr, dst.address(), dst.byteSize());
    }

    @Override
    public void spCopyout(Object client, MemorySegment src, long raddr) throws ErrnoException {
        require(call(Hypercall.SP_COPYOUT, guest.client(client), src.address(), raddr, src.byteSize()));
    }

    @Override
    public void spCopyoutstr(Object client, MemorySegment src, long raddr) throws ErrnoException {
        long _ = string(Hypercall.SP_COPYOUTSTR, guest.client(client), src.address(), raddr, src.byteSize());
    }

    @Override
    public long spAnonmmap(Object client, long size) throws ErrnoException {
        return stored(Hypercall.SP_ANONMMAP, 2, guest.client(client), size);
    }

    @Override
    public void spRaise(Object client, int signo) throws ErrnoException {
        require(call(Hypercall.SP_RAISE, guest.client(client), signo));
    }

    // Component services

    @Override
    public int componentUnschedule() {
        return (int) call(Hypercall.COMPONENT_UNSCHEDULE);
    }

    @Override
    public void componentSchedule(int cookie) {
        long _ = call(Hypercall.COMPONENT_SCHEDULE, cookie);
    }

    @Override
    public void componentKthread() {
        long _ = call(Hypercall.COMPONENT_KTHREAD);
    }

    @Override
    public void componentKthreadRelease() {
        long _ = call(Hypercall.COMPONENT_KTHREAD_RELEASE);
    }

    @Override
    public @Nullable OpaqueLwp componentCurlwp() {
        return lwpAt(call(Hypercall.COMPONENT_CURLWP));
    }

    @Override
    public void componentSwitchlwp(@Nullable OpaqueLwp lwp) {
        long _ = call(Hypercall.COMPONENT_SWITCHLWP, lwp(lwp));
    }

    @Override
    public int componentErrtrans(int hosterrno) {
        return (int) call(Hypercall.COMPONENT_ERRTRANS, hosterrno);
    }

    /** Discards the guest. Where a mistake has ended it, a test must have seen that. */
    @Override
    public void close() {
        guest.close();
        Throwable mistake = mistake();
        if (mistake != null && !told.get()) {
            throw new AssertionError("the kernel was ended by a mistake", mistake);
        }
    }
}
