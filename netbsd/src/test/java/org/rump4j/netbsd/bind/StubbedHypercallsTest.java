package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.real.RealHost;

/** The same where the hypercalls that are made all the time are machine code. */
final class StubbedHypercallsTest extends HypercallsTest {
    @Override
    boolean stubs() {
        return true;
    }

    @Test
    void machineCodeIsForPlainHostsUnlessAParameterForbidsIt() throws Exception {
        String source = "void set(int e) { rumpuser_seterrno(e); }";
        try (CGuest c = CGuest.of(dir, source)) {
            c.call("set", 5);
            assertEquals(0, c.host.errno(), "Java has not been entered");
        }
        try (CGuest c = CGuest.of(dir, source, b -> b.environment("RUMP4J_STUBS", "0"))) {
            c.call("set", 5);
            assertEquals(5, c.host.errno());
        }
        RealHost inner = RealHost.create();
        Rumpuser wrapper = (Rumpuser) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Rumpuser.class}, (_, method, arguments) -> {
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        String library = CGuest.library(dir, source).toString();
        try (Guest guest = Guest.load(Guest.plan(Catalogue.of(List.of()), List.of(library)), wrapper)) {
            long _ = guest.call(guest.images().function("set"), 5);
            assertEquals(5, inner.errno(), "whoever wraps a host sees each hypercall");
        }
    }

    @Test
    void aStoppedClockOfTheWallStandsForMachineCodeToo() throws Exception {
        String source = """
                long now(int which) {
                    int64_t s; long ns;
                    return rumpuser_clock_gettime(which, &s, &ns) ? -1 : s * 1000000000 + ns;
                }
                """;
        try (CGuest c = CGuest.of(dir, source, b -> b.wallClock(1_500_000_000_123_456_789L))) {
            assertEquals(1_500_000_000_123_456_789L, c.call("now", 0));
            long steady = c.call("now", 1);
            assertEquals(0, (System.nanoTime() - steady) / 60_000_000_000L, "the same clock as Java's");
        }
    }
}
