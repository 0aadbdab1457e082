package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code mount(2)}, {@code unmount(2)}, {@code statvfs(2)}, {@code getvfsstat(2)}, and mount points in paths. */
public abstract class MountSuite extends FileSuite {
    private static final Timespec NOW = new Timespec(0, Timespec.UTIME_NOW);

    /** The type of what {@link #mount(String, int)} mounts. */
    protected String type() {
        return "tmpfs";
    }

    /** Mounts an empty file system that can be written to. */
    protected void mount(String path, int flags) throws ErrnoException {
        sys.mount("tmpfs", path, flags, new MountArgs.Memory());
    }

    @BeforeEach
    void makeMountPoint() throws Exception {
        sys.mkdir(in("m"), 0755);
        write("m/covered", "covered");
    }

    private void mount() throws ErrnoException {
        mount(in("m"), 0);
    }

    private void unmount() throws ErrnoException {
        sys.unmount(in("m"), 0);
    }

    private void force() throws ErrnoException {
        sys.unmount(in("m"), SysMount.MNT_FORCE);
    }

    // Mount points in paths

    @Test
    void aMountCoversWhatIsBelow() throws Exception {
        mount();
        assertEquals(List.of(), names("m"));
        write("m/f", "mounted");
        assertEquals("mounted", read("m/f"));
        unmount();
        assertEquals(List.of("covered"), names("m"));
        assertEquals("covered", read("m/covered"));
        assertFalse(exists("m/f"));
    }

    @Test
    void filesOfTwoFileSystemsDifferByDevice() throws Exception {
        long outside = sys.stat(in("m")).dev();
        mount();
        write("m/f", "");
        assertNotEquals(outside, sys.stat(in("m")).dev());
        assertEquals(sys.stat(in("m")).dev(), sys.stat(in("m/f")).dev());
        assertEquals(outside, sys.stat(in("m/..")).dev());
    }

    @Test
    void dotDotLeadsOutOfAMount() throws Exception {
        write("beside", "beside");
        mount();
        sys.mkdir(in("m/d"), 0755);
        assertEquals(sys.stat(dir).ino(), sys.stat(in("m/..")).ino());
        assertEquals("beside", read("m/../beside"));
        assertEquals("beside", read("m/d/../../beside"));
        sys.chdir(in("m/d"));
        assertEquals(dir + "m/d", sys.getcwd());
        sys.chdir("../..");
        assertEquals(sys.stat(dir).ino(), sys.stat(".").ino());
        sys.chdir("/");
        unmount();
    }

    @Test
    void linksLeadAcrossMounts() throws Exception {
        mount();
        write("m/f", "mounted");
        write("g", "outside");
        sys.symlink(dir + "g", in("m/out"));
        sys.symlink("../g", in("m/up"));
        sys.symlink("m/f", in("into"));
        assertEquals("outside", read("m/out"));
        assertEquals("outside", read("m/up"));
        assertEquals("mounted", read("into"));
    }

    @Test
    void mountsNest() throws Exception {
        mount();
        sys.mkdir(in("m/n"), 0755);
        mount(in("m/n"), 0);
        write("m/n/f", "inner");
        assertEquals("inner", read("m/n/f"));
        sys.chdir(in("m/n"));
        assertEquals(dir + "m/n", sys.getcwd());
        sys.chdir("/");
        fails(this::unmount, Errno.EBUSY);
        sys.unmount(in("m/n"), 0);
        unmount();
    }

    @Test
    void aRootMayBeAMount() throws Exception {
        mount();
        sys.mkdir(in("m/d"), 0755);
        inProcess(() -> {
            sys.chroot(in("m"));
            assertEquals(sys.stat("/").ino(), sys.stat("/..").ino());
            assertEquals(sys.stat("/").dev(), sys.stat("/..").dev());
            sys.chdir("/d");
            assertEquals("/d", sys.getcwd());
        });
        unmount();
    }

