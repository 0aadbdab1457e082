package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.Errno;

/** How paths are resolved: POSIX Base Definitions 4.16, {@code namei(9)}, {@code symlink(7)}, {@code chroot(2)}. */
public abstract class NameSuite extends FileSuite {
    private static final int MAXSYMLINKS = 32;
    private static final int PATH_MAX = 1024;

    // Components

    @Test
    void dotsAndSlashesLeadNowhereElse() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "content");
        long f = ino("d/f");
        for (String path : List.of("d//f", "d/./f", "./d/f", "d/../d/f", "d/.//.././d///f")) {
            assertEquals(f, ino(path), path);
        }
        assertEquals(ino("d"), ino("d/"));
        assertEquals(ino("d"), ino("d/."));
        assertEquals(ino("d"), ino("d//.//"));
    }

    @Test
    void aboveTheRootIsTheRoot() throws Exception {
        long root = sys.stat("/").ino();
        assertEquals(root, sys.stat("/..").ino());
        assertEquals(root, sys.stat("/../../..").ino());
        assertEquals(root, sys.stat("//").ino());
        assertEquals(root, sys.stat("/.").ino());
    }

    @Test
    void anEmptyPathIsENOENT() {
        fails(() -> sys.stat(""), Errno.ENOENT);
        fails(() -> sys.open("", Fcntl.O_RDONLY, 0), Errno.ENOENT);
        fails(() -> sys.unlink(""), Errno.ENOENT);
        fails(() -> sys.rename("", in("x")), Errno.ENOENT);
        fails(() -> sys.chdir(""), Errno.ENOENT);
        fails(() -> sys.readlink(""), Errno.ENOENT);
    }

    @Test
    void whatIsOnTheWayMustBeADirectoryThatIsThere() throws Exception {
        write("f", "");
        sys.symlink("f", in("l"));
        sys.symlink("nowhere", in("dangling"));
        fails(() -> sys.stat(in("none/x")), Errno.ENOENT);
        fails(() -> sys.stat(in("f/x")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("f/.")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("f/..")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("f/")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("l/x")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("l/")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("dangling/x")), Errno.ENOENT);
        fails(() -> sys.lstat(in("dangling/")), Errno.ENOENT);
        fails(() -> sys.stat(in("none/../f")), Errno.ENOENT);
    }

    @Test
    void everyDirectoryOnTheWayMustBeSearchable() throws Exception {
        makeDir("d", 0755);
        makeDir("d/e", 0755);
        make("d/e/f", 0644);
        asUser(() -> sys.stat(in("d/e/f")));
        sys.chmod(in("d"), 0644);
        asUser(() -> {
            fails(() -> sys.stat(in("d/e/f")), Errno.EACCES);
            fails(() -> sys.stat(in("d/e")), Errno.EACCES);
            fails(() -> sys.stat(in("d/.")), Errno.EACCES);
            fails(() -> sys.stat(in("d/none")), Errno.EACCES);
            sys.stat(in("d"));
        });
        sys.stat(in("d/e/f"));
    }

    // Lengths

    @Test
    void aNameHas255BytesAtTheMost() throws Exception {
        String longest = "n".repeat(255);
        write(longest, "content");
        assertEquals("content", read(longest));
        assertEquals(
                List.of(longest), names("").stream().filter(longest::equals).toList());
        String longer = longest + "n";
        fails(() -> sys.stat(in(longer)), Errno.ENAMETOOLONG);
        fails(() -> open(longer, Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.ENAMETOOLONG);
        fails(() -> sys.mkdir(in(longer), 0755), Errno.ENAMETOOLONG);
        fails(() -> sys.rename(in(longest), in(longer)), Errno.ENAMETOOLONG);
        fails(() -> sys.symlink("x", in(longer)), Errno.ENAMETOOLONG);
        fails(() -> sys.link(in(longest), in(longer)), Errno.ENAMETOOLONG);
        fails(() -> sys.stat(in(longer + "/x")), Errno.ENAMETOOLONG);
    }

    @Test
    void bytesCountAndNotCharacters() throws Exception {
        String longest = "\u00e4".repeat(127) + "n";
        write(longest, "content");
        assertEquals("content", read(longest));
        fails(() -> sys.stat(in(longest + "n")), Errno.ENAMETOOLONG);
        fails(() -> open("\u20ac".repeat(86), Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.ENAMETOOLONG);
    }

    @Test
    void aPathHasOneByteLessThanPathMaxAtTheMost() throws Exception {
        String tail = dir + "f";
        write("f", "content");
        String longest = "/".repeat(PATH_MAX - 1 - tail.length()) + tail;
        assertEquals(PATH_MAX - 1, longest.length());
        sys.stat(longest);
        fails(() -> sys.stat("/" + longest), Errno.ENAMETOOLONG);
        fails(() -> sys.symlink("x".repeat(PATH_MAX), in("l")), Errno.ENAMETOOLONG);
        sys.symlink("y/" + "./".repeat((PATH_MAX - 24) / 2), in("y"));
        fails(() -> sys.stat(in("y")), Errno.ENAMETOOLONG, Errno.ELOOP);
    }

    @Test
    void directoriesGoDeeperThanAPath() throws Exception {
        sys.chdir(dir);
        String name = "d".repeat(200);
        for (int i = 0; i < 12; i++) {
            sys.mkdir(name, 0755);
            sys.chdir(name);
        }
        sys.close(sys.open("f", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644));
        sys.unlink("f");
        for (int i = 0; i < 12; i++) {
            sys.chdir("..");
            sys.rmdir(name);
        }
        assertEquals(sys.stat(dir).ino(), sys.stat(".").ino());
    }

    // Bytes

    @Test
    void aNameMayBeAnyBytesButSlashAndNul() throws Exception {
        sys.mkdir(in("d"), 0755);
        byte[] odd = new byte[253];
        int n = 0;
        for (int b = 1; b < 256; b++) {
            if (b != '/' && b != '.') {
                odd[n++] = (byte) b;
            }
        }
        String name = PathCodec.decode(odd, 0, n);
        write("d/" + name, "content");
        assertEquals(List.of(name), names("d"));
        assertEquals("content", read("d/" + name));
        sys.rename(in("d/" + name), in("d/\ud83d\ude00 \n"));
        assertEquals(List.of("\ud83d\ude00 \n"), names("d"));
        sys.unlink(in("d/\ud83d\ude00 \n"));
        sys.rmdir(in("d"));
    }

    @Test
    void twoStringsForTheSameBytesAreOneName() throws Exception {
        write("\u00e4", "content");
        assertEquals("content", read("\udcc3\udca4"));
        fails(() -> sys.mkdir(in("\udcc3\udca4"), 0755), Errno.EEXIST);
        sys.symlink("\udcc3\udca4", in("l"));
        assertEquals("\u00e4", sys.readlink(in("l")));
        assertEquals(2, sys.lstat(in("l")).size());
        assertEquals("content", read("l"));
    }

    @Test
    void aStringThatStandsForNoBytesIsEILSEQ() {
        fails(() -> sys.stat(in("\ud800")), Errno.EILSEQ);
        fails(() -> sys.mkdir(in("\udc00"), 0755), Errno.EILSEQ);
        fails(() -> sys.symlink("\ud800", in("l")), Errno.EILSEQ);
        fails(() -> sys.rename(in("\udfff"), in("x")), Errno.EILSEQ);
    }

    @Test
    void namesDifferByCase() throws Exception {
        write("name", "small");
        write("NAME", "large");
        assertEquals("small", read("name"));
        assertEquals("large", read("NAME"));
    }

    // Symbolic links

    @Test
    void linksAreFollowedOnTheWay() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/e"), 0755);
        write("d/e/f", "content");
        sys.symlink("d", in("relative"));
        sys.symlink(dir + "d", in("absolute"));
        sys.symlink("e/f", in("d/deeper"));
        sys.symlink("../d/./e", in("d/up"));
        assertEquals("content", read("relative/e/f"));
        assertEquals("content", read("absolute/e/f"));
        assertEquals("content", read("d/deeper"));
        assertEquals("content", read("relative/deeper"));
        assertEquals("content", read("absolute/up/f"));
        assertEquals(ino("d"), ino("relative/e/.."));
    }

    @Test
    void theLastLinkIsFollowedByThoseWhoWantTheFile() throws Exception {
        write("f", "content");
        sys.symlink("f", in("l"));
        assertTrue(sys.stat(in("l")).isRegular());
        assertTrue(sys.lstat(in("l")).isSymlink());
        assertTrue(sys.fstatat(Fcntl.AT_FDCWD, in("l"), 0).isRegular());
        assertTrue(
                sys.fstatat(Fcntl.AT_FDCWD, in("l"), Fcntl.AT_SYMLINK_NOFOLLOW).isSymlink());
        assertEquals("content", read("l"));
        sys.chmod(in("l"), 0600);
        assertEquals(0600, perms("f"));
        sys.unlink(in("l"));
        assertEquals("content", read("f"));
    }

    @Test
    void aSlashBehindALinkStandsForTheDirectory() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.symlink("d", in("l"));
        assertTrue(sys.lstat(in("l/")).isDirectory());
        assertTrue(sys.lstat(in("l/.")).isDirectory());
        fails(() -> sys.readlink(in("l/")), Errno.EINVAL);
    }

    @Test
    void thirtyTwoLinksAreFollowedAndNoMore() throws Exception {
        write("l0", "content");
        for (int i = 1; i <= MAXSYMLINKS + 1; i++) {
            sys.symlink("l" + (i - 1), in("l" + i));
        }
        assertEquals("content", read("l" + MAXSYMLINKS));
        fails(() -> open("l" + (MAXSYMLINKS + 1), Fcntl.O_RDONLY), Errno.ELOOP);
        sys.lstat(in("l" + (MAXSYMLINKS + 1)));
    }

    @Test
    void linksThatLeadInACircleAreELOOP() throws Exception {
        sys.symlink("self", in("self"));
        sys.symlink("b", in("a"));
        sys.symlink("a", in("b"));
        for (String name : List.of("self", "a", "b")) {
            fails(() -> sys.stat(in(name)), Errno.ELOOP);
            fails(() -> sys.stat(in(name + "/x")), Errno.ELOOP);
            fails(() -> open(name, Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.ELOOP);
            fails(() -> sys.chdir(in(name)), Errno.ELOOP);
            fails(() -> sys.truncate(in(name), 0), Errno.ELOOP);
            fails(() -> sys.access(in(name), Fcntl.F_OK), Errno.ELOOP);
        }
    }

    @Test
    void aLinkMayLeadUpAndOut() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("f", "content");
        sys.symlink("..", in("d/up"));
        assertEquals("content", read("d/up/f"));
        sys.symlink("/", in("root"));
        assertEquals(sys.stat("/").ino(), sys.stat(in("root")).ino());
    }

    // What was found before

    @Test
    void aNameThatWasNotThereIsFoundOnceItIs() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertFalse(exists("f"));
            assertFalse(exists("f"));
            write("f", "content " + i);
            assertEquals("content " + i, read("f"));
            sys.unlink(in("f"));
        }
        assertFalse(exists("d/f"));
        sys.mkdir(in("d"), 0755);
        assertFalse(exists("d/f"));
        write("g", "moved");
        sys.rename(in("g"), in("d/f"));
        assertFalse(exists("g"));
        assertEquals("moved", read("d/f"));
    }

    @Test
    void aNameLeadsToWhatHasItNow() throws Exception {
        write("a", "a");
        write("b", "b");
        read("a");
        read("b");
        sys.rename(in("a"), in("c"));
        sys.rename(in("b"), in("a"));
        sys.rename(in("c"), in("b"));
        assertEquals("b", read("a"));
        assertEquals("a", read("b"));
        sys.unlink(in("a"));
        sys.mkdir(in("a"), 0755);
        assertTrue(sys.stat(in("a")).isDirectory());
    }

    // The root of the process

    @Test
    void aProcessCannotNameWhatIsOutsideOfItsRoot() throws Exception {
        sys.mkdir(in("jail"), 0755);
        sys.mkdir(in("jail/d"), 0755);
        write("jail/d/f", "inside");
        write("outside", "outside");
        long jail = ino("jail");
        inProcess(() -> {
            sys.chroot(in("jail"));
            assertEquals(jail, sys.stat("/").ino());
            assertEquals(jail, sys.stat(".").ino());
            assertEquals(jail, sys.stat("/..").ino());
            assertEquals(jail, sys.stat("/d/../..").ino());
            assertEquals("/", sys.getcwd());
            sys.chdir("d");
            assertEquals("/d", sys.getcwd());
            fails(() -> sys.stat("../../outside"), Errno.ENOENT);
            sys.symlink("/d/f", "/l");
            assertEquals(sys.stat("/d/f").ino(), sys.stat("/l").ino());
        });
        fails(() -> sys.stat(in("jail/l")), Errno.ENOENT);
    }

    @Test
    void aRootCanBeGivenByDescriptor() throws Exception {
        sys.mkdir(in("jail"), 0755);
        write("f", "");
        int jail = open("jail", Fcntl.O_RDONLY);
        int f = open("f", Fcntl.O_RDONLY);
        long ino = ino("jail");
        inProcess(() -> {
            fails(() -> sys.fchroot(f), Errno.ENOTDIR);
            sys.fchroot(jail);
            assertEquals(ino, sys.stat("/").ino());
        });
    }

    @Test
    void childrenHaveTheRootOfTheirParent() throws Exception {
        sys.mkdir(in("jail"), 0755);
        long jail = ino("jail");
        inProcess(() -> {
            sys.chroot(in("jail"));
            inProcess(() -> assertEquals(jail, sys.stat("/").ino()));
        });
        assertTrue(exists("jail"));
    }

    @Test
    void onlyTheSuperuserChangesTheRoot() throws Exception {
        makeDir("jail", 0755);
        int fd = open("jail", Fcntl.O_RDONLY);
        asUser(() -> {
            fails(() -> sys.chroot(in("jail")), Errno.EPERM);
            fails(() -> sys.fchroot(fd), Errno.EPERM);
        });
        write("f", "");
        fails(() -> sys.chroot(in("f")), Errno.ENOTDIR);
        fails(() -> sys.chroot(in("none")), Errno.ENOENT);
    }
}
