package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.kern.Component.Stage;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.KernelProvider;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.real.RealHost;

class BootTest {
    private static OpenKernel.TestComponent component(String name, Stage stage, OpenKernel.TestComponent.Attach body) {
        return new OpenKernel.TestComponent(name, stage, body);
    }

    @Test
    void theJavaKernelIsFoundByItsName() throws Exception {
        assertEquals(
                List.of("java"),
                ServiceLoader.load(KernelProvider.class).stream()
                        .map(p -> p.get().name())
                        .toList());
        RealHost host = new OpenKernel.Console().host(Map.of(), List.of());
        try (RumpKernel kernel = RumpKernel.boot("java", host)) {
            assertInstanceOf(JavaKernel.class, kernel);
        }
    }

    @Test
    void aKernelThatBootsQuietlySaysNothing() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            assertEquals("", k.consoleText());
            assertTrue(k.kernel.log().lines().contains("booted"), "but remembers");
        }
    }

    @Test
    void aKernelThatBootsVerboselyTellsWhatItIsMadeOf() throws Exception {
        try (OpenKernel k = OpenKernel.boot(
                Map.of("RUMP_VERBOSE", "1", "RUMP_NCPU", "3", "RUMP_MEMLIMIT", "5m"),
                component("frobnicator", Stage.DRIVER, _ -> {}))) {
            String text = k.consoleText();
            assertTrue(text.contains("cpus: 3"), text);
            assertTrue(text.contains("memory: 5120 KiB"), text);
            assertTrue(text.contains("component: frobnicator"), text);
            assertEquals(List.of(text.split("\n")), k.kernel.log().lines());
            assertEquals(
                    String.join("\n", k.kernel.log().lines()),
                    k.sys.sysctl("kern.msgbuf").toString());
        }
        try (OpenKernel k = OpenKernel.boot(Map.of("RUMP_VERBOSE", "0"))) {
            assertEquals("", k.consoleText());
        }
    }

    @Test
    void componentsAttachByStageAndNameOnce() throws Exception {
        List<String> order = new ArrayList<>();
        OpenKernel.TestComponent twice = component("aa", Stage.VFS, _ -> order.add("aa"));
        try (OpenKernel k = OpenKernel.boot(
                Map.of(),
                component("zz", Stage.DRIVER, _ -> order.add("zz")),
                component("d", Stage.DEV, _ -> order.add("d")),
                twice,
                component("b", Stage.DRIVER, _ -> order.add("b")),
                component("n", Stage.NET, _ -> order.add("n")),
                twice,
                component("k", Stage.KERN, _ -> order.add("k")))) {
            assertEquals(List.of("k", "aa", "n", "d", "b", "zz"), order);
            assertEquals(7, k.kernel.components().size());
        }
    }

    @Test
    void componentsFindOneAnotherByWhatTheyProvide() throws Exception {
        try (OpenKernel k = OpenKernel.boot(
                Map.of(),
                component("a", Stage.KERN, kernel -> kernel.provide(StringBuilder.class, new StringBuilder("x"))),
                component(
                        "b",
                        Stage.DRIVER,
                        kernel -> kernel.require(StringBuilder.class).append("y")))) {
            assertEquals("xy", k.kernel.require(StringBuilder.class).toString());
            assertNull(k.kernel.find(String.class));
            assertThrows(IllegalStateException.class, () -> k.kernel.require(String.class));
            assertThrows(IllegalStateException.class, () -> k.kernel.provide(StringBuilder.class, new StringBuilder()));
        }
    }

    @Test
    void componentsAttachAsLwpOfProcessZeroWhichIsGoneAfterwards() throws Exception {
        List<Integer> pids = new ArrayList<>();
        try (OpenKernel k = OpenKernel.boot(
                Map.of(),
                component(
                        "c",
                        Stage.KERN,
                        kernel -> pids.add(kernel.curlwp().proc().pid())))) {
            assertEquals(List.of(0), pids);
            assertNull(k.handle.lwproc().curlwp());
            assertEquals(0, k.kernel.procs().kernelProc().lwpCount());
        }
    }

    @Test
    void aComponentThatCannotAttachKeepsTheKernelFromBootingAndTheOthersAreShutDown() {
        OpenKernel.Console console = new OpenKernel.Console();
        List<String> order = new ArrayList<>();
        RealHost host = console.host(
                Map.of(),
                List.of(
                        component("good", Stage.KERN, kernel -> {
                            kernel.kthreads()
                                    .create("sleeper", () -> kernel.clock().sleep(Long.MAX_VALUE));
                            kernel.onShutdown((_, _) -> order.add("shut down"));
                        }),
                        component("bad", Stage.DRIVER, _ -> {
                            throw Errno.EIO.exception("the frobnicator is on fire");
                        }),
                        component("worse", Stage.DRIVER, _ -> order.add("attached"))));
        assertErrno(Errno.EIO, () -> JavaKernel.boot(host));
        assertEquals(List.of("shut down"), order);
        assertTrue(console.text().contains("the frobnicator is on fire"), console.text());
        assertEquals(0, console.exit.get());
        assertErrno(Errno.EALREADY, () -> JavaKernel.boot(host));
    }

    @Test
    void aComponentThatThrowsIsAPanic() {
        OpenKernel.Console console = new OpenKernel.Console();
        RuntimeException cause = new IllegalStateException("frobnicator");
        RealHost host = console.host(Map.of(), List.of(component("bad", Stage.DRIVER, _ -> {
            throw cause;
        })));
        KernelDownException e = assertThrows(KernelDownException.class, () -> JavaKernel.boot(host));
        assertTrue(String.valueOf(e.getMessage()).contains("panic"), e.toString());
        assertTrue(console.text().contains("frobnicator"), console.text());
        assertEquals(-1, console.exit.get());
    }

    @Test
    void aHostHasOneKernel() throws Exception {
        RealHost host = new OpenKernel.Console().host(Map.of(), List.of());
        try (JavaKernel first = JavaKernel.boot(host)) {
            assertErrno(Errno.EALREADY, () -> JavaKernel.boot(host));
            assertTrue(first.isUp());
            assertEquals(1, first.syscalls().getpid());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", "", "1.5", "99999999999"})
    void aNumberOfCpusThatMakesNoSenseIsInvalid(String ncpu) {
        assertErrno(Errno.EINVAL, () -> OpenKernel.boot(Map.of("RUMP_NCPU", ncpu)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 7", "256, 256", "257, 256", "100000, 256"})
    void thereAreAtMost256Cpus(String given, int ncpu) throws Exception {
        try (OpenKernel k = OpenKernel.boot(Map.of("RUMP_NCPU", given))) {
            assertEquals(ncpu, k.kernel.ncpu());
            assertEquals(new SysctlValue.Int(ncpu), k.sys.sysctl("hw.ncpu"));
        }
    }

    @Test
    void theHostNamesTheKernel() throws Exception {
        RealHost host = new OpenKernel.Console().host(Map.of(), List.of());
        try (JavaKernel kernel = JavaKernel.boot(host)) {
            assertEquals(
                    host.getparam("_RUMPUSER_HOSTNAME"),
                    kernel.syscalls().sysctl("kern.hostname").toString());
        }
    }

    @Test
    void everyValueOfTheTreeCanBeRead() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            List<String> leaves = new ArrayList<>();
            walk(k, "", leaves);
            assertTrue(leaves.containsAll(List.of("kern.ostype", "kern.boottime", "hw.ncpu", "hw.usermem64")));
            for (String leaf : leaves) {
                boolean mayBeEmpty = leaf.equals("kern.msgbuf") || leaf.equals("kern.domainname");
                assertFalse(k.sys.sysctl(leaf).toString().isEmpty() && !mayBeEmpty, leaf);
            }
        }
    }

    private static void walk(OpenKernel k, String name, List<String> leaves) throws Exception {
        for (String child : k.sys.sysctlQuery(name)) {
            String full = name.isEmpty() ? child : name + "." + child;
            boolean inner = assertErrnoOrValue(k, full);
            if (inner) {
                walk(k, full, leaves);
            } else {
                leaves.add(full);
            }
        }
    }

    /** Whether it is an inner node. */
    private static boolean assertErrnoOrValue(OpenKernel k, String name) {
        try {
            k.sys.sysctl(name);
            return false;
        } catch (org.rump4j.rumpuser.ErrnoException e) {
            assertSame(Errno.EISDIR, e.errno());
            return true;
        }
    }
}
