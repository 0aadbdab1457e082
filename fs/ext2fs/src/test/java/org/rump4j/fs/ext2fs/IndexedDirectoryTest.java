package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Long directories: names are found through the index that e2fsck makes, through a table where there is none, or one by one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IndexedDirectoryTest {
    private static final int NAMES = 1000;

    private Path tree;
    private Path image;

    /** Where the names, which are links, lead. */
    private final Map<String, String> targets = new TreeMap<>();

    @BeforeAll
    void makeTree(@TempDir Path dir) throws Exception {
        image = dir.resolve("image");
        tree = dir.resolve("tree");
        Path big = Files.createDirectories(tree.resolve("big"));
        for (int i = 0; i < NAMES; i++) {
            String name = (i % 3 == 0 ? "äöü-" : "name-") + "x".repeat(i * 31 % 200) + i;
            Files.createSymbolicLink(big.resolve(name), Path.of("target" + i));
            targets.put(name, "target" + i);
        }
    }

    private void makeImage(String... options) throws Exception {
        String[] all = Arrays.copyOf(options, options.length + 4);
        System.arraycopy(new String[] {"-b", "1024", "-d", tree.toString()}, 0, all, options.length, 4);
        Files.deleteIfExists(image);
        Tools.mke2fs(image, "16M", all);
    }

    private void assertAllNamesAreFound() throws Exception {
        try (MountedImage mounted = new MountedImage(image)) {
            assertEquals(NAMES + 2, mounted.list("/big").size());
            for (Map.Entry<String, String> each : targets.entrySet()) {
                assertEquals(each.getValue(), mounted.sys.readlink("/mnt/big/" + each.getKey()));
                ErrnoException e = assertThrows(
                        ErrnoException.class,
                        () -> mounted.sys.lstat("/mnt/big/" + each.getKey().substring(1)));
                assertEquals(Errno.ENOENT, e.errno());
            }
            assertEquals(2, mounted.sys.stat("/mnt/big/..").ino());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ext2, legacy, 1",
        "ext2, legacy, 2",
        "ext2, half_md4, 1",
        "ext2, half_md4, 2",
        "ext4, tea, 1",
        "ext4, tea, 2",
        "ext4, half_md4, 2"
    })
    void namesAreFoundThroughTheIndex(String type, String hash, int flags) throws Exception {
        makeImage("-t", type);
        Tools.debugfs(image, "set_super_value flags " + flags, "set_super_value def_hash_version " + hash);
        Tools.run("e2fsck", "-fyD", image.toString());
        String dump = Tools.debugfs(image, "htree_dump /big");
        assertTrue(dump.contains("Indirect levels: 1"), dump.substring(0, 500));
        assertAllNamesAreFound();
    }

    @Test
    void namesAreFoundWithoutAnIndex() throws Exception {
        makeImage("-t", "ext4", "-O", "^dir_index");
        assertAllNamesAreFound();
    }

    @Test
    void aLongDirectoryWithoutASingleNameIsSearchedInVain() throws Exception {
        makeImage("-t", "ext2", "-O", "^dir_index");
        byte[] bytes = Files.readAllBytes(image);
        String blocks = Tools.debugfs(image, "stat /lost+found");
        // All of its blocks are one free entry each.
        for (String run : blocks.replaceAll("(?s).*BLOCKS:\n|TOTAL.*", "").split(", ", -1)) {
            String[] range = run.replaceAll("(?s)\\(.*\\):|\\s", "").split("-", -1);
            for (int block = Integer.parseInt(range[0]); block <= Integer.parseInt(range[range.length - 1]); block++) {
                Arrays.fill(bytes, block * 1024, (block + 1) * 1024, (byte) 0);
                bytes[block * 1024 + 5] = 4;
            }
        }
        Files.write(image, bytes);
        try (MountedImage mounted = new MountedImage(image)) {
            ErrnoException e = assertThrows(ErrnoException.class, () -> mounted.sys.lstat("/mnt/lost+found/name"));
            assertEquals(Errno.ENOENT, e.errno());
        }
    }

    @Test
    void namesAreFoundWhereTheIndexIsDamagedAndThatIsSaid() throws Exception {
        makeImage("-t", "ext2");
        Tools.run("e2fsck", "-fyD", image.toString());
        String block =
                Tools.debugfs(image, "bmap /big 0").lines().toList().getLast().trim();
        byte[] bytes = Files.readAllBytes(image);
        int root = Integer.parseInt(block) * 1024;
        // All entries of the root lead to a block that the directory does not have.
        for (int i = 0; i < 100; i++) {
            bytes[root + 0x20 + i * 8 + 6] = 0x7F;
        }
        Files.write(image, bytes);
        assertAllNamesAreFound();
        try (MountedImage mounted = new MountedImage(image)) {
            mounted.sys.lstat("/mnt/big/" + targets.keySet().iterator().next());
            assertTrue(mounted.console().contains("index of the directory is damaged"), mounted.console());
        }
    }

    @Test
    void anIndexThatLeadsInCirclesEnds() throws Exception {
        makeImage("-t", "ext2");
        Tools.run("e2fsck", "-fyD", image.toString());
        String block =
                Tools.debugfs(image, "bmap /big 0").lines().toList().getLast().trim();
        byte[] bytes = Files.readAllBytes(image);
        int entries = Integer.parseInt(block) * 1024 + 0x20;
        for (int i = 1; i < 120; i++) {
            System.arraycopy(new byte[] {0, 0, 0, 0, 1, 0, 0, 0}, 0, bytes, entries + i * 8, 8);
        }
        Files.write(image, bytes);
        assertAllNamesAreFound();
    }
}
