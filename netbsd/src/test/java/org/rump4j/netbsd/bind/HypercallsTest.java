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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.rumpuser.Hypercall;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;
import org.rump4j.rumpuser.real.RealHost;

/** A guest in C, compiled here, makes the hypercalls: what C passes arrives, and what C is to get does. Each enters Java. */
class HypercallsTest {
    @TempDir
    Path dir;

    /** Whether hypercalls may be machine code. */
    boolean stubs() {
        return false;
    }

    final CGuest guest(String source) throws Exception {
        return guest(source, _ -> {});
    }

    final CGuest guest(String source, Consumer<RealHost.Builder> changes) throws Exception {
        return CGuest.of(dir, source, b -> changes.accept(b.environment(Guest.STUBS, stubs() ? "1" : "0")));
    }

    @BeforeAll
    static void needsACompiler() {
        Toolchain.assumeGuests();
    }

    // The table

    @Test
    void eachHypercallOfTheTableHasAnEntryOfItsOwn() throws Exception {
        StringBuilder source = new StringBuilder("void *all[] = {");
        for (Hypercall h : Hypercall.values()) {
            source.append("(void *)").append(h.symbol()).append(", ");
        }
        source.append("0}; void *entry(long i) { return all[i]; }");
        try (CGuest c = guest(source.toString())) {
            Set<Long> entries = new HashSet<>();
            int i = 0;
            for (Hypercall h : Hypercall.values()) {
                long entry = c.call("entry", i++);
                assertTrue(entries.add(entry), "two have the entry of " + h);
                assertEquals("r-xp", Maps.at(c.guest.images().region(), entry));
            }
        }
    }

    @Test
    void noMemoryOfAGuestIsWritableAndExecutable() throws Exception {
        try (CGuest c = guest("")) {
            for (String protection : Maps.protections(c.guest.images().region())) {
                assertFalse(protection.contains("w") && protection.contains("x"), protection);
            }
        }
    }

    @Test
    void aKernelOfAnotherVersionIsRefused() throws Exception {
        try (CGuest c = guest("")) {
            assertEquals(75, c.call("init", 16));
            assertTrue(c.debug().contains("version 16"), c.debug());
            assertEquals(0, c.call("init", 17));
            assertEquals(37, c.call("init", 17));
        }
    }

    // Memory, files, block I/O

    @Test
    void memoryIsAlignedAndAFailureStoresNull() throws Exception {
        String source = """
                long malloc_(long size, long align) {
                    void *p = (void *)1;
                    int error = rumpuser_malloc(size, align, &p);
                    if (error) return p ? -1 : -error;
                    for (long i = 0; i < size; i++) ((char *)p)[i] = i;
                    long at = (long)p;
                    rumpuser_free(p, size);
                    rumpuser_free(0, 0);
                    return at;
                }
                long mmap_(long size) {
                    char *p;
                    int error = rumpuser_anonmmap(0, size, 0, 0, (void **)&p);
                    if (error) return -error;
                    for (long i = 0; i < size; i++) if (p[i]) return -100;
                    rumpuser_unmap(p, size);
                    rumpuser_unmap(p, size);
                    return (long)p;
                }
                """;
        try (CGuest c = guest(source)) {
            assertEquals(0, c.call("malloc_", 100, 4096) % 4096);
            assertEquals(0, c.call("malloc_", 100, 0) % 8);
            assertEquals(-12, c.call("malloc_", 1L << 60, 64));
            assertEquals(-22, c.call("malloc_", 10, 24));
            assertEquals(0, c.call("mmap_", 10_000) % 4096);
            assertEquals(-22, c.call("mmap_", 0));
        }
    }

