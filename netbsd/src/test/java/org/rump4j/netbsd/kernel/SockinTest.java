package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.net.Sockin;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SocketSyscalls.Received;
import org.rump4j.rump.SysSocket;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** NetBSD's kernels on the sockets of the host. */
final class SockinTest {
    private static final long MUCH = 8 << 20;

    private NetbsdKernel kernel;
    private Syscalls sys;

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    @BeforeEach
    void boot() throws Exception {
        Surroundings surroundings = Surroundings.withCLibrary(List.of(new Sockin()));
        kernel = NetbsdKernel.boot(Build.plan(surroundings, "rumpnet_sockin"), Build.host(Map.of()), surroundings);
        sys = kernel.syscalls();
    }

    @AfterEach
    void halt() {
        kernel.halt();
        assertNull(kernel.failure());
    }

    private static Sockaddr local(int port) {
        return Sockaddr.Inet.of("127.0.0.1", port);
    }

    private static int port(Sockaddr name) {
        return ((Sockaddr.Inet) name).port();
    }

    private int stream() throws ErrnoException {
        return sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM, 0);
    }

    @Test
    void theKernelConnectsToAServerOfTheHost() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int s = stream();
            sys.connect(s, local(server.getLocalPort()));
            try (Socket peer = server.accept()) {
                assertEquals(local(server.getLocalPort()), sys.getpeername(s));
                assertEquals(peer.getPort(), port(sys.getsockname(s)));
                FutureTask<byte[]> there = Traffic.start(() -> Traffic.send(peer.getOutputStream(), MUCH, 1));
                FutureTask<byte[]> back = Traffic.start(() -> Traffic.receive(peer.getInputStream()));
                // All that the kernel is to get it has got before it says that it sends no more: for the driver that is
                // the end.
                byte[] got = Traffic.receive(sys, s, MUCH, MUCH);
                assertArrayEquals(Traffic.join(there), got);
                assertArrayEquals(Traffic.send(sys, s, MUCH, 2), Traffic.join(back));
            }
        }
    }

    @Test
    void aProgramOfTheHostConnectsToTheKernel() throws Exception {
        int listening = stream();
        sys.bind(listening, local(0));
        int port = port(sys.getsockname(listening));
        assertTrue(port != 0);
        sys.listen(listening, 5);
        assertEquals(port, port(sys.getsockname(listening)));
        for (int i = 0; i < 3; i++) {
            try (Socket peer = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                int s = sys.accept(listening).s();
                assertEquals(peer.getLocalPort(), port(sys.getpeername(s)));
                peer.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
                byte[] buf = new byte[8];
                assertEquals(8, sys.recv(s, buf, SysSocket.MSG_WAITALL));
                assertEquals("question", new String(buf, StandardCharsets.US_ASCII));
                sys.send(s, "answer".getBytes(StandardCharsets.US_ASCII), 0);
                sys.shutdown(s, SysSocket.SHUT_RDWR);
                assertEquals("answer", new String(peer.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                sys.close(s);
            }
        }
    }

    @Test
    void aKernelThatIsBootedByNameHasTheHostsSocketsToo() throws Exception {
        try (RumpKernel named = RumpKernel.boot("netbsd:" + Build.folder() + ",rumpnet_sockin", Build.host(Map.of()));
                ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int s = named.syscalls().socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM, 0);
            named.syscalls().connect(s, local(server.getLocalPort()));
            server.accept().close();
        }
    }

    @Test
    void theEndOfAStreamReachesTheKernel() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int s = stream();
            sys.connect(s, local(server.getLocalPort()));
            server.accept().close();
            assertEquals(0, sys.recv(s, new byte[1], 0));
        }
    }

    @Test
    void theKernelTalksOverVersion6() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
            int s = sys.socket(SysSocket.AF_INET6, SysSocket.SOCK_STREAM, 0);
            sys.connect(s, Sockaddr.Inet6.of("::1", server.getLocalPort()));
            assertEquals(Sockaddr.Inet6.of("::1", server.getLocalPort()), sys.getpeername(s));
            try (Socket peer = server.accept()) {
                peer.getOutputStream().write(new byte[100]);
                assertEquals(100, sys.recv(s, new byte[100], SysSocket.MSG_WAITALL));
            }
        }
    }

    @Test
    void datagramsGoBothWays() throws Exception {
        try (DatagramSocket peer = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            int s = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_DGRAM, 0);
            sys.bind(s, local(0));
            byte[] data = new byte[20_000];
            Arrays.fill(data, (byte) 7);
            assertEquals(data.length, sys.sendto(s, data, 0, local(peer.getLocalPort())));
            DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
            peer.receive(packet);
            assertEquals(data.length, packet.getLength());
            assertEquals(port(sys.getsockname(s)), packet.getPort());
            peer.send(new DatagramPacket(new byte[] {1, 2, 3}, 3, packet.getSocketAddress()));
            Received got = sys.recvfrom(s, MemorySegment.ofArray(new byte[10]), 0);
            assertEquals(3, got.count());
            assertEquals(local(peer.getLocalPort()), got.from());
        }
    }

    @Test
    void errorsOfTheHostAreNetbsds() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = server.getLocalPort();
            int s = stream();
            assertErrno(Errno.EADDRINUSE, () -> sys.bind(s, local(port)));
            assertErrno(Errno.EADDRNOTAVAIL, () -> sys.bind(s, Sockaddr.Inet.of("192.0.2.1", 0)));
            assertErrno(Errno.ENOTCONN, () -> sys.getpeername(s));
        }
        int s = stream();
        assertErrno(Errno.ECONNREFUSED, () -> sys.connect(s, local(port)));
    }

    @Test
    void whoWaitsForAConnectionComesOutWhenTheKernelIsHalted() throws Exception {
        int s = stream();
        sys.bind(s, local(0));
        sys.listen(s, 1);
        int port = port(sys.getsockname(s));
        FutureTask<Throwable> waiting = Traffic.start(() -> {
            try {
                return new AssertionError("accepted " + sys.accept(s));
            } catch (KernelDownException e) {
                return e;
            }
        });
        Thread.sleep(50);
        kernel.halt();
        assertTrue(Traffic.join(waiting) instanceof KernelDownException);
        // The port is free again.
        new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1")).close();
    }
}
