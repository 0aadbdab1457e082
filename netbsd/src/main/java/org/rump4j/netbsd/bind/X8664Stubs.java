package org.rump4j.netbsd.bind;

import static org.rump4j.netbsd.bind.Assembler.Reg.RAX;
import static org.rump4j.netbsd.bind.Assembler.Reg.RCX;
import static org.rump4j.netbsd.bind.Assembler.Reg.RDI;
import static org.rump4j.netbsd.bind.Assembler.Reg.RDX;
import static org.rump4j.netbsd.bind.Assembler.Reg.RSI;
import static org.rump4j.netbsd.bind.Assembler.Reg.RSP;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import org.rump4j.netbsd.bind.Assembler.If;
import org.rump4j.netbsd.bind.Assembler.Label;
import org.rump4j.netbsd.bind.Assembler.Reg;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.Hypercall;
import org.rump4j.rumpuser.RumpMutex;

/**
 * Hypercalls that kernels make all the time, in machine code that does what {@link NativeThreading} would do where nothing has to be waited
 * for and nothing is wrong. Where it is otherwise a stub jumps, with the arguments as they were and nothing done, to the entry of the
 * hypercall into Java. Each stub is a leaf: it changes no register that a function of C may not change.
 */
final class X8664Stubs {
    /** More than there will be. */
    static final int BYTES = 2048;

    /** What is to be added to the thread pointer for the word that names the block of the current thread: an address in it. */
    private final int blockWord;

    private final Cells cells;
    private final Assembler a;
    private final Map<Hypercall, Long> entries;
    private final Map<Hypercall, Long> stubs = new EnumMap<>(Hypercall.class);

    /** Of the stub that is being made: where it jumps to when it gives up. */
    private Label slow = new Label();

    private long futex;

    /**
     * Makes them all.
     *
     * @param address where the code will be
     * @param blockWord distance of the word from the thread pointer that names the block of the current thread
     * @param entries into Java
     * @param wallClockGoes whether the clock of the wall is the machine's
     */
    X8664Stubs(long address, long blockWord, Cells cells, Map<Hypercall, Long> entries, boolean wallClockGoes)
            throws LinkException {
        a = new Assembler(BYTES, address);
        this.blockWord = Math.toIntExact(blockWord);
        this.cells = cells;
        this.entries = entries;
        mutexes();
        rwlocks();
        condvars();
        lwps();
        stub(Hypercall.SETERRNO, this::seterrno);
        stub(Hypercall.CLOCK_GETTIME, () -> clockGettime(wallClockGoes));
        futex = a.begin();
        futex();
    }

    /** The code. */
    byte[] code() {
        return a.finished();
    }

    /** Where the stubs are. */
    Map<Hypercall, Long> stubs() {
        return stubs;
    }

    /** {@code long futex(int *word, int operation, int value, const struct timespec *timeout)}: its error is negative. */
    long futexAddress() {
        return futex;
    }

    /** Something that puts a stub together; it may throw. */
    private interface Body {
        void make() throws LinkException;
    }

    private void stub(Hypercall hypercall, Body body) throws LinkException {
        slow = new Label();
        stubs.put(hypercall, a.begin());
        body.make();
        a.here(slow);
        Long entry = entries.get(hypercall);
        if (entry == null) {
            throw new IllegalStateException("no entry of " + hypercall);
        }
        a.jump(entry);
    }

    // What they have in common

    /** Gives up where a pointer is not to where locks are. Uses rax. */
    private void requireCell(Reg pointer) {
        a.mov(RAX, pointer);
        a.shiftRight(RAX, Cells.RANGE_SHIFT);
        a.compare32(RAX, (int) (cells.base() >>> Cells.RANGE_SHIFT));
        a.jump(If.NOT_EQUAL, slow);
    }

    private void loadBlock(Reg to) {
        a.loadOfThread(to, blockWord);
    }

    private void returnZero() {
        a.clear(RAX);
        a.ret();
    }

    private void returnBusy() {
        a.mov32(RAX, Errno.EBUSY.number());
        a.ret();
    }

    /** Wakes who sleeps on the int that rdi points to, as the last thing that is done. */
    private void wake(int count) {
        a.mov32(RSI, Futex.WAKE);
        a.mov32(RDX, count);
        futex();
    }

    private void futex() {
        a.movR10Rcx();
        a.mov32(RAX, Futex.SYSTEM_CALL);
        a.syscall();
        a.ret();
    }

