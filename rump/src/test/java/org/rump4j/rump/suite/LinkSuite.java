package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;

/** {@code link(2)}, {@code symlink(2)}, {@code readlink(2)}. */
public abstract class LinkSuite extends FileSuite {
    @Test
    void aFileMayHaveSeveralNames() throws Exception {
        write("a", "content");
        sys.link(in("a"), in("b"));
        Stat a = sys.stat(in("a"));
        assertEquals(a.ino(), ino("b"));
        assertEquals(2, a.nlink());
        write("b", "changed");
        assertEquals("changed", read("a"));
        sys.unlink(in("a"));
        assertEquals("changed", read("b"));
        assertEquals(1, sys.stat(in("b")).nlink());
    }

    @Test
    void linkFollowsALinkAndLinkatDoesNot() throws Exception {
        write("f", "content");
        sys.symlink("f", in("l"));
        sys.link(in("l"), in("hard"));
        assertEquals(ino("f"), ino("hard"));
        sys.linkat(Fcntl.AT_FDCWD, in("l"), Fcntl.AT_FDCWD, in("hard2"), Fcntl.AT_SYMLINK_FOLLOW);
        assertEquals(ino("f"), ino("hard2"));
        sys.linkat(Fcntl.AT_FDCWD, in("l"), Fcntl.AT_FDCWD, in("soft"), 0);
        assertEquals(ino("l"), ino("soft"));
        assertEquals("f", sys.readlink(in("soft")));
        failsUnless(
                Difference.FLAGS_OF_AT_CALLS_UNCHECKED,
                () -> sys.linkat(Fcntl.AT_FDCWD, in("f"), Fcntl.AT_FDCWD, in("x"), 0x4000),
                Errno.EINVAL);
    }

    @Test
    void linkatStartsFromDescriptors() throws Exception {
        sys.mkdir(in("a"), 0755);
        sys.mkdir(in("b"), 0755);
        write("a/f", "content");
        int a = open("a", Fcntl.O_RDONLY);
        int b = open("b", Fcntl.O_RDONLY);
        sys.linkat(a, "f", b, "g", 0);
        assertEquals("content", read("b/g"));
        fails(() -> sys.linkat(a, "f", 12345, "g", 0), Errno.EBADF);
        fails(() -> sys.linkat(12345, "f", b, "h", 0), Errno.EBADF);
    }

    @Test
    void theNewNameMustBeFree() throws Exception {
        write("a", "a");
        write("b", "b");
        sys.mkdir(in("d"), 0755);
        sys.symlink("nowhere", in("l"));
        fails(() -> sys.link(in("a"), in("b")), Errno.EEXIST);
        fails(() -> sys.link(in("a"), in("a")), Errno.EEXIST);
        fails(() -> sys.link(in("a"), in("d")), Errno.EEXIST);
        fails(() -> sys.link(in("a"), in("l")), Errno.EEXIST);
        assertEquals("b", read("b"));
        assertEquals(1, sys.stat(in("a")).nlink());
    }

    @Test
    void aDirectoryHasOneName() throws Exception {
        sys.mkdir(in("d"), 0755);
        fails(() -> sys.link(in("d"), in("e")), Errno.EPERM);
        assertFalse(exists("e"));
    }

    @Test
    void bothPathsMustLeadSomewhere() throws Exception {
        write("f", "");
        fails(() -> sys.link(in("none"), in("x")), Errno.ENOENT);
        fails(() -> sys.link(in("f"), in("none/x")), Errno.ENOENT);
        fails(() -> sys.link(in("f"), in("f/x")), Errno.ENOTDIR);
        fails(() -> sys.link(in("f/"), in("x")), Errno.ENOTDIR);
        fails(() -> sys.link(in("f"), in("x/")), Errno.ENOENT, Errno.ENOTDIR);
        fails(() -> sys.link(in("f"), ""), Errno.ENOENT);
        fails(() -> sys.link("", in("x")), Errno.ENOENT);
    }

    @Test
    void linkingNeedsAWritableDirectory() throws Exception {
        makeDir("d", 0755);
        make("d/f", 0666);
        sys.chown(in("d/f"), USER, GROUP);
        asUser(() -> {
            fails(() -> sys.link(in("d/f"), in("d/g")), Errno.EACCES);
            fails(() -> sys.symlink("f", in("d/g")), Errno.EACCES);
        });
    }

    @Test
    void aLinkSaysWhatItWasTold() throws Exception {
        for (String target : new String[] {"f", "/an/absolute/path", "../..", "with space\n", "\u20ac", "a//b/"}) {
            sys.symlink(target, in("l"));
            assertEquals(target, sys.readlink(in("l")));
            assertEquals(bytes(target).length, sys.lstat(in("l")).size());
            sys.unlink(in("l"));
        }
        String longest = "x".repeat(1023);
        sys.symlink(longest, in("l"));
        assertEquals(longest, sys.readlink(in("l")));
    }

    @Test
    void symlinkatAndReadlinkatStartFromADescriptor() throws Exception {
        sys.mkdir(in("d"), 0755);
        int d = open("d", Fcntl.O_RDONLY);
        sys.symlinkat("target", d, "l");
        assertEquals("target", sys.readlinkat(d, "l"));
        assertEquals("target", sys.readlink(in("d/l")));
        fails(() -> sys.readlinkat(12345, "l"), Errno.EBADF);
        fails(() -> sys.symlinkat("x", 12345, "l"), Errno.EBADF);
    }

    @Test
    void onlyLinksAreRead() throws Exception {
        write("f", "");
        sys.mkdir(in("d"), 0755);
        fails(() -> sys.readlink(in("f")), Errno.EINVAL);
        fails(() -> sys.readlink(in("d")), Errno.EINVAL);
        fails(() -> sys.readlink(in("none")), Errno.ENOENT);
    }

    @Test
    void aLinkTakesAFreeName() throws Exception {
        write("f", "");
        sys.symlink("x", in("l"));
        fails(() -> sys.symlink("y", in("f")), Errno.EEXIST);
        fails(() -> sys.symlink("y", in("l")), Errno.EEXIST);
        fails(() -> sys.symlink("y", in("none/l")), Errno.ENOENT);
        fails(() -> sys.symlink("y", in("f/l")), Errno.ENOTDIR);
        fails(() -> sys.symlink("y", in("new/")), Errno.ENOENT, Errno.ENOTDIR);
        assertEquals("x", sys.readlink(in("l")));
        assertTrue(sys.lstat(in("l")).isSymlink());
    }
}