    @Test
    void filesAreReadWrittenAndLookedAt() throws Exception {
        String source = """
                int open_(const char *path, int flags) {
                    int fd = -5, error = rumpuser_open(path, flags, &fd);
                    return error ? fd == -5 ? -error : -1000 : fd;
                }
                long write_(int fd) {
                    struct rumpuser_iovec v[] = {{ "one ", 4 }, { "two", 3 }};
                    size_t n;
                    return rumpuser_iovwrite(fd, v, 2, 1, &n) ? -1 : n;
                }
                long read_(int fd, long off) {
                    char a[2] = {0}, b[10] = {0};
                    struct rumpuser_iovec v[] = {{ a, 2 }, { b, 10 }};
                    size_t n = 77;
                    int error = rumpuser_iovread(fd, v, 2, off, &n);
                    return error ? n == 77 ? -error : -1000 : n << 16 | a[1] << 8 | b[4];
                }
                long info(const char *path) {
                    uint64_t size = 0; int type = 0;
                    int error = rumpuser_getfileinfo(path, &size, &type);
                    return error ? -error : rumpuser_getfileinfo(path, 0, 0) ? -1000 : size * 10 + type;
                }
                int close_(int fd) { return rumpuser_close(fd); }
                int sync_(int fd, int flags) { return rumpuser_syncfd(fd, flags, 0, 0); }
                """;
        Path file = dir.resolve("file");
        try (CGuest c = guest(source).booted()) {
            assertEquals(-2, (int) c.call("open_", c.string(file), 0));
            assertEquals(-21, (int) c.call("open_", c.string(dir), 2));
            int fd = (int) c.call("open_", c.string(file), 2 | 4);
            assertTrue(fd >= 0, "error " + fd);
            assertEquals(7, c.call("write_", fd));
            assertEquals("\0one two", Files.readString(file));
            assertEquals(7 << 16 | 'n' << 8 | 'o', c.call("read_", fd, 1));
            assertEquals(0, c.call("read_", fd, 100) >> 16);
            assertEquals(-9, c.call("read_", 12345, 0));
            assertEquals(8 * 10 + 2, c.call("info", c.string(file)));
            assertEquals(-2, c.call("info", c.string(file + "x")));
            assertEquals(0, c.call("sync_", fd, 2));
            assertEquals(22, c.call("sync_", fd, 0));
            c.call("take_pairs");
            assertEquals(0, c.call("close_", fd));
            assertEquals(1, c.call("take_pairs"), "closing unschedules");
        }
    }

    @Test
    void blockIoTellsItsOutcomeOnAThreadWithAnLwp() throws Exception {
        String source = """
                static struct rumpuser_mtx *m; static struct rumpuser_cv *cv;
                static size_t count; static int error, calls; static void *arg;
                static void done(void *a, size_t n, int e) {
                    rumpuser_mutex_enter(m);
                    arg = a; count = n; error = e; calls++;
                    rumpuser_cv_signal(cv);
                    rumpuser_mutex_exit(m);
                }
                long transfer(int fd, int op, char *data, long len, long off) {
                    if (!m) { rumpuser_mutex_init(&m, 2); rumpuser_cv_init(&cv); }
                    calls = 0;
                    rumpuser_bio(fd, op, data, len, off, done, &calls);
                    rumpuser_mutex_enter(m);
                    while (!calls) rumpuser_cv_wait(cv, m);
                    rumpuser_mutex_exit(m);
                    return arg != &calls || calls != 1 || !kthreads ? -1000 : error ? -error : count;
                }
                int open_(const char *path) { int fd; return rumpuser_open(path, 2 | 16, &fd) ? -1 : fd; }
                char buffer[8192];
                char *buffer_(void) { return buffer; }
                """;
        Path file = Files.write(dir.resolve("disk"), new byte[16384]);
        try (CGuest c = guest(source).booted()) {
            int fd = (int) c.call("open_", c.string(file));
            long buffer = c.call("buffer_");
            CMemory memory = new CMemory(Arena.global());
            memory.putLong(buffer + 8184, 0x0102030405060708L);
            assertEquals(8192, c.call("transfer", fd, 2 | 4, buffer, 8192, 4096));
            assertEquals(8, Files.readAllBytes(file)[4096 + 8184]);
            assertEquals(4096, c.call("transfer", fd, 1, buffer, 8192, 12288), "up to the end of the file");
            assertEquals(0, c.call("transfer", fd, 1, buffer, 8192, 16384));
            assertEquals(-22, c.call("transfer", fd, 1, buffer, 512, -512));
            assertEquals(-9, c.call("transfer", 4711, 1, buffer, 512, 0));
        }
    }

