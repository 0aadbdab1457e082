package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Cmsg;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SocketSyscalls;
import org.rump4j.rump.SysSocket;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on sockets of TCP, UDP and names among files, within one kernel. */
public abstract class SocketSuite extends SyscallSuite {
    private static final int MUCH = 1 << 20;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private int stream(int domain) throws ErrnoException {
        return sys.socket(domain, SysSocket.SOCK_STREAM, 0);
    }

    private static int domain(int version) {
        return version == 4 ? SysSocket.AF_INET : SysSocket.AF_INET6;
    }

    private static Sockaddr loopback(int version, int port) {
        return version == 4 ? Sockaddr.Inet.of("127.0.0.1", port) : Sockaddr.Inet6.of("::1", port);
    }

    private static int port(Sockaddr name) {
        return name instanceof Sockaddr.Inet(int _, int port)
                ? port
                : assertInstanceOf(Sockaddr.Inet6.class, name).port();
    }

    /** A socket that listens at a port which the kernel chooses. */
    private int listening(int version) throws ErrnoException {
        int s = stream(domain(version));
        sys.bind(s, loopback(version, 0));
        sys.listen(s, 5);
        return s;
    }

    /** Two ends of a connection. */
    private int[] connection(int version) throws ErrnoException {
        int listening = listening(version);
        int client = stream(domain(version));
        sys.connect(client, sys.getsockname(listening));
        int server = sys.accept(listening).s();
        sys.close(listening);
        return new int[] {client, server};
    }

    private void sendAll(int s, byte[] data) throws ErrnoException {
        MemorySegment all = MemorySegment.ofArray(data);
        long at = 0;
        while (at < data.length) {
            at += sys.send(s, all.asSlice(at), 0);
        }
    }

    private byte[] receiveAll(int s) throws ErrnoException {
        byte[] out = new byte[2 * MUCH];
        int at = 0;
        int n;
        do {
            n = (int) sys.recv(s, MemorySegment.ofArray(out).asSlice(at), 0);
            at += n;
        } while (n > 0);
        return Arrays.copyOf(out, at);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void aConnectionKnowsBothItsNames(int version) throws Exception {
        int listening = listening(version);
        Sockaddr name = sys.getsockname(listening);
        assertNotEquals(0, port(name));
        assertEquals(loopback(version, port(name)), name);
        int client = stream(domain(version));
        sys.connect(client, name);
        SocketSyscalls.Accepted accepted = sys.accept(listening);
        assertEquals(sys.getsockname(client), accepted.name());
        assertEquals(accepted.name(), sys.getpeername(accepted.s()));
        assertEquals(name, sys.getpeername(client));
        assertEquals(name, sys.getsockname(accepted.s()));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void aMebibyteArrivesAsItWasSent(int version) throws Exception {
        int[] c = connection(version);
        byte[] data = new byte[MUCH];
        new Random(version).nextBytes(data);
        OtherLwp<byte[]> receiver = OtherLwp.start(kernel, () -> receiveAll(c[1]));
        sendAll(c[0], data);
        sys.shutdown(c[0], SysSocket.SHUT_WR);
        assertArrayEquals(data, receiver.join());
        assertErrno(Errno.EPIPE, () -> sys.send(c[0], new byte[1], SysSocket.MSG_NOSIGNAL));
        sys.send(c[1], bytes("back"), 0);
        byte[] back = new byte[10];
        assertEquals(4, sys.recv(c[0], back, 0));
    }

    @Test
    void readAndWriteWorkOnConnectionsToo() throws Exception {
        int[] c = connection(4);
        assertEquals(5, sys.writev(c[0], MemorySegment.ofArray(bytes("he")), MemorySegment.ofArray(bytes("llo"))));
        byte[] buf = new byte[10];
        assertEquals(5, sys.read(c[1], buf));
        assertEquals("hello", new String(buf, 0, 5, StandardCharsets.US_ASCII));
        sys.close(c[0]);
        assertEquals(0, sys.read(c[1], buf));
    }

    @Test
    void aPeekLeavesTheDataAndWaitingForAllWaits() throws Exception {
        int[] c = connection(4);
        sys.send(c[0], bytes("abc"), 0);
        byte[] buf = new byte[6];
        assertEquals(3, sys.recv(c[1], buf, SysSocket.MSG_PEEK));
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.recv(c[1], buf, SysSocket.MSG_WAITALL));
        sys.nanosleep(Timespec.ofNanos(20_000_000));
        sys.send(c[0], bytes("def"), 0);
        assertEquals(6, other.join());
        assertArrayEquals(bytes("abcdef"), buf);
        assertErrno(Errno.EAGAIN, () -> sys.recv(c[1], buf, SysSocket.MSG_DONTWAIT));
    }

    @Test
    void nobodyListensWhereNobodyListens() throws Exception {
        int s = stream(SysSocket.AF_INET);
        assertErrno(Errno.ECONNREFUSED, () -> sys.connect(s, loopback(4, 9)));
        assertErrno(Errno.ENOTCONN, () -> sys.getpeername(s));
    }

    @Test
    void aNameIsHadOnceOnly() throws Exception {
        int s = listening(4);
        Sockaddr name = sys.getsockname(s);
        int other = stream(SysSocket.AF_INET);
        assertErrno(Errno.EADDRINUSE, () -> sys.bind(other, name));
        assertErrno(Errno.EADDRNOTAVAIL, () -> sys.bind(other, Sockaddr.Inet.of("192.0.2.1", 0)));
        assertErrno(Errno.EINVAL, () -> sys.bind(s, loopback(4, 0)));
    }

    @Test
    void socketsAreOfKindsThatThereAre() throws Exception {
        assertErrno(Errno.EAFNOSUPPORT, () -> sys.socket(99, SysSocket.SOCK_STREAM, 0));
        assertErrno(Errno.EPROTONOSUPPORT, () -> sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM, 99));
        int[] pipe = sys.pipe2(0);
        assertErrno(Errno.ENOTSOCK, () -> sys.listen(pipe[0], 1));
        assertErrno(Errno.EBADF, () -> sys.listen(1000, 1));
    }