    // Mutexes: the first argument is the mutex

    private void mutexes() throws LinkException {
        stub(Hypercall.MUTEX_ENTER, () -> {
            requireCell(RDI);
            takeMutex(slow);
            a.ret();
        });
        stub(Hypercall.MUTEX_ENTER_NOWRAP, () -> {
            requireCell(RDI);
            a.test8(RDI, NativeMutexes.FLAGS, RumpMutex.SPIN);
            a.jump(If.EQUAL, slow);
            takeMutex(slow);
            a.ret();
        });
        stub(Hypercall.MUTEX_TRYENTER, () -> {
            Label busy = new Label();
            requireCell(RDI);
            takeMutex(busy);
            returnZero();
            a.here(busy);
            a.compare32(RAX, NativeMutexes.LEAST_BLOCK);
            a.jump(If.BELOW, slow);
            returnBusy();
        });
        stub(Hypercall.MUTEX_EXIT, this::mutexExit);
        stub(Hypercall.MUTEX_OWNER, () -> {
            requireCell(RDI);
            a.test8(RDI, NativeMutexes.FLAGS, RumpMutex.KMUTEX);
            a.jump(If.EQUAL, slow);
            a.load(RAX, RDI, NativeMutexes.OWNER);
            a.store(RSI, 0, RAX);
            a.ret();
        });
        stub(Hypercall.MUTEX_SPIN_P, () -> {
            requireCell(RDI);
            a.load32(RAX, RDI, NativeMutexes.FLAGS);
            a.test32(RAX);
            a.jump(If.EQUAL, slow);
            a.and32(RAX, RumpMutex.SPIN);
            a.ret();
        });
    }

    /** Takes it if it is free; otherwise rax is its word. */
    private void takeMutex(Label otherwise) {
        loadBlock(RDX);
        a.clear(RAX);
        a.replace(RDI, NativeMutexes.WORD, RDX);
        a.jump(If.NOT_EQUAL, otherwise);
        a.load(RAX, RDX, GuestThread.LWP);
        a.store(RDI, NativeMutexes.OWNER, RAX);
    }

    /** The owner goes first, so that it is nobody's who comes next. Nobody else can make the caller the holder, or not the holder. */
    private void mutexExit() {
        Label contended = new Label();
        requireCell(RDI);
        loadBlock(RAX);
        a.compare(RDI, NativeMutexes.WORD, RAX);
        a.jump(If.NOT_EQUAL, contended);
        a.storeZero(RDI, NativeMutexes.OWNER);
        a.clear(RDX);
        a.replace(RDI, NativeMutexes.WORD, RDX);
        a.jump(If.NOT_EQUAL, contended);
        a.ret();
        a.here(contended);
        loadBlock(RAX);
        a.add(RAX, NativeMutexes.CONTENDED);
        a.compare(RDI, NativeMutexes.WORD, RAX);
        a.jump(If.NOT_EQUAL, slow);
        a.storeZero(RDI, NativeMutexes.OWNER);
        a.clear(RDX);
        a.replace(RDI, NativeMutexes.WORD, RDX);
        a.jump(If.NOT_EQUAL, slow);
        wake(1);
    }

    // Reader/writer locks

    private void rwlocks() throws LinkException {
        stub(Hypercall.RW_ENTER, () -> {
            requireCell(RSI);
            takeRwLock(slow);
            a.ret();
        });
        stub(Hypercall.RW_TRYENTER, () -> {
            Label busy = new Label();
            requireCell(RSI);
            takeRwLock(busy);
            returnZero();
            a.here(busy);
            a.compare32(RAX, NativeRwLocks.GONE);
            a.jump(If.EQUAL, slow);
            returnBusy();
        });
        stub(Hypercall.RW_EXIT, this::rwExit);
        stub(Hypercall.RW_HELD, this::rwHeld);
        stub(Hypercall.RW_DOWNGRADE, () -> {
            requireCell(RDI);
            Label otherwise = new Label();
            leaveWriting(1, otherwise);
            a.ret();
            a.here(otherwise);
        });
        stub(Hypercall.RW_TRYUPGRADE, () -> {
            Label otherwise = new Label();
            requireCell(RDI);
            a.mov32(RAX, 1);
            a.mov32(RDX, NativeRwLocks.WRITE);
            a.replace32(RDI, NativeRwLocks.STATE, RDX);
            a.jump(If.NOT_EQUAL, otherwise);
            loadBlock(RDX);
            a.store(RDI, NativeRwLocks.WRITER, RDX);
            returnZero();
            a.here(otherwise);
            a.test32(RAX);
            a.jump(If.EQUAL, slow);
            a.test32(RAX, NativeRwLocks.WRITE | NativeRwLocks.QUEUED);
            a.jump(If.NOT_EQUAL, slow);
            returnBusy();
        });
    }

