package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.io.BufferedReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Tool;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.net.Shmif;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;

/** NetBSD's kernels on a bus in a file, in this process and with the C host in another. */
final class ShmifTest {
    private static final long MUCH = 8 << 20;
    private static final String[] COMPONENTS = {"rumpnet_netinet", "rumpnet_config", "rumpnet_shmif"};

    /** What sends back what it gets, until it gets no more. */
    private static final String ECHO = """
            #include <stdint.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <rump/rump.h>
            #include <rump/netconfig.h>
            #include <rump/rump_syscalls.h>

            static void sure(int error, const char *what) { if (error != 0) { printf("%s: %d\\n", what, error); exit(1); } }

            int main(int argc, char **argv) {
                uint8_t name[16] = {16, 2, 4711 >> 8, 4711 & 0xff};
                static char data[65536];
                int yes = 1;
                sure(rump_init(), "init");
                sure(rump_pub_netconfig_ifcreate("shmif0"), "create");
                sure(rump_pub_netconfig_ifsetlinkstr("shmif0", argv[1]), "link");
                sure(rump_pub_netconfig_ipv4_ifaddr("shmif0", "10.0.0.1", "255.255.255.0"), "address");
                sure(rump_pub_netconfig_ifup("shmif0"), "up");
                int s = rump_sys_socket(2, 1, 0);
                sure(rump_sys_bind(s, (void *)name, sizeof name), "bind");
                sure(rump_sys_listen(s, 1), "listen");
                puts("ready");
                fflush(stdout);
                int c = rump_sys_accept(s, NULL, NULL);
                long got = 0;
                for (;;) {
                    long n = rump_sys_read(c, data, sizeof data);
                    if (n <= 0) break;
                    got += n;
                    for (long at = 0; at < n;) at += rump_sys_write(c, data + at, n - at);
                }
                rump_sys_close(c);
                printf("%ld\\n", got);
                fflush(stdout);
                /* Until the test has got it all. */
                getchar();
                return 0;
            }
            """;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    private static NetbsdKernel boot(Path bus, int n) throws Exception {
        Surroundings surroundings = Surroundings.withCLibrary(List.of(new Shmif()));
        NetbsdKernel kernel =
                NetbsdKernel.boot(Build.plan(surroundings, COMPONENTS), Build.host(Map.of()), surroundings);
        kernel.netconfig().create("shmif0");
        kernel.netconfig().link("shmif0", bus.toString());
        kernel.netconfig().ipv4("shmif0", "10.0.0." + n, 24);
        kernel.netconfig().up("shmif0");
        return kernel;
    }

    private static Sockaddr address(int n) {
        return Sockaddr.Inet.of("10.0.0." + n, Traffic.PORT);
    }

    @Test
    void twoKernelsTalkOverAFile() throws Exception {
        Path bus = dir.resolve("bus");
        try (NetbsdKernel a = boot(bus, 1);
                NetbsdKernel b = boot(bus, 2)) {
            assertEquals(1 << 20, Files.size(bus));
            Traffic.bothWays(a.syscalls(), b.syscalls(), address(2), MUCH);
            a.halt();
            b.halt();
            assertNull(a.failure());
            assertNull(b.failure());
        }
    }

    @Test
    void aKernelTalksToOneOnTheHostInC() throws Exception {
        Path folder = Build.folder();
        Path source = Files.writeString(dir.resolve("echo.c"), ECHO);
        Path program = dir.resolve("echo");
        Path bus = dir.resolve("bus");
        String lib = folder.resolve("lib").toString();
        String _ = Tool.named("cc")
                .run(
                        "-o",
                        program.toString(),
                        "-I" + folder.resolve("include"),
                        source.toString(),
                        "-L" + lib,
                        "-Wl,-rpath," + lib,
                        "-Wl,--no-as-needed",
                        "-lrumpnet_shmif",
                        "-lrumpnet_config",
                        "-lrumpnet_netinet",
                        "-lrumpnet_net",
                        "-lrumpnet",
                        "-lrump",
                        "-lrumpuser");
        Process other = new ProcessBuilder(program.toString(), bus.toString())
                .redirectError(Redirect.INHERIT)
                .start();
        try (BufferedReader said = other.inputReader();
                NetbsdKernel kernel = boot(bus, 2)) {
            assertEquals("ready", said.readLine());
            Syscalls sys = kernel.syscalls();
            int s = Traffic.connect(sys, address(1));
            Traffic.echo(sys, s, MUCH);
            assertEquals(String.valueOf(MUCH), said.readLine());
        } finally {
            other.destroy();
        }
    }

    @Test
    void theBusIsLetGoOfAndWhoeverWaitsForItComesOut() throws Exception {
        Path bus = dir.resolve("bus");
        boot(bus, 1).halt();
        int mappings = Maps.count();
        for (int i = 0; i < 5; i++) {
            NetbsdKernel kernel = boot(bus, 1);
            kernel.netconfig().down("shmif0");
            kernel.netconfig().destroy("shmif0");
            assertErrno(Errno.ENXIO, () -> kernel.netconfig().up("shmif0"));
            kernel.halt();
            boot(bus, 1).halt();
        }
        assertTrue(Maps.count() < mappings + 50, "mappings: " + mappings + ", then " + Maps.count());
    }

    @Test
    void whatIsNoBusIsRefused() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "no bus at all");
        try (NetbsdKernel kernel = boot(dir.resolve("bus"), 1)) {
            kernel.netconfig().create("shmif1");
            assertErrno(Errno.ENOEXEC, () -> kernel.netconfig().link("shmif1", file.toString()));
            assertErrno(
                    Errno.ENOENT,
                    () -> kernel.netconfig()
                            .link("shmif1", dir.resolve("none/bus").toString()));
        }
    }
}
