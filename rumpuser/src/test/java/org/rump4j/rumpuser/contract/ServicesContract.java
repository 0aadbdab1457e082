package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.LoaderCalls.DlCallbacks;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;

/** Loader, daemonizing, system call proxy and the services for host halves of drivers. */
abstract class ServicesContract extends Contract {
    // Loader

    @Test
    void eachComponentIsToldOfOnTheCallingThread() throws Throwable {
        List<Object> parts = List.of("base", "vfs", "ext2fs");
        Rumpuser other = hosts.make(setup(parts));
        Thread caller = Thread.currentThread();
        List<String> told = new ArrayList<>();
        other.dlBootstrap(String.class, new DlCallbacks<>() {
            @Override
            public void modinit(List<MemorySegment> modules) {}

            @Override
            public void symload(MemorySegment symtab, MemorySegment strtab) {}

            @Override
            public void compload(String component) {
                assertSame(caller, Thread.currentThread());
                told.add(component);
            }
        });
        assertEquals(List.of("base", "ext2fs", "vfs"), told.stream().sorted().toList());
    }

    // Daemonizing

    @Test
    void goingToTheBackgroundComesBeforeTheKernel() {
        assertErrno(Errno.EALREADY, host::daemonizeBegin);
        assertErrno(Errno.ENOENT, () -> host.daemonizeDone(0));
    }

    // System call proxy

    @Test
    void theProxyIsCalledWithTheVirtualCpuGivenAway() throws Throwable {
        FakeProxy proxy = new FakeProxy();
        Rumpuser serving = hosts.make(setup(proxy));
        FakeKernel other = new FakeKernel(serving);
        proxy.watched = other;
        inKernel(serving, other, () -> {
            int before = other.context().pairs.get();
            Object client = new Object();
            serving.spInit("unix://x", "NetBSD", "7.99.34", "amd64");
            assertEquals(0, other.context().pairs.get() - before);

            MemorySegment buffer = room(4);
            serving.spCopyin(client, 0x1000, buffer);
            assertArrayEquals(new byte[] {1, 1, 1, 1}, bytesOf(buffer));
            assertEquals(4, serving.spCopyinstr(client, 0x1000, buffer));
            serving.spCopyout(client, buffer, 0x1000);
            serving.spCopyoutstr(client, buffer, 0x1000);
            assertEquals(0x2000, serving.spAnonmmap(client, 4096));
            serving.spRaise(client, 13);
            assertEquals(6, other.context().pairs.get() - before);

            proxy.gone = true;
            assertErrno(Errno.EFAULT, () -> serving.spCopyin(client, 0x1000, buffer));
            assertErrno(Errno.EFAULT, () -> serving.spCopyinstr(client, 0x1000, buffer));
            assertErrno(Errno.EFAULT, () -> serving.spCopyout(client, buffer, 0x1000));
            assertErrno(Errno.EFAULT, () -> serving.spCopyoutstr(client, buffer, 0x1000));
            assertErrno(Errno.EFAULT, () -> serving.spAnonmmap(client, 4096));
            assertErrno(Errno.EFAULT, () -> serving.spRaise(client, 13));
            assertEquals(12, other.context().pairs.get() - before);

            serving.spFini(client);
            serving.spFini(null);
            assertEquals(12, other.context().pairs.get() - before);
        });
        assertEquals(15, proxy.calls);
        assertEquals("", proxy.violations);
    }

    @Test
    void aHostThatServesNobodySaysSo() {
        assertErrno(Errno.EOPNOTSUPP, () -> host.spInit("unix://x", "NetBSD", "7.99.34", "amd64"));
        assertErrno(Errno.EFAULT, () -> host.spCopyin(new Object(), 0, room(1)));
        host.spFini(null);
    }

    // Component services

    @Test
    void aDriversHostHalfGivesTheVirtualCpuAwayAndTakesItAgain() throws Throwable {
        assertPairs(1, () -> {
            int cookie = host.componentUnschedule();
            assertTrue(kernel.context().away);
            host.componentSchedule(cookie);
            assertTrue(kernel.context().hasCpu);
        });
    }

    @Test
    void aThreadOfTheHostComesIntoTheKernelAndLeavesIt() throws Throwable {
        List<Throwable> failures = new ArrayList<>();
        RumpThread thread = host.threadCreate(
                () -> {
                    try {
                        assertNull(host.curlwp());
                        host.componentKthread();
                        FakeKernel.Context here = kernel.context();
                        assertNotNull(here.lwp);
                        assertEquals(0, here.lwp.pid);
                        assertTrue(!here.hasCpu);
                        host.componentSchedule(0);
                        assertTrue(here.hasCpu);
                        assertSame(here.lwp, host.componentCurlwp());
                        assertEquals(0, kernel.getpid());
                        host.componentUnschedule();
                        host.componentKthreadRelease();
                        assertNull(here.lwp);
                        assertNull(host.curlwp());
                        assertTrue(!here.hasCpu);
                    } catch (Throwable t) {
                        failures.add(t);
                    }
                },
                hosts.threads(),
                "receiver",
                true,
                0,
                -1);
        host.threadJoin(Objects.requireNonNull(thread));
        assertEquals(List.of(), failures);
    }

    @Test
    void aDriversHostHalfCanActForAnotherLwp() throws Throwable {
        OpaqueLwp mine = host.componentCurlwp();
        assertNotNull(mine);
        FakeLwp other = new FakeLwp("other", 2, false);
        assertPairs(0, () -> host.componentSwitchlwp(other));
        assertSame(other, host.componentCurlwp());
        assertSame(other, host.curlwp());
        host.componentSwitchlwp(mine);
        assertSame(mine, host.componentCurlwp());
    }

    @Test
    void errorNumbersOfTheHostAreTranslated() {
        assertEquals(0, host.componentErrtrans(0));
        for (int common = 1; common <= 10; common++) {
            assertEquals(common, host.componentErrtrans(common));
        }
        int einval = Errno.EINVAL.number();
        assertEquals(einval, host.componentErrtrans(einval));
        assertEquals(einval, host.componentErrtrans(4711));
        assertEquals(einval, host.componentErrtrans(-1));
    }
}