    /** Takes the lock that rsi points to as edi says; where it is held, or waited for, rax is its state. */
    private void takeRwLock(Label otherwise) {
        Label writer = new Label();
        Label again = new Label();
        Label taken = new Label();
        a.test32(RDI);
        a.jump(If.NOT_EQUAL, writer);
        a.load32(RAX, RSI, NativeRwLocks.STATE);
        a.here(again);
        a.test32(RAX, NativeRwLocks.WRITE | NativeRwLocks.QUEUED);
        a.jump(If.NOT_EQUAL, otherwise);
        a.lea(RDX, RAX, 1);
        a.replace32(RSI, NativeRwLocks.STATE, RDX);
        a.jump(If.NOT_EQUAL, again);
        a.jump(taken);
        a.here(writer);
        a.compare32(RDI, 1);
        a.jump(If.NOT_EQUAL, slow);
        a.clear(RAX);
        a.mov32(RDX, NativeRwLocks.WRITE);
        a.replace32(RSI, NativeRwLocks.STATE, RDX);
        a.jump(If.NOT_EQUAL, otherwise);
        loadBlock(RDX);
        a.store(RSI, NativeRwLocks.WRITER, RDX);
        a.here(taken);
    }

    private void rwExit() {
        Label again = new Label();
        Label writer = new Label();
        requireCell(RDI);
        a.load32(RAX, RDI, NativeRwLocks.STATE);
        a.here(again);
        a.test32(RAX);
        a.jump(If.EQUAL, slow);
        a.jump(If.NEGATIVE, writer);
        a.test32(RAX, NativeRwLocks.QUEUED);
        a.jump(If.NOT_EQUAL, slow);
        a.lea(RDX, RAX, -1);
        a.replace32(RDI, NativeRwLocks.STATE, RDX);
        a.jump(If.NOT_EQUAL, again);
        a.ret();
        a.here(writer);
        Label otherwise = new Label();
        leaveWriting(0, otherwise);
        a.ret();
        a.here(otherwise);
    }

    /** Gives the lock that rdi points to another state where the caller writes and nobody waits. Who writes is put back otherwise. */
    private void leaveWriting(int state, Label otherwise) {
        loadBlock(RCX);
        a.load32(RAX, RDI, NativeRwLocks.STATE);
        a.compare32(RAX, NativeRwLocks.WRITE);
        a.jump(If.NOT_EQUAL, otherwise);
        a.compare(RDI, NativeRwLocks.WRITER, RCX);
        a.jump(If.NOT_EQUAL, otherwise);
        a.storeZero(RDI, NativeRwLocks.WRITER);
        a.mov32(RDX, state);
        a.replace32(RDI, NativeRwLocks.STATE, RDX);
        Label done = new Label();
        a.jump(If.EQUAL, done);
        a.store(RDI, NativeRwLocks.WRITER, RCX);
        a.jump(otherwise);
        a.here(done);
    }

    /** edi is how, rsi the lock, rdx where the answer goes. */
    private void rwHeld() {
        Label writer = new Label();
        Label no = new Label();
        Label store = new Label();
        requireCell(RSI);
        a.load32(RAX, RSI, NativeRwLocks.STATE);
        a.compare32(RAX, NativeRwLocks.GONE);
        a.jump(If.EQUAL, slow);
        a.test32(RDI);
        a.jump(If.NOT_EQUAL, writer);
        a.test32(RAX);
        a.jump(If.NEGATIVE, no);
        a.test32(RAX, ~(NativeRwLocks.WRITE | NativeRwLocks.QUEUED));
        a.jump(If.EQUAL, no);
        a.mov32(RAX, 1);
        a.jump(store);
        a.here(writer);
        a.compare32(RDI, 1);
        a.jump(If.NOT_EQUAL, slow);
        a.test32(RAX);
        a.jump(If.NOT_NEGATIVE, no);
        loadBlock(RCX);
        a.compare(RSI, NativeRwLocks.WRITER, RCX);
        a.jump(If.NOT_EQUAL, no);
        a.mov32(RAX, 1);
        a.jump(store);
        a.here(no);
        a.clear(RAX);
        a.here(store);
        a.store32(RDX, 0, RAX);
        a.ret();
    }