    // Clocks, parameters, randomness, console

    @Test
    void clocksTellAndSleep() throws Exception {
        String source = """
                long now(int which) {
                    int64_t s; long ns;
                    return rumpuser_clock_gettime(which, &s, &ns) || ns < 0 || ns > 999999999 ? -1 : s * 1000000000 + ns;
                }
                int sleep_(int which, long s, long ns) { return rumpuser_clock_sleep(which, s, ns); }
                """;
        try (CGuest c = guest(source).booted()) {
            long wall = c.call("now", 0);
            assertTrue(Math.abs(wall / 1_000_000 - System.currentTimeMillis()) < 60_000, "wall clock " + wall);
            long before = c.call("now", 1);
            assertEquals(0, c.call("sleep_", 0, 0, 2_000_000));
            long after = c.call("now", 1);
            assertTrue(after - before >= 2_000_000, "slept " + (after - before));
            assertEquals(0, c.call("sleep_", 1, 0, 0), "a point in the past");
            assertEquals(0, c.call("sleep_", 0, -5, 0));
            assertEquals(3, c.call("take_pairs"));
            assertEquals(22, c.call("sleep_", 0, 0, 1_000_000_000));
        }
    }

    @Test
    void parametersAreStringsThatMustFit() throws Exception {
        String source = """
                static char b[100];
                int get(const char *name, long len) { return rumpuser_getparam(name, b, len); }
                char *got(void) { return b; }
                """;
        try (CGuest c = guest(source, b -> b.environment("GREETING", "hello"))) {
            assertEquals(0, c.call("get", c.string("GREETING"), 6));
            assertEquals("hello", new CMemory(Arena.global()).string(c.call("got")));
            assertEquals(34, c.call("get", c.string("GREETING"), 5));
            assertEquals(2, c.call("get", c.string("NOBODY_HAS_SET_THIS"), 100));
            assertEquals(22, c.call("get", c.string("_NO_SUCH"), 100));
            assertEquals(0, c.call("get", c.string("_RUMPUSER_NCPU"), 100));
        }
    }

    @Test
    void randomnessComesInPieces() throws Exception {
        String source = """
                long fill(void) {
                    static unsigned char b[100000];
                    long at = 0, zeros = 0;
                    while (at < sizeof(b)) {
                        size_t n = 0;
                        if (rumpuser_getrandom(b + at, sizeof(b) - at, 0, &n) || n == 0) return -1;
                        at += n;
                    }
                    for (at = 0; at < sizeof(b); at++) zeros += b[at] == 0;
                    return zeros;
                }
                """;
        try (CGuest c = guest(source)) {
            long zeros = c.call("fill");
            assertTrue(zeros > 200 && zeros < 700, zeros + " of 100000 bytes are 0");
        }
    }

    @Test
    void messagesAreFormattedAsPrintfDoes() throws Exception {
        String source = """
                void talk(void) {
                    rumpuser_dprintf("%d %5u|%-5x|%05d %s %c %lx %% %.2s|%p %lld %#x %+d\\n",
                        -3, 4000000000u, 255, -42, "text", 'c', 0x123456789abcdefL, "xyz", (void *)0x10,
                        -9000000000LL, 16, 7);
                    rumpuser_dprintf("plain\\n");
                    rumpuser_putchar('h'); rumpuser_putchar('i');
                }
                """;
        try (CGuest c = guest(source)) {
            c.call("talk");
            assertEquals(
                    "-3 4000000000|ff   |-0042 text c 123456789abcdef % xy|0x10 -9000000000 0x10 +7\nplain\n",
                    c.debug());
            assertEquals("hi", c.console());
        }
    }

