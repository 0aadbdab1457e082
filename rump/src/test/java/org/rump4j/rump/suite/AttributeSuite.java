package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.SysTime;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code stat(2)}, {@code chmod(2)}, {@code chown(2)}, {@code chflags(2)}, {@code utimens(2)}, {@code umask(2)}. */
public abstract class AttributeSuite extends FileSuite {
    private static final Timespec NOW = new Timespec(0, Timespec.UTIME_NOW);
    private static final Timespec OMIT = new Timespec(0, Timespec.UTIME_OMIT);
    private static final Timespec LONG_AGO = new Timespec(1_000_000, 123_000_000);
    private static final Timespec BEFORE = new Timespec(2_000_000, 0);

    // What a file is

    @Test
    void theWaysToAskAgree() throws Exception {
        write("f", "content");
        Stat stat = sys.stat(in("f"));
        int fd = open("f", Fcntl.O_RDONLY);
        int d = sys.open(dir, Fcntl.O_RDONLY, 0);
        assertEquals(stat, sys.lstat(in("f")));
        assertEquals(stat, sys.fstat(fd));
        assertEquals(stat, sys.fstatat(d, "f", 0));
        assertEquals(stat, sys.fstatat(d, "f", Fcntl.AT_SYMLINK_NOFOLLOW));
        failsUnless(Difference.FLAGS_OF_AT_CALLS_UNCHECKED, () -> sys.fstatat(d, "f", 0x4000), Errno.EINVAL);
        fails(() -> sys.fstatat(12345, "f", 0), Errno.EBADF);
    }

    @Test
    void aFileIsWhatItIs() throws Exception {
        write("f", "content");
        Stat f = sys.stat(in("f"));
        assertEquals(SysStat.S_IFREG | 0644, f.mode());
        assertEquals(1, f.nlink());
        assertEquals(0, f.uid());
        assertEquals(7, f.size());
        assertEquals(0, f.flags());
        assertTrue(f.blksize() > 0);
        assertEquals(sys.stat(dir).dev(), f.dev());
        assertNotEquals(ino(""), f.ino());
        sys.symlink("f", in("l"));
        assertEquals(SysStat.S_IFLNK, sys.lstat(in("l")).mode() & SysStat.S_IFMT);
    }

