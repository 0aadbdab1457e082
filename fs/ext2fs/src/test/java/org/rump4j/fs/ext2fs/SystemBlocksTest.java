package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A bitmap says that blocks are free which the file system keeps for itself: no file gets them, and none gives them back. */
class SystemBlocksTest {
    private static final int BLOCK = 1024;
    private static final String PLAIN = "none,sparse_super,filetype,large_file";
    private static final String FLEX = PLAIN + ",extent,flex_bg,64bit,metadata_csum";

    @TempDir
    private Path temp;

    private Path image(String features) throws IOException {
        Path image = temp.resolve("image");
        Tools.mke2fs(image, "24M", "-b", "1024", "-O", features.replace(';', ','));
        return image;
    }

    /** A block of an image that no file has. */
    private static long place(Path image, String what) throws IOException {
        return switch (what) {
            case "superblock" -> 1 + 8 * BLOCK;
            case "descriptors" -> 2 + 8 * BLOCK;
            case "block bitmap" -> group(image, 1);
            case "inode bitmap" -> group(image, 2);
            case "inode table" -> group(image, 3) + 20;
            case "journal" ->
                Long.parseLong(Tools.debugfs(image, "blocks <8>")
                        .lines()
                        .toList()
                        .getLast()
                        .trim()
                        .split(" ", -1)[30]);
            default -> throw new AssertionError(what);
        };
    }

    /** Of the last group; with flex_bg they are in the first. */
    private static long group(Path image, int which) throws IOException {
        MatchResult last = Pattern.compile(
                        "Group +2: block bitmap at (\\d+), inode bitmap at (\\d+), inode table at (\\d+)")
                .matcher(Tools.debugfs(image, "stats"))
                .results()
                .findFirst()
                .orElseThrow();
        return Long.parseLong(last.group(which));
    }

    private static byte[] block(Path image, long blkno) throws IOException {
        return Arrays.copyOfRange(Files.readAllBytes(image), (int) blkno * BLOCK, (int) (blkno + 1) * BLOCK);
    }

    @ParameterizedTest
    @CsvSource({
        "'" + PLAIN + "', superblock",
        "'" + PLAIN + "', descriptors",
        "'" + PLAIN + "', block bitmap",
        "'" + PLAIN + "', inode bitmap",
        "'" + PLAIN + "', inode table",
        "'" + FLEX + "', block bitmap",
        "'" + FLEX + "', inode bitmap",
        "'" + FLEX + "', inode table",
        "'" + FLEX + ",has_journal', journal",
    })
    void noFileGetsThem(String features, String what) throws Exception {
        Path image = image(features);
        long blkno = place(image, what);
        Tools.debugfs(image, "freeb " + blkno);
        byte[] before = block(image, blkno);
        try (MountedImage mounted = new MountedImage(image, 0)) {
            Syscalls sys = mounted.sys;
            byte[] data = new byte[100_000];
            Arrays.fill(data, (byte) 0x5A);
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                int fd = sys.open(MountedImage.ROOT + "/f", Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644);
                while (sys.write(fd, data) > 0) {
                    // Until the disk is full, or something is found.
                }
            });
            assertEquals(Errno.EIO, e.errno());
            assertTrue(String.valueOf(e.detail()).contains("its bitmap has block " + blkno + " as free"), e::toString);
        }
        assertArrayEquals(before, block(image, blkno));
    }

    @ParameterizedTest
    @ValueSource(strings = {"block bitmap", "inode table", "superblock"})
    void noFileGivesThemBack(String what) throws Exception {
        Path image = image(PLAIN);
        long blkno = place(image, what);
        Path data = Files.write(temp.resolve("data"), new byte[3000]);
        Tools.debugfs(image, "write " + data + " f", "set_inode_field f block[1] " + blkno);
        try (MountedImage mounted = new MountedImage(image, 0)) {
            Syscalls sys = mounted.sys;
            ErrnoException e = assertThrows(ErrnoException.class, () -> sys.truncate(MountedImage.ROOT + "/f", 0));
            assertEquals(Errno.EIO, e.errno());
            assertTrue(String.valueOf(e.detail()).contains("keeps for itself"), e::toString);
        }
        assertTrue(Tools.debugfs(image, "testb " + blkno).contains("marked in use"));
    }
}
