package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.rumpuser.RumpuserExit;

/** Many threads of C at one lock, in machine code and in Java. What each sees is what only one at a time may see, or a hand-over. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LocksUnderStressTest {
    private static final int THREADS = 6;

    private static final String SOURCE = """
            static struct rumpuser_mtx *m; static struct rumpuser_rw *rw; static struct rumpuser_cv *cv;
            static volatile long a, b, readers; static long wrong; static volatile int turn, stop;
            long make(int flags) {
                rumpuser_mutex_init(&m, flags); rumpuser_rw_init(&rw); rumpuser_cv_init(&cv);
                return 0;
            }
            long total(void) { return a; }
            long wrongs(void) { return wrong; }
            static void bad(void) { __sync_fetch_and_add(&wrong, 1); }
            long in_mutex(long rounds, long me) {
                struct lwp *l = (struct lwp *)(me * 64), *o;
                rumpuser_curlwpop(2, l);
                for (long i = 0; i < rounds; i++) {
                    if ((i + me) % 3 || rumpuser_mutex_tryenter(m)) rumpuser_mutex_enter(m);
                    rumpuser_mutex_owner(m, &o);
                    if (o != l) bad();
                    a++; if (++b != a) bad();
                    rumpuser_mutex_exit(m);
                    rumpuser_mutex_owner(m, &o);
                    if (o == l) bad();
                }
                rumpuser_curlwpop(3, l);
                return 0;
            }
            long in_rw(long rounds, long me) {
                int v;
                for (long i = 0; i < rounds; i++) {
                    if ((i + me) % 4 == 0) {
                        rumpuser_rw_enter(1, rw);
                        if (readers) bad();
                        a++; if (++b != a) bad();
                        rumpuser_rw_held(1, rw, &v); if (!v) bad();
                        if (i % 2) {
                            rumpuser_rw_downgrade(rw);
                            rumpuser_rw_held(1, rw, &v); if (v) bad();
                            if (a != b) bad();
                        }
                    } else {
                        if ((i + me) % 7 || rumpuser_rw_tryenter(0, rw)) rumpuser_rw_enter(0, rw);
                        __sync_fetch_and_add(&readers, 1);
                        rumpuser_rw_held(0, rw, &v); if (!v) bad();
                        if (a != b) bad();
                        __sync_fetch_and_sub(&readers, 1);
                        if ((i + me) % 5 == 0 && rumpuser_rw_tryupgrade(rw) == 0) {
                            if (readers) bad();
                            a++; b++;
                        }
                    }
                    rumpuser_rw_exit(rw);
                }
                return 0;
            }
            long in_turns(long rounds, long me, long threads) {
                for (long i = 0; i < rounds; i++) {
                    rumpuser_mutex_enter(m);
                    while (turn % threads != me) rumpuser_cv_wait(cv, m);
                    turn++; a++;
                    rumpuser_cv_broadcast(cv);
                    rumpuser_mutex_exit(m);
                }
                return pairs < 0 || held_wrong;
            }
            long for_ever(long me) {
                for (long i = me; ; i++) {
                    switch (i % 4) {
                    case 0: in_mutex(3, me + 1); break;
                    case 1: in_rw(3, me); break;
                    case 2:
                        rumpuser_mutex_enter(m);
                        if (i % 16 == 2) rumpuser_cv_wait(cv, m); else rumpuser_cv_timedwait(cv, m, 0, 1000);
                        rumpuser_mutex_exit(m);
                        break;
                    case 3: rumpuser_cv_signal(cv); break;
                    }
                }
            }
            long leave(void) { rumpuser_exit(0); return 0; }
            """;

    @TempDir
    static Path dir;

    private static Path library;

    @BeforeAll
    static void compile() throws Exception {
        Toolchain.assumeGuests();
        library = CGuest.library(dir, SOURCE);
    }

    private interface Body {
        void run(int number);
    }

    private static List<Thread> start(Body body) {
        List<Thread> out = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            out.add(Thread.ofPlatform().start(() -> body.run(number)));
        }
        return out;
    }

    private static void run(Body body) throws InterruptedException {
        for (Thread t : start(body)) {
            t.join();
        }
    }

    private static CGuest guest(String stubs) throws Exception {
        return CGuest.ofLibrary(library, b -> b.environment(Guest.STUBS, stubs)).booted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0"})
    void oneThreadAtATimeIsInAMutexAndIsItsOwner(String stubs) throws Exception {
        long rounds = 20_000;
        for (int flags : new int[] {2, 3}) {
            try (CGuest c = guest(stubs)) {
                c.call("make", flags);
                run(i -> c.call("in_mutex", rounds, i + 1));
                assertEquals(0, c.call("wrongs"));
                assertEquals(THREADS * rounds, c.call("total"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0"})
    void writersAreAloneAndReadersSeeWhatTheyLeft(String stubs) throws Exception {
        try (CGuest c = guest(stubs)) {
            c.call("make", 2);
            run(i -> c.call("in_rw", 5_000, i));
            assertEquals(0, c.call("wrongs"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0"})
    void noWakeUpIsLostInAHandOverFromThreadToThread(String stubs) throws Exception {
        long rounds = 500;
        for (int flags : new int[] {2, 3}) {
            try (CGuest c = guest(stubs)) {
                c.call("make", flags);
                run(i -> assertEquals(0, c.call("in_turns", rounds, i, THREADS)));
                assertEquals(THREADS * rounds, c.call("total"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0"})
    void anExitThrowsEverybodyOutWhateverTheyAreAt(String stubs) throws Exception {
        for (int round = 0; round < 50; round++) {
            try (CGuest c = guest(stubs)) {
                c.call("make", 2);
                List<Thread> threads = start(i -> assertThrows(RumpuserExit.class, () -> c.call("for_ever", i)));
                TimeUnit.MICROSECONDS.sleep(200L * round);
                assertThrows(RumpuserExit.class, () -> c.call("leave"));
                for (Thread t : threads) {
                    t.join(20_000);
                    assertFalse(t.isAlive(), "a thread has stayed in round " + round);
                }
                assertEquals(null, c.guest.failure());
            }
        }
    }
}