    @Test
    void flagsOfASocketAreThoseOfItsDescriptor() throws Exception {
        int s = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM | SysSocket.SOCK_NONBLOCK, 0);
        assertEquals(Fcntl.O_NONBLOCK, sys.fcntl(s, Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
        int listening = listening(4);
        sys.fcntl(listening, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
        assertErrno(Errno.EAGAIN, () -> sys.accept(listening));
        assertErrno(Errno.EAGAIN, () -> sys.paccept(listening, SysSocket.SOCK_CLOEXEC));
        int client = stream(SysSocket.AF_INET);
        sys.connect(client, sys.getsockname(listening));
        int accepted = sys.paccept(listening, SysSocket.SOCK_CLOEXEC).s();
        assertEquals(Fcntl.FD_CLOEXEC, sys.fcntl(accepted, Fcntl.F_GETFD, 0));
    }

    @Test
    void optionsAreWhatTheyWereSetTo() throws Exception {
        int s = stream(SysSocket.AF_INET);
        assertEquals(SysSocket.SOCK_STREAM, sys.getsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_TYPE));
        assertEquals(0, sys.getsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_REUSEADDR));
        sys.setsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_REUSEADDR, 1);
        assertNotEquals(0, sys.getsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_REUSEADDR));
        sys.setsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_RCVBUF, 12345);
        assertEquals(12345, sys.getsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_RCVBUF));
        sys.setsockopt(s, SysSocket.IPPROTO_TCP, SysSocket.TCP_NODELAY, 1);
        assertNotEquals(0, sys.getsockopt(s, SysSocket.IPPROTO_TCP, SysSocket.TCP_NODELAY));
        int[] linger = {1, 3};
        sys.setsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_LINGER, MemorySegment.ofArray(linger));
        int[] got = new int[2];
        assertEquals(8, sys.getsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_LINGER, MemorySegment.ofArray(got)));
        assertEquals(3, got[1]);
        assertErrno(Errno.ENOPROTOOPT, () -> sys.getsockopt(s, SysSocket.SOL_SOCKET, 0x7777));
    }

    @Test
    void aConnectThatMayNotBlockIsDoneWhenItCanBeWritten() throws Exception {
        int listening = listening(4);
        int s = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM | SysSocket.SOCK_NONBLOCK, 0);
        try {
            sys.connect(s, sys.getsockname(listening));
        } catch (ErrnoException e) {
            assertEquals(Errno.EINPROGRESS, e.errno());
        }
        assertEquals(Pollfd.POLLOUT, sys.poll(10_000, new Pollfd(s, Pollfd.POLLOUT))[0]);
        assertEquals(0, sys.getsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_ERROR));
        assertErrno(Errno.EISCONN, () -> sys.connect(s, sys.getsockname(listening)));
        assertEquals(Pollfd.POLLIN, sys.poll(10_000, new Pollfd(listening, Pollfd.POLLIN))[0]);
    }

    @Test
    void whoWaitsForAConnectionIsWokenByIt() throws Exception {
        int listening = listening(4);
        OtherLwp<SocketSyscalls.Accepted> other = OtherLwp.start(kernel, () -> sys.accept(listening));
        sys.nanosleep(Timespec.ofNanos(20_000_000));
        int client = stream(SysSocket.AF_INET);
        sys.connect(client, sys.getsockname(listening));
        assertEquals(sys.getsockname(client), other.join().name());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void datagramsComeWithTheirSender(int version) throws Exception {
        int a = sys.socket(domain(version), SysSocket.SOCK_DGRAM, 0);
        int b = sys.socket(domain(version), SysSocket.SOCK_DGRAM, 0);
        sys.bind(a, loopback(version, 0));
        sys.bind(b, loopback(version, 0));
        assertEquals(3, sys.sendto(a, bytes("one"), 0, sys.getsockname(b)));
        assertEquals(0, sys.sendto(a, new byte[0], 0, sys.getsockname(b)));
        assertEquals(5, sys.sendto(a, bytes("three"), 0, sys.getsockname(b)));
        byte[] buf = new byte[4];
        SocketSyscalls.Received one = sys.recvfrom(b, buf, 0);
        assertEquals(3, one.count());
        assertEquals(sys.getsockname(a), one.from());
        assertEquals(0, sys.recvfrom(b, buf, 0).count());
        SocketSyscalls.Received three = sys.recvmsg(b, 0, 0, MemorySegment.ofArray(buf));
        assertEquals(4, three.count());
        assertEquals(SysSocket.MSG_TRUNC, three.flags() & SysSocket.MSG_TRUNC);
        assertEquals(sys.getsockname(a), three.from());
        assertErrno(Errno.EMSGSIZE, () -> sys.sendto(a, new byte[70_000], 0, sys.getsockname(b)));
        int alone = sys.socket(domain(version), SysSocket.SOCK_DGRAM, 0);
        assertErrno(Errno.EDESTADDRREQ, () -> sys.send(alone, bytes("to whom"), 0));
    }

    @Test
    void aDatagramSocketThatIsConnectedHearsOnlyItsPeer() throws Exception {
        int a = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_DGRAM, 0);
        int b = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_DGRAM, 0);
        int c = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_DGRAM, 0);
        sys.bind(a, loopback(4, 0));
        sys.bind(b, loopback(4, 0));
        sys.connect(a, sys.getsockname(b));
        sys.sendto(c, bytes("no"), 0, sys.getsockname(a));
        sys.sendto(b, bytes("yes"), 0, sys.getsockname(a));
        byte[] buf = new byte[10];
        assertEquals(3, sys.recv(a, buf, 0));
        assertEquals(3, sys.send(a, bytes("end"), 0));
        assertEquals(3, sys.recv(b, buf, 0));
    }

    @Test
    void aMessageIsGatheredAndScattered() throws Exception {
        int[] c = connection(4);
        assertEquals(
                6,
                sys.sendmsg(
                        c[0],
                        null,
                        SocketSyscalls.NO_CONTROL,
                        0,
                        MemorySegment.ofArray(bytes("ab")),
                        MemorySegment.ofArray(bytes("cdef"))));
        byte[] first = new byte[3];
        byte[] second = new byte[5];
        SocketSyscalls.Received got =
                sys.recvmsg(c[1], 0, 0, MemorySegment.ofArray(first), MemorySegment.ofArray(second));
        assertEquals(6, got.count());
        assertNull(got.from());
        assertArrayEquals(bytes("abc"), first);
        assertArrayEquals(bytes("def\0\0"), second);
    }

    @Test
    void aPairIsConnectedAndHasNoNames() throws Exception {
        int[] pair = sys.socketpair(SysSocket.AF_LOCAL, SysSocket.SOCK_STREAM, 0);
        sys.send(pair[0], bytes("hi"), 0);
        byte[] buf = new byte[10];
        assertEquals(2, sys.recv(pair[1], buf, 0));
        assertEquals(SysSocket.AF_LOCAL, sys.getsockname(pair[0]).family());
        sys.close(pair[0]);
        assertEquals(Pollfd.POLLIN, sys.poll(0, new Pollfd(pair[1], Pollfd.POLLIN))[0] & Pollfd.POLLIN);
        assertEquals(0, sys.recv(pair[1], buf, 0));
        assertErrno(Errno.EPIPE, () -> sys.send(pair[1], buf, SysSocket.MSG_NOSIGNAL));
    }

    @Test
    void aSocketHasANameAmongFiles() throws Exception {
        int s = stream(SysSocket.AF_LOCAL);
        Sockaddr name = new Sockaddr.Local(dir + "socket");
        sys.bind(s, name);
        sys.listen(s, 1);
        assertEquals(name, sys.getsockname(s));
        int client = stream(SysSocket.AF_LOCAL);
        sys.connect(client, name);
        int server = sys.accept(s).s();
        sys.send(client, bytes("local"), 0);
        byte[] buf = new byte[10];
        assertEquals(5, sys.recv(server, buf, 0));
        int other = stream(SysSocket.AF_LOCAL);
        assertErrno(Errno.EADDRINUSE, () -> sys.bind(other, name));
        assertErrno(Errno.ENOENT, () -> sys.connect(other, new Sockaddr.Local(dir + "none")));
        sys.close(s);
        assertErrno(Errno.ECONNREFUSED, () -> sys.connect(other, name));
        sys.unlink(dir + "socket");
    }

    @Test
    void descriptorsArePassedAlong() throws Exception {
        int[] pair = sys.socketpair(SysSocket.AF_LOCAL, SysSocket.SOCK_STREAM, 0);
        int[] pipe = sys.pipe2(0);
        sys.sendmsg(pair[0], null, List.of(Cmsg.rights(pipe[1])), 0, MemorySegment.ofArray(bytes("x")));
        sys.close(pipe[1]);
        SocketSyscalls.Received got = sys.recvmsg(pair[1], Cmsg.space(64), 0, MemorySegment.ofArray(new byte[1]));
        assertEquals(1, got.control().size());
        assertEquals(Cmsg.SCM_RIGHTS, got.control().getFirst().type());
        int passed = got.control().getFirst().ints()[0];
        sys.write(passed, bytes("through"));
        assertEquals(7, sys.read(pipe[0], new byte[10]));
        assertErrno(
                Errno.EBADF,
                () -> sys.sendmsg(pair[0], null, List.of(Cmsg.rights(1000)), 0, MemorySegment.ofArray(new byte[1])));
    }

    @Test
    void aConnectionSurvivesManyWriters() throws Exception {
        int[] c = connection(4);
        OtherLwp<byte[]> receiver = OtherLwp.start(kernel, () -> receiveAll(c[1]));
        List<OtherLwp<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] data = new byte[50_000];
            Arrays.fill(data, (byte) i);
            writers.add(OtherLwp.start(kernel, () -> {
                sendAll(c[0], data);
                return null;
            }));
        }
        for (OtherLwp<Void> writer : writers) {
            writer.join();
        }
        sys.close(c[0]);
        byte[] all = receiver.join();
        int[] counts = new int[4];
        for (byte b : all) {
            counts[b]++;
        }
        assertArrayEquals(new int[] {50_000, 50_000, 50_000, 50_000}, counts);
    }
}
