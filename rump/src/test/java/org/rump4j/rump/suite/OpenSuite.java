package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;

/** {@code open(2)}, {@code openat(2)}, {@code close(2)} of files. */
public abstract class OpenSuite extends FileSuite {
    @Test
    void aFileThatIsNotThereIsENOENT() {
        fails(() -> open("none", Fcntl.O_RDONLY), Errno.ENOENT);
        fails(() -> open("none/deeper", Fcntl.O_RDONLY | Fcntl.O_CREAT), Errno.ENOENT);
    }

    @Test
    void theDescriptorIsTheLowestThatIsFree() throws Exception {
        write("f", "");
        int first = open("f", Fcntl.O_RDONLY);
        int second = open("f", Fcntl.O_RDONLY);
        assertEquals(first + 1, second);
        sys.close(first);
        assertEquals(first, open("f", Fcntl.O_RDONLY));
    }

    @Test
    void anOpenThatFailsTakesNoDescriptor() throws Exception {
        write("f", "");
        int fd = open("f", Fcntl.O_RDONLY);
        sys.close(fd);
        fails(() -> open("none", Fcntl.O_RDONLY), Errno.ENOENT);
        fails(() -> open("f", Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL), Errno.EEXIST);
        assertEquals(fd, open("f", Fcntl.O_RDONLY));
    }

    @Test
    void thereAreNoMoreDescriptorsThanTheLimitAllows() throws Exception {
        write("f", "");
        sys.setrlimit(Rlimit.RLIMIT_NOFILE, new Rlimit(4, 8));
        int fd = -1;
        while (fd < 3) {
            fd = open("f", Fcntl.O_RDONLY);
        }
        fails(() -> open("f", Fcntl.O_RDONLY), Errno.EMFILE);
        fails(() -> open("new", Fcntl.O_RDONLY | Fcntl.O_CREAT), Errno.EMFILE);
        assertFalse(exists("new"));
    }

    @Test
    void bothBitsOfTheAccessModeAreEINVAL() throws Exception {
        write("f", "");
        fails(() -> open("f", Fcntl.O_ACCMODE), Errno.EINVAL);
    }

