package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Tool;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.net.Capture;
import org.rump4j.netbsd.net.HostHalves;
import org.rump4j.netbsd.net.Link;
import org.rump4j.netbsd.net.NetworkNamespace;
import org.rump4j.netbsd.net.Switch;
import org.rump4j.netbsd.net.Tap;
import org.rump4j.netbsd.net.Wire;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;

/** NetBSD's kernels on networks in the JVM. */
final class VirtifTest {
    private static final long MUCH = 8 << 20;
    private static final long SOME = 1 << 18;
    private static final String[] COMPONENTS = {
        "rumpnet_netinet", "rumpnet_netinet6", "rumpnet_config", "rumpnet_virtif"
    };

    @TempDir
    Path dir;

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    private static NetbsdKernel unconfigured(Link link) throws Exception {
        Surroundings surroundings = Surroundings.withCLibrary(HostHalves.all(Map.of("0", link)));
        return NetbsdKernel.boot(Build.plan(surroundings, COMPONENTS), Build.host(Map.of()), surroundings);
    }

    /** A kernel with an interface at a link, and the address 10.0.0.n. */
    private static NetbsdKernel boot(Link link, int n) throws Exception {
        NetbsdKernel kernel = unconfigured(link);
        kernel.netconfig().create("virt0");
        kernel.netconfig().ipv4("virt0", "10.0.0." + n, 24);
        kernel.netconfig().up("virt0");
        return kernel;
    }

    private static Sockaddr address(int n) {
        return Sockaddr.Inet.of("10.0.0." + n, Traffic.PORT);
    }

    @Test
    void twoKernelsTalkOverAWire() throws Exception {
        Wire wire = new Wire();
        try (NetbsdKernel a = boot(wire, 1);
                NetbsdKernel b = boot(wire, 2)) {
            Traffic.bothWays(a.syscalls(), b.syscalls(), address(2), MUCH);
            a.netconfig().ipv6("virt0", "fd00::1", 64);
            b.netconfig().ipv6("virt0", "fd00::2", 64);
            Traffic.bothWays(b.syscalls(), a.syscalls(), Sockaddr.Inet6.of("fd00::1", Traffic.PORT), 1 << 20);
            assertNull(a.failure());
            assertNull(b.failure());
        }
    }

