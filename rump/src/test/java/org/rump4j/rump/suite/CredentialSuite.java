package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Lwproc;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.OpaqueLwp;

/** {@code getuid(2)}, {@code setuid(2)}, {@code getgid(2)}, {@code setgroups(2)} and their kin. */
public abstract class CredentialSuite extends SyscallSuite {
    private static final int ALICE = 1001;
    private static final int BOB = 1002;

    private void assertUids(int real, int effective) {
        assertEquals(real, sys.getuid());
        assertEquals(effective, sys.geteuid());
    }

    private void assertGids(int real, int effective) {
        assertEquals(real, sys.getgid());
        assertEquals(effective, sys.getegid());
    }

    @Test
    void aKernelIsTheSuperusersAtFirst() {
        assertUids(0, 0);
        assertGids(0, 0);
    }

    @Test
    void theSuperuserBecomesSomebodyElseForGood() throws Exception {
        sys.setuid(ALICE);
        assertUids(ALICE, ALICE);
        assertErrno(Errno.EPERM, () -> sys.setuid(0));
        assertErrno(Errno.EPERM, () -> sys.seteuid(0));
        assertErrno(Errno.EPERM, () -> sys.setuid(BOB));
        sys.setuid(ALICE);
        sys.seteuid(ALICE);
        assertUids(ALICE, ALICE);
    }

    @Test
    void theSuperuserActsAsSomebodyElseAndComesBack() throws Exception {
        sys.seteuid(ALICE);
        assertUids(0, ALICE);
        assertErrno(Errno.EPERM, () -> sys.seteuid(BOB));
        assertErrno(Errno.EPERM, () -> sys.setuid(ALICE));
        sys.seteuid(0);
        assertUids(0, 0);
    }

    @Test
    void whoActsAsSomebodyElseCanSetAllIdsToTheRealOne() throws Exception {
        sys.seteuid(ALICE);
        sys.setuid(0);
        assertUids(0, 0);
    }

    @Test
    void groupsGoWithTheSuperuserToo() throws Exception {
        sys.setegid(ALICE);
        assertGids(0, ALICE);
        sys.setgid(BOB);
        assertGids(BOB, BOB);
        sys.setegid(0);
        assertGids(BOB, 0);
    }

    @Test
    void othersChooseAmongTheGroupsThatTheyHave() throws Exception {
        sys.setgid(ALICE);
        sys.setegid(BOB);
        sys.setuid(ALICE);
        assertErrno(Errno.EPERM, () -> sys.setegid(0));
        assertErrno(Errno.EPERM, () -> sys.setgid(BOB));
        sys.setegid(ALICE);
        assertGids(ALICE, ALICE);
        assertErrno(Errno.EPERM, () -> sys.setegid(BOB));
        sys.setgid(ALICE);
    }

    @Test
    void supplementaryGroupsAreTheSuperusersToSet() throws Exception {
        sys.setgroups(5, 6, 7);
        assertArrayEquals(new int[] {5, 6, 7}, sys.getgroups());
        sys.setgroups();
        assertEquals(0, sys.getgroups().length);
        sys.setgroups(new int[16]);
        assertErrno(Errno.EINVAL, () -> sys.setgroups(new int[17]));
        sys.setuid(ALICE);
        assertErrno(Errno.EPERM, () -> sys.setgroups(5));
        assertEquals(16, sys.getgroups().length);
    }

    @Test
    void credentialsAreTheProcesss() throws Exception {
        sys.seteuid(ALICE);
        assertEquals(ALICE, OtherLwp.start(kernel, sys::geteuid).join());
    }

    @Test
    void aChildInheritsCredentialsAndChangesItsOwn() throws Exception {
        OpaqueLwp mine = kernel.lwproc().curlwp();
        sys.setgroups(5);
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        assertArrayEquals(new int[] {5}, sys.getgroups());
        sys.setuid(ALICE);
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        assertUids(ALICE, ALICE);
        kernel.lwproc().releaselwp();
        kernel.lwproc().switchTo(mine);
        assertUids(0, 0);
    }
}
