package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.fs.ext2fs.write.OnImage.MOUNT;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** Where files come to lie, as {@code debugfs(8)} tells: in how many pieces, and in which groups. */
class ContiguityTest {
    private static final int PIECE_BYTES = 64 << 10;

    @TempDir
    Path temp;

    private Path image() {
        return temp.resolve("image");
    }

    static Stream<List<String>> configurations() {
        return Stream.of(List.of("-t", "ext2", "-b", "4096"), Ext2UnderTest.EXT2, Ext2UnderTest.EXT4);
    }

    private void with(List<String> options, String size, OnImage use) throws ErrnoException {
        Fsck.make(image(), size, options);
        OnImage.run(image(), use);
    }

    private static int create(Syscalls sys, String path) throws ErrnoException {
        return sys.open(MOUNT + path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644);
    }

    private static void write(Syscalls sys, String path, long bytes) throws ErrnoException {
        int fd = create(sys, path);
        byte[] piece = new byte[(int) Math.min(bytes, PIECE_BYTES)];
        for (long at = 0; at < bytes; at += piece.length) {
            assertEquals(piece.length, sys.write(fd, piece));
        }
        sys.close(fd);
    }

    /** Pieces of a file, counting the blocks that map it. */
    private int pieces(String path) {
        List<Long> blocks = Fsck.blocks(image(), path);
        int pieces = 0;
        for (int i = 0; i < blocks.size(); i++) {
            if (i == 0 || blocks.get(i) != blocks.get(i - 1) + 1) {
                pieces++;
            }
        }
        return pieces;
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void filesThatAreWrittenAtTheSameTimeHaveFewPieces(List<String> options) throws Exception {
        int files = 6;
        with(options, "96M", sys -> {
            List<Integer> fds = new ArrayList<>();
            for (int i = 0; i < files; i++) {
                fds.add(create(sys, "/f" + i));
            }
            byte[] piece = new byte[PIECE_BYTES];
            for (int at = 0; at < 8 << 20; at += PIECE_BYTES) {
                for (int fd : fds) {
                    assertEquals(piece.length, sys.write(fd, piece));
                }
            }
            for (int fd : fds) {
                sys.close(fd);
            }
        });
        for (int i = 0; i < files; i++) {
            int pieces = pieces("/f" + i);
            assertTrue(pieces <= 9, () -> pieces + " pieces");
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aFileThatIsWrittenAloneHasAPieceAGroup(List<String> options) throws Exception {
        with(options, "96M", sys -> write(sys, "/large", 64 << 20));
        long perGroup = options.contains("1024") ? 8 << 20 : 128 << 20;
        int pieces = pieces("/large");
        assertTrue(pieces <= (64 << 20) / perGroup + 1, () -> pieces + " pieces");
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aFileFillsTheHolesOfAnImageThatIsHalfFull(List<String> options) throws Exception {
        int files = 44;
        with(options, "96M", sys -> {
            for (int i = 0; i < files; i++) {
                write(sys, "/f" + i, 2 << 20);
            }
            for (int i = 0; i < files; i += 2) {
                sys.unlink(MOUNT + "/f" + i);
            }
            sys.sync();
            write(sys, "/large", 40 << 20);
        });
        int pieces = pieces("/large");
        assertTrue(pieces <= 26, () -> pieces + " pieces in holes of 2 MiB");
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void piecesThatComeLaterAreBehindThoseThatAreThere(List<String> options) throws Exception {
        List<String> small = new ArrayList<>(options);
        small.addAll(List.of("-g", options.contains("1024") ? "8192" : "2048"));
        with(small, "64M", sys -> {
            write(sys, "/before", 24 << 20);
            write(sys, "/sparse", 1 << 20);
            sys.unlink(MOUNT + "/before");
            sys.sync();
            int fd = sys.open(MOUNT + "/sparse", Fcntl.O_WRONLY, 0);
            for (int i = 0; i < 100; i++) {
                assertEquals(1000, sys.pwrite(fd, new byte[1000], (2 << 20) + i * 30_000L));
                sys.fsync(fd);
            }
            sys.close(fd);
        });
        List<Long> blocks = Fsck.blocks(image(), "/sparse");
        assertTrue(blocks.stream().allMatch(blkno -> blkno >= blocks.getFirst()), blocks::toString);
        int pieces = pieces("/sparse");
        assertTrue(pieces <= 6, () -> pieces + " pieces");
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void smallFilesOfADirectoryAreSideBySide(List<String> options) throws Exception {
        int files = 500;
        with(options, "32M", sys -> {
            sys.mkdir(MOUNT + "/d", 0755);
            for (int i = 0; i < files; i++) {
                write(sys, "/d/f" + i, 1000);
            }
        });
        int jumps = 0;
        long before = -1;
        for (int i = 0; i < files; i++) {
            List<Long> blocks = Fsck.blocks(image(), "/d/f" + i);
            assertEquals(1, blocks.size());
            jumps += blocks.getFirst() == before + 1 ? 0 : 1;
            before = blocks.getFirst();
        }
        int found = jumps;
        assertTrue(found <= 10, () -> found + " jumps");
        int pieces = pieces("/d");
        assertTrue(pieces <= 3, () -> "the directory has " + pieces + " pieces");
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void whatIsPreallocatedHasFewPieces(List<String> options) throws Exception {
        with(options, "96M", sys -> {
            int fd = create(sys, "/f");
            sys.posixFallocate(fd, 0, 32 << 20);
            byte[] piece = new byte[PIECE_BYTES];
            for (int at = 0; at < 32 << 20; at += PIECE_BYTES) {
                sys.write(fd, piece);
            }
            sys.close(fd);
        });
        int pieces = pieces("/f");
        assertTrue(pieces <= 6, () -> pieces + " pieces");
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void directoriesOfTheRootAreFarFromOneAnotherAndNearToWhatIsInThem(List<String> options) throws Exception {
        int directories = 8;
        List<Long> inodes = new ArrayList<>();
        List<Long> below = new ArrayList<>();
        // Groups of 8 MiB, in whatever blocks.
        List<String> small = new ArrayList<>(options);
        small.addAll(List.of("-g", options.contains("1024") ? "8192" : "2048"));
        with(small, "64M", sys -> {
            for (int i = 0; i < directories; i++) {
                sys.mkdir(MOUNT + "/d" + i, 0755);
                inodes.add(sys.lstat(MOUNT + "/d" + i).ino());
                sys.mkdir(MOUNT + "/d" + i + "/below", 0755);
                below.add(sys.lstat(MOUNT + "/d" + i + "/below").ino());
                write(sys, "/d" + i + "/below/f", 1000);
                below.add(sys.lstat(MOUNT + "/d" + i + "/below/f").ino());
            }
        });
        long perGroup = Fsck.inodesPerGroup(image());
        Set<Long> groups = new HashSet<>();
        for (int i = 0; i < directories; i++) {
            long group = (inodes.get(i) - 1) / perGroup;
            groups.add(group);
            assertEquals(group, (below.get(2 * i) - 1) / perGroup);
            assertEquals(group, (below.get(2 * i + 1) - 1) / perGroup);
        }
        assertTrue(groups.size() >= 7, () -> groups.size() + " groups have directories");
    }
}