    @Test
    void namesDoNotMoveBetweenFileSystems() throws Exception {
        mount();
        write("m/f", "");
        write("g", "");
        sys.mkdir(in("d"), 0755);
        fails(() -> sys.rename(in("m/f"), in("f")), Errno.EXDEV);
        fails(() -> sys.rename(in("g"), in("m/g")), Errno.EXDEV);
        fails(() -> sys.rename(in("d"), in("m/d")), Errno.EXDEV);
        fails(() -> sys.link(in("m/f"), in("f")), Errno.EXDEV);
        fails(() -> sys.link(in("g"), in("m/g")), Errno.EXDEV);
    }

    @Test
    void aMountPointStaysWhereItIs() throws Exception {
        mount();
        sys.mkdir(in("d"), 0755);
        fails(() -> sys.rmdir(in("m")), Errno.EBUSY);
        fails(() -> sys.unlink(in("m")), Errno.EBUSY, Errno.EPERM);
        fails(() -> sys.rename(in("m"), in("n")), Errno.EBUSY, Errno.EXDEV);
        fails(() -> sys.rename(in("d"), in("m")), Errno.EBUSY, Errno.EXDEV);
        unmount();
        sys.rename(in("m"), in("n"));
    }

    // Mounting

    @Test
    void mountingNeedsADirectoryThatNothingIsMountedOn() throws Exception {
        write("f", "");
        fails(() -> mount(in("f"), 0), Errno.ENOTDIR);
        fails(() -> mount(in("none"), 0), Errno.ENOENT);
        fails(() -> mount(in("f/x"), 0), Errno.ENOTDIR);
        mount();
        assumeNot(Difference.MOUNTS_LIE_ON_MOUNTS);
        fails(this::mount, Errno.EBUSY);
        assertEquals(List.of(), names("m"));
    }

    @Test
    void mountingNeedsAKnownTypeAndTheRightArguments() throws Exception {
        fails(() -> sys.mount("nofs", in("m"), 0, new MountArgs.Memory()), Errno.ENODEV);
        fails(() -> sys.mount("tmpfs", in("m"), 0, new MountArgs.Device("/dev/none")), Errno.EINVAL);
        failsUnless(
                Difference.FLAGS_OF_MOUNT_UNCHECKED,
                () -> sys.mount("tmpfs", in("m"), 0x40000000, new MountArgs.Memory()),
                Errno.EINVAL);
    }

    @Test
    void mountingAndUnmountingAreTheSuperusers() throws Exception {
        sys.chmod(in("m"), 0777);
        asUser(() -> fails(this::mount, Errno.EPERM));
        mount();
        asUser(() -> fails(this::unmount, Errno.EPERM));
        asUser(() -> fails(this::force, Errno.EPERM));
    }

    @Test
    void aMountThatFailedLeavesNothing() throws Exception {
        int before = sys.getvfsstat(SysMount.ST_WAIT).size();
        fails(() -> sys.mount("tmpfs", in("m"), 0, new MountArgs.Device("/dev/none")), Errno.EINVAL);
        assertEquals(before, sys.getvfsstat(SysMount.ST_WAIT).size());
        assertEquals("covered", read("m/covered"));
        mount();
    }

    // What is mounted

    @Test
    void whatIsMountedIsListed() throws Exception {
        List<Statvfs> before = sys.getvfsstat(SysMount.ST_WAIT);
        assertEquals("/", before.get(0).mntonname());
        mount(in("m"), SysMount.MNT_NOSUID);
        List<Statvfs> all = sys.getvfsstat(SysMount.ST_NOWAIT);
        assertEquals(before.size() + 1, all.size());
        Statvfs last = all.get(all.size() - 1);
        assertEquals(in("m"), last.mntonname());
        assertEquals(type(), last.fstypename());
        assertEquals(SysMount.MNT_NOSUID, last.flag() & SysMount.MNT_BASIC_FLAGS);
        unmount();
        assertEquals(before.size(), sys.getvfsstat(SysMount.ST_WAIT).size());
    }

