package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;

/** {@code rump_etfs(3)}: what the host lends. */
public abstract class EtfsSuite extends FileSuite {
    private static final String KEY = "/lent";

    /** A directory of the host. */
    @TempDir
    protected Path host;

    private Path hostFile(String name, String content) throws Exception {
        return Files.writeString(host.resolve(name), content);
    }

    private Path disk(int bytes) throws Exception {
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) (i >> 9 ^ i);
        }
        return Files.write(host.resolve("disk"), content);
    }

    private String content(String path) throws Exception {
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        String text = text(readAll(fd));
        sys.close(fd);
        return text;
    }

    // Regular files

    @Test
    void aFileOfTheHostIsReadAndWritten() throws Exception {
        Path file = hostFile("f", "from the host");
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG);
        assertEquals("from the host", content(KEY));
        Stat stat = sys.stat(KEY);
        assertTrue(stat.isRegular());
        assertEquals(13, stat.size());
        int fd = sys.open(KEY, Fcntl.O_RDWR, 0);
        assertEquals(4, sys.pwrite(fd, bytes("FROM"), 0));
        sys.lseek(fd, 0, Fcntl.SEEK_END);
        writeAll(fd, bytes(" and back"));
        sys.fsync(fd);
        assertEquals("FROM the host and back", Files.readString(file));
        assertEquals("FROM the host and back", content(KEY));
    }

    @Test
    void aPartOfAFileIsLent() throws Exception {
        Path file = hostFile("f", "0123456789");
        if (differs(Difference.ETFS_LENDS_FILES_TO_THEIR_END)) {
            fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 2, 5, false), Errno.EOPNOTSUPP);
            kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 7, 3, false);
            assertEquals("789", content(KEY));
            assertEquals(3, sys.stat(KEY).size());
            return;
        }
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 2, 5, false);
        assertEquals("23456", content(KEY));
        assertEquals(5, sys.stat(KEY).size());
        int fd = sys.open(KEY, Fcntl.O_RDWR, 0);
        assertEquals(2, sys.pwrite(fd, bytes("XYZ"), 3));
        fails(() -> sys.pwrite(fd, bytes("Z"), 5), Errno.ENOSPC, Errno.EFBIG);
        assertEquals(0, sys.pread(fd, new byte[1], 5));
        assertEquals("01234XY789", Files.readString(file));
        kernel.etfs().register("/rest", file.toString(), Etfs.Type.REG, 7, Etfs.SIZE_ENDOFF, false);
        assertEquals("789", content("/rest"));
    }

    @Test
    void whatIsLentForReadingIsNotWritten() throws Exception {
        Path file = hostFile("f", "content");
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 0, Etfs.SIZE_ENDOFF, true);
        assertEquals("content", content(KEY));
        fails(
                () -> {
                    int fd = sys.open(KEY, Fcntl.O_WRONLY, 0);
                    sys.write(fd, bytes("x"));
                },
                Errno.EROFS,
                Errno.EACCES);
        assertEquals("content", Files.readString(file));
    }

    // Devices

    @Test
    void aDiskIsReadAndWrittenAsABlockDevice() throws Exception {
        Path disk = disk(64 << 10);
        kernel.etfs().register(KEY, disk.toString(), Etfs.Type.BLK);
        assertEquals(SysStat.S_IFBLK, sys.stat(KEY).mode() & SysStat.S_IFMT);
        int fd = sys.open(KEY, Fcntl.O_RDWR, 0);
        byte[] all = Files.readAllBytes(disk);
        assertArrayEquals(all, readAll(fd));
        byte[] odd = new byte[700];
        assertEquals(700, sys.pread(fd, odd, 1000));
        assertArrayEquals(Arrays.copyOfRange(all, 1000, 1700), odd);
        assertEquals(64 << 10, sys.lseek(fd, 0, Fcntl.SEEK_END));
        assertEquals(0, sys.read(fd, odd));
        if (differs(Difference.DEVICES_HAVE_NO_HOLES)) {
            fails(() -> sys.lseek(fd, 5000, Fcntl.SEEK_DATA), Errno.EINVAL);
        } else {
            assertEquals(5000, sys.lseek(fd, 5000, Fcntl.SEEK_DATA));
            assertEquals(64 << 10, sys.lseek(fd, 5000, Fcntl.SEEK_HOLE));
            fails(() -> sys.lseek(fd, 64 << 10, Fcntl.SEEK_DATA), Errno.ENXIO);
        }
        byte[] sector = new byte[512];
        Arrays.fill(sector, (byte) 7);
        assertEquals(512, sys.pwrite(fd, sector, 1024));
        sys.fsync(fd);
        assertArrayEquals(sector, Arrays.copyOfRange(Files.readAllBytes(disk), 1024, 1536));
        byte[] again = new byte[512];
        sys.pread(fd, again, 1024);
        assertArrayEquals(sector, again);
    }

    @Test
    void aDiskIsReadAndWrittenAsACharacterDeviceBySectors() throws Exception {
        Path disk = disk(64 << 10);
        kernel.etfs().register(KEY, disk.toString(), Etfs.Type.CHR);
        assertEquals(SysStat.S_IFCHR, sys.stat(KEY).mode() & SysStat.S_IFMT);
        int fd = sys.open(KEY, Fcntl.O_RDWR, 0);
        byte[] two = new byte[1024];
        assertEquals(1024, sys.pread(fd, two, 512));
        assertArrayEquals(Arrays.copyOfRange(Files.readAllBytes(disk), 512, 1536), two);
        fails(() -> sys.pread(fd, two, 1), Errno.EINVAL);
        fails(() -> sys.pread(fd, new byte[100], 0), Errno.EINVAL);
        fails(() -> sys.pwrite(fd, two, 1), Errno.EINVAL);
        Arrays.fill(two, (byte) 9);
        assertEquals(1024, sys.pwrite(fd, two, 2048));
        assertArrayEquals(two, Arrays.copyOfRange(Files.readAllBytes(disk), 2048, 3072));
    }

    @Test
    void aPartOfADiskIsLent() throws Exception {
        Path disk = disk(64 << 10);
        kernel.etfs().register(KEY, disk.toString(), Etfs.Type.BLK, 4096, 8192, false);
        int fd = sys.open(KEY, Fcntl.O_RDWR, 0);
        assertArrayEquals(Arrays.copyOfRange(Files.readAllBytes(disk), 4096, 12288), readAll(fd));
        failsUnless(
                Difference.WRITING_AT_THE_END_OF_A_DISK_IS_NOTHING,
                () -> assertEquals(0, sys.pwrite(fd, new byte[512], 8192)),
                Errno.ENOSPC,
                Errno.EINVAL);
        assertEquals(512, sys.pwrite(fd, new byte[512], 8192 - 512));
    }

    @Test
    void aDiskThatIsLentForReadingIsNotOpenedForWriting() throws Exception {
        Path disk = disk(8192);
        kernel.etfs().register(KEY, disk.toString(), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, true);
        failsOr(
                Difference.ETFS_DISKS_FOR_READING_ARE_FORBIDDEN,
                Errno.EACCES,
                () -> sys.open(KEY, Fcntl.O_RDWR, 0),
                Errno.EROFS);
        sys.close(sys.open(KEY, Fcntl.O_RDONLY, 0));
    }

    // Directories

    @Test
    void aDirectoryLendsItsFilesAndNotWhatIsBelow() throws Exception {
        hostFile("f", "content");
        Files.createDirectory(host.resolve("sub"));
        hostFile("sub/g", "deeper");
        if (differs(Difference.ETFS_LENDS_WHOLE_TREES_ONLY)) {
            fails(() -> kernel.etfs().register(KEY, host.toString(), Etfs.Type.DIR), Errno.EOPNOTSUPP);
            return;
        }
        kernel.etfs().register(KEY, host.toString(), Etfs.Type.DIR);
        assertTrue(sys.stat(KEY).isDirectory());
        assertEquals("content", content(KEY + "/f"));
        fails(() -> sys.stat(KEY + "/none"), Errno.ENOENT);
        fails(() -> sys.stat(KEY + "/sub"), Errno.ENOENT);
        fails(() -> sys.stat(KEY + "/sub/g"), Errno.ENOENT);
        fails(() -> sys.stat(KEY + "/f/x"), Errno.ENOTDIR);
    }

    @Test
    void aDirectoryMayLendAllThatIsBelow() throws Exception {
        Files.createDirectories(host.resolve("sub/deeper"));
        hostFile("sub/deeper/g", "deep");
        hostFile("sub/f", "less deep");
        kernel.etfs().register(KEY, host.toString(), Etfs.Type.DIR_SUBDIRS);
        assertEquals("deep", content(KEY + "/sub/deeper/g"));
        assertTrue(sys.stat(KEY + "/sub").isDirectory());
        if (differs(Difference.ETFS_TREES_HAVE_NO_WAY_UP)) {
            fails(() -> sys.stat(KEY + "/sub/deeper/../f"), Errno.EOPNOTSUPP);
            return;
        }
        assertEquals("less deep", content(KEY + "/sub/deeper/../f"));
        sys.chdir(KEY + "/sub");
        int fd = sys.open("deeper/g", Fcntl.O_RDONLY, 0);
        assertEquals("deep", text(readAll(fd)));
        sys.chdir("..");
        assertEquals(sys.stat(KEY).ino(), sys.stat(".").ino());
    }

    @Test
    void whatTheHostMakesAndRemovesComesAndGoes() throws Exception {
        kernel.etfs().register(KEY, host.toString(), Etfs.Type.DIR_SUBDIRS);
        fails(() -> sys.stat(KEY + "/f"), Errno.ENOENT);
        Path file = hostFile("f", "content");
        assertEquals("content", content(KEY + "/f"));
        Files.delete(file);
        fails(() -> sys.stat(KEY + "/f"), Errno.ENOENT);
        Files.createDirectory(file);
        assertTrue(sys.stat(KEY + "/f").isDirectory());
    }

    // Keys

    @Test
    void aKeyMustBeAnAbsolutePath() throws Exception {
        Path file = hostFile("f", "");
        for (String key : new String[] {"lent", "", "/", "//"}) {
            fails(() -> kernel.etfs().register(key, file.toString(), Etfs.Type.REG), Errno.EINVAL);
        }
    }

    @Test
    void aKeyIsTakenOnce() throws Exception {
        Path file = hostFile("f", "");
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG), Errno.EEXIST);
        fails(() -> kernel.etfs().register("/" + KEY, file.toString(), Etfs.Type.REG), Errno.EEXIST);
    }

    @Test
    void aKeyMayHaveSeveralComponents() throws Exception {
        Path file = hostFile("f", "content");
        kernel.etfs().register("/not/there/f", file.toString(), Etfs.Type.REG);
        assertEquals("content", content("/not/there/f"));
        fails(() -> sys.stat("/not/there/fx"), Errno.ENOENT);
        fails(() -> sys.stat("/not"), Errno.ENOENT);
        sys.mkdir("/really", 0755);
        kernel.etfs().register("/really/f", file.toString(), Etfs.Type.REG);
        assertEquals("content", content("/really/f"));
        assertTrue(sys.stat("/really").isDirectory());
        assertEquals("content", content("/../really/f"));
    }

    @Test
    void theLongestKeyCounts() throws Exception {
        Files.createDirectory(host.resolve("sub"));
        hostFile("sub/f", "by directory");
        Path file = hostFile("f", "by file");
        kernel.etfs().register(KEY, host.toString(), Etfs.Type.DIR_SUBDIRS);
        if (differs(Difference.ETFS_KEYS_DO_NOT_NEST)) {
            fails(() -> kernel.etfs().register(KEY + "/sub/f", file.toString(), Etfs.Type.REG), Errno.EEXIST);
            return;
        }
        kernel.etfs().register(KEY + "/sub/f", file.toString(), Etfs.Type.REG);
        assertEquals("by file", content(KEY + "/sub/f"));
        assertEquals("by file", content(KEY + "/f"));
        kernel.etfs().remove(KEY + "/sub/f");
        assertEquals("by directory", content(KEY + "/sub/f"));
    }

    @Test
    void aKeyHidesWhatIsThere() throws Exception {
        Path file = hostFile("f", "lent");
        int fd = sys.open(KEY, Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
        writeAll(fd, bytes("own"));
        sys.close(fd);
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG);
        assertEquals("lent", content(KEY));
        fails(() -> sys.mkdir(KEY, 0755), Errno.EEXIST);
        kernel.etfs().remove(KEY);
        assertEquals("own", content(KEY));
    }

    @Test
    void whatIsLentIsNeitherRenamedNorUnlinked() throws Exception {
        Path file = hostFile("f", "lent");
        kernel.etfs().register("/a/b", file.toString(), Etfs.Type.REG);
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG);
        write("mine", "mine");
        Errno unrenamed = differs(Difference.ROOT_HAS_NO_RENAME) ? Errno.EOPNOTSUPP : Errno.EBUSY;
        for (String key : new String[] {"/a/b", KEY}) {
            fails(() -> sys.unlink(key), Errno.EBUSY, Errno.EPERM, Errno.ENOENT, Errno.EROFS);
            fails(() -> sys.rmdir(key), Errno.EBUSY, Errno.EPERM, Errno.ENOENT, Errno.EROFS, Errno.ENOTDIR);
            fails(
                    () -> sys.rename(key, "/x"),
                    unrenamed,
                    Errno.EBUSY,
                    Errno.EPERM,
                    Errno.ENOENT,
                    Errno.EROFS,
                    Errno.EXDEV);
            fails(
                    () -> sys.rename(in("mine"), key),
                    unrenamed,
                    Errno.EBUSY,
                    Errno.EPERM,
                    Errno.ENOENT,
                    Errno.EROFS,
                    Errno.EXDEV);
            assertEquals("lent", content(key));
        }
        assertEquals("mine", read("mine"));
        for (String name : names("")) {
            assertTrue(name.indexOf('/') < 0, name);
        }
    }

    @Test
    void aKeyIsTakenAwayWhenNobodyUsesIt() throws Exception {
        assumeNot(Difference.ETFS_TAKES_AWAY_WHAT_IS_IN_USE);
        Path file = hostFile("f", "content");
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG);
        int fd = sys.open(KEY, Fcntl.O_RDONLY, 0);
        fails(() -> kernel.etfs().remove(KEY), Errno.EBUSY);
        assertEquals("content", text(readAll(fd)));
        sys.close(fd);
        kernel.etfs().remove(KEY);
        fails(() -> sys.stat(KEY), Errno.ENOENT);
        fails(() -> kernel.etfs().remove(KEY), Errno.ENOENT);
        kernel.etfs().register(KEY, disk(4096).toString(), Etfs.Type.BLK);
        int disk = sys.open(KEY, Fcntl.O_RDONLY, 0);
        fails(() -> kernel.etfs().remove(KEY), Errno.EBUSY);
        sys.close(disk);
        kernel.etfs().remove(KEY);
    }

    // What cannot be lent

    @Test
    void theHostsFileMustBeThereAndFit() throws Exception {
        Path file = hostFile("f", "0123456789");
        String missing = host.resolve("none").toString();
        fails(() -> kernel.etfs().register(KEY, missing, Etfs.Type.REG), Errno.ENOENT);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.DIR), Errno.EINVAL, Errno.ENOTDIR);
        fails(() -> kernel.etfs().register(KEY, host.toString(), Etfs.Type.REG), Errno.EINVAL, Errno.EISDIR);
        fails(() -> kernel.etfs().register(KEY, host.toString(), Etfs.Type.BLK), Errno.EINVAL, Errno.EISDIR);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 11, 0, false), Errno.EINVAL);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 0, 11, false), Errno.EINVAL);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.BLK, 5, 6, false), Errno.EINVAL);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, -1, 5, false), Errno.EINVAL);
        fails(() -> kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 0, -2, false), Errno.EINVAL);
        fails(() -> sys.stat(KEY), Errno.ENOENT);
        kernel.etfs().register(KEY, file.toString(), Etfs.Type.REG, 10, 0, false);
        assertEquals("", content(KEY));
    }
}
