package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What is mounted, how, and what is refused with which words. */
final class FeaturesTest {
    @TempDir
    Path dir;

    private Path image;

    @BeforeEach
    void makeImage() throws Exception {
        image = dir.resolve("image");
        Tools.mke2fs(image, "2M", "-t", "ext4", "-b", "1024");
    }

    private void change(Consumer<SuperblockBytes> change) throws Exception {
        byte[] bytes = Files.readAllBytes(image);
        SuperblockBytes sb = new SuperblockBytes(bytes);
        change.accept(sb);
        sb.seal();
        Files.write(image, bytes);
    }

    @ParameterizedTest
    @CsvSource({"0x1, compression", "0x1000, dirdata", "0x40000, FEATURE_I18", "0x80000000, FEATURE_I31"})
    void anIncompatibleFeatureThatIsNotKnownIsRefusedByName(String bit, String name) throws Exception {
        change(sb -> sb.or(SuperblockLayout.FEATURE_INCOMPAT, Long.decode(bit).intValue()));
        Refusal refusal = Refusal.of(image, SysMount.MNT_RDONLY);
        assertEquals(Errno.EFTYPE, refusal.errno());
        assertTrue(refusal.detail().contains(name), refusal.detail());
    }

    @Test
    void aReadOnlyCompatibleFeatureThatIsNotKnownAllowsReadingOnly() throws Exception {
        change(sb -> sb.or(SuperblockLayout.FEATURE_RO_COMPAT, 1 << 25));
        try (MountedImage mounted = new MountedImage(image)) {
            assertTrue(mounted.list("/").containsKey("lost+found"));
        }
        Refusal refusal = Refusal.of(image, 0);
        assertEquals(Errno.EROFS, refusal.errno());
        assertTrue(refusal.detail().contains("FEATURE_R25"), refusal.detail());
    }

    @Test
    void aMountForWritingBecomesOneForReadingAndThatIsSaid() throws Exception {
        int mmp = 0x100;
        change(sb -> sb.or(SuperblockLayout.FEATURE_INCOMPAT, mmp));
        byte[] before = Files.readAllBytes(image);
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("mounted read-only"), mounted.console());
            assertTrue(mounted.console().contains("mmp"), mounted.console());
            assertTrue((mounted.sys.statvfs1("/mnt", 0).flag() & SysMount.MNT_RDONLY) != 0);
            ErrnoException e = assertThrows(ErrnoException.class, () -> mounted.sys.mkdir("/mnt/new", 0755));
            assertEquals(Errno.EROFS, e.errno());
        }
        assertTrue(Arrays.equals(before, Files.readAllBytes(image)));
    }

    @Test
    void whatIsNoFileSystemIsRefused() throws Exception {
        Path empty = Files.write(dir.resolve("empty"), new byte[1 << 20]);
        assertEquals(Errno.EINVAL, Refusal.of(empty, SysMount.MNT_RDONLY).errno());
        Path tiny = Files.write(dir.resolve("tiny"), new byte[512]);
        assertEquals(Errno.EINVAL, Refusal.of(tiny, SysMount.MNT_RDONLY).errno());
    }

    @Test
    void aSuperblockWithAWrongChecksumIsRefused() throws Exception {
        byte[] bytes = Files.readAllBytes(image);
        bytes[1024 + 0x78]++;
        Files.write(image, bytes);
        Refusal refusal = Refusal.of(image, SysMount.MNT_RDONLY);
        assertEquals(Errno.EIO, refusal.errno());
        assertTrue(refusal.detail().contains("checksum"), refusal.detail());
    }

    @ParameterizedTest
    @CsvSource({
        "0x18, 7",
        "0x18, -1",
        "0x20, 0",
        "0x20, 0x10000",
        "0x28, 0",
        "0x14, -1",
        "0x58, 100",
        "0x58, 0x4000",
        "0x00, 0x7FFFFFFF",
        "0x54, 3"
    })
    void aSuperblockThatMakesNoSenseIsRefused(String offset, String value) throws Exception {
        change(sb -> sb.set(
                new Fields.Le32(Integer.decode(offset)), Long.decode(value).intValue()));
        Refusal refusal = Refusal.of(image, SysMount.MNT_RDONLY);
        assertEquals(Errno.EINVAL, refusal.errno());
        assertTrue(refusal.detail().startsWith("superblock: "), refusal.detail());
    }

    @Test
    void theTypeIsFoundOutByWhatIsOnTheDevice() throws Exception {
        try (MountedImage mounted = new MountedImage(image)) {
            assertEquals("ext2fs", mounted.kernel.probe("/dev/image"));
            Path empty = Files.write(dir.resolve("empty"), new byte[1 << 20]);
            mounted.kernel.etfs().register("/dev/empty", empty.toString(), Etfs.Type.BLK);
            ErrnoException e = assertThrows(ErrnoException.class, () -> mounted.kernel.probe("/dev/empty"));
            assertEquals(Errno.EFTYPE, e.errno());
        }
    }

    @Test
    void anImageThatWasCutIsReadAsFarAsItGoes() throws Exception {
        byte[] bytes = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(bytes, bytes.length / 2));
        try (MountedImage mounted = new MountedImage(image)) {
            assertTrue(mounted.list("/").containsKey("lost+found"));
            assertTrue(mounted.console().contains("the device 1024"), mounted.console());
        }
    }
}
