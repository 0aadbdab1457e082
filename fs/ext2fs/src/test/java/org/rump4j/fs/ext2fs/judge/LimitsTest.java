package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** As many as there can be: names in a directory, links of a file, directories in a directory, levels of a tree, bytes of a file. */
@ExtendWith(Images.class)
class LimitsTest {
    private static final String EXT2 = "sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr";

    /** What is done on a new file system. */
    @FunctionalInterface
    private interface Use {
        void on(Syscalls sys) throws Exception;
    }

    /** A new file system that is used once and again, with a look at it by e2fsck each time. */
    private static final class Volume {
        private final Path image;

        Volume(Images.Shelf images, String size, String features, String... options) {
            image = images.directory().resolve("limits.img");
            Recipe recipe = Recipe.of("limits", features, options);
            E2fsprogs.mke2fs(image, recipe.mke2fsOptions(), size);
        }

        void use(Use use) throws Exception {
            try (Machine machine = new Machine()) {
                machine.mount(image, SysMount.MNT_NOATIME);
                use.on(machine.sys());
                machine.unmount();
            }
            E2fsprogs.requireClean(image);
        }

        /** Has debugfs change it, and e2fsck put the counts right. */
        void change(String... commands) {
            E2fsprogs.debugfs(image, List.of(commands));
            E2fsprogs.repair(image, "-fy");
        }

        /** What debugfs answers to a command. */
        String ask(String command) {
            return E2fsprogs.run("debugfs", "-R", command, image.toString()).text();
        }

        void done() throws Exception {
            Files.delete(image);
        }
    }

    private static String in(String name) {
        return Machine.MOUNT + "/" + name;
    }

