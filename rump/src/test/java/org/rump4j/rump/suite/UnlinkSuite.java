package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;

/** {@code unlink(2)}, {@code unlinkat(2)}, and files that have no name any more. */
public abstract class UnlinkSuite extends FileSuite {
    @Test
    void aNameGoes() throws Exception {
        write("f", "content");
        sys.unlink(in("f"));
        assertFalse(exists("f"));
        fails(() -> sys.unlink(in("f")), Errno.ENOENT);
    }

    @Test
    void aFileStaysWhileItIsOpen() throws Exception {
        write("f", "content");
        int fd = open("f", Fcntl.O_RDWR);
        sys.unlink(in("f"));
        assertEquals(0, sys.fstat(fd).nlink());
        assertEquals("content", text(readAll(fd)));
        writeAll(fd, bytes(" and more"));
        sys.ftruncate(fd, 10);
        sys.fchmod(fd, 0600);
        assertEquals(10, sys.fstat(fd).size());
        write("f", "another");
        assertNotEquals(ino("f"), sys.fstat(fd).ino());
        sys.close(fd);
        assertEquals("another", read("f"));
    }

    @Test
    void theSpaceOfAFileIsFreeWhenItsLastUserIsGone() throws Exception {
        Statvfs before = sys.statvfs1(dir, SysMount.ST_WAIT);
        int fd = open("f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        writeAll(fd, new byte[4 << 20]);
        sys.fsync(fd);
        Statvfs full = sys.statvfs1(dir, SysMount.ST_WAIT);
        assertTrue(full.bfree() * full.frsize() <= before.bfree() * before.frsize() - (4 << 20));
        sys.unlink(in("f"));
        assertTrue(sys.statvfs1(dir, SysMount.ST_WAIT).bfree() * full.frsize()
                <= before.bfree() * before.frsize() - (4 << 20));
        sys.close(fd);
        sys.sync();
        Statvfs after = sys.statvfs1(dir, SysMount.ST_WAIT);
        assertTrue(after.bfree() * after.frsize() > before.bfree() * before.frsize() - (1 << 20));
        assertTrue(Math.abs(before.ffree() - after.ffree()) <= 64);
    }

    @Test
    void directoriesAreForRmdir() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("f", "");
        fails(() -> sys.unlink(in("d")), Errno.EPERM);
        fails(() -> sys.unlink(in("d/")), Errno.EPERM);
        fails(() -> sys.unlinkat(Fcntl.AT_FDCWD, in("d"), 0), Errno.EPERM);
        fails(() -> sys.unlinkat(Fcntl.AT_FDCWD, in("f"), Fcntl.AT_REMOVEDIR), Errno.ENOTDIR);
        fails(() -> sys.unlink(in("d/.")), Errno.EPERM, Errno.EINVAL);
        failsOr(
                Difference.ANOTHER_ERROR_COMES_FIRST,
                Errno.EBUSY,
                () -> sys.unlink(in("d/..")),
                Errno.EPERM,
                Errno.EINVAL);
        sys.unlinkat(Fcntl.AT_FDCWD, in("d"), Fcntl.AT_REMOVEDIR);
        assertFalse(exists("d"));
        assertTrue(exists("f"));
    }

    @Test
    void thePathMustLeadToAName() throws Exception {
        write("f", "");
        fails(() -> sys.unlink(in("none")), Errno.ENOENT);
        fails(() -> sys.unlink(in("none/f")), Errno.ENOENT);
        fails(() -> sys.unlink(in("f/x")), Errno.ENOTDIR);
        fails(() -> sys.unlink(in("f/")), Errno.ENOTDIR);
        assertTrue(exists("f"));
    }

    @Test
    void unlinkatStartsFromADescriptorAndKnowsItsFlags() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "");
        int d = open("d", Fcntl.O_RDONLY);
        write("d/g", "");
        failsUnless(Difference.FLAGS_OF_AT_CALLS_UNCHECKED, () -> sys.unlinkat(d, "g", 0x4000), Errno.EINVAL);
        fails(() -> sys.unlinkat(12345, "f", 0), Errno.EBADF);
        sys.unlinkat(d, "f", 0);
        assertFalse(exists("d/f"));
    }

    @Test
    void aLinkIsRemovedAndNotWhatItLeadsTo() throws Exception {
        write("f", "content");
        sys.mkdir(in("d"), 0755);
        sys.symlink("f", in("l"));
        sys.symlink("d", in("m"));
        sys.unlink(in("l"));
        sys.unlink(in("m"));
        assertEquals("content", read("f"));
        assertTrue(exists("d"));
    }

    @Test
    void theDirectoryMustBeWritable() throws Exception {
        makeDir("d", 0755);
        make("d/f", 0666);
        sys.chown(in("d/f"), USER, GROUP);
        asUser(() -> fails(() -> sys.unlink(in("d/f")), Errno.EACCES));
        sys.chmod(in("d"), 0757);
        asUser(() -> sys.unlink(in("d/f")));
    }
}