    // Condition variables: the first argument is one

    private void condvars() throws LinkException {
        stub(Hypercall.CV_SIGNAL, () -> signal(1));
        stub(Hypercall.CV_BROADCAST, () -> signal(Futex.ALL));
        stub(Hypercall.CV_HAS_WAITERS, () -> {
            requireCell(RDI);
            a.load32(RAX, RDI, NativeCondVars.WAITERS);
            a.test32(RAX);
            a.jump(If.NEGATIVE, slow);
            a.store32(RSI, 0, RAX);
            a.ret();
        });
    }

    private void signal(int count) {
        Label somebody = new Label();
        requireCell(RDI);
        a.compareZero32(RDI, NativeCondVars.WAITERS);
        a.jump(If.NOT_EQUAL, somebody);
        a.ret();
        a.here(somebody);
        a.jump(If.NEGATIVE, slow);
        a.increment32(RDI, NativeCondVars.SIGNALS);
        wake(count);
    }

    // Lwps, the error number, clocks

    private void lwps() throws LinkException {
        stub(Hypercall.CURLWP, () -> {
            loadBlock(RAX);
            a.load(RAX, RAX, GuestThread.LWP);
            a.ret();
        });
        stub(Hypercall.CURLWPOP, () -> {
            Label notSet = new Label();
            Label notClear = new Label();
            Label create = new Label();
            loadBlock(RAX);
            a.compare32(RDI, NativeThreading.SET);
            a.jump(If.NOT_EQUAL, notSet);
            a.compareZero(RAX, GuestThread.LWP);
            a.jump(If.NOT_EQUAL, slow);
            a.store(RAX, GuestThread.LWP, RSI);
            a.ret();
            a.here(notSet);
            a.compare32(RDI, NativeThreading.CLEAR);
            a.jump(If.NOT_EQUAL, notClear);
            a.test(RSI);
            a.jump(If.EQUAL, slow);
            a.compare(RAX, GuestThread.LWP, RSI);
            a.jump(If.NOT_EQUAL, slow);
            a.storeZero(RAX, GuestThread.LWP);
            a.ret();
            a.here(notClear);
            a.test32(RDI);
            a.jump(If.EQUAL, create);
            // One that Java does not know need not be forgotten.
            a.compare32(RDI, NativeThreading.DESTROY);
            a.jump(If.NOT_EQUAL, slow);
            a.mov64(RAX, cells.counter());
            a.compareZero32(RAX, 0);
            a.jump(If.NOT_EQUAL, slow);
            a.here(create);
            a.ret();
        });
    }

    private void seterrno() throws LinkException {
        a.push(RDI);
        a.mov64(RAX, libraryFunction("__errno_location"));
        a.call(RAX);
        a.pop(RDI);
        a.store32(RAX, 0, RDI);
        a.ret();
    }

    /** The numbers of the clocks are the host's as well: 0 is the wall's, 1 the steady one. The time is put on the stack first. */
    private void clockGettime(boolean wallClockGoes) throws LinkException {
        int room = 24;
        if (wallClockGoes) {
            a.compare32(RDI, 1);
            a.jump(If.ABOVE, slow);
        } else {
            a.compare32(RDI, 1);
            a.jump(If.NOT_EQUAL, slow);
        }
        a.push(RSI);
        a.push(RDX);
        a.add(RSP, -room);
        a.mov(RSI, RSP);
        a.mov64(RAX, libraryFunction("clock_gettime"));
        a.call(RAX);
        a.load(RAX, RSP, 0);
        a.load(RCX, RSP, Long.BYTES);
        a.add(RSP, room);
        a.pop(RDX);
        a.pop(RSI);
        a.store(RSI, 0, RAX);
        a.store(RDX, 0, RCX);
        returnZero();
    }

    static long libraryFunction(String name) throws LinkException {
        return Linker.nativeLinker()
                .defaultLookup()
                .find(name)
                .map(MemorySegment::address)
                .orElseThrow(() -> new LinkException("the C library has no " + name));
    }
}