    private static void create(Syscalls sys, String path) throws ErrnoException {
        sys.close(sys.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644));
    }

    private static int count(Syscalls sys, String path) throws ErrnoException {
        int count = 0;
        int fd = sys.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        try {
            for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
                count += some.size();
            }
        } finally {
            sys.close(fd);
        }
        return count - 2;
    }

    /** Each second name goes, in no order; e2fsck looks through the index before and after, and all others are found. */
    private static void manyNames(Volume volume, int names, int length, int levels) throws Exception {
        String path = in("d/" + "x".repeat(length));
        volume.use(sys -> {
            sys.mkdir(in("d"), 0755);
            create(sys, in("file"));
            for (int i = 0; i < names; i++) {
                // As many inodes as that there need not be.
                if (i % 30_000 == 0) {
                    create(sys, path + i);
                } else {
                    sys.link(path + i / 30_000 * 30_000, path + i);
                }
            }
        });
        assertTrue(volume.ask("htree_dump /d").contains("Indirect levels: " + (levels - 1)), "levels");
        int[] order = new Random(1).ints(0, names).distinct().limit(names / 2).toArray();
        boolean[] gone = new boolean[names];
        volume.use(sys -> {
            for (int i : order) {
                sys.unlink(path + i);
                gone[i] = true;
            }
        });
        volume.use(sys -> {
            assertEquals(names - order.length, count(sys, in("d")));
            for (int i = 0; i < names; i++) {
                int number = i;
                if (gone[i]) {
                    assertThrows(ErrnoException.class, () -> sys.lstat(path + number));
                } else {
                    sys.unlink(path + i);
                }
            }
            sys.rmdir(in("d"));
        });
        volume.done();
    }

    @Test
    void aHundredThousandNamesComeAndGo(Images.Shelf images) throws Exception {
        manyNames(new Volume(images, "64M", WrittenImages.EXT4, "-b", "4096"), 100_000, 20, 2);
    }

    @Test
    void anIndexHasThreeLevelsWithLargeDir(Images.Shelf images) throws Exception {
        manyNames(new Volume(images, "64M", WrittenImages.EXT4 + ",large_dir", "-b", "1024"), 30_000, 240, 3);
    }

    @Test
    void anIndexOfTwoLevelsIsFullOneDay(Images.Shelf images) throws Exception {
        Volume volume = new Volume(images, "64M", EXT2, "-b", "1024");
        volume.use(sys -> {
            sys.mkdir(in("d"), 0755);
            create(sys, in("file"));
            String path = in("d/" + "x".repeat(245));
            int[] made = {0};
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                while (made[0] < 31_000) {
                    sys.link(in("file"), path + made[0]);
                    made[0]++;
                }
                for (int i = 0; i < 100_000; i++) {
                    sys.symlink("x", path + made[0]);
                    made[0]++;
                }
            });
            assertEquals(Errno.ENOSPC, e.errno());
            assertEquals(made[0], count(sys, in("d")));
            sys.lstat(path + (made[0] - 1));
            sys.unlink(path + 7);
        });
        volume.done();
    }

    @ParameterizedTest
    @CsvSource({"true, 65000", "false, 32000"})
    void aFileHasSoManyLinksAndNoMore(boolean extents, int most, Images.Shelf images) throws Exception {
        Volume volume = new Volume(images, "32M", extents ? WrittenImages.EXT4 : EXT2, "-b", "4096");
        volume.use(sys -> {
            create(sys, in("file"));
            for (int i = 1; i < most; i++) {
                sys.link(in("file"), in("link" + i));
            }
            assertEquals(most, sys.stat(in("file")).nlink());
            ErrnoException e = assertThrows(ErrnoException.class, () -> sys.link(in("file"), in("more")));
            assertEquals(Errno.EMLINK, e.errno());
            sys.unlink(in("link5"));
            sys.link(in("file"), in("more"));
        });
        volume.done();
    }

    /** Takes long. With dir_nlink a directory stops counting: it has one link then, however many others go. */
    @ParameterizedTest
    @CsvSource({"'', 65000", "'dir_nlink,', 0"})
    @Tag("nightly")
    void aDirectoryHasSoManyDirectoriesInIt(String without, int most, Images.Shelf images) throws Exception {
        String features = without.isEmpty() ? WrittenImages.EXT4.replace("dir_nlink,", "") : WrittenImages.EXT4;
        Volume volume = new Volume(images, "128M", features, "-b", "1024", "-N", "66000", "-I", "256");
        volume.use(sys -> {
            sys.mkdir(in("d"), 0755);
            int[] made = {0};
            while (made[0] < 64_998) {
                sys.mkdir(in("d/" + made[0]++), 0755);
            }
            assertEquals(65_000, sys.stat(in("d")).nlink());
            if (most > 0) {
                ErrnoException e = assertThrows(ErrnoException.class, () -> sys.mkdir(in("d/more"), 0755));
                assertEquals(Errno.EMLINK, e.errno());
            } else {
                sys.mkdir(in("d/more"), 0755);
                sys.mkdir(in("d/and-more"), 0755);
                assertEquals(1, sys.stat(in("d")).nlink());
            }
        });
        volume.use(sys -> {
            for (int i = 0; i < 100; i++) {
                sys.rmdir(in("d/" + i));
            }
        });
        volume.done();
    }

    @ParameterizedTest
    @CsvSource({"true, 1024", "false, 4096"})
    void aTreeIsAThousandLevelsDeep(boolean extents, String block, Images.Shelf images) throws Exception {
        int depth = 1000;
        Volume volume = new Volume(images, "32M", extents ? WrittenImages.EXT4 : EXT2, "-b", block, "-N", "2000");
        volume.use(sys -> {
            sys.chdir(Machine.MOUNT);
            for (int i = 0; i < depth; i++) {
                sys.mkdir("d", 0755);
                sys.chdir("d");
            }
            create(sys, "bottom");
            for (int i = 0; i < depth; i++) {
                sys.chdir("..");
            }
            assertEquals(2, sys.stat(".").ino());
            sys.chdir("/");
        });
        volume.use(sys -> {
            sys.chdir(Machine.MOUNT);
            for (int i = 0; i < depth; i++) {
                sys.chdir("d");
            }
            sys.unlink("bottom");
            // The lower half moves to the top.
            for (int i = 0; i < depth / 2; i++) {
                sys.chdir("..");
            }
            sys.rename("d", in("moved"));
            sys.chdir("/");
        });
        volume.use(sys -> {
            sys.chdir(in("moved"));
            for (int i = 1; i < depth / 2; i++) {
                sys.chdir("d");
            }
            for (int i = 1; i < depth / 2; i++) {
                sys.chdir("..");
                sys.rmdir("d");
            }
            sys.chdir("/");
            sys.rmdir(in("moved"));
        });
        volume.done();
    }

    /** Past 4 GiB, and at the very end of what blocks can be found for. */
    @ParameterizedTest
    @CsvSource({
        // Twelve blocks, and those by one, two and three indirections.
        "false, 1024, 17247252480",
        "false, 2048, 275415851008",
        // What 32 bits count of 512 bytes, less what is kept for the map.
        "false, 4096, 2190433320960",
        "true, 1024, 4398046510080",
        "true, 4096, 17592186040320"
    })
    void aFileGoesToItsLastByteAndNoFurther(boolean extents, String block, long last, Images.Shelf images)
            throws Exception {
        Volume volume = new Volume(images, "16M", extents ? WrittenImages.EXT4 : EXT2, "-b", block);
        byte[] bytes = new byte[3000];
        new Random(2).nextBytes(bytes);
        volume.use(sys -> {
            int fd = sys.open(in("file"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            assertEquals(bytes.length, sys.pwrite(fd, bytes, (4L << 30) - 1000));
            assertEquals(bytes.length, sys.pwrite(fd, bytes, last - bytes.length));
            ErrnoException e = assertThrows(ErrnoException.class, () -> sys.pwrite(fd, bytes, last));
            assertEquals(Errno.EFBIG, e.errno());
            assertEquals(
                    Errno.EFBIG,
                    assertThrows(ErrnoException.class, () -> sys.ftruncate(fd, last + 1))
                            .errno());
            // What fits of a write is written.
            assertEquals(100, sys.pwrite(fd, bytes, last - 100));
            assertEquals(last, sys.fstat(fd).size());
            sys.close(fd);
        });
        volume.use(sys -> {
            int fd = sys.open(in("file"), Fcntl.O_RDONLY, 0);
            byte[] read = new byte[bytes.length];
            assertEquals(bytes.length, sys.pread(fd, read, (4L << 30) - 1000));
            assertArrayEquals(bytes, read);
            assertEquals(100, sys.pread(fd, read, last - 100));
            sys.close(fd);
            sys.truncate(in("file"), 4L << 30);
        });
        volume.use(sys -> sys.unlink(in("file")));
        volume.done();
    }

    /** Takes long: there are nine terabytes. */
    @Test
    @Tag("nightly")
    void blocksWhoseNumbersNeedMoreThan32BitsAreWritten(Images.Shelf images) throws Exception {
        Volume volume = new Volume(
                images,
                "9T",
                WrittenImages.EXT4.replace("resize_inode,", ""),
                "-b",
                "2048",
                "-i",
                "67108864",
                "-G",
                "65536",
                "-E",
                "lazy_itable_init=1");
        volume.change(
                "write /dev/null file",
                "extent_open file",
                "insert_node 0 20 4400000000",
                "extent_close",
                "setb 4400000000 20",
                "set_inode_field file size 40960");
        // More than what is left of the group, so that it goes on in one that has never been in use.
        byte[] bytes = new byte[1 << 20];
        new Random(3).nextBytes(bytes);
        long begin = 40_000;
        int pieces = 40;
        volume.use(sys -> {
            int fd = sys.open(in("file"), Fcntl.O_RDWR, 0);
            for (int i = 0; i < pieces; i++) {
                assertEquals(bytes.length, sys.pwrite(fd, bytes, begin + (long) i * bytes.length));
            }
            sys.close(fd);
        });
        String stat = volume.ask("stat file");
        assertTrue(stat.contains("(0-20499):4400000000-4400020499"), stat);
        volume.use(sys -> {
            int fd = sys.open(in("file"), Fcntl.O_RDWR, 0);
            byte[] read = new byte[bytes.length];
            for (int i = 0; i < pieces; i++) {
                assertEquals(bytes.length, sys.pread(fd, read, begin + (long) i * bytes.length));
                assertArrayEquals(bytes, read);
            }
            sys.ftruncate(fd, 35_000_000);
            sys.close(fd);
        });
        volume.use(sys -> sys.unlink(in("file")));
        volume.done();
    }
}
