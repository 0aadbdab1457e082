package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.RumpuserExit;

/** Functions of the host that are no hypercalls. */
final class SurroundingsTest {
    private static final String DRIVER = """
            int rumpcomp_half(int a, const char *s, long c, long d, long e, long f, long g) { return -1; }
            int make(const char *s) { return rumpcomp_half(1, s, 3, 4, 5, 6, 7); }
            """;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsACompiler() {
        Toolchain.assumeGuests();
    }

    private static Surroundings half(HostFunction function) {
        return new Surroundings(List.of(new Half(function)), Surroundings.NONE.library());
    }

    private record Half(HostFunction function) implements HostHalf {
        @Override
        public Set<String> symbols() {
            return Set.of("rumpcomp_half");
        }

        @Override
        public Map<String, HostFunction> functions(Guest guest) {
            return Map.of("rumpcomp_half", function);
        }
    }

    @Test
    void aFunctionInJavaStandsInForThatOfTheDriver() throws Exception {
        try (CGuest c = CGuest.of(dir, DRIVER, half((a, b, x, d, e, f, g) -> (int) a + x + d + e + f + g))) {
            assertEquals(26, c.call("make", c.string("name")));
        }
    }

    @Test
    void anErrnoOfSuchAFunctionIsReturnedAsANumber() throws Exception {
        try (CGuest c = CGuest.of(dir, DRIVER, half((a, b, x, d, e, f, g) -> {
            throw Errno.EBUSY.exception();
        }))) {
            assertEquals(Errno.EBUSY.number(), (int) c.call("make", c.string("name")));
        }
    }

    @Test
    void whateverElseItThrowsEndsTheGuest() throws Exception {
        try (CGuest c = CGuest.of(dir, DRIVER, half((a, b, x, d, e, f, g) -> {
            throw new IllegalStateException("half");
        }))) {
            assertThrows(RumpuserExit.class, () -> c.call("make", 0));
            assertTrue(c.guest.hasExited());
            assertInstanceOf(IllegalStateException.class, c.guest.failure());
        }
    }

    @Test
    void onceTheGuestHasExitedTheyDoNotReturn() throws Exception {
        String source = """
                int rumpcomp_half(int a, const char *s, long c, long d, long e, long f, long g);
                int spin(void) { while (rumpcomp_half(1, 0, 3, 4, 5, 6, 7) == 0) ; return 1; }
                """;
        CountDownLatch called = new CountDownLatch(1);
        try (CGuest c = CGuest.of(dir, source, half((a, b, x, d, e, f, g) -> {
            called.countDown();
            return 0;
        }))) {
            FutureTask<Object> spinning =
                    new FutureTask<>(() -> assertThrows(RumpuserExit.class, () -> c.call("spin", 0)));
            Thread thread = new Thread(spinning);
            thread.setDaemon(true);
            thread.start();
            called.await();
            c.guest.close();
            assertInstanceOf(RumpuserExit.class, spinning.get());
        }
    }

    @Test
    void functionsOfTheCLibraryAreCalledWhereTheyAreOffered() throws Exception {
        String source = "extern size_t strlen(const char *); long length(const char *s) { return strlen(s); }";
        try (CGuest c = CGuest.of(dir, source, Surroundings.withCLibrary(List.of()))) {
            assertEquals(5, c.call("length", c.string("rumps")));
        }
        assertThrows(LinkException.class, () -> CGuest.of(dir, source));
    }
}