    @Test
    void aProgramInCFindsTheErrorNumberWhereItLooksForIt() throws Exception {
        String source = """
                long set(int e, int *(*location)(void)) {
                    rumpuser_seterrno(e);
                    return *location();
                }
                """;
        long location = Linker.nativeLinker()
                .defaultLookup()
                .find("__errno_location")
                .orElseThrow()
                .address();
        try (CGuest c = guest(source)) {
            for (int e : new int[] {2, 0, 4711, -1}) {
                assertEquals(e, (int) c.call("set", e, location));
            }
        }
    }

    // Threads and lwps

    private static final String THREADS = """
            static __thread long mine = 5;
            static __thread long zero[100];
            static void deep(int n) {
                volatile char room[100];
                room[0] = n;
                if (n == 0) rumpuser_thread_exit();
                deep(n - 1);
                room[1] = 1;
            }
            static long ran;
            static void *body(void *a) {
                ran += (long)a + mine + zero[99];
                mine = 100; zero[99] = 1;
                deep(20);
                ran = -1;
                return 0;
            }
            long threads(void) {
                ran = 0;
                for (long i = 1; i <= 3; i++) {
                    void *cookie = 0;
                    if (rumpuser_thread_create(body, (void *)i, "worker", 1, 0, -1, &cookie) || !cookie) return -2;
                    if (rumpuser_thread_join(cookie)) return -3;
                }
                return ran * 1000 + mine;
            }
            static void *count(void *a) { __sync_fetch_and_add((long *)a, 1); return 0; }
            long detached(void) {
                static long done;
                void *untouched = &done;
                for (int i = 0; i < 10; i++)
                    if (rumpuser_thread_create(count, &done, 0, 0, 0, i, &untouched)) return -1;
                while (__sync_fetch_and_add(&done, 0) < 10) rumpuser_clock_sleep(0, 0, 1000);
                return untouched == &done;
            }
            """;

    @Test
    void threadsHaveVariablesOfTheirOwnAndEndInTheMiddle() throws Exception {
        try (CGuest c = guest(THREADS).booted()) {
            assertEquals((1 + 2 + 3 + 3 * 5) * 1000 + 5, c.call("threads"));
            assertEquals(3, c.call("take_pairs"), "each join unschedules");
            assertEquals(1, c.call("detached"));
        }
    }

    @Test
    void theCurrentLwpIsThatOfTheThread() throws Exception {
        String source = """
                static void *other(void *a) {
                    *(long *)a = (long)rumpuser_curlwp();
                    rumpuser_curlwpop(2, (struct lwp *)0x2000);
                    *(long *)a += rumpuser_curlwp() == (struct lwp *)0x2000;
                    rumpuser_curlwpop(3, (struct lwp *)0x2000);
                    return 0;
                }
                long lwps(void) {
                    struct lwp *l = (struct lwp *)0x1000;
                    long seen = -1; void *cookie;
                    if (rumpuser_curlwp()) return -1;
                    rumpuser_curlwpop(0, l);
                    rumpuser_curlwpop(2, l);
                    if (rumpuser_curlwp() != l || rumpuser_component_curlwp() != l) return -2;
                    rumpuser_thread_create(other, &seen, 0, 1, 0, -1, &cookie);
                    rumpuser_thread_join(cookie);
                    rumpuser_curlwpop(3, l);
                    rumpuser_curlwpop(1, l);
                    return rumpuser_curlwp() ? -3 : seen;
                }
                """;
        try (CGuest c = guest(source).booted()) {
            assertEquals(1, c.call("lwps"));
        }
    }

    // Locks

