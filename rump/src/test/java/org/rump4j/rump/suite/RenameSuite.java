package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;

/** {@code rename(2)}, {@code renameat(2)}. */
public abstract class RenameSuite extends FileSuite {
    /** {@code a/} and {@code b/} with a file each, and an empty directory and a full one in a. */
    @BeforeEach
    void makeTree() throws Exception {
        sys.mkdir(in("a"), 0755);
        sys.mkdir(in("b"), 0755);
        write("a/f", "a's");
        write("b/f", "b's");
        sys.mkdir(in("a/empty"), 0755);
        sys.mkdir(in("a/full"), 0755);
        write("a/full/x", "x");
    }

    private void rename(String from, String to) throws org.rump4j.rumpuser.ErrnoException {
        sys.rename(in(from), in(to));
    }

    @Test
    void aFileGetsAnotherName() throws Exception {
        long ino = ino("a/f");
        rename("a/f", "a/g");
        assertEquals(List.of("empty", "full", "g"), names("a"));
        assertEquals(ino, ino("a/g"));
        assertEquals("a's", read("a/g"));
        assertEquals(1, sys.stat(in("a/g")).nlink());
    }

    @Test
    void aFileGoesToAnotherDirectory() throws Exception {
        rename("a/f", "b/g");
        assertFalse(exists("a/f"));
        assertEquals("a's", read("b/g"));
        assertEquals(List.of("f", "g"), names("b"));
    }

    @Test
    void whatHasTheNewNameIsReplaced() throws Exception {
        int fd = open("b/f", Fcntl.O_RDONLY);
        rename("a/f", "b/f");
        assertEquals("a's", read("b/f"));
        assertFalse(exists("a/f"));
        assertEquals("b's", text(readAll(fd)));
        assertEquals(0, sys.fstat(fd).nlink());
        write("a/g", "g's");
        rename("a/g", "b/f");
        assertEquals("g's", read("b/f"));
        write("b/h", "h's");
        rename("b/h", "b/f");
        assertEquals(List.of("f"), names("b"));
        assertEquals("h's", read("b/f"));
    }

    @Test
    void oneOfSeveralNamesIsReplacedAndTheOthersStay() throws Exception {
        sys.link(in("b/f"), in("b/other"));
        rename("a/f", "b/f");
        assertEquals("b's", read("b/other"));
        assertEquals(1, sys.stat(in("b/other")).nlink());
    }

    @Test
    void twoNamesOfOneFileBothStay() throws Exception {
        sys.link(in("a/f"), in("a/g"));
        sys.link(in("a/f"), in("b/g"));
        if (differs(Difference.RENAMING_TAKES_A_NAME_OF_THE_SAME_FILE_AWAY)) {
            rename("a/f", "a/g");
            rename("a/g", "b/g");
            rename("b/g", "b/g");
            assertEquals(1, sys.stat(in("b/g")).nlink());
            assertFalse(exists("a/f") || exists("a/g"));
            return;
        }
        rename("a/f", "a/g");
        rename("a/f", "b/g");
        rename("a/f", "a/f");
        assertEquals(3, sys.stat(in("a/f")).nlink());
        assertTrue(exists("a/g") && exists("b/g"));
    }

    @Test
    void aDirectoryMovesWithAllThatIsInIt() throws Exception {
        int a = sys.stat(in("a")).nlink();
        int b = sys.stat(in("b")).nlink();
        rename("a/full", "b/moved");
        assertEquals("x", read("b/moved/x"));
        assertFalse(exists("a/full"));
        assertEquals(a - 1, sys.stat(in("a")).nlink());
        assertEquals(b + 1, sys.stat(in("b")).nlink());
        assertEquals(ino("b"), ino("b/moved/.."));
        rename("b/moved", "b/renamed");
        assertEquals(b + 1, sys.stat(in("b")).nlink());
        assertEquals("x", read("b/renamed/x"));
    }

    @Test
    void aDirectoryReplacesAnEmptyOne() throws Exception {
        sys.mkdir(in("b/empty"), 0755);
        int b = sys.stat(in("b")).nlink();
        rename("a/full", "a/empty");
        assertEquals("x", read("a/empty/x"));
        rename("a/empty", "b/empty");
        assertEquals("x", read("b/empty/x"));
        assertEquals(b, sys.stat(in("b")).nlink());
        assertEquals(2, sys.stat(in("a")).nlink());
    }

    @Test
    void aDirectoryDoesNotReplaceAFullOne() {
        fails(() -> rename("a/empty", "a/full"), Errno.ENOTEMPTY, Errno.EEXIST);
        fails(() -> rename("b", "a"), Errno.ENOTEMPTY, Errno.EEXIST);
        fails(() -> rename("b", "a/full"), Errno.ENOTEMPTY, Errno.EEXIST);
    }

    @Test
    void directoriesAndFilesDoNotReplaceOneAnother() throws Exception {
        fails(() -> rename("a/empty", "a/f"), Errno.ENOTDIR);
        fails(() -> rename("a/empty", "b/f"), Errno.ENOTDIR);
        fails(() -> rename("a/f", "a/empty"), Errno.EISDIR);
        fails(() -> rename("b/f", "a/empty"), Errno.EISDIR);
        assertEquals("a's", read("a/f"));
        assertTrue(exists("a/empty"));
    }

    @Test
    void aDirectoryDoesNotGoBelowItself() throws Exception {
        fails(() -> rename("a", "a/x"), Errno.EINVAL);
        failsOr(Difference.ANOTHER_ERROR_COMES_FIRST, Errno.ENOTDIR, () -> rename("a", "a/full/x"), Errno.EINVAL);
        fails(() -> rename("a", "a/full"), Errno.EINVAL);
        fails(() -> rename("a/full", "a/full/y"), Errno.EINVAL);
        assertEquals(List.of("empty", "f", "full"), names("a"));
    }

