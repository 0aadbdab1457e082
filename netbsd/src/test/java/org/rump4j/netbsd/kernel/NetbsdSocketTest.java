package org.rump4j.netbsd.kernel;

import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.NoNetworkSuite;
import org.rump4j.rump.suite.SocketSuite;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Sockets of NetBSD's kernel, over its loopback interface. */
final class NetbsdSocketTest {
    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    private record Kind(String components) implements KernelUnderTest {
        @Override
        public RumpKernel boot(Map<String, String> environment) throws ErrnoException {
            return RumpKernel.boot("netbsd:" + Build.folder() + "," + components, Build.host(environment));
        }
    }

    @Nested
    class WithNetwork extends SocketSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return new Kind("rumpnet_netinet,rumpnet_netinet6,rumpnet_local");
        }
    }

    @Nested
    class WithoutNetwork extends NoNetworkSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return new Kind("rumpvfs");
        }
    }

    @Test
    void interfacesAreConfiguredWhereTheComponentForThatIsLinkedIn() throws Exception {
        try (NetbsdKernel kernel = Build.boot(Build.plan("rumpnet_netinet", "rumpnet_config", "rumpnet_bridge"))) {
            kernel.netconfig().ipv4("lo0", "127.1.2.3", 32);
            kernel.netconfig().create("bridge0");
            kernel.netconfig().up("bridge0");
            kernel.netconfig().down("bridge0");
            kernel.netconfig().destroy("bridge0");
            assertErrno(Errno.ENXIO, () -> kernel.netconfig().up("bridge0"));
            assertErrno(Errno.EINVAL, () -> kernel.netconfig().create("nodriver0"));
            assertErrno(Errno.EINVAL, () -> kernel.netconfig().ipv4("lo0", "127.0.0.2", 33));
            assertErrno(Errno.EAFNOSUPPORT, () -> kernel.netconfig().ipv6("lo0", "fd00::1", 64));
        }
        try (NetbsdKernel kernel = Build.boot(Build.plan("rumpnet_netinet"))) {
            assertErrno(Errno.ENOSYS, () -> kernel.netconfig().up("lo0"));
        }
    }
}
