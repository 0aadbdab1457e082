package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** What is not written is mounted to be read, with the reason, and stays as it is. */
class RefusalTest {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @TempDir
    Path temp;

    private RumpKernel mount(Path image, int flags) throws ErrnoException {
        RumpKernel kernel =
                RumpKernel.boot("java", RealHost.builder().console(console).build());
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
        kernel.syscalls().mkdir("/mnt", 0755);
        kernel.syscalls().mount("ext2fs", "/mnt", flags, new MountArgs.Device("/dev/image"));
        return kernel;
    }

    private static void halt(RumpKernel kernel) {
        kernel.lwproc().releaselwp();
        kernel.halt();
    }

    @ParameterizedTest
    @CsvSource({
        "^has_journal;bigalloc;extent, bigalloc",
        "^has_journal;inline_data, inline_data",
        "^has_journal;encrypt, encrypt",
        "^has_journal;quota, quota",
        "^has_journal;mmp, mmp"
    })
    void theFeatureIsNamed(String features, String name) throws Exception {
        Path image = temp.resolve("image");
        Fsck.make(image, "16M", List.of("-t", "ext4", "-O", features.replace(';', ',')));
        byte[] before = Files.readAllBytes(image);
        RumpKernel kernel = mount(image, 0);
        ErrnoException e =
                assertThrows(ErrnoException.class, () -> kernel.syscalls().mkdir("/mnt/d", 0755));
        assertEquals(Errno.EROFS, e.errno());
        halt(kernel);
        String said = console.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("mounted read-only: ") && said.contains(name), said);
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void whatWasNotUnmountedMustBeChecked() throws Exception {
        Path image = temp.resolve("image");
        Fsck.make(image, "16M", Ext2UnderTest.EXT4);
        RumpKernel kernel = mount(image, 0);
        kernel.syscalls().mkdir("/mnt/d", 0755);
        kernel.syscalls().sync();
        Path copy = Files.copy(image, temp.resolve("copy"));
        halt(kernel);
        Fsck.requireClean(image);
        kernel = mount(copy, 0);
        assertTrue((kernel.syscalls().statvfs1("/mnt", 0).flag() & SysMount.MNT_RDONLY) != 0);
        assertTrue(console.toString(StandardCharsets.UTF_8).contains("checked first"));
        kernel.syscalls().stat("/mnt/d");
        halt(kernel);
        Fsck.repair(copy);
        kernel = mount(copy, 0);
        kernel.syscalls().rmdir("/mnt/d");
        halt(kernel);
        Fsck.requireClean(copy);
    }

    @Test
    void aFileSystemThatBecomesReadOnlyIsWhole() throws Exception {
        Path image = temp.resolve("image");
        Fsck.make(image, "16M", Ext2UnderTest.EXT2);
        RumpKernel kernel = mount(image, 0);
        kernel.syscalls().mkdir("/mnt/d", 0755);
        kernel.syscalls()
                .mount("ext2fs", "/mnt", SysMount.MNT_UPDATE | SysMount.MNT_RDONLY, new MountArgs.Device("/dev/image"));
        Path copy = Files.copy(image, temp.resolve("copy"));
        Fsck.requireClean(copy);
        kernel.syscalls().mount("ext2fs", "/mnt", SysMount.MNT_UPDATE, new MountArgs.Device("/dev/image"));
        kernel.syscalls().mkdir("/mnt/d/e", 0755);
        halt(kernel);
        Fsck.requireClean(image);
    }

    @Test
    void aMountThatChangesNothingWritesNothing() throws Exception {
        Path image = temp.resolve("image");
        Fsck.make(image, "16M", Ext2UnderTest.EXT4);
        byte[] before = Files.readAllBytes(image);
        RumpKernel kernel = mount(image, SysMount.MNT_NOATIME);
        kernel.syscalls().close(kernel.syscalls().open("/mnt", Fcntl.O_RDONLY, 0));
        kernel.syscalls().sync();
        halt(kernel);
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void flagsAreThoseOfTheSuperuserAndNodump() throws Exception {
        Path image = temp.resolve("image");
        Fsck.make(image, "16M", Ext2UnderTest.EXT4);
        RumpKernel kernel = mount(image, 0);
        kernel.syscalls().mkdir("/mnt/d", 0755);
        int all = SysStat.UF_NODUMP | SysStat.SF_APPEND;
        kernel.syscalls().chflags("/mnt/d", all);
        assertEquals(all, kernel.syscalls().stat("/mnt/d").flags());
        ErrnoException e =
                assertThrows(ErrnoException.class, () -> kernel.syscalls().chflags("/mnt/d", SysStat.UF_APPEND));
        assertEquals(Errno.EOPNOTSUPP, e.errno());
        halt(kernel);
        Fsck.requireClean(image);
    }
}
