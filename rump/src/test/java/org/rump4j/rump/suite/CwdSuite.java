package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;

/** {@code chdir(2)}, {@code fchdir(2)}, {@code getcwd(3)}. */
public abstract class CwdSuite extends FileSuite {
    @Test
    void relativePathsStartFromTheWorkingDirectory() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "content");
        sys.chdir(in("d"));
        assertEquals(ino("d/f"), sys.stat("f").ino());
        assertEquals(dir + "d", sys.getcwd());
        sys.chdir("..");
        assertEquals(ino("d"), sys.stat("d").ino());
        sys.chdir(".");
        assertEquals(ino("d"), sys.stat("d").ino());
        sys.chdir("/");
        assertEquals("/", sys.getcwd());
    }

    @Test
    void theWorkingDirectoryIsGivenByDescriptorToo() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/e"), 0755);
        write("f", "");
        sys.fchdir(open("d/e", Fcntl.O_RDONLY));
        assertEquals(dir + "d/e", sys.getcwd());
        int f = open("f", Fcntl.O_RDONLY);
        fails(() -> sys.fchdir(f), Errno.ENOTDIR);
        assertEquals(dir + "d/e", sys.getcwd());
    }

    @Test
    void onlyADirectoryThatMayBeSearchedWillDo() throws Exception {
        write("f", "");
        makeDir("d", 0600);
        int fd = open("d", Fcntl.O_RDONLY);
        fails(() -> sys.chdir(in("f")), Errno.ENOTDIR);
        fails(() -> sys.chdir(in("none")), Errno.ENOENT);
        fails(() -> sys.chdir(in("f/x")), Errno.ENOTDIR);
        asUser(() -> {
            fails(() -> sys.chdir(in("d")), Errno.EACCES);
            fails(() -> sys.fchdir(fd), Errno.EACCES);
        });
    }

    @Test
    void thePathIsThatOfTheDirectoryAndNotOfTheLinkToIt() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.symlink("d", in("l"));
        sys.chdir(in("l"));
        assertEquals(dir + "d", sys.getcwd());
        sys.rename(in("d"), in("e"));
        assertEquals(dir + "e", sys.getcwd());
    }

    @Test
    void eachProcessHasItsOwn() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.chdir(dir);
        String before = sys.getcwd();
        inProcess(() -> {
            assertEquals(before, sys.getcwd());
            sys.chdir("d");
            assertEquals(dir + "d", sys.getcwd());
        });
        assertEquals(before, sys.getcwd());
    }

    @Test
    void allLwpsOfAProcessHaveTheSame() throws Exception {
        sys.mkdir(in("d"), 0755);
        together(() -> sys.chdir(in("d")));
        assertEquals(dir + "d", sys.getcwd());
    }

    @Test
    void noDescriptorLeadsOutOfTheRoot() throws Exception {
        sys.mkdir(in("jail"), 0755);
        sys.mkdir(in("jail/cell"), 0755);
        sys.mkdir(in("d"), 0755);
        int d = open("d", Fcntl.O_RDONLY);
        int jail = open("jail", Fcntl.O_RDONLY);
        int cell = open("jail/cell", Fcntl.O_RDONLY);
        inProcess(() -> {
            sys.chroot(in("jail"));
            fails(() -> sys.fchdir(d), Errno.EPERM);
            assertEquals("/", sys.getcwd());
            sys.fchdir(cell);
            assertEquals("/cell", sys.getcwd());
            sys.fchdir(jail);
            assertEquals("/", sys.getcwd());
        });
    }

    @Test
    void aLongWayDownIsALongPath() throws Exception {
        StringBuilder expected = new StringBuilder(dir.substring(0, dir.length() - 1));
        sys.chdir(dir);
        for (int i = 0; i < 30; i++) {
            String name = "directory" + i;
            sys.mkdir(name, 0755);
            sys.chdir(name);
            expected.append('/').append(name);
        }
        assertEquals(expected.toString(), sys.getcwd());
    }

    @Test
    void aDirectoryThatIsGoneHasNoPath() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/e"), 0755);
        sys.chdir(in("d/e"));
        sys.rmdir(in("d/e"));
        fails(() -> sys.getcwd(), Errno.ENOENT);
        fails(() -> sys.mkdir("x", 0755), Errno.ENOENT);
        fails(() -> sys.stat(".."), Errno.ENOENT);
        sys.chdir(in("d"));
        assertEquals(dir + "d", sys.getcwd());
    }
}