    @Test
    void aFileTellsItsFileSystem() throws Exception {
        mount();
        write("m/f", "content");
        Statvfs byPath = sys.statvfs1(in("m/f"), SysMount.ST_WAIT);
        int fd = open("m/f", Fcntl.O_RDONLY);
        assertEquals(byPath, sys.fstatvfs1(fd, SysMount.ST_WAIT));
        assertEquals(in("m"), byPath.mntonname());
        assertEquals(255, byPath.namemax());
        assertTrue(byPath.bsize() > 0 && byPath.frsize() > 0 && byPath.iosize() > 0);
        assertTrue(byPath.bfree() <= byPath.blocks() && byPath.bavail() <= byPath.bfree());
        assertTrue(byPath.ffree() <= byPath.files());
        assertNotEquals(sys.statvfs1(dir, SysMount.ST_WAIT).fsid(), byPath.fsid());
        fails(() -> sys.statvfs1(in("none"), SysMount.ST_WAIT), Errno.ENOENT);
        sys.close(fd);
    }

    @Test
    void aFileSystemMayBeLimited() throws Exception {
        sys.mount("tmpfs", in("m"), 0, new MountArgs.Memory(1 << 20, 10));
        int fd = open("m/f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        long written = 0;
        try {
            while (written < 2 << 20) {
                long n = sys.write(fd, new byte[100_000]);
                written += n;
                if (n < 100_000) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            assertEquals(Errno.ENOSPC, e.errno());
        }
        assertTrue(written <= 1 << 20, written + " bytes written");
        long end = written;
        fails(() -> sys.pwrite(fd, new byte[100_000], end), Errno.ENOSPC);
        sys.ftruncate(fd, 0);
        writeAll(fd, new byte[1000]);
        int made = 0;
        try {
            while (made < 20) {
                sys.mkdir(in("m/d" + made), 0755);
                made++;
            }
        } catch (ErrnoException e) {
            assertEquals(Errno.ENOSPC, e.errno());
        }
        assertTrue(made < 10, made + " directories");
        sys.rmdir(in("m/d0"));
        sys.mkdir(in("m/again"), 0755);
    }

    // Unmounting

    @Test
    void onlyAMountPointIsUnmounted() throws Exception {
        fails(this::unmount, Errno.EINVAL);
        mount();
        write("m/f", "");
        sys.mkdir(in("m/d"), 0755);
        fails(() -> sys.unmount(in("m/f"), 0), Errno.EINVAL);
        fails(() -> sys.unmount(in("m/d"), 0), Errno.EINVAL);
        fails(() -> sys.unmount(in("none"), 0), Errno.ENOENT);
        fails(() -> sys.unmount("/", 0), Errno.EBUSY, Errno.EINVAL);
        failsUnless(Difference.FLAGS_OF_MOUNT_UNCHECKED, () -> sys.unmount(in("m"), 0x40), Errno.EINVAL);
    }

    @Test
    void aFileSystemInUseIsBusy() throws Exception {
        mount();
        write("m/f", "content");
        int fd = open("m/f", Fcntl.O_RDONLY);
        fails(this::unmount, Errno.EBUSY);
        assertEquals("content", read("m/f"));
        sys.unlink(in("m/f"));
        fails(this::unmount, Errno.EBUSY);
        sys.close(fd);
        sys.chdir(in("m"));
        fails(this::unmount, Errno.EBUSY);
        sys.chdir("/");
        inProcess(() -> {
            sys.chroot(in("m"));
            sys.chdir("/");
        });
        int root = open("m", Fcntl.O_RDONLY);
        fails(this::unmount, Errno.EBUSY);
        sys.close(root);
        unmount();
    }

    @Test
    void whatFailsLeavesNoReferences() throws Exception {
        mount();
        sys.mkdir(in("m/d"), 0755);
        write("m/f", "");
        write("m/d/g", "");
        sys.symlink("l", in("m/l"));
        fails(() -> open("m/none", Fcntl.O_RDONLY), Errno.ENOENT);
        fails(() -> open("m/d", Fcntl.O_RDWR), Errno.EISDIR);
        fails(() -> open("m/f", Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL), Errno.EEXIST);
        fails(() -> open("m/f", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY), Errno.ENOTDIR);
        fails(() -> open("m/l", Fcntl.O_RDONLY), Errno.ELOOP);
        fails(() -> open("m/l", Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW), Errno.EFTYPE, Errno.ELOOP);
        fails(() -> open("m/f/x", Fcntl.O_RDONLY), Errno.ENOTDIR);
        fails(() -> sys.mkdir(in("m/d"), 0755), Errno.EEXIST);
        fails(() -> sys.rmdir(in("m/d")), Errno.ENOTEMPTY);
        fails(() -> sys.unlink(in("m/d")), Errno.EPERM);
        fails(() -> sys.rename(in("m/d"), in("m/d/x")), Errno.EINVAL);
        fails(() -> sys.rename(in("m/d"), in("m/f")), Errno.ENOTDIR);
        fails(() -> sys.rename(in("m/f"), in("m/d")), Errno.EISDIR);
        fails(() -> sys.rename(in("m/d/g"), in("m/d")), Errno.EISDIR, Errno.ENOTEMPTY);
        fails(() -> sys.rename(in("m/f"), in("f")), Errno.EXDEV);
        fails(() -> sys.link(in("m/d"), in("m/e")), Errno.EPERM);
        fails(() -> sys.link(in("m/f"), in("m/f")), Errno.EEXIST);
        fails(() -> sys.chdir(in("m/f")), Errno.ENOTDIR);
        fails(() -> sys.chroot(in("m/f")), Errno.ENOTDIR);
        fails(() -> sys.truncate(in("m/d"), 0), Errno.EISDIR);
        fails(() -> sys.readlink(in("m/f")), Errno.EINVAL);
        fails(() -> mount(in("m/f"), 0), Errno.ENOTDIR);
        if (!differs(Difference.MOUNTS_LIE_ON_MOUNTS)) {
            fails(() -> mount(in("m"), 0), Errno.EBUSY);
        }
        fails(() -> sys.unmount(in("m/d"), 0), Errno.EINVAL);
        asUser(() -> {
            fails(() -> open("m/f", Fcntl.O_RDWR), Errno.EACCES);
            fails(() -> open("m/new", Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.EACCES);
            fails(() -> sys.unlink(in("m/f")), Errno.EACCES);
            fails(() -> sys.rename(in("m/f"), in("m/g")), Errno.EACCES);
            fails(() -> sys.link(in("m/f"), in("m/g")), Errno.EACCES);
            fails(() -> sys.chmod(in("m/f"), 0), Errno.EPERM);
            fails(() -> sys.access(in("m/f"), Fcntl.W_OK), Errno.EACCES);
            fails(() -> sys.truncate(in("m/f"), 0), Errno.EACCES);
        });
        unmount();
    }

    @Test
    void aFileSystemIsUnmountedByForceThoughItIsInUse() throws Exception {
        mount();
        write("m/f", "content");
        sys.mkdir(in("m/d"), 0755);
        sys.mkfifo(in("m/p"), 0644);
        int f = open("m/f", Fcntl.O_RDWR);
        int d = open("m/d", Fcntl.O_RDONLY);
        int p = open("m/p", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
        sys.chdir(in("m/d"));
        force();
        assertEquals(List.of("covered"), names("m"));
        fails(() -> sys.read(f, new byte[1]), Errno.ENXIO, Errno.EIO);
        fails(() -> sys.write(f, new byte[1]), Errno.ENXIO, Errno.EIO);
        fails(() -> sys.fstat(f), Errno.ENXIO, Errno.EIO, Errno.EBADF);
        failsOr(Difference.ANOTHER_ERROR_COMES_FIRST, Errno.EBADF, () -> sys.ftruncate(f, 0), Errno.ENXIO, Errno.EIO);
        fails(() -> sys.fchmod(f, 0), Errno.ENXIO, Errno.EIO, Errno.EBADF);
        failsUnless(Difference.SYNCING_WHAT_IS_GONE_IS_NOTHING, () -> sys.fsync(f), Errno.ENXIO, Errno.EIO);
        fails(() -> sys.openat(d, "x", Fcntl.O_RDONLY, 0), Errno.ENXIO, Errno.ENOENT, Errno.ENOTDIR);
        fails(() -> sys.openat(d, "x", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644), Errno.ENXIO, Errno.ENOENT, Errno.ENOTDIR);
        fails(() -> sys.stat("x"), Errno.ENXIO, Errno.ENOENT, Errno.ENOTDIR);
        fails(() -> sys.stat(".."), Errno.ENXIO, Errno.ENOENT, Errno.ENOTDIR);
        failsOr(
                Difference.ANOTHER_ERROR_COMES_FIRST,
                Errno.EBADF,
                () -> sys.getcwd(),
                Errno.ENXIO,
                Errno.ENOENT,
                Errno.ENOTDIR);
        sys.close(f);
        sys.close(d);
        sys.close(p);
        sys.chdir("/");
        mount();
        assertEquals(List.of(), names("m"));
        unmount();
    }

    @Test
    void whoWaitsAtAFifoIsThrownOutByForce() throws Exception {
        assumeNot(Difference.FORCE_THROWS_NOBODY_OUT);
        mount();
        for (String name : List.of("read", "write", "open", "poll")) {
            sys.mkfifo(in("m/" + name), 0644);
        }
        int read = open("m/read", Fcntl.O_RDWR);
        int write = open("m/write", Fcntl.O_RDWR);
        int poll = open("m/poll", Fcntl.O_RDWR);
        List<OtherLwp<?>> others = List.of(
                OtherLwp.start(kernel, () -> sys.read(read, new byte[1])),
                OtherLwp.start(kernel, () -> sys.write(write, new byte[1 << 20])),
                OtherLwp.start(kernel, () -> open("m/open", Fcntl.O_RDONLY)));
        OtherLwp<int[]> poller = OtherLwp.start(kernel, () -> sys.poll(Pollfd.INFTIM, new Pollfd(poll, Pollfd.POLLIN)));
        sys.nanosleep(new Timespec(0, 20_000_000));
        force();
        for (OtherLwp<?> other : others) {
            try {
                // What had been written counts; a reader may be told that there is no more to come.
                assertTrue(((Number) other.join()).intValue() < 1 << 20);
            } catch (ErrnoException e) {
                assertTrue(
                        List.of(Errno.ENXIO, Errno.EIO, Errno.EPIPE, Errno.ENOENT)
                                .contains(e.errno()),
                        e.toString());
            }
        }
        assertNotEquals(0, poller.join()[0]);
        fails(() -> sys.write(read, new byte[1]), Errno.ENXIO, Errno.EIO, Errno.EPIPE);
        for (int fd : new int[] {read, write, poll}) {
            sys.close(fd);
        }
        mount();
        unmount();
    }

    @Test
    void aNestedMountIsNotTornOffByForce() throws Exception {
        assumeNot(Difference.FORCE_TEARS_NESTED_MOUNTS_OFF);
        mount();
        sys.mkdir(in("m/n"), 0755);
        mount(in("m/n"), 0);
        write("m/n/f", "inner");
        fails(this::force, Errno.EBUSY);
        assertEquals("inner", read("m/n/f"));
        sys.unmount(in("m/n"), 0);
        unmount();
    }

    // Read-only

    private void mountReadOnlyTree() throws Exception {
        assumeNot(Difference.BECOMING_READ_ONLY_ENDS_BADLY);
        mount();
        write("m/f", "content");
        sys.mkdir(in("m/d"), 0777);
        sys.symlink("f", in("m/l"));
        sys.mkfifo(in("m/p"), 0666);
        mount(in("m"), SysMount.MNT_UPDATE | SysMount.MNT_RDONLY);
    }

    @Test
    void nothingChangesOnAReadOnlyFileSystem() throws Exception {
        mountReadOnlyTree();
        assertTrue((sys.statvfs1(in("m"), SysMount.ST_WAIT).flag() & SysMount.MNT_RDONLY) != 0);
        assertReadOnly(this, "m/f", "m/d", "m/l");
        assertEquals(List.of("d", "f", "l", "p"), names("m"));
        assertEquals("content", read("m/f"));
    }

    /** Every call that would change something gives EROFS. */
    static void assertReadOnly(FileSuite t, String file, String directory, String link) throws ErrnoException {
        fails(() -> t.open(file, Fcntl.O_WRONLY), Errno.EROFS);
        fails(() -> t.open(file, Fcntl.O_RDWR), Errno.EROFS);
        fails(() -> t.open(file, Fcntl.O_RDWR | Fcntl.O_TRUNC), Errno.EROFS);
        fails(() -> t.open(directory + "/new", Fcntl.O_RDWR | Fcntl.O_CREAT), Errno.EROFS);
        t.sys.close(t.open(file, Fcntl.O_RDONLY | Fcntl.O_CREAT));
        fails(() -> t.sys.mkdir(t.in(directory + "/new"), 0755), Errno.EROFS);
        fails(() -> t.sys.rmdir(t.in(directory)), Errno.EROFS);
        fails(() -> t.sys.unlink(t.in(file)), Errno.EROFS);
        fails(() -> t.sys.link(t.in(file), t.in(directory + "/new")), Errno.EROFS);
        fails(() -> t.sys.symlink("x", t.in(directory + "/new")), Errno.EROFS);
        fails(() -> t.sys.mkfifo(t.in(directory + "/new"), 0644), Errno.EROFS);
        fails(() -> t.sys.mknod(t.in(directory + "/new"), SysStat.S_IFCHR | 0600, 0), Errno.EROFS);
        fails(() -> t.sys.rename(t.in(file), t.in(directory + "/new")), Errno.EROFS);
        fails(() -> t.sys.truncate(t.in(file), 0), Errno.EROFS);
        fails(() -> t.sys.chmod(t.in(file), 0), Errno.EROFS);
        fails(() -> t.sys.lchmod(t.in(link), 0), Errno.EROFS);
        fails(() -> t.sys.chown(t.in(file), 1, 1), Errno.EROFS);
        fails(() -> t.sys.lchown(t.in(link), 1, 1), Errno.EROFS);
        fails(() -> t.sys.chflags(t.in(file), 0), Errno.EROFS);
        fails(() -> t.sys.lchflags(t.in(link), 0), Errno.EROFS);
        fails(() -> t.sys.utimensat(Fcntl.AT_FDCWD, t.in(file), NOW, NOW, 0), Errno.EROFS);
        fails(() -> t.sys.access(t.in(file), Fcntl.W_OK), Errno.EROFS);
        fails(() -> t.sys.access(t.in(directory), Fcntl.W_OK), Errno.EROFS);
        int fd = t.open(file, Fcntl.O_RDONLY);
        fails(() -> t.sys.fchmod(fd, 0), Errno.EROFS);
        fails(() -> t.sys.fchown(fd, 1, 1), Errno.EROFS);
        fails(() -> t.sys.fchflags(fd, 0), Errno.EROFS);
        fails(() -> t.sys.futimens(fd, NOW, NOW), Errno.EROFS);
        t.sys.fsync(fd);
        t.sys.close(fd);
        fails(() -> t.sys.mkdir(t.in(directory), 0755), Errno.EEXIST);
        t.failsOr(
                Difference.ANOTHER_ERROR_COMES_FIRST,
                Errno.EROFS,
                () -> t.sys.unlink(t.in(directory + "/none")),
                Errno.ENOENT);
    }

    @Test
    void readingAReadOnlyFileSystemLeavesItsTimesAlone() throws Exception {
        assumeNot(Difference.READ_ONLY_TIMES_MOVE);
        mountReadOnlyTree();
        var before = sys.stat(in("m/f"));
        read("m/f");
        names("m/d");
        assertEquals(before, sys.stat(in("m/f")));
    }

    @Test
    void fifosOnAReadOnlyFileSystemCanBeWrittenTo() throws Exception {
        mountReadOnlyTree();
        int fd = open("m/p", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
        writeAll(fd, bytes("x"));
        assertEquals(1, sys.read(fd, new byte[2]));
        sys.access(in("m/p"), Fcntl.W_OK);
        sys.close(fd);
    }

    @Test
    void aFileSystemGoesBackToBeingWritable() throws Exception {
        mountReadOnlyTree();
        mount(in("m"), SysMount.MNT_UPDATE);
        write("m/f", "changed");
        assertEquals("changed", read("m/f"));
    }

    @Test
    void aFileSystemWithFilesOpenForWritingDoesNotBecomeReadOnly() throws Exception {
        assumeNot(Difference.BECOMING_READ_ONLY_ENDS_BADLY);
        mount();
        write("m/f", "content");
        int fd = open("m/f", Fcntl.O_WRONLY);
        fails(() -> mount(in("m"), SysMount.MNT_UPDATE | SysMount.MNT_RDONLY), Errno.EBUSY);
        writeAll(fd, bytes("CON"));
        sys.close(fd);
        mount(in("m"), SysMount.MNT_UPDATE | SysMount.MNT_RDONLY);
        assertEquals("CONtent", read("m/f"));
    }

    @Test
    void onlyWhatIsMountedIsUpdated() {
        fails(() -> mount(in("m"), SysMount.MNT_UPDATE | SysMount.MNT_RDONLY), Errno.EINVAL);
    }

    @Test
    void devicesMeanNothingWhereThatIsAskedFor() throws Exception {
        mount(in("m"), SysMount.MNT_NODEV);
        sys.mknod(in("m/c"), SysStat.S_IFCHR | 0600, SysStat.makedev(0, 0));
        sys.mknod(in("m/b"), SysStat.S_IFBLK | 0600, SysStat.makedev(0, 0));
        fails(() -> open("m/c", Fcntl.O_RDONLY), Errno.ENXIO);
        fails(() -> open("m/b", Fcntl.O_RDONLY), Errno.ENXIO);
    }

    @Test
    void accessTimesAreKeptUnlessThatIsNotAskedFor() throws Exception {
        Timespec longAgo = new Timespec(1_000_000, 0);
        for (int flags : new int[] {0, SysMount.MNT_NOATIME}) {
            mount(in("m"), flags);
            write("m/f", "content");
            sys.utimensat(Fcntl.AT_FDCWD, in("m/f"), longAgo, longAgo, 0);
            Timespec before = sys.stat(in("m/f")).atime();
            sys.nanosleep(Timespec.ofNanos(20_000_000));
            read("m/f");
            boolean noted = flags == 0 || differs(Difference.NOATIME_MEANS_NOTHING);
            assertEquals(noted, !sys.stat(in("m/f")).atime().equals(before));
            unmount();
        }
    }

    /** What a call on a file finds may go, by force, before the call is done with it. */
    private void orGone(Call call, Errno... orElse) throws ErrnoException {
        Set<Errno> allowed = EnumSet.of(Errno.ENXIO, orElse);
        allowed.add(Errno.EIO);
        if (differs(Difference.ANOTHER_ERROR_COMES_FIRST)) {
            allowed.addAll(List.of(Errno.EBADF, Errno.ENOENT));
        }
        try {
            call.run();
        } catch (ErrnoException e) {
            if (!allowed.contains(e.errno())) {
                throw e;
            }
        }
    }

    /** By force, again and again where somebody who is within keeps the kernel from it. */
    private void forceInTheEnd() throws ErrnoException {
        while (true) {
            try {
                force();
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY || !differs(Difference.FORCE_WAITS_FOR_NOBODY)) {
                    throw e;
                }
            }
        }
    }

    @Test
    void mountsComeAndGoWhilePathsLeadThroughThem() throws Exception {
        mount();
        unmount();
        int rounds = 100;
        together(
                () -> {
                    for (int i = 0; i < rounds; i++) {
                        mount();
                        write("m/f", "content");
                        forceInTheEnd();
                    }
                },
                () -> {
                    for (int i = 0; i < rounds * 20; i++) {
                        orGone(
                                () -> {
                                    int fd = open("m/f", Fcntl.O_RDONLY);
                                    try {
                                        sys.read(fd, new byte[10]);
                                        sys.fstat(fd);
                                    } finally {
                                        sys.close(fd);
                                    }
                                },
                                Errno.ENOENT);
                    }
                },
                () -> {
                    for (int i = 0; i < rounds * 20; i++) {
                        orGone(() -> assertTrue(sys.stat(in("m")).isDirectory()));
                        orGone(() -> assertTrue(sys.stat(in("m/..")).isDirectory()));
                        assertTrue(sys.stat(dir).isDirectory());
                        sys.getvfsstat(SysMount.ST_WAIT);
                    }
                });
        assertEquals("covered", read("m/covered"));
    }
}
