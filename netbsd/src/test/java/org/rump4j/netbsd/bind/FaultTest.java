package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.ForkedJvm;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.memory.Signals;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;

/** A guest does what the machine does not allow: that ends the guest, and nothing else. */
final class FaultTest {
    private static final String SOURCE = """
            static __thread long mine = 5;
            __attribute__((noinline)) static long write_to(long *p) { *p = 1; return mine; }
            long null_write(void) { return write_to((long *)8) + 1; }
            long write_at(long *p) { return write_to(p) + 1; }
            long read_at(char *p) { return *(volatile char *)p; }
            long jump(long (*f)(void)) { return f() + 1; }
            long divide(long a, long b) { return a / b; }
            long illegal(void) { __builtin_trap(); }
            __attribute__((noinline)) static long recurse(volatile long n) {
                volatile char frame[200];
                frame[n % 200] = 1;
                return recurse(n + 1) + frame[3] + n;
            }
            long overflow(void) { return recurse(mine); }
            __attribute__((noinline)) static long call_deep(volatile long n) {
                volatile char frame[200];
                long v;
                frame[n % 200] = 1;
                rumpuser_mutex_owner((void *)n, (void *)&v);
                return call_deep(n) + frame[3] + v;
            }
            long overflow_in_hypercalls(void) {
                struct rumpuser_mtx *m;
                rumpuser_mutex_init(&m, 2);
                return call_deep((long)m);
            }
            long copy(void *(*memcpy)(void *, const void *, size_t), void *to, long n) {
                static char from[100];
                return memcpy(to, from, n) == to;
            }
            static int upcall_fault(void) { in_unschedule = 0; return write_to((long *)16); }
            long fault_in_upcall(void) { in_unschedule = upcall_fault; return rumpuser_clock_sleep(0, 0, 1); }
            static void *kernel_thread(void *f) { ((long (*)(void))f)(); return 0; }
            long in_thread(void *f) {
                void *cookie;
                rumpuser_thread_create(kernel_thread, f, "victim", 1, 0, -1, &cookie);
                rumpuser_thread_join(cookie);
                rumpuser_thread_join((void *)0);
                return 1;
            }
            static struct rumpuser_mtx *m; static struct rumpuser_cv *cv;
            long block(void) {
                rumpuser_mutex_init(&m, 2);
                rumpuser_cv_init(&cv);
                rumpuser_mutex_enter(m);
                rumpuser_dprintf("blocked\\n");
                for (;;) rumpuser_cv_wait(cv, m);
            }
            long fine(long n) { mine += n; return mine; }
            long kill_me(long signo) { rumpuser_kill(-1, signo); return 9; }
            long bad_out(long *out) { long v; return rumpuser_malloc(8, 8, (void **)out); }
            long bad_string(const char *s) { char b[8]; return rumpuser_getparam(s, b, 8); }
            long bad_data(int fd, char *data) {
                struct rumpuser_iovec v = { data, 100000 };
                size_t n;
                return rumpuser_iovwrite(fd, &v, 1, 0, &n);
            }
            long panic_(void) { rumpuser_exit(-1); return 1; }
            __attribute__((noinline)) static long panic_deep(int n) {
                return n ? panic_deep(n - 1) + 1 : panic_() + 1;
            }
            long panics(void) { return panic_deep(2) + 1; }
            static volatile int spins;
            long spin(void) { spins++; for (;;) mine++; }
            long spinning(void) { return spins; }
            static int upcall_spin(void) { in_unschedule = 0; return spin(); }
            long spin_in_upcall(void) { in_unschedule = upcall_spin; return rumpuser_clock_sleep(0, 0, 1); }
            long spin_in_thread(void) {
                void *cookie;
                rumpuser_thread_create(kernel_thread, spin, "spinner", 0, 0, -1, &cookie);
                return 0;
            }
            void *address_of(long i) { void *f[] = { null_write, overflow, divide, illegal }; return f[i]; }
            """;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsACompiler() {
        Toolchain.assumeGuests();
    }

