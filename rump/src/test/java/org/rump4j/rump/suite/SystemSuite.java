package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.SysReboot;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code sysctl(3)}, {@code reboot(2)}, and the end of a kernel. */
public abstract class SystemSuite extends SyscallSuite {
    private static final int SOMEBODY = 1001;

    private String text(String name) throws ErrnoException {
        return assertInstanceOf(SysctlValue.Text.class, sys.sysctl(name), name).value();
    }

    private int int32(String name) throws ErrnoException {
        return assertInstanceOf(SysctlValue.Int.class, sys.sysctl(name), name).value();
    }

    private long quad(String name) throws ErrnoException {
        return assertInstanceOf(SysctlValue.Quad.class, sys.sysctl(name), name).value();
    }

    @Test
    void aKernelTellsWhatItIs() throws Exception {
        assertFalse(text("kern.ostype").isEmpty());
        assertFalse(text("kern.osrelease").isEmpty());
        assertTrue(text("kern.version").contains(text("kern.osrelease")));
        assertFalse(text("hw.machine").isEmpty());
    }

    @Test
    void aKernelTellsWhatItHas() throws Exception {
        assertTrue(int32("hw.ncpu") >= 1);
        assertEquals(1, Integer.bitCount(int32("hw.pagesize")));
        if (!differs(Difference.FEWER_NODES_OF_SYSCTL)) {
            assertTrue(quad("hw.physmem64") >= quad("hw.usermem64"));
            assertTrue(quad("hw.usermem64") > 0);
            assertTrue(int32("kern.maxproc") > 0);
            assertEquals(16, int32("kern.ngroups"));
            assertEquals(1024, int32("kern.iov_max"));
        }
    }

    @Test
    void theHostNameCanBeSet() throws Exception {
        sys.sysctl("kern.hostname", new SysctlValue.Text("vulcan.example"));
        assertEquals("vulcan.example", text("kern.hostname"));
        assertErrno(Errno.EINVAL, () -> sys.sysctl("kern.hostname", new SysctlValue.Text("x".repeat(300))));
        assertEquals("vulcan.example", text("kern.hostname"));
    }

    @Test
    void onlyTheSuperuserSets() throws Exception {
        sys.seteuid(SOMEBODY);
        assertErrno(Errno.EPERM, () -> sys.sysctl("kern.hostname", new SysctlValue.Text("vulcan")));
        assertFalse(text("kern.hostname").equals("vulcan"));
    }

    @Test
    void someThingsCanOnlyBeRead() throws Exception {
        int ncpu = int32("hw.ncpu");
        assertErrno(Errno.EPERM, () -> sys.sysctl("hw.ncpu", new SysctlValue.Int(77)));
        assertEquals(ncpu, int32("hw.ncpu"));
    }

    @Test
    void aValueOfAnotherTypeIsRefused() {
        assertErrno(Errno.EINVAL, () -> sys.sysctl("kern.hostname", new SysctlValue.Int(1)));
    }

    @Test
    void whatIsNotInTheTreeIsNotThere() throws Exception {
        sys.seteuid(SOMEBODY);
        for (String name : List.of("nosuch", "kern.nosuch", "kern.ostype.nosuch", "nosuch.ostype")) {
            assertErrno(Errno.ENOENT, () -> sys.sysctl(name));
            assertErrno(Errno.ENOENT, () -> sys.sysctl(name, new SysctlValue.Int(1)));
            assertErrno(Errno.ENOENT, () -> sys.sysctlQuery(name));
        }
    }

    @Test
    void anInnerNodeHasNoValueAndALeafNoChildren() {
        assertErrno(Errno.EISDIR, () -> sys.sysctl("kern"));
        assertErrno(Errno.ENOTDIR, () -> sys.sysctlQuery("kern.ostype"));
    }

    @Test
    void theTreeCanBeWalked() throws Exception {
        assertTrue(sys.sysctlQuery("").containsAll(List.of("kern", "hw")));
        assertTrue(sys.sysctlQuery("kern").containsAll(List.of("ostype", "osrelease", "hostname")));
    }

    @Test
    void rebootIsTheSuperusers() throws Exception {
        sys.seteuid(SOMEBODY);
        assertErrno(Errno.EPERM, () -> sys.reboot(SysReboot.RB_HALT));
        assertTrue(kernel.isUp());
    }

    @Test
    void rebootDoesNotReturnAndNothingWorksAfterwards() {
        assertThrows(KernelDownException.class, () -> sys.reboot(SysReboot.RB_HALT));
        assertFalse(kernel.isUp());
        assertThrows(KernelDownException.class, () -> sys.getpid());
        assertThrows(KernelDownException.class, () -> sys.pipe2(0));
        assertThrows(KernelDownException.class, () -> kernel.lwproc().rfork(0));
        kernel.halt();
    }

    @Test
    void rebootWithoutSyncingEndsToo() {
        assertThrows(KernelDownException.class, () -> sys.reboot(SysReboot.RB_NOSYNC | SysReboot.RB_HALT));
        assertFalse(kernel.isUp());
    }

    @Test
    void nodesThatProgramsAskFor() throws Exception {
        for (String name :
                List.of("kern.ostype", "kern.osrelease", "kern.version", "hw.machine", "hw.machine_arch", "hw.model")) {
            assertFalse(text(name).isEmpty(), name);
        }
        assumeNot(Difference.FEWER_NODES_OF_SYSCTL);
        for (String name : List.of(
                "kern.osrevision",
                "kern.maxproc",
                "kern.maxfiles",
                "kern.argmax",
                "kern.ngroups",
                "kern.iov_max",
                "hw.ncpu",
                "hw.ncpuonline",
                "hw.pagesize")) {
            assertTrue(int32(name) > 0, name);
        }
        assertTrue(int32("kern.posix1version") >= 199009);
        assertEquals(1, int32("kern.saved_ids"));
        assertEquals(1, int32("kern.fsync"));
        assertTrue(int32("hw.byteorder") == 1234 || int32("hw.byteorder") == 4321);
        sys.sysctl("kern.domainname", new SysctlValue.Text("example.org"));
        assertEquals("example.org", text("kern.domainname"));
        sys.sysctl("kern.hostid", new SysctlValue.Int(77));
        assertEquals(77, int32("kern.hostid"));
    }

    @Test
    void haltThrowsOutWhoeverIsInside() throws Exception {
        int[] pipe = sys.pipe2(0);
        OtherLwp<Integer> reader = OtherLwp.start(kernel, () -> sys.read(pipe[0], new byte[1]));
        OtherLwp<?> sleeper = OtherLwp.start(kernel, () -> {
            sys.nanosleep(new Timespec(100_000, 0));
            return null;
        });
        sys.nanosleep(Timespec.ofNanos(20_000_000));
        kernel.halt();
        assertThrows(KernelDownException.class, reader::join);
        assertThrows(KernelDownException.class, sleeper::join);
        assertFalse(kernel.isUp());
        kernel.halt();
        kernel.close();
    }
}
