package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.LinkedSet;
import org.rump4j.netbsd.link.SymbolDump;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.FileCalls.FileInfo;
import org.rump4j.rumpuser.Hypercall;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.RumpRwLock.Kind;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/**
 * The C view of the hypercalls: what {@link Hypercall#signature} says, answered by a host whose interface is Java's. An argument or a
 * result is a word, of which an int takes the lower half. Out-parameters are stored on success only. Where a guest breaks the contract an
 * unchecked exception says so, which ends it.
 */
final class Hypercalls {
    private static final Hypercall[] TABLE = Hypercall.values();
    private static final long NANOS = 1_000_000_000;
    private static final int IOVEC_BYTES = 16;

    /** Of one hypercall for randomness. The guest asks again for the rest. */
    private static final int RANDOM_BYTES = 4096;

    private static final RumpClock[] CLOCKS = RumpClock.values();
    private static final Kind[] KINDS = Kind.values();

    /** The way out of a thread that ends itself. */
    private static final class ThreadExit extends LeavingGuest {
        private static final long serialVersionUID = 1L;

        ThreadExit() {
            super("rumpuser_thread_exit");
        }
    }

    private final Guest guest;
    private final Rumpuser host;
    private final CMemory memory;
    private final Lwps lwps;
    private final Clients clients = new Clients();
    private final Threading threading;
    private final Numbered<RumpThread> threads = new Numbered<>("thread");

    /** By address; of hosts that have memory of their own. */
    private final Map<Long, MemorySegment> allocated = new ConcurrentHashMap<>();

    private final Map<Long, MemorySegment> mapped = new ConcurrentHashMap<>();

    /** Files of the host that are not opened for writing. */
    private final Set<String> readOnly = ConcurrentHashMap.newKeySet();

    /** By number, from that behind the last hypercall's on. */
    private final HostFunction[] functions;

    private final BlockIo blockIo;

    /**
     * Begins.
     *
     * @param locks where the guest's locks are, of a plain host; null where they are the host's
     */
    Hypercalls(Guest guest, Rumpuser host, CMemory memory, Surroundings surroundings, @Nullable Cells locks) {
        this.guest = guest;
        this.host = host;
        this.memory = memory;
        if (locks != null) {
            lwps = new Lwps(known -> locks.setInt(locks.counter(), known));
            threading = new NativeThreading(guest, (PlainHost) host, lwps, locks);
        } else {
            lwps = new Lwps(_ -> {});
            threading = new HostThreading(guest, host, lwps);
        }
        functions = surroundings.functions(guest);
        blockIo = new BlockIo(guest, host);
    }

    /** Answers a hypercall. The one door into Java: nothing is thrown out of it. */
    @SuppressWarnings("CatchingUnchecked") // an exception that passed here would end the JVM
    long answer(long a, long b, long c, long d, long e, long f, long g, int number) {
        try {
            if (number < TABLE.length) {
                return dispatch(TABLE[number], a, b, c, d, e, f, g);
            }
            if (guest.hasExited()) {
                throw host.exit(0);
            }
            return functions[number - TABLE.length].call(a, b, c, d, e, f, g);
        } catch (ErrnoException error) {
            return error.errno().number();
        } catch (LeavingGuest out) {
            guest.thread().leaveWith(out);
        } catch (RumpuserExit out) {
            guest.exited();
            guest.thread().leaveWith(out);
        } catch (Throwable t) {
            guest.exited();
            try {
                guest.thread().leaveWith(guest.fail(t));
            } catch (Throwable another) {
                guest.thread().leaveWith(another);
            }
        }
        return 0;
    }