    @Test
    void aKernelTalksToTheHostOverATap() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace();
                NetbsdKernel kernel = boot(Tap.named("rump0").in(namespace.file()), 1)) {
            namespace.ip("addr", "add", "10.0.0.9/24", "dev", "rump0");
            namespace.ip("link", "set", "rump0", "up");
            Syscalls sys = kernel.syscalls();

            int listening = Traffic.listen(sys, address(1));
            FutureTask<byte[]> accepted = Traffic.start(
                    () -> Traffic.receive(sys, sys.accept(listening).s(), MUCH));
            FutureTask<byte[]> sent = namespace.start(() -> {
                try (Socket socket = new Socket(InetAddress.ofLiteral("10.0.0.1"), Traffic.PORT)) {
                    return Traffic.send(socket.getOutputStream(), MUCH, 1);
                }
            });
            assertArrayEquals(Traffic.join(sent), Traffic.join(accepted));

            FutureTask<ServerSocket> server =
                    namespace.start(() -> new ServerSocket(Traffic.PORT, 1, InetAddress.ofLiteral("10.0.0.9")));
            try (ServerSocket listener = Traffic.join(server)) {
                FutureTask<byte[]> received = Traffic.start(() -> {
                    try (Socket socket = listener.accept()) {
                        return Traffic.receive(socket.getInputStream());
                    }
                });
                int s = Traffic.connect(sys, address(9));
                assertArrayEquals(Traffic.send(sys, s, MUCH, 2), Traffic.join(received));
            }
            kernel.netconfig().down("virt0");
            kernel.netconfig().destroy("virt0");
            assertThrows(AssertionError.class, () -> namespace.ip("link", "show", "rump0"));
        }
    }

    @Test
    void aLinkThatThereIsNotIsAnError() throws Exception {
        try (NetbsdKernel kernel = unconfigured(Tap.named("rump0").in(dir.resolve("none")))) {
            assertErrno(Errno.ENOENT, () -> kernel.netconfig().create("virt0"));
        }
        assertErrno(Errno.ENAMETOOLONG, () -> Tap.named("sixteen-letters-").attach());
    }

    @Test
    void trafficIsCaptured() throws Exception {
        Tool tshark = Tool.named("tshark");
        Path file = dir.resolve("traffic.pcapng");
        try (Capture capture = Capture.to(file)) {
            Wire wire = new Wire(capture.link("wire"));
            try (NetbsdKernel a = boot(wire, 1);
                    NetbsdKernel b = boot(wire, 2)) {
                Traffic.bothWays(a.syscalls(), b.syscalls(), address(2), SOME);
            }
        }
        assertEquals(
                "",
                tshark.run(
                        "-r",
                        file.toString(),
                        "-o",
                        "tcp.check_checksum:TRUE",
                        "-Y",
                        "_ws.malformed || tcp.checksum.status == \"Bad\""));
        assertNotEquals("", tshark.run("-r", file.toString(), "-Y", "arp.opcode == 2"));
        // The streams, as tshark puts them together: the server's is indented.
        String streams = tshark.run("-r", file.toString(), "-q", "-z", "follow,tcp,raw,0");
        MessageDigest client = MessageDigest.getInstance("SHA-256");
        MessageDigest server = MessageDigest.getInstance("SHA-256");
        streams.lines().filter(line -> line.matches("\t?[0-9a-f]+")).forEach(line -> {
            MessageDigest digest = line.startsWith("\t") ? server : client;
            digest.update(HexFormat.of().parseHex(line.strip()));
        });
        assertArrayEquals(Traffic.send(OutputStream.nullOutputStream(), SOME, 1), client.digest());
        assertArrayEquals(Traffic.send(OutputStream.nullOutputStream(), SOME, 2), server.digest());
    }

    @Test
    void threeKernelsTalkOverASwitch() throws Exception {
        Switch network = new Switch();
        List<NetbsdKernel> kernels = new ArrayList<>();
        try {
            for (int n = 1; n <= 3; n++) {
                kernels.add(boot(network, n));
            }
            for (int n = 1; n <= 3; n++) {
                Syscalls from = kernels.get(n - 1).syscalls();
                int to = n % 3 + 1;
                Traffic.bothWays(from, kernels.get(to - 1).syscalls(), address(to), 1 << 20);
            }
        } finally {
            for (NetbsdKernel kernel : kernels) {
                kernel.halt();
            }
        }
    }

    @Test
    void aKernelIsHaltedDuringTraffic() throws Exception {
        Wire wire = new Wire();
        NetbsdKernel b = boot(wire, 2);
        try (NetbsdKernel a = boot(wire, 1)) {
            int listening = Traffic.listen(b.syscalls(), address(2));
            FutureTask<Integer> accepted =
                    Traffic.start(() -> b.syscalls().accept(listening).s());
            int client = Traffic.connect(a.syscalls(), address(2));
            int server = Traffic.join(accepted);
            FutureTask<Throwable> receiver = Traffic.start(() -> {
                try {
                    while (b.syscalls().recv(server, new byte[1000], 0) > 0) {}
                    return null;
                } catch (KernelDownException e) {
                    return e;
                }
            });
            FutureTask<Throwable> sender = Traffic.start(() -> {
                try {
                    while (true) {
                        int _ = a.syscalls().send(client, new byte[100_000], 0);
                    }
                } catch (KernelDownException e) {
                    return e;
                }
            });
            Thread.sleep(100);
            b.halt();
            assertTrue(Traffic.join(receiver) instanceof KernelDownException);
            // The wire's end is free again.
            Link.Port end = wire.attach();
            end.close();
            a.halt();
            assertTrue(Traffic.join(sender) instanceof KernelDownException);
            assertNull(a.failure());
            assertNull(b.failure());
        }
    }

    @Test
    void kernelsWithANetworkAreBootedAgainAndAgain() throws Exception {
        Wire wire = new Wire();
        try (NetbsdKernel a = boot(wire, 1)) {
            int threads = 0;
            int mappings = 0;
            for (int i = 0; i < 10; i++) {
                try (NetbsdKernel b = boot(wire, 2)) {
                    Traffic.bothWays(b.syscalls(), a.syscalls(), address(1), 1 << 16);
                }
                if (i == 0) {
                    threads = Thread.getAllStackTraces().size();
                    mappings = Maps.count();
                }
            }
            assertTrue(Thread.getAllStackTraces().size() < threads + 10, "threads");
            assertTrue(Maps.count() < mappings + 100, "mappings: " + mappings + ", then " + Maps.count());
        }
    }

    @Test
    void interfacesComeAndGo() throws Exception {
        Wire wire = new Wire();
        try (NetbsdKernel kernel = boot(wire, 1)) {
            kernel.netconfig().down("virt0");
            kernel.netconfig().destroy("virt0");
            Link.Port a = wire.attach();
            Link.Port b = wire.attach();
            a.close();
            b.close();
            kernel.netconfig().create("virt0");
            kernel.netconfig().up("virt0");
        }
    }
}
