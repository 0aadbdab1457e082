package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.real.RealHost;

/**
 * A kernel has its current lwp in a variable of threads, found by a function (general dynamic) or at a fixed distance (initial-exec), or
 * asks the host. Whichever it is, it is the thread's, in this guest: after hypercalls, upcalls, other guests, and leaving in the middle.
 */
final class CurlwpFlavourTest {
    enum Flavour {
        GENERAL_DYNAMIC("-ftls-model=global-dynamic"),
        INITIAL_EXEC("-ftls-model=initial-exec"),
        HYPERCALL("-DHYPERCALL");

        private final String flag;

        Flavour(String flag) {
            this.flag = flag;
        }
    }

    private static final String SOURCE = """
            static __thread struct lwp *current;
            static __thread long first = 77;
            #ifdef HYPERCALL
            #define curlwp rumpuser_curlwp()
            #else
            #define curlwp current
            #endif
            static void set(struct lwp *l) {
                if (curlwp) rumpuser_curlwpop(3, curlwp);
                current = l;
                if (l) rumpuser_curlwpop(2, l);
            }
            long become(struct lwp *l) { set(l); return first++; }
            struct lwp *who(void) { return curlwp; }
            static int in_upcall(void) {
                struct lwp *l = curlwp;
                set((void *)((long)l + 1));
                return 0;
            }
            /* Sleeps; the upcall that it is told by changes who it is. */
            struct lwp *sleep_and_change(void) {
                in_unschedule = in_upcall;
                rumpuser_clock_sleep(0, 0, 1);
                in_unschedule = 0;
                return curlwp;
            }
            /* Java calls another guest meanwhile. */
            struct lwp *call_out(long n) { rumpuser_kill(-1, n); return curlwp; }
            long leave_as(struct lwp *l) { set(l); *(volatile int *)8 = 1; return 0; }
            long exit_as(struct lwp *l) { set(l); rumpuser_exit(3); return 0; }
            static void *thread(void *arg) {
                long *out = arg;
                *out = (long)curlwp;
                set((void *)0x7000);
                rumpuser_clock_sleep(0, 0, 1000);
                *out += (long)curlwp + first;
                set(0);
                return 0;
            }
            long in_thread(void) {
                long out = -1; void *cookie;
                rumpuser_thread_create(thread, &out, 0, 1, 0, -1, &cookie);
                rumpuser_thread_join(cookie);
                return out;
            }
            """;

    @TempDir
    Path dir;

    private int libraries;

    @BeforeAll
    static void needsACompiler() {
        Toolchain.assumeGuests();
    }

    private CGuest guest(Flavour flavour, Consumer<RealHost.Builder> changes) throws Exception {
        Path folder = Files.createDirectory(dir.resolve("guest" + libraries++));
        return CGuest.ofLibrary(CGuest.library(folder, SOURCE, flavour.flag), changes)
                .booted();
    }

    private CGuest guest(Flavour flavour) throws Exception {
        return guest(flavour, _ -> {});
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void theCurrentLwpOutlivesCallsHypercallsAndUpcalls(Flavour flavour) throws Exception {
        try (CGuest c = guest(flavour)) {
            assertEquals(77, c.call("become", 0x1000));
            assertEquals(0x1000, c.call("who"));
            assertEquals(0x1001, c.call("sleep_and_change"));
            assertEquals(0x1001, c.call("who"));
            assertEquals(78, c.call("become", 0x2000));
            assertEquals(0x7000 + 77, c.call("in_thread"));
            assertEquals(0x2000, c.call("who"));
            assertEquals(79, c.call("become", 0));
        }
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void threadsHaveEachTheirOwn(Flavour flavour) throws Exception {
        ConcurrentLinkedQueue<Throwable> problems = new ConcurrentLinkedQueue<>();
        try (CGuest c = guest(flavour)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                long lwp = i * 0x1_0000L;
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int n = 0; n < 1000; n++) {
                            assertEquals(77 + n, c.call("become", lwp + n));
                            assertEquals(lwp + n, c.call("who"));
                        }
                        assertEquals(77 + 1000, c.call("become", 0));
                    } catch (AssertionError | RuntimeException e) {
                        problems.add(e);
                    }
                }));
            }
            for (Thread t : threads) {
                t.join();
            }
        }
        assertEquals(List.of(), List.copyOf(problems));
    }

    /** One guest calls out to the second, that to the first again, and so on, and each is somebody else at each depth. */
    @Test
    void guestsThatAreEnteredOutOfEachOthersHypercallsKeepTheirOwn() throws Exception {
        for (Flavour a : Flavour.values()) {
            for (Flavour b : Flavour.values()) {
                CGuest[] guests = new CGuest[2];
                int[] depth = new int[1];
                Runnable deeper = () -> {
                    CGuest next = guests[++depth[0] % 2];
                    if (depth[0] < 6) {
                        assertEquals(77 + depth[0] / 2, next.call("become", 0x100 + depth[0]));
                        long deepest = 0x104L + depth[0] % 2;
                        assertEquals(deepest, next.call("call_out", 30));
                    }
                };
                try (CGuest first = guest(a, h -> h.onSignal(_ -> deeper.run()));
                        CGuest second = guest(b, h -> h.onSignal(_ -> deeper.run()))) {
                    guests[0] = first;
                    guests[1] = second;
                    assertEquals(77, first.call("become", 0x100));
                    // The deepest that was called of this guest is who it is now: there is one thread.
                    assertEquals(0x104, first.call("call_out", 30), a + " and " + b);
                    assertEquals(0x104, first.call("who"));
                    assertEquals(0x105, second.call("who"));
                    assertEquals(6, depth[0]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void whoLeavesInTheMiddleLeavesOthersAsTheyWere(Flavour flavour) throws Exception {
        for (String how : List.of("leave_as", "exit_as")) {
            try (CGuest victim = guest(flavour);
                    CGuest other = guest(
                            flavour,
                            h -> h.onSignal(signo -> {
                                assertEquals(77, victim.call("become", 0x3000));
                                assertThrows(RumpuserExit.class, () -> victim.call(how, 0x4000L + signo));
                            }))) {
                assertEquals(77, other.call("become", 0x1000));
                assertEquals(0x1000, other.call("call_out", 30));
                assertEquals(0x1000, other.call("who"));
                assertEquals(78, other.call("become", 0));
                assertTrue(victim.guest.hasExited());
            }
        }
    }

    @Test
    void moreVariablesAtAFixedDistanceThanThereIsRoomForAreRefused() throws Exception {
        Path library = CGuest.library(
                dir, "static __thread char many[100]; char *where(void) { return many; }", "-ftls-model=initial-exec");
        LinkException e = assertThrows(LinkException.class, () -> CGuest.ofLibrary(library, _ -> {}));
        assertInstanceOf(String.class, e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("are more than 64"), e.getMessage());
    }
}