    @SuppressWarnings("StatementSwitchToExpressionSwitch") // most have no result
    private long dispatch(Hypercall hypercall, long a, long b, long c, long d, long e, long f, long g)
            throws ErrnoException {
        switch (hypercall) {
            case INIT -> {
                NativeHyperup hyperup = new NativeHyperup(guest, lwps, clients, memory, b);
                host.init((int) a, hyperup);
                threading.attach(hyperup);
            }

            case MALLOC -> malloc(a, (int) b, c);
            case FREE -> free(a);
            case ANONMMAP -> anonmmap(a, b, (int) c, (int) d, e);
            case UNMAP -> unmap(a);

            case GETFILEINFO -> getfileinfo(memory.string(a), b, c);
            case OPEN -> memory.putInt(c, open(memory.string(a), (int) b));
            case CLOSE -> close((int) a);
            case IOVREAD -> memory.putLong(e, host.iovread((int) a, iovec(b, c), d));
            case IOVWRITE -> memory.putLong(e, host.iovwrite((int) a, iovec(b, c), d));
            case SYNCFD -> host.syncfd((int) a, (int) b, c, d);
            case BIO -> blockIo.request((int) a, (int) b, memory.segment(c, d), e, f, g);

            case CLOCK_GETTIME -> clockGettime((int) a, b, c);
            case CLOCK_SLEEP -> clockSleep((int) a, b, c);
            case GETPARAM -> getparam(memory.string(a), b, c);
            case GETRANDOM -> getrandom(a, b, (int) c, d);
            case PUTCHAR -> host.putchar((int) a);
            case DPRINTF -> host.dprintf(CFormat.format(memory, memory.string(a), variadic(b, c)));
            case EXIT -> throw guest.exit((int) a);
            case KILL -> host.kill(a, (int) b);
            case SETERRNO -> host.seterrno((int) a);

            case THREAD_CREATE -> threadCreate(a, b, memory.stringOrNull(c), (int) d != 0, (int) e, (int) f, g);
            case THREAD_EXIT -> throw new ThreadExit();
            case THREAD_JOIN -> {
                host.threadJoin(threads.get(a));
                RumpThread _ = threads.remove(a);
            }
            case CURLWPOP -> threading.curlwpop((int) a, b);
            case CURLWP -> {
                return threading.curlwp();
            }

            case MUTEX_INIT -> memory.putLong(a, threading.mutexInit((int) b));
            case MUTEX_ENTER -> threading.mutexEnter(a);
            case MUTEX_ENTER_NOWRAP -> threading.mutexEnterNowrap(a);
            case MUTEX_TRYENTER -> {
                return busyUnless(threading.mutexTryenter(a));
            }
            case MUTEX_EXIT -> threading.mutexExit(a);
            case MUTEX_DESTROY -> threading.mutexDestroy(a);
            case MUTEX_OWNER -> memory.putLong(b, threading.mutexOwner(a));
            case MUTEX_SPIN_P -> {
                return threading.mutexSpinP(a) ? 1 : 0;
            }

            case RW_INIT -> memory.putLong(a, threading.rwInit());
            case RW_ENTER -> threading.rwEnter(kind(a), b);
            case RW_TRYENTER -> {
                return busyUnless(threading.rwTryenter(kind(a), b));
            }
            case RW_TRYUPGRADE -> {
                return busyUnless(threading.rwTryupgrade(a));
            }
            case RW_DOWNGRADE -> threading.rwDowngrade(a);
            case RW_EXIT -> threading.rwExit(a);
            case RW_DESTROY -> threading.rwDestroy(a);
            case RW_HELD -> memory.putInt(c, threading.rwHeld(kind(a), b) ? 1 : 0);

            case CV_INIT -> memory.putLong(a, threading.cvInit());
            case CV_DESTROY -> threading.cvDestroy(a);
            case CV_WAIT -> {
                boolean _ = threading.cvWait(a, b, -1);
            }
            case CV_WAIT_NOWRAP -> threading.cvWaitNowrap(a, b);
            case CV_TIMEDWAIT -> {
                return threading.cvWait(a, b, Math.max(0, nanos(c, d))) ? 0 : Errno.ETIMEDOUT.number();
            }
            case CV_SIGNAL -> threading.cvSignal(a);
            case CV_BROADCAST -> threading.cvBroadcast(a);
            case CV_HAS_WAITERS -> memory.putInt(b, threading.cvHasWaiters(a) ? 1 : 0);

            case DL_BOOTSTRAP -> dlBootstrap(a, b, c);
            case DAEMONIZE_BEGIN -> host.daemonizeBegin();
            case DAEMONIZE_DONE -> host.daemonizeDone((int) a);

            case SP_INIT -> host.spInit(memory.string(a), memory.string(b), memory.string(c), memory.string(d));
            case SP_FINI -> host.spFini(clients.client(a));
            case SP_COPYIN -> host.spCopyin(client(a), b, memory.segment(c, d));
            case SP_COPYINSTR ->
                memory.putLong(d, host.spCopyinstr(client(a), b, memory.segment(c, memory.getLong(d))));
            case SP_COPYOUT -> host.spCopyout(client(a), memory.segment(b, d), c);
            case SP_COPYOUTSTR -> host.spCopyoutstr(client(a), memory.segment(b, memory.getLong(d)), c);
            case SP_ANONMMAP -> memory.putLong(c, host.spAnonmmap(client(a), b));
            case SP_RAISE -> host.spRaise(client(a), (int) b);

            case COMPONENT_UNSCHEDULE -> {
                return host.componentUnschedule();
            }
            case COMPONENT_SCHEDULE -> host.componentSchedule((int) a);
            case COMPONENT_KTHREAD -> host.componentKthread();
            case COMPONENT_KTHREAD_RELEASE -> host.componentKthreadRelease();
            case COMPONENT_CURLWP -> {
                return Lwps.address(host.componentCurlwp());
            }
            case COMPONENT_SWITCHLWP -> host.componentSwitchlwp(lwps.lwp(a));
            case COMPONENT_ERRTRANS -> {
                return host.componentErrtrans((int) a);
            }
        }
        return 0;
    }

