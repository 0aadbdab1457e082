package org.rump4j.rump.suite;

import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SocketSyscalls;
import org.rump4j.rump.SysSocket;
import org.rump4j.rumpuser.Errno;

/** Sockets in a kernel that the network faction is not linked into. */
public abstract class NoNetworkSuite extends SyscallSuite {
    private static final byte[] DATA = new byte[1];

    @Test
    void thereIsNoSystemCallOnSockets() {
        Sockaddr name = Sockaddr.Inet.any(80);
        assertErrno(Errno.ENOSYS, () -> sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM, 0));
        assertErrno(Errno.ENOSYS, () -> sys.socketpair(SysSocket.AF_LOCAL, SysSocket.SOCK_STREAM, 0));
        assertErrno(Errno.ENOSYS, () -> sys.bind(0, name));
        assertErrno(Errno.ENOSYS, () -> sys.listen(0, 1));
        assertErrno(Errno.ENOSYS, () -> sys.accept(0));
        assertErrno(Errno.ENOSYS, () -> sys.paccept(0, 0));
        assertErrno(Errno.ENOSYS, () -> sys.connect(0, name));
        assertErrno(Errno.ENOSYS, () -> sys.shutdown(0, SysSocket.SHUT_RDWR));
        assertErrno(Errno.ENOSYS, () -> sys.getsockname(0));
        assertErrno(Errno.ENOSYS, () -> sys.getpeername(0));
        assertErrno(Errno.ENOSYS, () -> sys.sendto(0, DATA, 0, name));
        assertErrno(Errno.ENOSYS, () -> sys.send(0, DATA, 0));
        assertErrno(Errno.ENOSYS, () -> sys.sendmsg(0, null, SocketSyscalls.NO_CONTROL, 0));
        assertErrno(Errno.ENOSYS, () -> sys.recvfrom(0, DATA, 0));
        assertErrno(Errno.ENOSYS, () -> sys.recv(0, DATA, 0));
        assertErrno(Errno.ENOSYS, () -> sys.recvmsg(0, 0, 0));
        assertErrno(Errno.ENOSYS, () -> sys.setsockopt(0, SysSocket.SOL_SOCKET, SysSocket.SO_KEEPALIVE, 1));
        assertErrno(Errno.ENOSYS, () -> sys.getsockopt(0, SysSocket.SOL_SOCKET, SysSocket.SO_TYPE));
    }
}