    @Test
    void blocksAreCountedByFiveHundredAndTwelve() throws Exception {
        int fd = open("f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        writeAll(fd, new byte[1 << 20]);
        sys.fsync(fd);
        long blocks = sys.fstat(fd).blocks();
        assertTrue(blocks >= 2048 && blocks < 2300, () -> blocks + " blocks");
    }

    // Permissions

    @Test
    void permissionsAreSet() throws Exception {
        write("f", "");
        sys.chmod(in("f"), 0123);
        assertEquals(0123, perms("f"));
        assertTrue(sys.stat(in("f")).isRegular());
        int fd = open("f", Fcntl.O_RDONLY);
        sys.fchmod(fd, 06711);
        assertEquals(06711, perms("f"));
        sys.fchmodat(Fcntl.AT_FDCWD, in("f"), 0444, 0);
        assertEquals(0444, perms("f"));
        failsUnless(
                Difference.FLAGS_OF_AT_CALLS_UNCHECKED,
                () -> sys.fchmodat(Fcntl.AT_FDCWD, in("f"), 0444, 0x4000),
                Errno.EINVAL);
        fails(() -> sys.chmod(in("none"), 0), Errno.ENOENT);
        fails(() -> sys.chmod(in("f/x"), 0), Errno.ENOTDIR);
    }

    @Test
    void permissionsOfALinkAreItsOwn() throws Exception {
        write("f", "");
        sys.chmod(in("f"), 0640);
        sys.symlink("f", in("l"));
        sys.lchmod(in("l"), 0500);
        assertEquals(0500, perms("l"));
        assertEquals(0640, perms("f"));
        sys.fchmodat(Fcntl.AT_FDCWD, in("l"), 0700, Fcntl.AT_SYMLINK_NOFOLLOW);
        assertEquals(0700, perms("l"));
        assertEquals(0640, perms("f"));
        sys.chmod(in("l"), 0604);
        assertEquals(0604, perms("f"));
    }

    @Test
    void onlyTheOwnerSetsPermissions() throws Exception {
        makeDir("d", 0777);
        make("d/f", 0666);
        make("d/mine", 0666);
        sys.chown(in("d/mine"), USER, GROUP);
        int fd = open("d/f", Fcntl.O_RDWR);
        asUser(() -> {
            fails(() -> sys.chmod(in("d/f"), 0777), Errno.EPERM);
            fails(() -> sys.fchmod(fd, 0777), Errno.EPERM);
            sys.chmod(in("d/mine"), 04700);
            assertEquals(04700, perms("d/mine"));
        });
    }

    @Test
    void specialBitsAreNotForEverybody() throws Exception {
        makeDir("d", 0777);
        make("d/f", 0666);
        sys.chown(in("d/f"), USER, OTHER);
        makeDir("d/sub", 0777);
        sys.chown(in("d/sub"), USER, GROUP);
        asUser(() -> {
            fails(() -> sys.chmod(in("d/f"), 01644), Errno.EFTYPE);
            fails(() -> sys.chmod(in("d/f"), 02755), Errno.EPERM);
            sys.chmod(in("d/sub"), 01755);
            assertEquals(01755, perms("d/sub"));
        });
    }

    @Test
    void theUmaskIsSetAndTold() throws Exception {
        int before = sys.umask(077);
        assertEquals(077, sys.umask(0));
        sys.mkdir(in("d"), 0777);
        assertEquals(0777, perms("d"));
        sys.umask(0777);
        sys.mkfifo(in("p"), 0666);
        assertEquals(0, perms("p"));
        sys.umask(before);
    }

    @Test
    void theUmaskIsTheProcesss() throws Exception {
        sys.umask(022);
        inProcess(() -> assertEquals(022, sys.umask(077)));
        assertEquals(022, sys.umask(022));
    }

    // Owners

    @Test
    void ownersAreSet() throws Exception {
        write("f", "");
        sys.chown(in("f"), USER, GROUP);
        assertEquals(USER, sys.stat(in("f")).uid());
        assertEquals(GROUP, sys.stat(in("f")).gid());
        sys.chown(in("f"), -1, 7);
        assertEquals(USER, sys.stat(in("f")).uid());
        assertEquals(7, sys.stat(in("f")).gid());
        int fd = open("f", Fcntl.O_RDONLY);
        sys.fchown(fd, 8, -1);
        assertEquals(8, sys.stat(in("f")).uid());
        assertEquals(7, sys.stat(in("f")).gid());
        sys.symlink("f", in("l"));
        sys.lchown(in("l"), 1, 2);
        assertEquals(1, sys.lstat(in("l")).uid());
        sys.fchownat(Fcntl.AT_FDCWD, in("l"), 3, 4, Fcntl.AT_SYMLINK_NOFOLLOW);
        assertEquals(4, sys.lstat(in("l")).gid());
        assertEquals(8, sys.stat(in("l")).uid());
        sys.fchownat(Fcntl.AT_FDCWD, in("l"), 9, 9, 0);
        assertEquals(9, sys.stat(in("f")).uid());
        failsUnless(
                Difference.FLAGS_OF_AT_CALLS_UNCHECKED,
                () -> sys.fchownat(Fcntl.AT_FDCWD, in("l"), 3, 4, 0x4000),
                Errno.EINVAL);
        fails(() -> sys.chown(in("none"), 0, 0), Errno.ENOENT);
    }

    @Test
    void filesAreNotGivenAway() throws Exception {
        makeDir("d", 0777);
        make("d/f", 0666);
        sys.chown(in("d/f"), USER, GROUP);
        make("d/theirs", 0666);
        asUser(
                USER,
                GROUP,
                () -> {
                    fails(() -> sys.chown(in("d/f"), OTHER, -1), Errno.EPERM);
                    fails(() -> sys.chown(in("d/f"), -1, 77), Errno.EPERM);
                    fails(() -> sys.chown(in("d/theirs"), -1, GROUP), Errno.EPERM);
                    sys.chown(in("d/f"), USER, 55);
                    assertEquals(55, sys.stat(in("d/f")).gid());
                },
                55);
    }

    @Test
    void givingAFileAnotherGroupTakesItsSetIdBitsOff() throws Exception {
        makeDir("d", 0777);
        make("d/f", 0666);
        sys.chown(in("d/f"), USER, GROUP);
        sys.chmod(in("d/f"), 06755);
        asUser(USER, GROUP, () -> sys.chown(in("d/f"), -1, 55), 55);
        assertEquals(differs(Difference.CHANGING_THE_GROUP_KEEPS_SET_UID) ? 04755 : 0755, perms("d/f"));
    }

    @Test
    void writingTakesTheSetIdBitsOffUnlessTheSuperuserDoesIt() throws Exception {
        assumeNot(Difference.WRITING_TAKES_PERMISSIONS_OFF);
        makeDir("d", 0777);
        make("d/f", 06777);
        int fd = open("d/f", Fcntl.O_WRONLY);
        writeAll(fd, bytes("x"));
        assertEquals(06777, perms("d/f"));
        asUser(() -> {
            int theirs = open("d/f", Fcntl.O_WRONLY);
            assertEquals(06777, perms("d/f"));
            writeAll(theirs, bytes("x"));
        });
        assertEquals(differs(Difference.WRITING_KEEPS_SET_ID_BITS) ? 06777 : 0777, perms("d/f"));
    }

    @Test
    void aNewFileIsItsMakersAndItsDirectorysGroups() throws Exception {
        makeDir("d", 0777);
        sys.chown(in("d"), 5, 77);
        asUser(() -> {
            sys.close(open("d/f", Fcntl.O_RDWR | Fcntl.O_CREAT));
            sys.mkdir(in("d/e"), 0755);
            sys.symlink("x", in("d/l"));
            for (String name : new String[] {"d/f", "d/e", "d/l"}) {
                assertEquals(USER, sys.lstat(in(name)).uid());
                assertEquals(77, sys.lstat(in(name)).gid());
            }
        });
    }

    // Flags

    private void assumeFlags(String name) throws ErrnoException {
        boolean has;
        try {
            for (int flag : new int[] {SysStat.UF_NODUMP, SysStat.UF_APPEND, SysStat.UF_IMMUTABLE}) {
                sys.chflags(in(name), flag);
                sys.chflags(in(name), 0);
            }
            has = true;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
            has = false;
        }
        assumeTrue(has, "this file system has not all file flags");
    }

    @Test
    void flagsAreSet() throws Exception {
        assumeNot(Difference.FLAGS_OF_FILES_ARE_FEW);
        write("f", "");
        assumeFlags("f");
        sys.chflags(in("f"), SysStat.UF_NODUMP);
        assertEquals(SysStat.UF_NODUMP, sys.stat(in("f")).flags());
        int fd = open("f", Fcntl.O_RDONLY);
        sys.fchflags(fd, SysStat.UF_APPEND);
        assertEquals(SysStat.UF_APPEND, sys.stat(in("f")).flags());
        sys.chflags(in("f"), 0);
        fails(() -> sys.chflags(in("none"), 0), Errno.ENOENT);
        sys.symlink("f", in("l"));
        sys.lchflags(in("l"), SysStat.UF_NODUMP);
        assertEquals(SysStat.UF_NODUMP, sys.lstat(in("l")).flags());
        assertEquals(0, sys.stat(in("f")).flags());
    }

    @Test
    void anImmutableFileDoesNotChange() throws Exception {
        write("f", "content");
        assumeFlags("f");
        sys.chflags(in("f"), SysStat.UF_IMMUTABLE);
        fails(() -> open("f", Fcntl.O_WRONLY), Errno.EPERM);
        fails(() -> open("f", Fcntl.O_RDWR | Fcntl.O_APPEND), Errno.EPERM);
        fails(() -> open("f", Fcntl.O_RDWR | Fcntl.O_TRUNC), Errno.EPERM);
        fails(() -> sys.truncate(in("f"), 0), Errno.EPERM);
        fails(() -> sys.chmod(in("f"), 0), Errno.EPERM);
        fails(() -> sys.chown(in("f"), 1, 1), Errno.EPERM);
        fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("f"), NOW, NOW, 0), Errno.EPERM);
        fails(() -> sys.unlink(in("f")), Errno.EPERM);
        fails(() -> sys.rename(in("f"), in("g")), Errno.EPERM);
        fails(() -> sys.link(in("f"), in("g")), Errno.EPERM);
        write("h", "");
        fails(() -> sys.rename(in("h"), in("f")), Errno.EPERM);
        assertEquals("content", read("f"));
        sys.chflags(in("f"), 0);
        sys.unlink(in("f"));
    }

    @Test
    void anAppendOnlyFileGrowsOnly() throws Exception {
        write("f", "content");
        assumeFlags("f");
        sys.chflags(in("f"), SysStat.UF_APPEND);
        fails(() -> open("f", Fcntl.O_WRONLY), Errno.EPERM);
        fails(() -> open("f", Fcntl.O_WRONLY | Fcntl.O_APPEND | Fcntl.O_TRUNC), Errno.EPERM);
        fails(() -> sys.truncate(in("f"), 0), Errno.EPERM);
        fails(() -> sys.unlink(in("f")), Errno.EPERM);
        int fd = open("f", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        writeAll(fd, bytes(" and more"));
        fails(() -> sys.ftruncate(fd, 0), Errno.EPERM);
        assertEquals("content and more", read("f"));
        sys.chflags(in("f"), 0);
    }

    @Test
    void anImmutableDirectoryKeepsItsNames() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "content");
        write("g", "");
        assumeFlags("d");
        sys.chflags(in("d"), SysStat.UF_IMMUTABLE);
        fails(() -> open("d/new", Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.EPERM);
        fails(() -> sys.mkdir(in("d/new"), 0755), Errno.EPERM);
        fails(() -> sys.symlink("x", in("d/new")), Errno.EPERM);
        fails(() -> sys.link(in("g"), in("d/new")), Errno.EPERM);
        fails(() -> sys.rename(in("g"), in("d/new")), Errno.EPERM);
        fails(() -> sys.rename(in("d/f"), in("new")), Errno.EPERM);
        fails(() -> sys.unlink(in("d/f")), Errno.EPERM);
        write("d/f", "changed");
        sys.chflags(in("d"), SysStat.UF_APPEND);
        write("d/new", "");
        fails(() -> sys.unlink(in("d/new")), Errno.EPERM);
        sys.chflags(in("d"), 0);
    }

    @Test
    void flagsAreTheOwnersAndSomeTheSuperusers() throws Exception {
        assumeNot(Difference.FLAGS_OF_FILES_ARE_FEW);
        makeDir("d", 0777);
        make("d/f", 0666);
        assumeFlags("d/f");
        sys.chown(in("d/f"), USER, GROUP);
        make("d/theirs", 0666);
        asUser(() -> {
            sys.chflags(in("d/f"), SysStat.UF_NODUMP);
            fails(() -> sys.chflags(in("d/f"), SysStat.SF_ARCHIVED), Errno.EPERM);
            fails(() -> sys.chflags(in("d/theirs"), SysStat.UF_NODUMP), Errno.EPERM);
        });
        sys.chflags(in("d/f"), SysStat.SF_IMMUTABLE);
        asUser(() -> fails(() -> sys.chflags(in("d/f"), 0), Errno.EPERM));
        sys.chflags(in("d/f"), 0);
    }

    // Times

    private Timespec now() throws ErrnoException {
        return sys.clockGettime(SysTime.CLOCK_REALTIME);
    }

    /** Sets access and modification time to long ago. */
    private void age(String name) throws ErrnoException {
        sys.utimensat(Fcntl.AT_FDCWD, in(name), LONG_AGO, LONG_AGO, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    /** A second more or less, for file systems that count in those. */
    private static void assertBetween(Timespec from, Timespec time, Timespec to) {
        assertTrue(
                time.sec() >= from.sec() && time.sec() <= to.sec(),
                () -> time + " is not between " + from + " and " + to);
    }

    @Test
    void timesAreSet() throws Exception {
        write("f", "");
        sys.utimensat(Fcntl.AT_FDCWD, in("f"), LONG_AGO, BEFORE, 0);
        assertEquals(LONG_AGO.sec(), sys.stat(in("f")).atime().sec());
        assertEquals(BEFORE, sys.stat(in("f")).mtime());
        int fd = open("f", Fcntl.O_RDONLY);
        sys.futimens(fd, BEFORE, OMIT);
        assertEquals(BEFORE, sys.stat(in("f")).atime());
        assertEquals(BEFORE, sys.stat(in("f")).mtime());
        Timespec from = now();
        sys.futimens(fd, OMIT, NOW);
        assertEquals(BEFORE, sys.stat(in("f")).atime());
        assertBetween(from, sys.stat(in("f")).mtime(), now());
        sys.symlink("f", in("l"));
        sys.utimensat(Fcntl.AT_FDCWD, in("l"), BEFORE, BEFORE, Fcntl.AT_SYMLINK_NOFOLLOW);
        assertEquals(BEFORE, sys.lstat(in("l")).mtime());
    }

    @Test
    void timesBefore1970AreTimes() throws Exception {
        assumeNot(Difference.TIMES_BEFORE_1970_ARE_TO_COME);
        write("f", "");
        Timespec early = new Timespec(-1_000_000, 0);
        sys.utimensat(Fcntl.AT_FDCWD, in("f"), early, early, 0);
        assertEquals(early, sys.stat(in("f")).mtime());
    }

    @Test
    void timesMustBeTimes() throws Exception {
        write("f", "");
        Timespec wrong = new Timespec(0, 1_000_000_000);
        assumeNot(Difference.TIMES_UNCHECKED);
        fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("f"), wrong, NOW, 0), Errno.EINVAL);
        fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("f"), NOW, new Timespec(0, -1), 0), Errno.EINVAL);
        fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("f"), NOW, NOW, 0x4000), Errno.EINVAL);
        fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("none"), NOW, NOW, 0), Errno.ENOENT);
        int fd = open("f", Fcntl.O_RDONLY);
        fails(() -> sys.futimens(fd, wrong, wrong), Errno.EINVAL);
    }

    @Test
    void theOwnerSetsTimesAndWhoMayWriteSaysNow() throws Exception {
        makeDir("d", 0777);
        make("d/f", 0666);
        make("d/closed", 0644);
        make("d/mine", 0444);
        sys.chown(in("d/mine"), USER, GROUP);
        asUser(() -> {
            fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("d/f"), BEFORE, BEFORE, 0), Errno.EPERM);
            fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("d/f"), NOW, OMIT, 0), Errno.EPERM);
            fails(() -> sys.utimensat(Fcntl.AT_FDCWD, in("d/closed"), NOW, NOW, 0), Errno.EACCES);
            sys.utimensat(Fcntl.AT_FDCWD, in("d/f"), NOW, NOW, 0);
            sys.utimensat(Fcntl.AT_FDCWD, in("d/mine"), BEFORE, BEFORE, 0);
            assertEquals(BEFORE, sys.stat(in("d/mine")).mtime());
        });
    }

    @Test
    void aNewFileIsAsOldAsItIs() throws Exception {
        Timespec from = now();
        write("f", "");
        sys.mkdir(in("d"), 0755);
        Timespec to = now();
        for (String name : new String[] {"f", "d"}) {
            Stat stat = sys.stat(in(name));
            assertBetween(from, stat.atime(), to);
            assertBetween(from, stat.mtime(), to);
            assertBetween(from, stat.ctime(), to);
        }
    }

    @Test
    void writingChangesTheModificationTimeAndReadingDoesNot() throws Exception {
        write("f", "content");
        age("f");
        int fd = open("f", Fcntl.O_RDWR);
        sys.read(fd, new byte[3]);
        assertEquals(LONG_AGO.sec(), sys.fstat(fd).mtime().sec());
        sys.write(fd, new byte[0]);
        assertEquals(LONG_AGO.sec(), sys.fstat(fd).mtime().sec());
        Timespec from = now();
        writeAll(fd, bytes("x"));
        assertBetween(from, sys.fstat(fd).mtime(), now());
        assertBetween(from, sys.fstat(fd).ctime(), now());
    }

    @Test
    void truncatingChangesTheModificationTime() throws Exception {
        write("f", "content");
        age("f");
        Timespec from = now();
        sys.truncate(in("f"), 3);
        assertBetween(from, sys.stat(in("f")).mtime(), now());
        age("f");
        sys.close(open("f", Fcntl.O_RDWR | Fcntl.O_TRUNC));
        assertBetween(from, sys.stat(in("f")).mtime(), now());
    }

    @Test
    void attributesChangeTheChangeTimeOnly() throws Exception {
        write("f", "content");
        age("f");
        Timespec from = now();
        sys.chmod(in("f"), 0600);
        Stat stat = sys.stat(in("f"));
        assertBetween(from, stat.ctime(), now());
        assertEquals(LONG_AGO.sec(), stat.mtime().sec());
        sys.link(in("f"), in("g"));
        assertEquals(LONG_AGO.sec(), sys.stat(in("f")).mtime().sec());
    }

    @Test
    void namesComingAndGoingChangeTheirDirectory() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("e"), 0755);
        Timespec from = now();
        for (Body change : new Body[] {
            () -> sys.close(open("d/f", Fcntl.O_RDWR | Fcntl.O_CREAT)),
            () -> sys.mkdir(in("d/sub"), 0755),
            () -> sys.link(in("d/f"), in("d/g")),
            () -> sys.rename(in("d/g"), in("e/g")),
            () -> sys.rename(in("e/g"), in("d/g")),
            () -> sys.unlink(in("d/g")),
            () -> sys.rmdir(in("d/sub")),
        }) {
            age("d");
            change.run();
            assertBetween(from, sys.stat(in("d")).mtime(), now());
        }
        age("d");
        sys.stat(in("d/f"));
        write("d/f", "content");
        assertEquals(LONG_AGO.sec(), sys.stat(in("d")).mtime().sec());
    }
}
