package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;

/** Files that are large, sparse or in many pieces. */
@ExtendWith(Images.class)
class LargeFilesTest {
    private static final String EXT2 = "sparse_super,large_file,filetype,ext_attr";
    private static final String EXT4 = EXT2 + ",extent,flex_bg,extra_isize,huge_file,64bit,metadata_csum";

    private static final int PIECE_BYTES = 3_000;

    /**
     * A file system with one sparse file.
     *
     * @param offsets where there is data, besides the beginning
     * @param size of the file
     */
    record Sparse(String name, String features, int blockBytes, long size, List<Long> offsets) {
        void make(Path image) {
            try {
                Path tree = Files.createTempDirectory(image.getParent(), "sparse");
                try (FileChannel channel = FileChannel.open(
                        tree.resolve("sparse"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    Random random = new Random(size);
                    LongStream all =
                            LongStream.concat(LongStream.of(0), offsets.stream().mapToLong(Long::longValue));
                    for (long offset : all.toArray()) {
                        byte[] piece = new byte[PIECE_BYTES];
                        random.nextBytes(piece);
                        channel.write(ByteBuffer.wrap(piece), offset);
                    }
                    channel.write(ByteBuffer.wrap(new byte[] {1}), size - 1);
                } catch (IOException e) {
                    Assumptions.abort("the host has no files of " + size + " bytes: " + e);
                }
                E2fsprogs.mke2fs(
                        image,
                        List.of(
                                "-b",
                                "" + blockBytes,
                                "-O",
                                "none," + features,
                                "-I",
                                "256",
                                "-N",
                                "100",
                                "-d",
                                "" + tree),
                        "32M");
                E2fsprogs.requireClean(image);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final long KIB = 1 << 10;
    private static final long GIB = 1 << 30;
    private static final long TIB = GIB << 10;

    static Stream<Sparse> sparse() {
        long direct1k = 12 * KIB;
        long once1k = direct1k + 256 * KIB;
        long twice1k = once1k + 256 * 256 * KIB;
        long thrice1k = twice1k + 256 * 256 * 256 * KIB;
        return Stream.of(
                new Sparse(
                        "each-indirection-1k",
                        EXT2,
                        1024,
                        thrice1k,
                        List.of(
                                direct1k - PIECE_BYTES / 2,
                                once1k - PIECE_BYTES / 2,
                                twice1k - PIECE_BYTES / 2,
                                twice1k + 256 * 256 * KIB - PIECE_BYTES / 2,
                                thrice1k - PIECE_BYTES)),
                new Sparse(
                        "thrice-indirect-4k",
                        EXT2,
                        4096,
                        2 * TIB - 5000,
                        List.of(4 * GIB - 100, 5 * GIB, TIB + 12_345)),
                new Sparse(
                        "extents-1k-4-tib", EXT4, 1024, 4 * TIB - 2048, List.of(2 * GIB - 7, 2 * TIB - 1500, 3 * TIB)),
                new Sparse(
                        "extents-4k-15-tib", EXT4, 4096, 15 * TIB, List.of(4 * GIB - 7, 2 * TIB - 1500, 14 * TIB + 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sparse")
    void dataIsWhereItShouldBeInAHugeSparseFile(Sparse file, Images.Shelf images) throws Exception {
        compare(images.made(file.name(), file::make));
    }

    /** A file of which every other block has been taken away again, so that each that is left has an extent of its own. */
    private static void punched(Path image, int blockBytes, int blocks, String features) {
        fill(image, blockBytes, blocks, features, Integer.toString(blocks * 3 / 2), file -> {
            List<String> commands = new ArrayList<>(List.of("write " + file + " punched"));
            for (int block = 1; block < blocks; block += 2) {
                commands.add("punch punched " + block + " " + block);
            }
            return commands;
        });
    }

    /** A file written into what is left when every other block of a full file system becomes free. */
    private static void scattered(Path image, int blocks) {
        fill(image, 1024, blocks, EXT4, Integer.toString(blocks + 400), file -> {
            List<String> commands = new ArrayList<>(List.of("write " + file + " first"));
            for (int block = 0; block < blocks; block += 2) {
                commands.add("punch first " + block + " " + block);
            }
            commands.add("write " + half(file) + " scattered");
            return commands;
        });
    }

    private static Path half(Path file) {
        try {
            byte[] all = Files.readAllBytes(file);
            return Files.write(
                    file.resolveSibling(file.getFileName() + ".half"), Arrays.copyOf(all, all.length / 2 - 100_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fill(
            Path image,
            int blockBytes,
            int blocks,
            String features,
            String size,
            Function<Path, List<String>> commands) {
        try {
            Path file = Files.createTempFile(image.getParent(), "data", "");
            byte[] data = new byte[blocks * blockBytes];
            new Random(blocks).nextBytes(data);
            Files.write(file, data);
            E2fsprogs.mke2fs(
                    image,
                    List.of("-b", "" + blockBytes, "-O", "none," + features, "-I", "256", "-N", "64", "-m", "0"),
                    size);
            E2fsprogs.debugfs(image, commands.apply(file));
            E2fsprogs.requireClean(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDeepTreeOfExtentsIsFollowed(Images.Shelf images) throws Exception {
        Path image = images.made("deep-extents", path -> punched(path, 1024, 8_000, EXT4));
        assertTrue(mapBlocks(image, "punched") > 4, "the tree has two levels below the inode");
        compare(image);
    }

    @Test
    void aDeepTreeOfExtentsOfLargeBlocksIsFollowed(Images.Shelf images) throws Exception {
        compare(images.made("deep-extents-4k", path -> punched(path, 4096, 3_000, EXT4)));
    }

    @Test
    void aPunchedFileOfIndirectBlocksIsRead(Images.Shelf images) throws Exception {
        compare(images.made("punched-indirect", path -> punched(path, 1024, 8_000, EXT2)));
    }

    @Test
    void aFileScatteredOverTheWholeDiskIsRead(Images.Shelf images) throws Exception {
        Path image = images.made("scattered", path -> scattered(path, 6_000));
        assertTrue(mapBlocks(image, "scattered") > 10, "it is in many pieces");
        compare(image);
    }

    @Test
    @Tag("nightly")
    void theDeepestTreeOfExtentsThatOneGetsIsFollowed(Images.Shelf images) throws Exception {
        Path image = images.made("deepest-extents", path -> punched(path, 1024, 64_000, EXT4));
        assertTrue(mapBlocks(image, "punched") > 4 + 4 * 84, "the tree has three levels below the inode");
        compare(image);
    }

    @Test
    void manyThreadsReadOneFileEachItsOwnPieces(Images.Shelf images) throws Exception {
        Path image = images.made("deep-extents", path -> punched(path, 1024, 8_000, EXT4));
        try (Machine machine = new Machine(Map.of("RUMP_MEMLIMIT", "4m"));
                Debugfs judge = new Debugfs(image);
                FileChannel channel = FileChannel.open(image)) {
            JudgedFile file = new JudgedFile(judge.stat(inode(judge, "punched")), judge, channel, 1024);
            Syscalls sys = machine.sys();
            machine.mountReadOnly(image);
            int fd = sys.open(Machine.MOUNT + "/punched", Fcntl.O_RDONLY, 0);
            machine.inParallel(8, number -> {
                Random random = new Random(number);
                for (int i = 0; i < 400; i++) {
                    byte[] buf = new byte[1 + random.nextInt(70_000)];
                    long offset = random.nextLong(file.size() + 1000);
                    int n = sys.pread(fd, buf, offset);
                    assertArrayEquals(file.read(offset, buf.length), Arrays.copyOf(buf, n));
                }
            });
            assertEquals(0, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
            sys.close(fd);
            machine.unmount();
        }
    }

    private static void compare(Path image) throws Exception {
        long before = Images.digest(image);
        try (Machine machine = new Machine()) {
            machine.mountReadOnly(image);
            Comparison.assertSame(machine.sys(), image);
            machine.unmount();
        }
        assertEquals(before, Images.digest(image));
    }

    private static int mapBlocks(Path image, String name) {
        try (Debugfs judge = new Debugfs(image)) {
            return judge.stat(inode(judge, name)).mapBlocks().size();
        }
    }

    private static long inode(Debugfs judge, String name) {
        return judge.ls(2).stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow()
                .ino();
    }
}
