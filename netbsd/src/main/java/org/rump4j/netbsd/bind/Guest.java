package org.rump4j.netbsd.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.InitFunction;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.LinkedImages;
import org.rump4j.netbsd.link.PerfMap;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.netbsd.link.Symbolizer;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.netbsd.memory.RegionHeap;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;

/**
 * A program of native code that makes hypercalls, in memory: a kernel, or anything else that needs nothing but {@code rumpuser_*}. Its
 * functions can be called by any platform thread, and by many at once.
 *
 * <p>When it has exited, whoever is in it is thrown out with {@link RumpuserExit} as of {@link TerminationCalls#exit}. So is everybody
 * where it breaks the contract of a hypercall, or does what the machine does not allow ({@link GuestFaultException}): that ends it as a
 * panic, and {@link #failure} says what it was.
 */
public final class Guest implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();

    /** {@link X8664Code#gate}, and an argument that it does not look at. That it is one keeps its memory there. */
    private static final MethodHandle GATE = LINKER.downcallHandle(FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
            ADDRESS));

    private static final FunctionDescriptor UPCALL = FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);

    /** A parameter of the kernel's. With the value 0, every hypercall enters Java. */
    public static final String STUBS = "RUMP4J_STUBS";

    /** What is kept free for pages that a component begins and ends in the middle of. */
    private static final long SLACK_BYTES = 1 << 16;

    /** The host's parameter that says where in memory the guest is to be: a number as Java's {@link Long#decode} reads it. */
    public static final String REGION = "RUMP4J_REGION";

    /** The host's parameter that says in which file perf(1) finds the names of functions: 1 for the one where it looks for it. */
    public static final String PERF_MAP = "RUMP4J_PERF_MAP";

    private static final long HEAP_BYTES = 8L << 30;
    private static final long LEAST_HEAP_BYTES = 64 << 20;

    /** How much of the end of a stack the JVM may have protected. */
    private static final long STACK_END_BYTES = 64 << 10;

    private static final long LEAVE_NANOS = 10_000_000_000L;
    /** How long threads have to leave by a hypercall. */
    private static final long PATIENCE_NANOS = 50_000_000;

    private static final long POLL_NANOS = 1_000_000;

    private final Rumpuser host;
    private final Plan plan;
    private final Region region;
    private final Arena arena = Arena.ofShared();
    private final CMemory memory = new CMemory(arena);
    private final @Nullable Cells cells;
    private final EntryPoints entryPoints;
    private final MemorySegment gate;
    private final LinkedImages images;
    private final RegionHeap heap;
    private final Symbolizer symbolizer;
    private final Handles handles = new Handles();
    private final Hypercalls hypercalls;
    private final Set<GuestThread> threads = ConcurrentHashMap.newKeySet();
    private final ThreadLocal<GuestThread> current = ThreadLocal.withInitial(this::newThread);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean exited;
    private volatile boolean closed;

    /** How many threads there may be before those are looked for that are gone. */
    private volatile int threadsBeforePrune = 64;

    private Guest(Plan plan, Region region, @Nullable Cells cells, Rumpuser host, Surroundings surroundings)
            throws LinkException, ElfException, RegionException {
        this.host = host;
        this.plan = plan;
        this.region = region;
        this.cells = cells;
        boolean linked = false;
        try {
            hypercalls = new Hypercalls(this, host, memory, surroundings, cells);
            boolean wallClockGoes = host instanceof PlainHost plain && plain.wallClockGoes();
            entryPoints = EntryPoints.in(region, upcall(), plan, surroundings, cells, wallClockGoes);
            gate = entryPoints.gate();
            images = LinkedImages.link(plan, region, entryPoints);
            heap = new RegionHeap(region);
            boolean _ = host.takeMemoryFrom(heap);
            symbolizer = new Symbolizer(images);
            linked = true;
        } finally {
            if (!linked) {
                arena.close();
            }
        }
    }

    /** Whether machine code may do what the host would do. */
    private static boolean mayHaveStubs(Rumpuser host) {
        if (!(host instanceof PlainHost)) {
            return false;
        }
        try {
            return !host.getparam(STUBS).equals("0");
        } catch (ErrnoException e) {
            return true;
        }
    }

    private MemorySegment upcall() {
        MethodType type = UPCALL.toMethodType();
        try {
            MethodHandle answer = MethodHandles.lookup().findVirtual(Hypercalls.class, "answer", type);
            return LINKER.upcallStub(answer.bindTo(hypercalls), UPCALL, arena);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Plans a guest of components that are named and of those that they need.
     *
     * @param names as {@link Catalogue#find} takes them
     * @param surroundings what it will be loaded with
     * @throws LinkException where a component is not there, or needs what is neither in one nor a hypercall, nor around it
     * @throws ElfException where the file of a component cannot be linked
     */
    public static Plan plan(Catalogue catalogue, List<String> names, Surroundings surroundings)
            throws LinkException, ElfException {
        return Plan.of(catalogue, names, EntryPoints.names(surroundings));
    }

    /** As the other, of a guest that needs nothing but hypercalls. */
    public static Plan plan(Catalogue catalogue, List<String> names) throws LinkException, ElfException {
        return plan(catalogue, names, Surroundings.NONE);
    }

    /**
     * Brings a guest into memory, and initializes its components. Nothing else of it has run then.
     *
     * @param host answers its hypercalls; has no other kernel, and will have no more. {@link #REGION} says where the guest is to be; where
     *     that is not set, the operating system does. {@link #PERF_MAP} says where names are written to for perf(1)
     * @param surroundings those that it was planned with
     * @throws LinkException where it cannot be linked on this machine
     * @throws ElfException where a file is another now than it was planned with
     * @throws RegionException where there is not enough memory
     */
    public static Guest load(Plan plan, Rumpuser host, Surroundings surroundings)
            throws LinkException, ElfException, RegionException {
        FaultHandler.tell(host);
        long bytes = EntryPoints.bytes(surroundings) + SLACK_BYTES;
        for (Plan.Member member : plan.members()) {
            SharedObject object = member.component().object();
            bytes += object.end() - object.begin() + Math.max(object.align(), SLACK_BYTES);
        }
        Region region = reserve(host, bytes);
        Guest guest = null;
        Cells cells = null;
        try {
            cells = mayHaveStubs(host) ? new Cells() : null;
            guest = new Guest(plan, region, cells, host, surroundings);
            writePerfMap(host, guest.symbolizer);
            for (InitFunction f : guest.images.initFunctions()) {
                long _ = guest.call(f.address());
            }
            return guest;
        } catch (LinkException | ElfException | RegionException | RuntimeException | Error e) {
            if (guest == null) {
                region.close();
                if (cells != null) {
                    cells.close();
                }
            } else {
                guest.close();
            }
            throw e;
        }
    }

    private static void writePerfMap(Rumpuser host, Symbolizer symbolizer) {
        try {
            String where = host.getparam(PERF_MAP);
            PerfMap.append(where.equals("1") ? PerfMap.ofThisProcess() : Path.of(where), symbolizer);
        } catch (ErrnoException e) {
            // It is not set.
        } catch (IOException | InvalidPathException e) {
            host.dprintf("rump kernel: there is no map of names for perf: " + e + "\n");
        }
    }

    /** At the address that the host's parameter says. There may be limits to addresses: then there is less for the heap. */
    private static Region reserve(Rumpuser host, long images) throws RegionException {
        long address = 0;
        try {
            address = Long.decode(host.getparam(REGION));
        } catch (NumberFormatException e) {
            throw new RegionException(REGION + " is no address: " + e.getMessage());
        } catch (ErrnoException e) {
            // It is not set.
        }
        RegionException problem = null;
        for (long heap = HEAP_BYTES; heap >= LEAST_HEAP_BYTES; heap /= 2) {
            try {
                return address == 0 ? Region.reserve(images + heap) : Region.reserveAt(address, images + heap);
            } catch (RegionException e) {
                problem = problem == null ? e : problem;
            }
        }
        throw problem;
    }

    /** As the other, of a guest that needs nothing but hypercalls. */
    public static Guest load(Plan plan, Rumpuser host) throws LinkException, ElfException, RegionException {
        return load(plan, host, Surroundings.NONE);
    }

    /** Where it is. */
    public LinkedImages images() {
        return images;
    }

    /** What it has allocated. */
    public RegionHeap heap() {
        return heap;
    }

    /** Its memory, and whatever else of the process it can reach. */
    public CMemory memory() {
        return memory;
    }

    /** The names of its functions. */
    public Symbolizer symbolizer() {
        return symbolizer;
    }

    /**
     * Why a fault of a guest may end the JVM: null where it does not, and ends the guest only. What another library does to signal handlers
     * meanwhile is seen.
     */
    public static @Nullable String faultProblem() {
        return FaultHandler.problem();
    }

    /** What answers its hypercalls. */
    public Rumpuser host() {
        return host;
    }

    /** What host halves have handed to it. */
    public Handles handles() {
        return handles;
    }

    /** Whether it has exited, panicked, or been thrown out of a hypercall for what it did. */
    public boolean hasExited() {
        return exited;
    }

    /** Has the guest told EACCES when it opens a file of the host for writing. */
    public void refuseWriting(String path) {
        hypercalls.refuseWriting(path);
    }

    /** Takes note that the guest does not mind to hear of the outcome of block I/O before the hypercall that asks for it has returned. */
    public void hearsOfBlockIoAtOnce() {
        hypercalls.blockIoByCaller();
    }

    /** The lwp of an address of the guest; null for 0. */
    public @Nullable OpaqueLwp lwp(long address) {
        return hypercalls.lwp(address);
    }

    /**
     * The address of an lwp; 0 for null.
     *
     * @throws IllegalArgumentException where it is that of a kernel which is none of native code
     */
    public static long address(@Nullable OpaqueLwp lwp) {
        return Lwps.address(lwp);
    }

    /** The number by which the guest knows a client of the system call proxy; 0 for null. */
    long client(@Nullable Object client) {
        return hypercalls.number(client);
    }

    /**
     * What it did that no kernel may, that it has panicked, or what in a hypercall failed that must not; null as long as there was nothing.
     * The first counts.
     */
    public @Nullable Throwable failure() {
        return failure.get();
    }

    // Entering it

    /**
     * Calls a function of C whose arguments and result are words.
     *
     * @param held native memory that an argument points to, or leads to: it cannot be given back meanwhile
     * @return of an int the lower half counts
     * @throws RumpuserExit where the guest has exited, or has been closed
     */
    public long callHolding(MemorySegment held, long function, long a, long b, long c, long d, long e, long f) {
        GuestThread thread = current.get();
        thread.entering();
        try {
            if (closed) {
                throw host.exit(0);
            }
            long result = (long) GATE.invokeExact(gate, thread.block(), function, a, b, c, d, e, f, held);
            Throwable thrown = thread.takeThrown();
            if (thrown != null) {
                throw thrown;
            }
            MachineState fault = thread.takeFault();
            if (fault != null) {
                throw faulted(fault);
            }
            return result;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException(thrown);
        } finally {
            thread.left();
        }
    }

    /** As the other. */
    public long call(long function, long a, long b, long c, long d, long e, long f) {
        return callHolding(MemorySegment.NULL, function, a, b, c, d, e, f);
    }

    /** As the other. */
    public long call(long function) {
        return call(function, 0, 0, 0, 0, 0, 0);
    }

    /** As the other. */
    public long call(long function, long a) {
        return call(function, a, 0, 0, 0, 0, 0);
    }

    /** As the other. */
    public long call(long function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0);
    }

    /** As the other. */
    public long call(long function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0);
    }

    /**
     * {@link X8664Stubs#futexAddress}. Of any thread, also one that cannot enter the guest, and when it has been closed; for the handle's
     * sake, which there is already, with arguments that it does not look at.
     */
    long futex(long word, int operation, int value, long timeout) {
        try {
            return (long) GATE.invokeExact(
                    entryPoints.futex(),
                    word,
                    (long) operation,
                    (long) value,
                    timeout,
                    0L,
                    0L,
                    0L,
                    0L,
                    MemorySegment.NULL);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException(thrown);
        }
    }

    /** What is kept of the calling thread. */
    GuestThread thread() {
        return current.get();
    }

    private GuestThread newThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread cannot enter a guest of native code");
        }
        GuestThread out = new GuestThread(
                plan.tlsBytes(),
                plan.tlsAlign(),
                entryPoints.escape(),
                heap.codeBounds(),
                images.images().getFirst().begin(),
                region.address() + region.byteSize());
        threads.add(out);
        out.entering();
        try {
            if (closed) {
                throw host.exit(0);
            }
            images.initializeTls(out.variables(plan.tlsAlign()));
        } finally {
            out.left();
        }
        if (threads.size() > threadsBeforePrune) {
            threads.removeIf(t -> !t.isAlive());
            threadsBeforePrune = 2 * threads.size() + 64;
        }
        return out;
    }

    // The end

    /** Takes note that hypercalls do not return any more. */
    void exited() {
        exited = true;
        handles.closeDescriptors();
    }

    /** Of a thread that the fault has thrown out. */
    private RumpuserExit faulted(MachineState state) {
        if (state.signal == FaultHandler.EVICTION) {
            host.dprintf("rump kernel: a thread that made no hypercall was thrown out of "
                    + state.location(images, symbolizer) + "\n");
            throw host.exit(0);
        }
        long end = current.get().stackEnd();
        long above = state.address - end;
        String what = above >= 0 && above < STACK_END_BYTES
                ? "the stack is used up"
                : FaultSignal.explain(state.signal, state.code, state.address);
        String backtrace = state.backtrace(images, symbolizer);
        GuestFaultException fault = new GuestFaultException(what, state, state.location(images, symbolizer), backtrace);
        return fail(fault, backtrace + state.registers());
    }

    /**
     * {@code rumpuser_exit}, called by the guest.
     *
     * @throws RumpuserExit always
     */
    RumpuserExit exit(int value) {
        MachineState state = value == TerminationCalls.PANIC ? hypercall() : null;
        if (state != null) {
            String backtrace = state.backtrace(images, symbolizer);
            GuestPanicException panic = new GuestPanicException(backtrace);
            if (failure.compareAndSet(null, panic)) {
                host.dprintf("rump kernel: " + panic.getMessage() + "\n" + backtrace);
            }
        }
        throw host.exit(value);
    }

    /** The function that made the hypercall which the calling thread is in; null where it is in none of this guest. */
    public Symbolizer.@Nullable Location caller() {
        MachineState state = hypercall();
        return state == null ? null : state.caller(images, symbolizer);
    }

    /** The functions that led to the hypercall which the calling thread is in, a line each; empty where it is in none of this guest. */
    public String backtrace() {
        MachineState state = hypercall();
        return state == null ? "" : state.backtrace(images, symbolizer);
    }

    private @Nullable MachineState hypercall() {
        GuestThread thread = current.get();
        long frame = thread.hypercall();
        if (frame == 0) {
            return null;
        }
        // See X8664Code.common: the seventh argument, the number, the frame pointer, the address to return to.
        long sp = frame + 4 * Long.BYTES;
        MemorySegment stack = memory.segment(sp, Math.max(0, thread.gate() - sp));
        return new MachineState(
                memory.getLong(frame + 3 * Long.BYTES), sp, memory.getLong(frame + 2 * Long.BYTES), stack);
    }

    /** Takes note of what a guest may not do, and ends it as a panic. What it returns is to be thrown out of the guest. */
    RumpuserExit fail(Throwable t) {
        return fail(t, backtrace());
    }

    private RumpuserExit fail(Throwable t, String where) {
        exited();
        if (failure.compareAndSet(null, t)) {
            host.dprintf("rump kernel: " + t + "\n" + where);
        }
        try {
            throw host.exit(TerminationCalls.PANIC);
        } catch (RumpuserExit exit) {
            exited();
            return exit;
        }
    }

    /**
     * Discards it: everybody is thrown out, as by an exit, also who makes no hypercall, and its memory is given back, what it has allocated
     * too. What it has not written is lost.
     *
     * @throws IllegalStateException where a thread stays in what it has called outside of itself; then its memory stays as well
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            throw host.exit(0);
        } catch (RumpuserExit exit) {
            // Now no hypercall blocks.
        }
        exited();
        long deadline = System.nanoTime() + LEAVE_NANOS;
        long patience = System.nanoTime() + PATIENCE_NANOS;
        for (GuestThread thread : threads) {
            while (thread.isInside() && thread.isAlive()) {
                if (System.nanoTime() - patience > 0) {
                    thread.evict();
                }
                pause(deadline, thread.thread().getName());
            }
        }
        while (!closeArena()) {
            pause(deadline, "a transfer");
        }
        hypercalls.freeAll();
        handles.unmapAll();
        if (cells != null) {
            cells.close();
        }
        region.close();
    }

    /** False where a transfer is under way. */
    private boolean closeArena() {
        try {
            arena.close();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static void pause(long deadline, String who) {
        if (System.nanoTime() - deadline > 0) {
            throw new IllegalStateException("the guest's memory stays: still in it is " + who);
        }
        LockSupport.parkNanos(POLL_NANOS);
    }
}
