package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files come out of images as they went in. */
final class ReadingTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext2 -b 1024",
                "-t ext2 -b 4096 -r 0",
                "-t ext2 -b 65536",
                "-t ext3 -b 2048",
                "-t ext4 -b 1024",
                "-t ext4 -b 4096",
                "-t ext4 -b 4096 -O inline_data",
                "-t ext4 -b 4096 -O bigalloc -C 65536",
                "-t ext4 -b 4096 -O ^64bit,^metadata_csum,uninit_bg",
                "-t ext4 -b 1024 -O meta_bg,^resize_inode -E packed_meta_blocks=0",
                "-t ext4 -b 4096 -I 1024 -O metadata_csum_seed,large_dir,ea_inode"
            })
    void aTreeOfFilesIsReadAsItWentIn(String options) throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Random random = new Random(options.hashCode());
        int[] sizes = {0, 1, 59, 60, 61, 100, 150, 1000, 1024, 4096, 5000, 13 << 10, 300 << 10, 1 << 20, 5 << 20};
        for (int size : sizes) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Files.write(tree.resolve("file" + size), bytes);
        }
        Files.createSymbolicLink(tree.resolve("short"), Path.of("file1"));
        String far = "d/".repeat(100) + "x";
        Files.createSymbolicLink(tree.resolve("long"), Path.of(far));
        Path deep = tree.resolve("a/b/c");
        Files.createDirectories(deep);
        Files.writeString(deep.resolve("leaf"), "leaf");
        Path image = dir.resolve("image");
        String all = options + " -d " + tree;
        Tools.mke2fs(image, "64M", all.split(" "));
        byte[] before = Files.readAllBytes(image);

        try (MountedImage mounted = new MountedImage(image)) {
            for (int size : sizes) {
                assertArrayEquals(Files.readAllBytes(tree.resolve("file" + size)), mounted.read("/file" + size));
            }
            assertArrayEquals("leaf".getBytes(StandardCharsets.US_ASCII), mounted.read("/a/b/../b/c/leaf"));
            assertEquals("file1", mounted.sys.readlink("/mnt/short"));
            assertEquals(far, mounted.sys.readlink("/mnt/long"));
            assertEquals(sizes.length + 6, mounted.list("/").size());
        }
        assertArrayEquals(before, Files.readAllBytes(image));
    }
}
