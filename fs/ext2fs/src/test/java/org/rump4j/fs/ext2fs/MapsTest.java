package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Block pointers and extents, however deep, and holes between them. */
final class MapsTest {
    private static final int BLOCK = 1024;

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"ext2", "ext4"})
    void aSparseFileIsReadFromEachLevelOfItsMap(String type) throws Exception {
        // With blocks of 1 KiB: direct, single, double and triple indirect, and behind 4 GiB.
        long[] places = {0, 11 * BLOCK, 12 * BLOCK, 267 * BLOCK, 268 * BLOCK, 65803L * BLOCK, 65804L * BLOCK, 5L << 30};
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Random random = new Random(1);
        byte[] piece = new byte[BLOCK];
        List<byte[]> pieces = new ArrayList<>();
        try (FileChannel file = FileChannel.open(
                tree.resolve("sparse"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.SPARSE,
                StandardOpenOption.WRITE)) {
            for (long place : places) {
                random.nextBytes(piece);
                pieces.add(piece.clone());
                file.write(ByteBuffer.wrap(piece), place);
            }
        }
        Path image = dir.resolve("image");
        Tools.mke2fs(image, "4M", "-t", type, "-b", "1024", "-O", "^has_journal", "-d", tree.toString());
        try (MountedImage mounted = new MountedImage(image)) {
            int fd = mounted.sys.open("/mnt/sparse", Fcntl.O_RDONLY, 0);
            assertEquals((5L << 30) + BLOCK, mounted.sys.fstat(fd).size());
            for (int i = 0; i < places.length; i++) {
                byte[] read = new byte[BLOCK];
                assertEquals(BLOCK, mounted.sys.pread(fd, read, places[i]));
                assertArrayEquals(pieces.get(i), read, "at byte " + places[i]);
            }
            byte[] hole = new byte[100_000];
            hole[0] = 1;
            assertEquals(hole.length, mounted.sys.pread(fd, hole, 1L << 30));
            assertArrayEquals(new byte[hole.length], hole);
            // The host's file system may make holes of larger blocks than ours; where data is, there is none.
            assertEquals(5L << 30, mounted.sys.lseek(fd, (5L << 30) - 100 * BLOCK, Fcntl.SEEK_DATA) & -(64L << 10));
            assertEquals(1L << 30, mounted.sys.lseek(fd, 1L << 30, Fcntl.SEEK_HOLE));
            mounted.sys.close(fd);
        }
    }

    @Test
    void aTreeOfExtentsWithThreeLevelsIsRead() throws Exception {
        Path image = dir.resolve("image");
        byte[] content = new byte[1600 * BLOCK];
        new Random(2).nextBytes(content);
        Path file = Files.write(dir.resolve("file"), content);
        Tools.mke2fs(image, "8M", "-t", "ext4", "-b", "1024");
        List<String> commands = new ArrayList<>(List.of("write " + file + " file"));
        for (int block = 1; block < 1600; block += 2) {
            commands.add("punch file " + block + " " + block);
            Arrays.fill(content, block * BLOCK, (block + 1) * BLOCK, (byte) 0);
        }
        Tools.debugfs(image, commands.toArray(String[]::new));
        String tree = Tools.debugfs(image, "extents file");
        assertTrue(tree.contains("2/ 2"), tree);
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(content, mounted.read("/file"));
        }
    }

    @Test
    void blocksThatWereNeverWrittenAreZerosAndCountAsHoles() throws Exception {
        Path image = dir.resolve("image");
        Tools.mke2fs(image, "8M", "-t", "ext4", "-b", "1024");
        Path file = Files.write(dir.resolve("file"), new byte[] {1});
        Tools.debugfs(image, "write " + file + " file", "fallocate file 1 99", "sif file size 102400");
        try (MountedImage mounted = new MountedImage(image)) {
            byte[] expected = new byte[102400];
            expected[0] = 1;
            assertArrayEquals(expected, mounted.read("/file"));
            int fd = mounted.sys.open("/mnt/file", Fcntl.O_RDONLY, 0);
            assertEquals(1024, mounted.sys.lseek(fd, 0, Fcntl.SEEK_HOLE));
            ErrnoException e = assertThrows(ErrnoException.class, () -> mounted.sys.lseek(fd, 1024, Fcntl.SEEK_DATA));
            assertEquals(Errno.ENXIO, e.errno());
            mounted.sys.close(fd);
        }
    }
}
