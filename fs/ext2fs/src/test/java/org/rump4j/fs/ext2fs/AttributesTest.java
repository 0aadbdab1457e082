package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/** What {@code stat} and {@code statvfs} say. */
final class AttributesTest {
    @TempDir
    Path dir;

    private Path image;

    @BeforeEach
    void nameImage() {
        image = dir.resolve("image");
    }

    private void make(String... options) throws Exception {
        Tools.mke2fs(image, "8M", options);
        Path file = Files.write(dir.resolve("file"), new byte[5000]);
        Tools.debugfs(image, "write " + file + " file", "mknod null c 1 3", "mknod disk b 259 7000", "mknod fifo p");
    }

    @Test
    void timesHaveNanosecondsAndGoBeyond2038AndBefore1970() throws Exception {
        make("-t", "ext4");
        Tools.debugfs(
                image,
                "sif file mtime @" + (0x7FFFFFFFL + (1L << 32)),
                "sif file mtime_extra " + (999_999_999L << 2 | 1),
                "sif file atime @" + 0xFFFFFFFFL,
                "sif file atime_extra " + (5 << 2),
                "sif file ctime @" + 0x80000000L,
                "sif file crtime @1000000000",
                "sif file crtime_extra " + (7 << 2));
        try (MountedImage mounted = new MountedImage(image)) {
            Stat stat = mounted.sys.stat("/mnt/file");
            assertEquals(new Timespec(0x7FFFFFFFL + (1L << 32), 999_999_999), stat.mtime());
            assertEquals(new Timespec(-1, 5), stat.atime());
            assertEquals(new Timespec(0x80000000L, 0), stat.ctime());
            assertEquals(new Timespec(1_000_000_000, 7), stat.birthtime());
        }
    }

    @Test
    void smallInodesHaveSecondsOnly() throws Exception {
        make("-t", "ext2", "-I", "128");
        Tools.debugfs(image, "sif file mtime @1234567890");
        try (MountedImage mounted = new MountedImage(image)) {
            Stat stat = mounted.sys.stat("/mnt/file");
            assertEquals(new Timespec(1234567890, 0), stat.mtime());
            assertEquals(Timespec.ZERO, stat.birthtime());
        }
    }

    @Test
    void numbersOfUsersAndDevicesAreWhole() throws Exception {
        make("-t", "ext4");
        Tools.debugfs(image, "sif file uid 65537", "sif file gid " + (40000L << 16 | 2));
        Tools.debugfs(image, "sif file flags 0x800f0", "sif file generation 77", "sif file mode 0104751");
        try (MountedImage mounted = new MountedImage(image)) {
            Stat stat = mounted.sys.stat("/mnt/file");
            assertEquals(1 << 16 | 1, stat.uid());
            assertEquals(40000 << 16 | 2, stat.gid());
            assertEquals(04751 | SysStat.S_IFREG, stat.mode());
            assertEquals(77, stat.gen());
            assertEquals(SysStat.UF_NODUMP | SysStat.SF_IMMUTABLE | SysStat.SF_APPEND, stat.flags());
            assertEquals(5000, stat.size());
            assertEquals(SysStat.makedev(1, 3), mounted.sys.stat("/mnt/null").rdev());
            Stat disk = mounted.sys.stat("/mnt/disk");
            assertEquals(SysStat.S_IFBLK, disk.mode() & SysStat.S_IFMT);
            assertEquals(259, SysStat.major(disk.rdev()));
            assertEquals(7000, SysStat.minor(disk.rdev()));
            assertEquals(SysStat.S_IFIFO, mounted.sys.stat("/mnt/fifo").mode() & SysStat.S_IFMT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext2 -b 1024 -g 256",
                "-t ext2 -b 1024 -g 256 -O ^sparse_super,^resize_inode",
                "-t ext2 -b 1024 -g 256 -O sparse_super2,^resize_inode",
                "-t ext4 -b 1024 -g 256 -O meta_bg,^resize_inode",
                "-t ext4 -b 1024 -g 256 -J size=1",
                "-t ext4 -b 4096"
            })
    void roomIsWhatDumpe2fsSays(String options) throws Exception {
        make(options.split(" ", -1));
        String dump = Tools.run("dumpe2fs", "-h", image.toString());
        long counted = room(dump).blocks();
        try (MountedImage mounted = new MountedImage(image)) {
            Statvfs room = mounted.sys.statvfs1("/mnt", 0);
            assertEquals(counted, room.blocks(), dump);
            assertEquals(room(dump).bfree(), room.bfree());
            assertEquals(room(dump).bfree() - number(dump, "Reserved block count"), room.bavail());
            assertEquals(number(dump, "Inode count"), room.files());
            assertEquals(number(dump, "Free inodes"), room.ffree());
            assertEquals(255, room.namemax());
        }
        // As counted by the driver, and group by group.
        Tools.debugfs(image, "set_super_value overhead_clusters 0", "set_super_value state 0");
        try (MountedImage mounted = new MountedImage(image)) {
            Statvfs room = mounted.sys.statvfs1("/mnt", 0);
            assertEquals(counted, room.blocks(), dump);
            assertEquals(room(dump).bfree(), room.bfree());
            assertEquals(number(dump, "Free inodes"), room.ffree());
        }
    }

    private record Room(long blocks, long bfree) {}

    private static Room room(String dump) {
        return new Room(number(dump, "Block count") - number(dump, "Overhead clusters"), number(dump, "Free blocks"));
    }

    private static long number(String dump, String name) {
        return dump.lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(
                        line -> Long.parseLong(line.substring(name.length() + 1).trim()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + dump));
    }
}