    @Test
    void whatIsAboveIsNotReplaced() throws Exception {
        sys.mkdir(in("a/full/deeper"), 0755);
        fails(() -> rename("a/full/deeper", "a/full"), Errno.ENOTEMPTY, Errno.EEXIST);
        fails(() -> rename("a/full/deeper", "a"), Errno.ENOTEMPTY, Errno.EEXIST);
        fails(() -> rename("a/full/x", "a/full"), Errno.EISDIR, Errno.ENOTEMPTY);
        fails(() -> rename("a/full/x", "a"), Errno.EISDIR, Errno.ENOTEMPTY);
    }

    @Test
    void dotAndDotDotAreNotRenamed() {
        fails(() -> rename("a/.", "c"), Errno.EINVAL);
        fails(() -> rename("a/full/..", "c"), Errno.EINVAL);
        fails(() -> rename("a/f", "b/."), Errno.EINVAL, Errno.EISDIR);
        fails(() -> rename("a/f", "b/.."), Errno.EINVAL, Errno.EISDIR);
        fails(() -> sys.rename("/", in("c")), Errno.EBUSY, Errno.EINVAL);
        fails(() -> sys.rename(in("a"), "/"), Errno.EBUSY, Errno.EINVAL, Errno.EEXIST, Errno.EISDIR, Errno.ENOTEMPTY);
    }

    @Test
    void bothPathsMustLeadSomewhere() {
        fails(() -> rename("none", "c"), Errno.ENOENT);
        fails(() -> rename("none/f", "c"), Errno.ENOENT);
        fails(() -> rename("a/f", "none/f"), Errno.ENOENT);
        fails(() -> rename("a/f/x", "c"), Errno.ENOTDIR);
        fails(() -> rename("a/f", "b/f/x"), Errno.ENOTDIR);
        fails(() -> sys.rename(in("a/f"), ""), Errno.ENOENT);
    }

    @Test
    void aSlashIsForDirectoriesOnly() throws Exception {
        fails(() -> rename("a/f/", "a/g"), Errno.ENOTDIR);
        fails(() -> rename("a/f", "a/g/"), Errno.ENOTDIR, Errno.ENOENT);
        fails(() -> rename("a/f", "b/f/"), Errno.ENOTDIR);
        rename("a/empty/", "a/still");
        rename("a/still", "a/empty/");
        assertEquals(List.of("empty", "f", "full"), names("a"));
    }

    @Test
    void aLinkIsRenamedAndNotWhatItLeadsTo() throws Exception {
        sys.symlink("f", in("a/l"));
        rename("a/l", "a/m");
        assertEquals("f", sys.readlink(in("a/m")));
        write("a/g", "g's");
        rename("a/g", "a/m");
        assertFalse(sys.lstat(in("a/m")).isSymlink());
        assertEquals("a's", read("a/f"));
        sys.symlink("nowhere", in("a/l"));
        rename("a/f", "a/l");
        assertEquals("a's", read("a/l"));
        assertFalse(exists("a/nowhere"));
    }

    @Test
    void renameatStartsFromDescriptors() throws Exception {
        int a = open("a", Fcntl.O_RDONLY);
        int b = open("b", Fcntl.O_RDONLY);
        sys.renameat(a, "f", b, "g");
        assertEquals("a's", read("b/g"));
        fails(() -> sys.renameat(12345, "f", b, "g"), Errno.EBADF);
        fails(() -> sys.renameat(b, "g", 12345, "g"), Errno.EBADF);
        if (!differs(Difference.FILES_FOR_DIRECTORIES_STAY_BUSY)) {
            int f = open("b/f", Fcntl.O_RDONLY);
            fails(() -> sys.renameat(b, "g", f, "g"), Errno.ENOTDIR);
        }
    }

    @Test
    void bothDirectoriesMustBeWritable() throws Exception {
        sys.chmod(in("a"), 0777);
        asUser(() -> {
            fails(() -> rename("a/f", "b/g"), Errno.EACCES);
            fails(() -> rename("b/f", "a/g"), Errno.EACCES);
            rename("a/f", "a/g");
        });
        sys.chmod(in("a"), 0666);
        asUser(() -> fails(() -> rename("a/g", "a/h"), Errno.EACCES));
    }

    @Test
    void aDirectoryThatChangesItsDotDotMustBeWritable() throws Exception {
        sys.chmod(in("a"), 0777);
        sys.chmod(in("b"), 0777);
        asUser(() -> {
            fails(() -> rename("a/empty", "b/empty"), Errno.EACCES);
            rename("a/empty", "a/renamed");
        });
    }

    @Test
    void aStickyDirectoryKeepsWhatIsSomebodyElses() throws Exception {
        makeDir("t", 01777);
        make("t/mine", 0666);
        sys.chown(in("t/mine"), USER, GROUP);
        make("t/theirs", 0666);
        sys.chown(in("t/theirs"), OTHER, GROUP);
        asUser(() -> {
            fails(() -> rename("t/theirs", "t/x"), Errno.EPERM, Errno.EACCES);
            fails(() -> rename("t/mine", "t/theirs"), Errno.EPERM, Errno.EACCES);
            rename("t/mine", "t/renamed");
        });
    }

    @Test
    void theDirectoryOfTheProcessMayMove() throws Exception {
        sys.chdir(in("a/full"));
        rename("a/full", "b/moved");
        assertEquals(dir + "b/moved", sys.getcwd());
        assertEquals("x", text(readAll(sys.open("x", Fcntl.O_RDONLY, 0))));
    }
}