    @Test
    void mutexesHaveOwnersAndAreBusy() throws Exception {
        String source = """
                static struct rumpuser_mtx *m; static struct rumpuser_cv *cv; static int ready;
                static void *holder(void *a) {
                    rumpuser_mutex_enter(m);
                    __sync_fetch_and_add(&ready, 1);
                    rumpuser_clock_sleep(0, 0, 20000000);
                    rumpuser_mutex_exit(m);
                    return 0;
                }
                long mutexes(void) {
                    struct rumpuser_mtx *spin; struct lwp *l = (struct lwp *)0x1000, *o = (struct lwp *)1;
                    void *cookie;
                    rumpuser_mutex_init(&m, 2);
                    rumpuser_mutex_init(&spin, 1);
                    rumpuser_curlwpop(2, l);
                    if (rumpuser_mutex_spin_p(m) || !rumpuser_mutex_spin_p(spin)) return 1;
                    rumpuser_mutex_owner(m, &o);
                    if (o) return 2;
                    rumpuser_mutex_enter(m);
                    rumpuser_mutex_owner(m, &o);
                    if (o != l) return 3;
                    if (rumpuser_mutex_tryenter(m) != 16) return 4;
                    rumpuser_mutex_exit(m);
                    if (rumpuser_mutex_tryenter(m) != 0) return 5;
                    rumpuser_mutex_exit(m);
                    rumpuser_mutex_enter_nowrap(spin);
                    rumpuser_mutex_exit(spin);
                    rumpuser_mutex_destroy(spin);
                    if (pairs) return 6;
                    rumpuser_thread_create(holder, 0, 0, 1, 0, -1, &cookie);
                    while (!__sync_fetch_and_add(&ready, 0)) ;
                    rumpuser_mutex_enter(m);
                    if (pairs != 1 || interlock_down) return 7;
                    rumpuser_mutex_exit(m);
                    rumpuser_thread_join(cookie);
                    rumpuser_mutex_destroy(m);
                    rumpuser_curlwpop(3, l);
                    return 0;
                }
                """;
        try (CGuest c = guest(source).booted()) {
            assertEquals(0, c.call("mutexes"));
        }
    }

    @Test
    void readersAndWritersKeepEachOtherOut() throws Exception {
        String source = """
                static struct rumpuser_rw *rw;
                static void *other(void *a) {
                    *(int *)a = rumpuser_rw_tryenter(*(int *)a, rw);
                    if (*(int *)a == 0) rumpuser_rw_exit(rw);
                    return 0;
                }
                static int tries(int kind) {
                    void *cookie;
                    rumpuser_thread_create(other, &kind, 0, 1, 0, -1, &cookie);
                    rumpuser_thread_join(cookie);
                    return kind;
                }
                static int held(int kind) { int v = -1; rumpuser_rw_held(kind, rw, &v); return v; }
                long rwlocks(void) {
                    rumpuser_rw_init(&rw);
                    rumpuser_rw_enter(0, rw);
                    if (tries(0) != 0 || tries(1) != 16 || !held(0) || held(1)) return 1;
                    if (rumpuser_rw_tryupgrade(rw) != 0 || !held(1) || tries(0) != 16) return 2;
                    rumpuser_rw_downgrade(rw);
                    if (held(1) || tries(0) != 0) return 3;
                    rumpuser_rw_exit(rw);
                    rumpuser_rw_enter(1, rw);
                    if (!held(1) || held(0)) return 4;
                    rumpuser_rw_exit(rw);
                    if (rumpuser_rw_tryenter(2, rw) != 22) return 5;
                    rumpuser_rw_enter(9, rw);
                    if (held(0) || held(1)) return 6;
                    rumpuser_rw_destroy(rw);
                    return 0;
                }
                """;
        try (CGuest c = guest(source).booted()) {
            assertEquals(0, c.call("rwlocks"));
        }
    }

