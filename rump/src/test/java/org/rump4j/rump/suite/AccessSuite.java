package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code access(2)}, {@code faccessat(2)}, and who may do what: owner, group, others, the superuser, sticky directories. */
public abstract class AccessSuite extends FileSuite {
    private int allowed(String name) throws ErrnoException {
        int allowed = 0;
        for (int amode : new int[] {Fcntl.R_OK, Fcntl.W_OK, Fcntl.X_OK}) {
            try {
                sys.access(in(name), amode);
                allowed |= amode;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EACCES) {
                    throw e;
                }
            }
        }
        return allowed;
    }

    @Test
    void theOwnerTheGroupAndOthersEachHaveTheirBits() throws Exception {
        makeDir("d", 0755);
        for (int mode : new int[] {0421, 0142, 0214, 0077, 0707, 0770, 0111}) {
            String name = "d/" + mode;
            make(name, mode);
            sys.chown(in(name), USER, GROUP);
            asUser(
                    USER,
                    1,
                    () -> assertEquals(mode >> 6 & 7, allowed(name), "owner of " + Integer.toOctalString(mode)));
            asUser(OTHER, GROUP, () -> assertEquals(mode >> 3 & 7, allowed(name), "group"));
            asUser(OTHER, 1, () -> assertEquals(mode >> 3 & 7, allowed(name), "another group"), 2, GROUP);
            asUser(OTHER, 1, () -> assertEquals(mode & 7, allowed(name), "others"), 2);
        }
    }

    @Test
    void theSuperuserMayDoAllButExecuteWhatNobodyMay() throws Exception {
        make("f", 0);
        assertEquals(Fcntl.R_OK | Fcntl.W_OK, allowed("f"));
        sys.chmod(in("f"), 0001);
        assertEquals(7, allowed("f"));
        makeDir("d", 0);
        assertEquals(7, allowed("d"));
    }

    @Test
    void severalAreAskedForAtOnce() throws Exception {
        makeDir("d", 0755);
        make("d/f", 0640);
        sys.chown(in("d/f"), USER, GROUP);
        asUser(() -> {
            sys.access(in("d/f"), Fcntl.R_OK | Fcntl.W_OK);
            fails(() -> sys.access(in("d/f"), Fcntl.R_OK | Fcntl.X_OK), Errno.EACCES);
        });
    }

    @Test
    void whetherAFileIsThereIsASearchOnly() throws Exception {
        makeDir("d", 0711);
        make("d/f", 0);
        asUser(() -> {
            sys.access(in("d/f"), Fcntl.F_OK);
            fails(() -> sys.access(in("d/none"), Fcntl.F_OK), Errno.ENOENT);
        });
        sys.chmod(in("d"), 0600);
        asUser(() -> fails(() -> sys.access(in("d/f"), Fcntl.F_OK), Errno.EACCES));
        fails(() -> sys.access(in("d/f/x"), Fcntl.F_OK), Errno.ENOTDIR);
    }

    @Test
    void theRealUserIsAskedAboutUnlessTheEffectiveIs() throws Exception {
        makeDir("d", 0755);
        make("d/f", 0600);
        sys.chown(in("d/f"), USER, GROUP);
        inProcess(() -> {
            sys.seteuid(USER);
            sys.access(in("d/f"), Fcntl.R_OK);
            sys.seteuid(0);
            sys.setegid(OTHER);
            sys.seteuid(OTHER);
            sys.access(in("d/f"), Fcntl.R_OK);
            fails(() -> sys.faccessat(Fcntl.AT_FDCWD, in("d/f"), Fcntl.R_OK, Fcntl.AT_EACCESS), Errno.EACCES);
            sys.faccessat(Fcntl.AT_FDCWD, in("d/f"), Fcntl.R_OK, 0);
            fails(() -> open("d/f", Fcntl.O_RDONLY), Errno.EACCES);
        });
    }

    @Test
    void faccessatStartsFromADescriptorAndKnowsItsFlags() throws Exception {
        write("f", "");
        sys.symlink("nowhere", in("l"));
        int d = sys.open(dir, Fcntl.O_RDONLY, 0);
        sys.faccessat(d, "f", Fcntl.R_OK, 0);
        sys.faccessat(d, "l", Fcntl.F_OK, Fcntl.AT_SYMLINK_NOFOLLOW);
        fails(() -> sys.faccessat(d, "l", Fcntl.F_OK, 0), Errno.ENOENT);
        failsUnless(
                Difference.FLAGS_OF_AT_CALLS_UNCHECKED, () -> sys.faccessat(d, "f", Fcntl.R_OK, 0x4000), Errno.EINVAL);
        fails(() -> sys.faccessat(12345, "f", Fcntl.R_OK, 0), Errno.EBADF);
        fails(() -> sys.access(in("f"), 8), Errno.EINVAL);
    }

    @Test
    void aStickyDirectoryLetsOnlyOwnersTakeNamesOff() throws Exception {
        makeDir("t", 01777);
        asUser(OTHER, GROUP, () -> write("t/theirs", ""));
        asUser(OTHER, GROUP, () -> sys.mkdir(in("t/dir"), 0777));
        asUser(() -> {
            write("t/mine", "");
            fails(() -> sys.unlink(in("t/theirs")), Errno.EPERM, Errno.EACCES);
            fails(() -> sys.rmdir(in("t/dir")), Errno.EPERM, Errno.EACCES);
            sys.unlink(in("t/mine"));
        });
        sys.chown(in("t"), USER, GROUP);
        asUser(() -> sys.unlink(in("t/theirs")));
        sys.rmdir(in("t/dir"));
        assertEquals(List.of(), names("t"));
    }

    @Test
    void credentialsChangeWhatMayBeDone() throws Exception {
        makeDir("d", 0700);
        make("d/f", 0644);
        inProcess(() -> {
            sys.seteuid(USER);
            fails(() -> sys.stat(in("d/f")), Errno.EACCES);
            sys.seteuid(0);
            sys.stat(in("d/f"));
        });
    }
}