    @Test
    void whatIsCreatedHasTheModeLessTheUmask() throws Exception {
        sys.umask(027);
        sys.close(sys.open(in("f"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0666));
        assertEquals(0640, perms("f"));
        assertTrue(sys.stat(in("f")).isRegular());
        assertEquals(0, sys.stat(in("f")).size());
    }

    @Test
    void whatIsCreatedWithoutPermissionsCanStillBeUsedByItsCreator() throws Exception {
        makeDir("d", 0777);
        asUser(() -> {
            int fd = sys.open(in("d/f"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0);
            writeAll(fd, bytes("x"));
            sys.close(fd);
            fails(() -> open("d/f", Fcntl.O_RDONLY), Errno.EACCES);
        });
    }

    @Test
    void creatingWhatIsThereOpensItAsItIs() throws Exception {
        write("f", "content");
        sys.chmod(in("f"), 0600);
        int fd = sys.open(in("f"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0777);
        assertEquals("content", text(readAll(fd)));
        assertEquals(0600, perms("f"));
    }

    @Test
    void exclusiveCreationRefusesWhateverHasTheName() throws Exception {
        write("f", "");
        sys.mkdir(in("d"), 0755);
        sys.symlink("nowhere", in("l"));
        int exclusive = Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL;
        fails(() -> open("f", exclusive), Errno.EEXIST);
        fails(() -> open("d", exclusive), Errno.EEXIST);
        fails(() -> open("l", exclusive), Errno.EEXIST);
        assertFalse(exists("nowhere"));
    }

    @Test
    void creationFollowsALinkToWhereNothingIs() throws Exception {
        sys.symlink("target", in("l"));
        sys.close(open("l", Fcntl.O_WRONLY | Fcntl.O_CREAT));
        assertTrue(sys.lstat(in("target")).isRegular());
        assertTrue(sys.lstat(in("l")).isSymlink());
    }

    @Test
    void truncationLeavesNothing() throws Exception {
        write("f", "content");
        sys.close(open("f", Fcntl.O_RDWR | Fcntl.O_TRUNC));
        assertEquals("", read("f"));
    }

    @Test
    void aDirectoryCannotBeOpenedForWriting() throws Exception {
        sys.mkdir(in("d"), 0755);
        fails(() -> open("d", Fcntl.O_WRONLY), Errno.EISDIR);
        fails(() -> open("d", Fcntl.O_RDWR), Errno.EISDIR);
        fails(() -> open("d", Fcntl.O_RDWR | Fcntl.O_TRUNC), Errno.EISDIR);
        sys.close(open("d", Fcntl.O_RDONLY));
    }

    @Test
    void onlyADirectoryWillDoWhereOneIsAskedFor() throws Exception {
        write("f", "");
        sys.symlink("f", in("l"));
        fails(() -> open("f", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY), Errno.ENOTDIR);
        fails(() -> open("l", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY), Errno.ENOTDIR);
        fails(() -> open("f/below", Fcntl.O_RDONLY), Errno.ENOTDIR);
        fails(() -> open("f/", Fcntl.O_RDONLY), Errno.ENOTDIR);
    }

    @Test
    void aLinkIsNotFollowedWhereThatIsAskedFor() throws Exception {
        write("f", "content");
        sys.symlink("f", in("l"));
        sys.mkdir(in("d"), 0755);
        sys.symlink("d", in("ld"));
        write("d/g", "below");
        fails(() -> open("l", Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW), Errno.EFTYPE, Errno.ELOOP);
        sys.close(open("f", Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW));
        sys.close(open("ld/g", Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW));
    }

    @Test
    void aNameWithASlashBehindItIsNotCreated() throws Exception {
        fails(() -> open("new/", Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.EISDIR, Errno.ENOENT);
        assertFalse(exists("new"));
    }

    @Test
    void theAccessModeHolds() throws Exception {
        write("f", "content");
        int reader = open("f", Fcntl.O_RDONLY);
        int writer = open("f", Fcntl.O_WRONLY);
        fails(() -> sys.write(reader, bytes("x")), Errno.EBADF);
        fails(() -> sys.read(writer, new byte[1]), Errno.EBADF);
        fails(() -> sys.pwrite(reader, bytes("x"), 0), Errno.EBADF);
        fails(() -> sys.pread(writer, new byte[1], 0), Errno.EBADF);
        assertEquals("content", read("f"));
    }

    @Test
    void theFlagsCanBeAskedFor() throws Exception {
        write("f", "");
        int fd = open("f", Fcntl.O_RDWR | Fcntl.O_APPEND | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        int shown = Fcntl.O_ACCMODE | Fcntl.O_APPEND | Fcntl.O_NONBLOCK;
        assertEquals(Fcntl.O_RDWR | Fcntl.O_APPEND | Fcntl.O_NONBLOCK, sys.fcntl(fd, Fcntl.F_GETFL, 0) & shown);
        assertEquals(Fcntl.FD_CLOEXEC, sys.fcntl(fd, Fcntl.F_GETFD, 0));
        assertEquals(0, sys.fcntl(open("f", Fcntl.O_RDONLY), Fcntl.F_GETFD, 0));
    }

    @Test
    void writesOfASynchronousFileAreThere() throws Exception {
        for (int flag : new int[] {Fcntl.O_SYNC, Fcntl.O_DSYNC}) {
            int fd = open("f" + flag, Fcntl.O_RDWR | Fcntl.O_CREAT | flag);
            writeAll(fd, bytes("durable"));
            sys.close(fd);
            assertEquals("durable", read("f" + flag));
        }
    }

    @Test
    void permissionsAreLookedAtForReadingWritingAndBoth() throws Exception {
        makeDir("d", 0755);
        for (int mode : new int[] {0400, 0200, 0600, 0}) {
            make("d/" + mode, mode);
            sys.chown(in("d/" + mode), USER, GROUP);
        }
        asUser(() -> {
            sys.close(open("d/" + 0400, Fcntl.O_RDONLY));
            fails(() -> open("d/" + 0400, Fcntl.O_WRONLY), Errno.EACCES);
            fails(() -> open("d/" + 0400, Fcntl.O_RDWR), Errno.EACCES);
            sys.close(open("d/" + 0200, Fcntl.O_WRONLY));
            fails(() -> open("d/" + 0200, Fcntl.O_RDONLY), Errno.EACCES);
            fails(() -> open("d/" + 0200, Fcntl.O_RDWR), Errno.EACCES);
            sys.close(open("d/" + 0600, Fcntl.O_RDWR));
            fails(() -> open("d/" + 0, Fcntl.O_RDONLY), Errno.EACCES);
        });
    }

    @Test
    void creationNeedsAWritableDirectory() throws Exception {
        makeDir("d", 0755);
        asUser(() -> fails(() -> open("d/f", Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.EACCES));
        assertFalse(exists("d/f"));
    }

    @Test
    void permissionsOfAnOpenFileAreThoseOfWhenItWasOpened() throws Exception {
        makeDir("d", 0755);
        write("d/f", "content");
        sys.chown(in("d/f"), USER, GROUP);
        asUser(() -> {
            int fd = open("d/f", Fcntl.O_RDWR);
            sys.chmod(in("d/f"), 0);
            assertEquals(7, sys.read(fd, new byte[10]));
            writeAll(fd, bytes("x"));
        });
    }

    @Test
    void relativePathsStartFromTheDirectorysDescriptor() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "in d");
        int d = open("d", Fcntl.O_RDONLY);
        int fd = sys.openat(d, "f", Fcntl.O_RDONLY, 0);
        assertEquals("in d", text(readAll(fd)));
        sys.close(sys.openat(d, "new", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644));
        assertTrue(exists("d/new"));
        sys.rename(in("d"), in("elsewhere"));
        sys.close(sys.openat(d, "f", Fcntl.O_RDONLY, 0));
    }

    @Test
    void absolutePathsDoNotLookAtTheDirectorysDescriptor() throws Exception {
        write("f", "content");
        if (differs(Difference.ABSOLUTE_PATHS_NEED_A_DESCRIPTOR)) {
            fails(() -> sys.openat(12345, in("f"), Fcntl.O_RDONLY, 0), Errno.EBADF);
            sys.mkdir(in("d"), 0755);
            sys.close(sys.openat(open("d", Fcntl.O_RDONLY), in("f"), Fcntl.O_RDONLY, 0));
            return;
        }
        sys.close(sys.openat(12345, in("f"), Fcntl.O_RDONLY, 0));
    }

    @Test
    void theDirectorysDescriptorMustBeOne() throws Exception {
        write("f", "");
        int f = open("f", Fcntl.O_RDONLY);
        if (!differs(Difference.FILES_FOR_DIRECTORIES_STAY_BUSY)) {
            fails(() -> sys.openat(f, "x", Fcntl.O_RDONLY, 0), Errno.ENOTDIR);
        }
        fails(() -> sys.openat(12345, "x", Fcntl.O_RDONLY, 0), Errno.EBADF);
        fails(() -> sys.openat(-1, "x", Fcntl.O_RDONLY, 0), Errno.EBADF);
    }

    @Test
    void theWorkingDirectoryStandsInForADirectorysDescriptor() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "in d");
        sys.chdir(in("d"));
        int fd = sys.openat(Fcntl.AT_FDCWD, "f", Fcntl.O_RDONLY, 0);
        assertEquals("in d", text(readAll(fd)));
    }

    @Test
    void aNodeWithoutADeviceIsENXIO() throws Exception {
        sys.mknod(in("c"), SysStat.S_IFCHR | 0600, SysStat.makedev(200, 1));
        sys.mknod(in("b"), SysStat.S_IFBLK | 0600, SysStat.makedev(200, 1));
        fails(() -> open("c", Fcntl.O_RDWR), Errno.ENXIO);
        fails(() -> open("b", Fcntl.O_RDONLY), Errno.ENXIO);
    }

    @Test
    void aDescriptorThatIsClosedIsEBADF() throws Exception {
        write("f", "");
        int fd = open("f", Fcntl.O_RDWR);
        sys.close(fd);
        fails(() -> sys.close(fd), Errno.EBADF);
        fails(() -> sys.close(-1), Errno.EBADF);
        fails(() -> sys.read(fd, new byte[1]), Errno.EBADF);
        fails(() -> sys.write(fd, new byte[1]), Errno.EBADF);
        fails(() -> sys.fstat(fd), Errno.EBADF);
        fails(() -> sys.lseek(fd, 0, Fcntl.SEEK_SET), Errno.EBADF);
        fails(() -> sys.fsync(fd), Errno.EBADF);
        fails(() -> sys.fdatasync(fd), Errno.EBADF);
        fails(() -> sys.ftruncate(fd, 0), Errno.EBADF);
        fails(() -> sys.getdents(fd), Errno.EBADF);
        fails(() -> sys.fchdir(fd), Errno.EBADF);
        fails(() -> sys.fchroot(fd), Errno.EBADF);
        fails(() -> sys.fchmod(fd, 0), Errno.EBADF);
        fails(() -> sys.fchown(fd, 0, 0), Errno.EBADF);
        fails(() -> sys.fchflags(fd, 0), Errno.EBADF);
        fails(() -> sys.fstatvfs1(fd, 0), Errno.EBADF);
    }

    @Test
    void onlyARegularFileWillDoWhereOneIsAskedFor() throws Exception {
        write("f", "");
        sys.mkdir(in("d"), 0755);
        sys.mkfifo(in("p"), 0644);
        sys.close(open("f", Fcntl.O_RDONLY | Fcntl.O_REGULAR));
        sys.close(open("new", Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_REGULAR));
        failsUnless(Difference.REGULAR_MEANS_NOTHING, () -> open("d", Fcntl.O_RDONLY | Fcntl.O_REGULAR), Errno.EFTYPE);
        failsUnless(
                Difference.REGULAR_MEANS_NOTHING,
                () -> open("p", Fcntl.O_RDONLY | Fcntl.O_REGULAR | Fcntl.O_NONBLOCK),
                Errno.EFTYPE);
    }

    @Test
    void aFileThatIsOpenForExecutingIsNeitherReadNorWritten() throws Exception {
        assumeNot(Difference.NO_OPENING_FOR_EXECUTION);
        make("f", 0100);
        make("g", 0600);
        sys.chown(in("f"), USER, GROUP);
        sys.chown(in("g"), USER, GROUP);
        asUser(() -> {
            int fd = open("f", Fcntl.O_EXEC);
            fails(() -> sys.read(fd, new byte[1]), Errno.EBADF);
            fails(() -> sys.write(fd, new byte[1]), Errno.EBADF);
            assertTrue(sys.fstat(fd).isRegular());
            fails(() -> open("g", Fcntl.O_EXEC), Errno.EACCES);
        });
    }

    @Test
    void aDirectoryThatWasOpenedForSearchingIsNotAskedAgain() throws Exception {
        assumeNot(Difference.NO_OPENING_FOR_EXECUTION);
        makeDir("d", 0755);
        makeDir("closed", 0644);
        write("d/f", "found");
        write("f", "");
        sys.chown(in("d"), USER, GROUP);
        sys.chmod(in("d/f"), 0644);
        asUser(() -> {
            int search = open("d", Fcntl.O_SEARCH | Fcntl.O_DIRECTORY);
            int read = open("d", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
            sys.chmod(in("d"), 0644);
            fails(() -> sys.openat(read, "f", Fcntl.O_RDONLY, 0), Errno.EACCES);
            sys.close(sys.openat(search, "f", Fcntl.O_RDONLY, 0));
            sys.close(sys.openat(search, "./f", Fcntl.O_RDONLY, 0));
            assertEquals(5, sys.fstatat(search, "f", 0).size());
            fails(() -> open("d/f", Fcntl.O_RDONLY), Errno.EACCES);
            fails(() -> open("closed", Fcntl.O_SEARCH), Errno.EACCES);
            fails(() -> open("f", Fcntl.O_SEARCH), Errno.ENOTDIR);
        });
    }
}