    @Test
    void waitingHandsTheInterlockToTheKernelAndTimesOut() throws Exception {
        String source = """
                static struct rumpuser_mtx *m; static struct rumpuser_cv *cv; static int turn;
                static int waiters(void) { int v = -1; rumpuser_cv_has_waiters(cv, &v); return v; }
                static void *waker(void *a) {
                    rumpuser_mutex_enter(m);
                    turn = waiters() ? 1 : 2;
                    if (a) rumpuser_cv_broadcast(cv); else rumpuser_cv_signal(cv);
                    rumpuser_mutex_exit(m);
                    return 0;
                }
                long condvars(int flags) {
                    void *cookie;
                    rumpuser_mutex_init(&m, flags);
                    rumpuser_cv_init(&cv);
                    for (long all = 0; all < 2; all++) {
                        turn = 0;
                        interlock_down = interlock_up = 0;
                        rumpuser_mutex_enter_or(m, flags);
                        rumpuser_thread_create(waker, (void *)all, 0, 1, 0, -1, &cookie);
                        while (!turn) rumpuser_cv_wait(cv, m);
                        if (turn != 1) return 1;
                        if (interlock_down != m || interlock_up != m) return 2;
                        rumpuser_mutex_exit(m);
                        rumpuser_thread_join(cookie);
                    }
                    pairs = 0;
                    rumpuser_mutex_enter_or(m, flags);
                    if (rumpuser_cv_timedwait(cv, m, 0, 1000000) != 60) return 3;
                    if (rumpuser_cv_timedwait(cv, m, -1, 0) != 60) return 4;
                    if (rumpuser_mutex_tryenter(m) != 16) return 5;
                    rumpuser_mutex_exit(m);
                    if (pairs != 2 || waiters()) return 6;
                    rumpuser_cv_destroy(cv);
                    rumpuser_mutex_destroy(m);
                    return 0;
                }
                """.replace("rumpuser_mutex_enter_or(m, flags)", "rumpuser_mutex_enter(m)");
        try (CGuest c = guest(source).booted()) {
            assertEquals(0, c.call("condvars", 2), "KMUTEX");
            assertEquals(0, c.call("condvars", 3), "SPIN|KMUTEX");
        }
    }

    // Leaving

    private static final String LEAVING = """
            static struct rumpuser_mtx *m; static struct rumpuser_cv *cv;
            long make(void) { rumpuser_mutex_init(&m, 2); rumpuser_cv_init(&cv); return 0; }
            static double spoil(int depth, int status) {
                volatile double d = depth;
                if (depth == 0) rumpuser_exit(status);
                return spoil(depth - 1, status) + d;
            }
            long leave(int status) { spoil(10, status); return 1; }
            long block(void) { rumpuser_mutex_enter(m); for (;;) rumpuser_cv_wait(cv, m); }
            static int leave_now(void) { in_unschedule = 0; rumpuser_exit(4); return 0; }
            long leave_in_upcall(void) { in_unschedule = leave_now; return rumpuser_clock_sleep(0, 0, 1); }
            long exit_twice(void) { rumpuser_mutex_exit(m); return 1; }
            long bad_mutex(void) { rumpuser_mutex_enter((void *)0x12345); return 1; }
            long bad_free(void) { rumpuser_free(&m, 1); return 1; }
            static struct rumpuser_rw *rw;
            static void *hold(void *a) { rumpuser_mutex_enter(m); rumpuser_thread_exit(); return 0; }
            static long held_by_another(void) {
                void *cookie;
                rumpuser_thread_create(hold, 0, 0, 1, 0, -1, &cookie);
                return rumpuser_thread_join(cookie);
            }
            long relock(void) { rumpuser_mutex_enter(m); rumpuser_mutex_enter(m); return 1; }
            long exit_of_another(void) { held_by_another(); rumpuser_mutex_exit(m); return 1; }
            long destroy_held(void) { rumpuser_mutex_enter(m); rumpuser_mutex_destroy(m); return 1; }
            long use_destroyed(void) { rumpuser_mutex_destroy(m); rumpuser_mutex_enter(m); return 1; }
            long try_destroyed(void) { rumpuser_mutex_destroy(m); return rumpuser_mutex_tryenter(m); }
            long owner_of_spin(void) {
                struct lwp *l;
                rumpuser_mutex_init(&m, 1);
                rumpuser_mutex_owner(m, &l);
                return 1;
            }
            long nowrap_of_kmutex(void) { rumpuser_mutex_enter_nowrap(m); return 1; }
            long bad_flags(void) { rumpuser_mutex_init(&m, 4); return 1; }
            long wait_without(void) { rumpuser_cv_wait(cv, m); return 1; }
            long signal_destroyed(void) { rumpuser_cv_destroy(cv); rumpuser_cv_signal(cv); return 1; }
            long bad_cv(void) { rumpuser_cv_broadcast((void *)0x12340); return 1; }
            long rw_exit_free(void) { rumpuser_rw_init(&rw); rumpuser_rw_exit(rw); return 1; }
            long rw_relock(void) { rumpuser_rw_init(&rw); rumpuser_rw_enter(1, rw); rumpuser_rw_enter(0, rw); return 1; }
            long rw_downgrade_reader(void) {
                rumpuser_rw_init(&rw); rumpuser_rw_enter(0, rw); rumpuser_rw_downgrade(rw); return 1;
            }
            long rw_upgrade_free(void) { rumpuser_rw_init(&rw); return rumpuser_rw_tryupgrade(rw); }
            long rw_destroy_held(void) { rumpuser_rw_init(&rw); rumpuser_rw_enter(0, rw); rumpuser_rw_destroy(rw); return 1; }
            long rw_destroyed(void) { rumpuser_rw_init(&rw); rumpuser_rw_destroy(rw); return rumpuser_rw_tryenter(0, rw); }
            long set_twice(void) {
                rumpuser_curlwpop(2, (struct lwp *)0x1000); rumpuser_curlwpop(2, (struct lwp *)0x2000); return 1;
            }
            long clear_of_another(void) {
                rumpuser_curlwpop(2, (struct lwp *)0x1000); rumpuser_curlwpop(3, (struct lwp *)0x2000); return 1;
            }
            long clear_none(void) { rumpuser_curlwpop(3, (struct lwp *)0x1000); return 1; }
            long bad_lwpop(void) { rumpuser_curlwpop(4, (struct lwp *)0x1000); return 1; }
            long bad_clock(void) { int64_t s; long n; rumpuser_clock_gettime(5, &s, &n); return 1; }
            """;

