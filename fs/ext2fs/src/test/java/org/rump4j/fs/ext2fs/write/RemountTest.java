package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** A file system that was mounted to be read becomes one that is written. */
class RemountTest {
    private static final int SUPERBLOCK = 1024;
    private static final int MOUNT_COUNT = SUPERBLOCK + 52;
    private static final int STATE = SUPERBLOCK + 58;
    private static final int VALID = 1;

    @TempDir
    Path temp;

    private Path image;
    private RumpKernel kernel;
    private Syscalls sys;

    @BeforeEach
    void boot() throws Exception {
        image = temp.resolve("image");
        kernel = RumpKernel.boot("java", RealHost.builder().build());
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        sys = kernel.syscalls();
        sys.mkdir("/mnt", 0755);
    }

    @AfterEach
    void halt() {
        if (kernel.isUp()) {
            kernel.lwproc().releaselwp();
            kernel.halt();
        }
    }

    private void mount(boolean lentForReading) throws Exception {
        kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, lentForReading);
        mount(SysMount.MNT_RDONLY);
    }

    private void mount(int flags) throws ErrnoException {
        sys.mount("ext2fs", "/mnt", flags, new MountArgs.Device("/dev/image"));
    }

    private void write(String path, String text) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC, 0644);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(bytes.length, sys.write(fd, bytes));
        sys.close(fd);
    }

    private int field(int at) throws Exception {
        return ByteBuffer.wrap(Files.readAllBytes(image))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getShort(at);
    }

    private boolean isReadOnly() throws ErrnoException {
        return (sys.statvfs1("/mnt", SysMount.ST_WAIT).flag() & SysMount.MNT_RDONLY) != 0;
    }

    private void assertRefused(Errno errno, String why) throws Exception {
        byte[] before = Files.readAllBytes(image);
        ErrnoException e = assertThrows(ErrnoException.class, () -> mount(SysMount.MNT_UPDATE));
        assertEquals(errno, e.errno());
        assertTrue(String.valueOf(e.getMessage()).contains(why), e.toString());
        assertTrue(isReadOnly());
        e = assertThrows(ErrnoException.class, () -> sys.mkdir("/mnt/d", 0755));
        assertEquals(Errno.EROFS, e.errno());
        sys.unmount("/mnt", 0);
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void whatWasReadIsWritten() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT4);
        int mounts = field(MOUNT_COUNT);
        mount(false);
        int open = sys.open("/mnt", Fcntl.O_RDONLY, 0);
        long free = sys.statvfs1("/mnt", SysMount.ST_WAIT).bfree();
        mount(SysMount.MNT_UPDATE);
        assertEquals(mounts, field(MOUNT_COUNT));
        assertEquals(VALID, field(STATE) & VALID);
        write("/mnt/f", "written ".repeat(5000));
        sys.sync();
        assertEquals(0, field(STATE) & VALID);
        assertEquals(mounts + 1, field(MOUNT_COUNT));
        assertTrue(sys.statvfs1("/mnt", SysMount.ST_WAIT).bfree() < free);
        assertEquals(4, sys.getdents(open).size());
        sys.close(open);
        sys.unmount("/mnt", 0);
        Fsck.requireClean(image);
        mount(SysMount.MNT_RDONLY);
        assertEquals(40_000, sys.stat("/mnt/f").size());
    }

    @Test
    void filesThatAreOpenStayWhatTheyAre() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT2);
        kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
        mount(0);
        write("/mnt/f", "before");
        sys.unmount("/mnt", 0);
        mount(SysMount.MNT_RDONLY);
        int reader = sys.open("/mnt/f", Fcntl.O_RDONLY, 0);
        byte[] buf = new byte[6];
        assertEquals(6, sys.read(reader, buf));
        mount(SysMount.MNT_UPDATE);
        ErrnoException e = assertThrows(ErrnoException.class, () -> sys.write(reader, buf));
        assertEquals(Errno.EBADF, e.errno());
        int writer = sys.open("/mnt/f", Fcntl.O_RDWR, 0);
        sys.pwrite(writer, "AFTER!".getBytes(StandardCharsets.UTF_8), 0);
        sys.pread(reader, buf, 0);
        assertArrayEquals("AFTER!".getBytes(StandardCharsets.UTF_8), buf);
        sys.fsync(writer);
        sys.close(writer);
        sys.close(reader);
        sys.unmount("/mnt", 0);
        Fsck.requireClean(image);
    }

    @Test
    void aListingThatIsUnderWayGoesOn() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT4);
        kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
        mount(0);
        Set<String> names = new TreeSet<>(List.of(".", "..", "lost+found"));
        for (int i = 0; i < 1500; i++) {
            write("/mnt/name" + i, "");
            names.add("name" + i);
        }
        sys.unmount("/mnt", 0);
        mount(SysMount.MNT_RDONLY);
        int fd = sys.open("/mnt", Fcntl.O_RDONLY, 0);
        List<Dirent> listed = new ArrayList<>(sys.getdents(fd));
        mount(SysMount.MNT_UPDATE);
        sys.mkdir("/mnt/lost+found/d", 0755);
        sys.chmod("/mnt/name7", 0600);
        sys.unlink("/mnt/name" + 1499);
        for (List<Dirent> more = sys.getdents(fd); !more.isEmpty(); more = sys.getdents(fd)) {
            listed.addAll(more);
        }
        List<String> seen = new ArrayList<>();
        listed.forEach(entry -> seen.add(entry.name()));
        Collections.sort(seen);
        seen.remove("name1499");
        names.remove("name1499");
        assertEquals(new ArrayList<>(names), seen);
        sys.close(fd);
        sys.unmount("/mnt", 0);
        Fsck.requireClean(image);
    }

    @Test
    void itGoesBackAndForth() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT2);
        mount(false);
        for (int round = 0; round < 4; round++) {
            mount(SysMount.MNT_UPDATE);
            sys.mkdir("/mnt/d" + round, 0755);
            mount(SysMount.MNT_UPDATE | SysMount.MNT_RDONLY);
            assertTrue(isReadOnly());
            Fsck.requireClean(Files.copy(image, temp.resolve("copy" + round)));
        }
        sys.unmount("/mnt", 0);
        Fsck.requireClean(image);
    }

    @Test
    void theDeviceIsClosedWhenItIsUnmounted() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT2);
        mount(false);
        mount(SysMount.MNT_UPDATE);
        sys.unmount("/mnt", 0);
        sys.close(sys.open("/dev/image", Fcntl.O_RDWR, 0));
        kernel.etfs().remove("/dev/image");
    }

    @Test
    void whatIsLentForReadingStaysReadOnly() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT2);
        mount(true);
        assertRefused(Errno.EROFS, "lent for reading only");
    }

    @Test
    void whatShouldBeCheckedStaysReadOnly() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT2);
        byte[] bytes = Files.readAllBytes(image);
        bytes[STATE] &= ~VALID;
        Files.write(image, bytes);
        mount(false);
        assertRefused(Errno.EROFS, "checked first");
    }

    @Test
    void whatThisDriverDoesNotWriteStaysReadOnly() throws Exception {
        Fsck.make(image, "16M", List.of("-t", "ext4", "-O", "^has_journal,mmp"));
        mount(false);
        assertRefused(Errno.EROFS, "mmp");
    }

    @Test
    void whatHasAJournalIsWrittenThroughIt() throws Exception {
        Fsck.make(image, "16M", Ext2UnderTest.EXT4_DEFAULT);
        mount(false);
        mount(SysMount.MNT_UPDATE);
        write("/mnt/f", "by the journal");
        sys.sync();
        mount(SysMount.MNT_UPDATE | SysMount.MNT_RDONLY);
        Fsck.requireClean(Files.copy(image, temp.resolve("copy")));
        mount(SysMount.MNT_UPDATE);
        sys.mkdir("/mnt/d", 0755);
        sys.unmount("/mnt", 0);
        Fsck.requireClean(image);
    }
}