    private static long busyUnless(boolean got) {
        return got ? 0 : Errno.EBUSY.number();
    }

    // Memory

    private void malloc(long size, int align, long out) throws ErrnoException {
        try {
            MemorySegment got = host.malloc(size, align);
            note(allocated, got);
            memory.putLong(out, got.address());
        } catch (ErrnoException e) {
            memory.putLong(out, 0);
            throw e;
        }
    }

    /** What is in the guest's region its heap knows; the rest is noted here. */
    private void note(Map<Long, MemorySegment> in, MemorySegment got) {
        if (!guest.images().region().contains(got.address())) {
            in.put(got.address(), got);
        }
    }

    private @Nullable MemorySegment forget(Map<Long, MemorySegment> in, long address) {
        return guest.images().region().contains(address) ? guest.heap().at(address) : in.remove(address);
    }

    private void free(long address) {
        if (address == 0) {
            return;
        }
        MemorySegment segment = forget(allocated, address);
        if (segment == null) {
            throw new IllegalArgumentException("freeing 0x" + Long.toHexString(address) + ", which was not allocated");
        }
        host.free(segment);
    }

    private void anonmmap(long hint, long size, int alignbit, int exec, long out) throws ErrnoException {
        MemorySegment got = host.anonmmap(hint, size, alignbit, exec != 0);
        note(mapped, got);
        memory.putLong(out, got.address());
    }

    private void unmap(long address) {
        MemorySegment segment = forget(mapped, address);
        if (segment != null) {
            host.unmap(segment);
        } else {
            boolean _ = guest.handles().unmap(address);
        }
    }

    /** Gives back what the guest has not, but for what goes with its region. */
    void freeAll() {
        for (MemorySegment segment : allocated.values()) {
            host.free(segment);
        }
        for (MemorySegment segment : mapped.values()) {
            host.unmap(segment);
        }
    }

    // Files and block I/O

    @SuppressWarnings("EnumOrdinal") // its order is that of the numbers
    private void getfileinfo(String path, long size, long type) throws ErrnoException {
        FileInfo info = host.getfileinfo(path);
        if (size != 0) {
            memory.putLong(size, info.size());
        }
        if (type != 0) {
            memory.putInt(type, info.type().ordinal());
        }
    }

    private int open(String path, int flags) throws ErrnoException {
        if (readOnly.contains(path) && (flags & FileCalls.OPEN_ACCMODE) != FileCalls.OPEN_RDONLY) {
            throw Errno.EACCES.exception(path + " is to be read only");
        }
        int fd = host.open(path, flags);
        guest.handles().opened(fd, path);
        return fd;
    }

    private void close(int fd) {
        if (!guest.handles().close(fd)) {
            host.close(fd);
        }
    }

    void blockIoByCaller() {
        blockIo.byCaller();
    }

    void refuseWriting(String path) {
        readOnly.add(path);
    }

    /** {@code struct rumpuser_iovec}: an address and a length each. */
    private MemorySegment[] iovec(long iov, long count) throws ErrnoException {
        if (count < 0 || count > Integer.MAX_VALUE / IOVEC_BYTES) {
            throw Errno.EINVAL.exception(count + " pieces");
        }
        MemorySegment[] out = new MemorySegment[(int) count];
        for (int i = 0; i < out.length; i++) {
            long piece = iov + (long) i * IOVEC_BYTES;
            out[i] = memory.segment(memory.getLong(piece), memory.getLong(piece + Long.BYTES));
        }
        return out;
    }

    // Clocks, parameters, randomness

    private static RumpClock clock(int which) {
        if (which < 0 || which >= CLOCKS.length) {
            throw new IllegalArgumentException("clock " + which);
        }
        return CLOCKS[which];
    }

    private void clockGettime(int which, long sec, long nsec) {
        long now = host.clockGettime(clock(which));
        memory.putLong(sec, Math.floorDiv(now, NANOS));
        memory.putLong(nsec, Math.floorMod(now, NANOS));
    }