    @Test
    void exitComesOutOfTheCallThatEntered() throws Exception {
        try (CGuest c = guest(LEAVING).booted()) {
            RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call("leave", 3));
            assertEquals(3, exit.value());
            assertEquals("halted\n", c.console());
            assertNull(c.guest.failure());
        }
    }

    @Test
    void exitInAnUpcallLeavesThroughBothGates() throws Exception {
        try (CGuest c = guest(LEAVING).booted()) {
            RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call("leave_in_upcall"));
            assertEquals(4, exit.value());
            assertNull(c.guest.failure());
        }
    }

    @Test
    void exitThrowsOutThreadsThatAreBlocked() throws Exception {
        try (CGuest c = guest(LEAVING).booted()) {
            c.call("make");
            List<Thread> threads = new ArrayList<>();
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            CountDownLatch begun = new CountDownLatch(3);
            for (int i = 0; i < 3; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    begun.countDown();
                    try {
                        c.call("block");
                    } catch (RumpuserExit e) {
                        thrown.set(e);
                    }
                }));
            }
            begun.await();
            assertThrows(RumpuserExit.class, () -> c.call("leave", TerminationCalls.PANIC));
            for (Thread t : threads) {
                t.join();
            }
            RumpuserExit exit = assertInstanceOf(RumpuserExit.class, thrown.get());
            assertEquals(TerminationCalls.PANIC, exit.value());
        }
    }

    @Test
    void whoBreaksTheContractEndsAndItIsSaidWhy() throws Exception {
        for (String what : List.of(
                "exit_twice",
                "bad_mutex",
                "bad_free",
                "bad_clock",
                "relock",
                "exit_of_another",
                "destroy_held",
                "use_destroyed",
                "try_destroyed",
                "owner_of_spin",
                "nowrap_of_kmutex",
                "bad_flags",
                "wait_without",
                "signal_destroyed",
                "bad_cv",
                "rw_exit_free",
                "rw_relock",
                "rw_downgrade_reader",
                "rw_upgrade_free",
                "rw_destroy_held",
                "rw_destroyed",
                "set_twice",
                "clear_of_another",
                "clear_none",
                "bad_lwpop")) {
            try (CGuest c = guest(LEAVING).booted()) {
                c.call("make");
                RumpuserExit exit = assertThrows(RumpuserExit.class, () -> c.call(what), what);
                assertEquals(TerminationCalls.PANIC, exit.value());
                Throwable failure = c.guest.failure();
                assertNotNull(failure, what);
                assertTrue(c.debug().contains(String.valueOf(failure.getMessage())), c.debug());
            }
        }
    }

    @Test
    void aClosedGuestLetsNobodyIn() throws Exception {
        CGuest c = guest(LEAVING);
        c.booted();
        long make = c.guest.images().function("make");
        c.close();
        assertThrows(RumpuserExit.class, () -> c.guest.call(make));
        c.guest.close();
    }

    @Test
    void aVirtualThreadIsRefused() throws Exception {
        try (CGuest c = guest(LEAVING)) {
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            c.call("make");
                        } catch (IllegalStateException e) {
                            thrown.set(e);
                        }
                    })
                    .join();
            assertNotNull(thrown.get());
        }
    }

    // Several

    @Test
    void aGuestIsEnteredOutOfAHypercallOfAnother() throws Exception {
        String source = """
                static __thread long mine = 1;
                long signal_(long value) {
                    mine = value;
                    rumpuser_kill(-1, 30);
                    return mine;
                }
                long add(long n) { return mine += n; }
                """;
        try (CGuest inner = guest(source)) {
            long[] seen = new long[1];
            try (CGuest outer = guest(source, b -> b.onSignal(signo -> seen[0] = inner.call("add", signo)))) {
                assertEquals(77, outer.call("signal_", 77));
                assertEquals(31, seen[0]);
                assertEquals(78, outer.call("signal_", 78));
                assertEquals(61, seen[0]);
            }
        }
    }

    // The loader

    @Test
    void theKernelIsToldOfItsSymbolsModulesAndComponents() throws Exception {
        String source = """
                static int one = 1, two = 2, three = 3;
                static void *const c1 __attribute__((section("link_set_rump_components"), used)) = &one;
                static void *const c2 __attribute__((section("link_set_rump_components"), used)) = &two;
                static void *const m1 __attribute__((section("link_set_modules"), used)) = &three;
                extern void *__start_link_set_rump_components[] __attribute__((visibility("default")));
                extern void *__start_link_set_modules[] __attribute__((visibility("default")));
                extern void *__stop_link_set_rump_components[] __attribute__((visibility("default")));
                extern void *__stop_link_set_modules[] __attribute__((visibility("default")));
                long sum; void *symbols; long nsymbols;
                static void modinit(const void *const *m, size_t n) { sum += 100 * n + *(const int *)m[0]; }
                static int symload(void *s, uint64_t slen, char *n, uint64_t nlen) {
                    symbols = s; nsymbols = slen / 24;
                    sum += n[0] == 0 && n[nlen - 1] == 0 ? 1000 : 0;
                    return 0;
                }
                static void compload(const void *c) { sum += 10 * *(const int *)c; }
                int rump_something(void) { return 1; }
                long bootstrap(void) {
                    if (__stop_link_set_rump_components - __start_link_set_rump_components != 2) return -2;
                    if (__stop_link_set_modules - __start_link_set_modules != 1) return -3;
                    sum = 0;
                    rumpuser_dl_bootstrap(modinit, symload, compload);
                    if (nsymbols < 1) return -1;
                    rumpuser_free(symbols, 0);
                    return sum;
                }
                """;
        try (CGuest c = guest(source).booted()) {
            assertEquals(1000 + 100 + 3 + 10 + 20, c.call("bootstrap"));
        }
    }
}