    private CGuest guest() throws Exception {
        return CGuest.of(dir, SOURCE).booted();
    }

    /** Calls a function that must end the guest by a fault, and looks at that. */
    private static GuestFaultException fault(CGuest c, int signal, String function, long... arguments) {
        RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call(function, arguments));
        return judge(c, signal, exit);
    }

    private static GuestFaultException judge(CGuest c, int signal, RumpuserExit exit) {
        assertEquals(TerminationCalls.PANIC, exit.value());
        assertTrue(c.guest.hasExited());
        GuestFaultException fault = assertInstanceOf(GuestFaultException.class, c.guest.failure());
        assertEquals(signal, fault.signal(), fault.getMessage());
        assertTrue(c.debug().contains(fault.getMessage()), c.debug());
        assertTrue(c.debug().contains(fault.backtrace()), c.debug());
        assertThrows(RumpuserExit.class, () -> c.call("fault_in_upcall"), "a hypercall of it does not return any more");
        return fault;
    }

    private static void assertFrames(String backtrace, String... functions) {
        int at = 0;
        for (String f : functions) {
            int found = backtrace.indexOf(" " + f + "+0x", at);
            assertTrue(found >= 0, f + " is not, or not there, in\n" + backtrace);
            at = found + 1;
        }
    }

    @Test
    void faultsAreContained() throws Exception {
        try (CGuest c = guest()) {
            assertEquals(5, c.call("fine", 0));
            assertNull(Guest.faultProblem());
        }
    }

    @Test
    void aWriteToNullTellsWhereItWas() throws Exception {
        try (CGuest c = guest()) {
            GuestFaultException fault = fault(c, Signals.SIGSEGV, "null_write");
            assertEquals(8, fault.address());
            assertTrue(fault.location().matches("write_to\\+0x[0-9a-f]+ \\(guest\\)"), fault.location());
            assertFrames(fault.backtrace(), "write_to", "null_write");
            assertTrue(fault.registers().contains("rdi 0x0000000000000008"), fault.registers());
        }
    }

    @Test
    void aWildJumpTellsWhoJumped() throws Exception {
        for (long to : new long[] {0x1000, 0x12345678000L, -1L << 60}) {
            try (CGuest c = guest()) {
                GuestFaultException fault = fault(c, Signals.SIGSEGV, "jump", to);
                assertFrames(fault.backtrace(), "jump");
                // What is no address at all is not jumped to.
                assertTrue(fault.location().contains((to < 0 ? "" : "called by ") + "jump+0x"), fault.location());
            }
        }
    }

    @Test
    void divisionByZeroIsAFault() throws Exception {
        try (CGuest c = guest()) {
            assertEquals(3, c.call("divide", 7, 2));
            GuestFaultException fault = fault(c, Signals.SIGFPE, "divide", 7, 0);
            assertFrames(fault.backtrace(), "divide");
            assertTrue(String.valueOf(fault.getMessage()).contains("division"), fault.getMessage());
        }
    }

    @Test
    void anIllegalInstructionIsAFault() throws Exception {
        try (CGuest c = guest()) {
            assertFrames(fault(c, Signals.SIGILL, "illegal").backtrace(), "illegal");
        }
    }

    @Test
    void aMappingOfATruncatedFileIsAFault() throws Exception {
        Path file = dir.resolve("mapped");
        try (Arena arena = Arena.ofShared();
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                CGuest c = guest()) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 8192, arena);
            assertEquals(0, c.call("read_at", mapped.address() + 4096));
            FileChannel _ = channel.truncate(0);
            GuestFaultException fault = fault(c, Signals.SIGBUS, "read_at", mapped.address() + 4096);
            assertEquals(mapped.address() + 4096, fault.address());
        }
    }

    private static void assertOverflow(GuestFaultException fault, String function) {
        assertTrue(String.valueOf(fault.getMessage()).contains("the stack is used up"), fault.getMessage());
        assertFrames(fault.backtrace(), function, function, function);
    }

    @Test
    void aStackThatIsUsedUpIsAFaultOnAThreadOfJava() throws Exception {
        try (CGuest c = guest()) {
            assertOverflow(fault(c, Signals.SIGSEGV, "overflow"), "recurse");
        }
        assertTrue(overflowJava() > 100, "the JVM still notices that of its own");
        try (CGuest c = guest()) {
            assertOverflow(fault(c, Signals.SIGSEGV, "overflow"), "recurse");
        }
        assertTrue(overflowJava() > 100);
    }

    @Test
    void aStackThatIsUsedUpIsAFaultOnAThreadOfTheKernel() throws Exception {
        try (CGuest c = guest()) {
            long overflow = c.call("address_of", 1);
            RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call("in_thread", overflow));
            assertOverflow(judge(c, Signals.SIGSEGV, exit), "recurse");
        }
    }

    @Test
    void hypercallsLeaveJavaEnoughOfTheStack() throws Exception {
        try (CGuest c = guest()) {
            GuestFaultException fault = fault(c, Signals.SIGSEGV, "overflow_in_hypercalls");
            assertOverflow(fault, "call_deep");
        }
    }

    /** How deep Java gets before its stack is used up. */
    private static int overflowJava() {
        int[] depth = new int[1];
        assertThrows(StackOverflowError.class, () -> descend(depth));
        return depth[0];
    }

    private static void descend(int[] depth) {
        depth[0]++;
        if (depth[0] > 0) {
            descend(depth);
        }
        depth[0]--;
    }

    @Test
    void javaInAHypercallMayUseUpItsStack() throws Exception {
        int[] depth = new int[1];
        try (CGuest c = CGuest.of(dir, SOURCE, b -> b.onSignal(_ -> depth[0] = overflowJava()))) {
            c.booted();
            assertEquals(9, c.call("kill_me", 30));
            assertTrue(depth[0] > 100, "depth " + depth[0]);
            assertEquals(6, c.call("fine", 1));
        }
    }

    @Test
    void theCLibraryFaultsOnTheGuestsBehalf() throws Exception {
        MemorySegment memcpy =
                Linker.nativeLinker().defaultLookup().find("memcpy").orElseThrow();
        try (CGuest c = guest()) {
            GuestFaultException fault = fault(c, Signals.SIGSEGV, "copy", memcpy.address(), 4096, 100);
            assertEquals(4096, fault.address() & -4096);
            assertFrames(fault.backtrace(), "copy");
        }
    }

    @Test
    void aFaultInAnUpcallLeavesThroughBothGates() throws Exception {
        try (CGuest c = guest()) {
            GuestFaultException fault = fault(c, Signals.SIGSEGV, "fault_in_upcall");
            assertFrames(fault.backtrace(), "write_to", "upcall_fault", "up_unschedule");
        }
    }

    @Test
    void aFaultOfAKernelThreadThrowsOutWhoIsBlocked() throws Exception {
        try (CGuest c = guest()) {
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            Thread blocked = Thread.ofPlatform().start(() -> {
                try {
                    c.call("block");
                } catch (RumpuserExit e) {
                    thrown.set(e);
                }
            });
            while (!c.debug().contains("blocked")) {
                Thread.onSpinWait();
            }
            long nullWrite = c.call("address_of", 0);
            RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call("in_thread", nullWrite));
            blocked.join();
            assertInstanceOf(RumpuserExit.class, thrown.get());
            assertFrames(judge(c, Signals.SIGSEGV, exit).backtrace(), "write_to", "null_write", "kernel_thread");
        }
    }

    @Test
    void theOtherGuestGoesOn() throws Exception {
        try (CGuest a = guest();
                CGuest b = guest()) {
            for (int i = 0; i < 3; i++) {
                try (CGuest c = guest()) {
                    assertFrames(fault(c, Signals.SIGSEGV, "null_write").backtrace(), "null_write");
                }
                assertEquals(6 + i, a.call("fine", 1));
            }
            assertFrames(fault(b, Signals.SIGFPE, "divide", 1, 0).backtrace(), "divide");
            assertEquals(9, a.call("fine", 1));
            assertFalse(a.guest.hasExited());
        }
    }

    @Test
    void aFaultInAGuestThatWasEnteredOutOfAnothersHypercallEndsThatOneOnly() throws Exception {
        try (CGuest inner = guest()) {
            GuestFaultException[] seen = new GuestFaultException[1];
            try (CGuest outer = CGuest.of(
                    dir, SOURCE, b -> b.onSignal(_ -> seen[0] = fault(inner, Signals.SIGSEGV, "null_write")))) {
                outer.booted();
                assertEquals(9, outer.call("kill_me", 30));
                assertNotNull(seen[0]);
                assertEquals(7, outer.call("fine", 2));
                assertFrames(fault(outer, Signals.SIGSEGV, "null_write").backtrace(), "null_write");
            }
        }
    }

    @Test
    void threadsFaultAtOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            try (CGuest c = guest()) {
                CyclicBarrier barrier = new CyclicBarrier(3);
                List<Thread> threads = List.of(faulting(c, barrier), faulting(c, barrier), faulting(c, barrier));
                for (Thread t : threads) {
                    t.join();
                }
                assertInstanceOf(GuestFaultException.class, c.guest.failure());
            }
        }
    }

    private static Thread faulting(CGuest c, CyclicBarrier barrier) {
        return Thread.ofPlatform().start(() -> {
            try {
                barrier.await();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            assertThrows(RumpuserExit.class, () -> c.call("null_write"));
        });
    }

    @Test
    void whoMakesNoHypercallIsThrownOutWhenTheGuestIsDiscarded() throws Exception {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        try (CGuest other = guest()) {
            CGuest c = guest();
            for (String how : List.of("spin", "spin_in_upcall")) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        c.call(how);
                    } catch (RumpuserExit e) {
                        thrown.set(e);
                    }
                }));
            }
            c.call("spin_in_thread");
            while (c.call("spinning") < 3) {
                Thread.onSpinWait();
            }
            c.close();
            for (Thread t : threads) {
                t.join();
            }
            assertInstanceOf(RumpuserExit.class, thrown.get());
            assertEquals(4, c.debug().split("thrown out of spin\\+0x", -1).length, c.debug());
            assertEquals(6, other.call("fine", 1));
        }
    }

    /** What Java reads without a check, since the machine notices. */
    private static final class Holder {
        int value = 1;
    }

    private static int sum(@Nullable Holder[] holders) {
        int out = 0;
        for (Holder h : holders) {
            out += value(h);
        }
        return out;
    }

    @SuppressWarnings("NullAway") // that is the point
    private static int value(@Nullable Holder h) {
        return h.value;
    }

    private static void assertNullsAreNoticed() {
        Holder[] full = new Holder[1000];
        for (int i = 0; i < full.length; i++) {
            full[i] = new Holder();
        }
        for (int i = 0; i < 5000; i++) {
            assertEquals(full.length, sum(full));
        }
        @Nullable Holder[] withHole = full.clone();
        withHole[500] = null;
        for (int i = 0; i < 3; i++) {
            assertThrows(NullPointerException.class, () -> sum(withHole));
        }
    }

    @Test
    void javasOwnFaultsStayExceptions() throws Exception {
        assertNullsAreNoticed();
        int[] calls = new int[1];
        try (CGuest c = CGuest.of(
                dir,
                SOURCE,
                b -> b.onSignal(_ -> {
                    assertNullsAreNoticed();
                    calls[0]++;
                }))) {
            c.booted();
            assertEquals(9, c.call("kill_me", 30));
            assertEquals(1, calls[0]);
            assertFrames(fault(c, Signals.SIGSEGV, "null_write").backtrace(), "null_write");
        }
        assertNullsAreNoticed();
    }

    @Test
    void badPointersOfHypercallsEndTheGuest() throws Exception {
        long nowhere = 0x7000_0000_0000L;
        for (String what : List.of("bad_out", "bad_string")) {
            try (CGuest c = guest()) {
                RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call(what, nowhere), what);
                assertEquals(TerminationCalls.PANIC, exit.value());
                assertInstanceOf(InternalError.class, c.guest.failure());
                assertTrue(c.debug().contains(what + "+0x"), c.debug());
            }
        }
    }

    @Test
    void aPanicHasABacktrace() throws Exception {
        try (CGuest c = guest()) {
            assertThrows(RumpuserExit.class, () -> c.call("panics"));
            GuestPanicException panic = assertInstanceOf(GuestPanicException.class, c.guest.failure());
            assertFrames(panic.backtrace(), "panic_", "panic_deep", "panic_deep", "panic_deep", "panics");
            assertTrue(c.debug().contains(panic.backtrace()), c.debug());
        }
    }

    @Test
    void aHypercallKnowsItsCaller() throws Exception {
        String[] seen = new String[2];
        Guest[] self = new Guest[1];
        try (CGuest c = CGuest.of(
                dir,
                SOURCE,
                b -> b.onSignal(_ -> {
                    seen[0] = String.valueOf(self[0].caller());
                    seen[1] = self[0].backtrace();
                }))) {
            self[0] = c.guest;
            c.booted();
            c.call("kill_me", 30);
            assertTrue(String.valueOf(seen[0]).startsWith("kill_me+0x"), seen[0]);
            assertFrames(String.valueOf(seen[1]), "kill_me");
            assertNull(c.guest.caller());
        }
    }

    @Test
    void perfIsToldOfTheNamesOfFunctionsWhereThatIsAsked() throws Exception {
        Path map = dir.resolve("perf.map");
        try (CGuest c = CGuest.of(dir, SOURCE, b -> b.environment(Guest.PERF_MAP, map.toString()))) {
            long address = c.guest.images().function("divide");
            String line = Long.toHexString(address) + " ";
            List<String> lines = Files.readAllLines(map);
            assertTrue(lines.stream().anyMatch(l -> l.startsWith(line) && l.endsWith(" divide")), lines.toString());
            assertFalse(c.debug().contains("perf"), c.debug());
        }
        try (CGuest c = CGuest.of(dir, SOURCE, b -> b.environment(Guest.PERF_MAP, dir + "/none/map"))) {
            assertTrue(c.debug().contains("perf"), c.debug());
            assertEquals(5, c.call("fine", 0));
        }
    }

    /** In a JVM of its own: a fault, and what was said to the host. */
    static final class Checked {
        private Checked() {}

        static void main(String[] args) throws Exception {
            try (CGuest c = CGuest.of(Path.of(args[0]), SOURCE)) {
                System.out.print(c.debug());
                c.booted();
                System.out.println(fault(c, Signals.SIGSEGV, "null_write").getMessage());
                assertNullsAreNoticed();
            }
        }
    }

    @Test
    void aJvmThatChecksItsHandlersIsToldAndFaultsAreContained() throws Exception {
        String said = ForkedJvm.run(List.of("-Xcheck:jni"), Checked.class, dir.toString());
        assertTrue(said.contains("-Xcheck:jni will find"), said);
        assertTrue(said.contains("SIGSEGV (nothing is at 0x8) in write_to"), said);
        assertFalse(ForkedJvm.run(List.of(), Checked.class, dir.toString()).contains("-Xcheck:jni"));
    }

    @Test
    void aHandlerThatReplacedOursIsNoticed() throws Exception {
        try (CGuest c = guest()) {
            long ours = Signals.handler(Signals.SIGFPE);
            assertTrue(Signals.handle(Signals.SIGFPE, Signals.handler(40)));
            try {
                assertTrue(String.valueOf(Guest.faultProblem()).contains("SIGFPE"), Guest.faultProblem());
                try (CGuest later = guest()) {
                    assertTrue(later.debug().contains("may end the JVM"), later.debug());
                }
            } finally {
                assertTrue(Signals.handle(Signals.SIGFPE, ours));
            }
            assertNull(Guest.faultProblem());
            assertFrames(fault(c, Signals.SIGFPE, "divide", 1, 0).backtrace(), "divide");
        }
    }
}