    private void clockSleep(int which, long sec, long nsec) throws ErrnoException {
        if (nsec < 0 || nsec >= NANOS) {
            throw Errno.EINVAL.exception(nsec + " nanoseconds");
        }
        host.clockSleep(clock(which), nanos(sec, nsec));
    }

    /** What does not fit is for ever. */
    private static long nanos(long sec, long nsec) {
        long most = Long.MAX_VALUE / NANOS - 1;
        if (sec > most) {
            return Long.MAX_VALUE;
        }
        return Math.max(sec, -most) * NANOS + Math.clamp(nsec, -NANOS, NANOS);
    }

    private void getparam(String name, long buffer, long bytes) throws ErrnoException {
        byte[] value = host.getparam(name).getBytes(StandardCharsets.UTF_8);
        if (value.length >= bytes) {
            throw Errno.ERANGE.exception(name + " has " + value.length + " bytes");
        }
        MemorySegment out = memory.segment(buffer, value.length + 1L);
        out.fill((byte) 0);
        out.copyFrom(MemorySegment.ofArray(value));
    }

    private void getrandom(long buffer, long bytes, int flags, long out) throws ErrnoException {
        byte[] random = new byte[(int) Math.clamp(bytes, 0L, RANDOM_BYTES)];
        int got = host.getrandom(random, flags);
        memory.segment(buffer, got).copyFrom(MemorySegment.ofArray(random).asSlice(0, got));
        memory.putLong(out, got);
    }

    /** Words behind the first argument: five that were in registers, then what was on the stack. */
    private LongSupplier variadic(long registers, long stack) {
        return new LongSupplier() {
            private static final int IN_REGISTERS = 5;
            private int next;

            @Override
            public long getAsLong() {
                int at = next++;
                return at < IN_REGISTERS
                        ? memory.getLong(registers + (long) at * Long.BYTES)
                        : memory.getLong(stack + (long) (at - IN_REGISTERS) * Long.BYTES);
            }
        };
    }

    // Threads and lwps

    private void threadCreate(
            long f, long arg, @Nullable String name, boolean joinable, int priority, int cpuidx, long cookie)
            throws ErrnoException {
        RumpThread thread =
                host.threadCreate(() -> runThread(f, arg), ThreadKind.PLATFORM, name, joinable, priority, cpuidx);
        if (thread != null) {
            memory.putLong(cookie, threads.add(thread));
        }
    }

    private void runThread(long f, long arg) {
        try {
            long _ = guest.call(f, arg);
        } catch (ThreadExit e) {
            throw host.threadExit();
        }
    }

    @Nullable
    OpaqueLwp lwp(long address) {
        return lwps.lwp(address);
    }

    // Locks

    private static Kind kind(long number) throws ErrnoException {
        int kind = (int) number;
        if (kind < 0 || kind >= KINDS.length) {
            throw Errno.EINVAL.exception("kind " + kind + " of a reader/writer lock");
        }
        return KINDS[kind];
    }

    // Loader

    /** What is linked in is known to the linker, not to the host. */
    private void dlBootstrap(long modinit, long symload, long compload) throws ErrnoException {
        SymbolDump symbols = SymbolDump.of(guest.images());
        MemorySegment symtab = give(symbols.symtab());
        MemorySegment strtab = give(symbols.strtab());
        long _ = guest.call(symload, symtab.address(), symtab.byteSize(), strtab.address(), strtab.byteSize(), 0, 0);
        try {
            for (LinkedSet set : guest.images().linkSets("modules")) {
                if (set.visible() && set.count() > 0) {
                    long _ = guest.call(modinit, set.address(), set.count());
                }
            }
            for (LinkedSet set : guest.images().linkSets("rump_components")) {
                for (long i = 0; set.visible() && i < set.count(); i++) {
                    long _ = guest.call(compload, memory.getLong(set.address() + i * Long.BYTES));
                }
            }
        } catch (ElfException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Copies something to memory that the guest has allocated, as it were. */
    private MemorySegment give(MemorySegment source) throws ErrnoException {
        MemorySegment out = host.malloc(source.byteSize(), 0);
        note(allocated, out);
        out.copyFrom(source);
        return out;
    }

    // System call proxy

    long number(@Nullable Object client) {
        return clients.number(client);
    }

    private Object client(long number) throws ErrnoException {
        Object client = clients.client(number);
        if (client == null) {
            throw Errno.EFAULT.exception("the client is gone");
        }
        return client;
    }
}
