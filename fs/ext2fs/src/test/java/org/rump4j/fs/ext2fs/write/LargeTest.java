package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.fs.ext2fs.write.OnImage.MOUNT;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What needs maps with many levels, or long directories. */
class LargeTest {
    @TempDir
    Path temp;

    static Stream<List<String>> configurations() {
        return Stream.of(
                Ext2UnderTest.EXT2,
                Ext2UnderTest.EXT4,
                Ext2UnderTest.UNINIT,
                List.of("-t", "ext2", "-b", "1024", "-O", "^dir_index"));
    }

    /** With an image mounted, which is checked afterwards. */
    private void with(List<String> options, String size, OnImage use) throws ErrnoException {
        Fsck.make(temp.resolve("image"), size, options);
        again(use);
    }

    private void again(OnImage use) throws ErrnoException {
        OnImage.run(temp.resolve("image"), use);
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void scatteredBlocksOfALargeFileAreMappedAndFreed(List<String> options) throws Exception {
        long[] free = {0};
        byte[] bytes = new byte[100];
        new Random(1).nextBytes(bytes);
        with(options, "64M", sys -> {
            free[0] = sys.statvfs1(MOUNT, 0).bfree();
            int fd = sys.open(MOUNT + "/sparse", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            for (long i = 0; i < 3000; i++) {
                long at = (i * 7919 % 3000) * 300_000;
                assertEquals(bytes.length, sys.pwrite(fd, bytes, at));
            }
            sys.pwrite(fd, bytes, 5L << 30);
            sys.close(fd);
        });
        again(sys -> {
            int fd = sys.open(MOUNT + "/sparse", Fcntl.O_RDWR, 0644);
            byte[] read = new byte[bytes.length];
            for (long i = 0; i < 3000; i++) {
                assertEquals(read.length, sys.pread(fd, read, i * 300_000));
                assertArrayEquals(bytes, read);
            }
            sys.ftruncate(fd, 450_000_000);
            sys.fsync(fd);
            sys.close(fd);
        });
        again(sys -> {
            sys.truncate(MOUNT + "/sparse", 1_000_000_000);
            sys.unlink(MOUNT + "/sparse");
            sys.sync();
            assertEquals(free[0], sys.statvfs1(MOUNT, 0).bfree());
        });
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void holesPunchedInALargeFileFreeWhatMapsThemToo(List<String> options) throws Exception {
        int pieces = 3000;
        int apart = 20_000;
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = new byte[700];
        random.nextBytes(bytes);
        BitSet there = new BitSet();
        there.set(0, pieces);
        long[] free = {0};
        with(options, "64M", sys -> {
            free[0] = sys.statvfs1(MOUNT, 0).bfree();
            int fd = sys.open(MOUNT + "/sparse", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            for (int i = 0; i < pieces; i++) {
                sys.pwrite(fd, bytes, (long) i * apart);
            }
            sys.close(fd);
        });
        for (int most : new int[] {3, 40, 400}) {
            again(sys -> {
                int fd = sys.open(MOUNT + "/sparse", Fcntl.O_RDWR, 0);
                for (int i = 0; i < 150; i++) {
                    int first = random.nextInt(pieces);
                    int end = Math.min(pieces, first + 1 + random.nextInt(most));
                    sys.fdiscard(fd, (long) first * apart, (long) (end - first) * apart);
                    there.clear(first, end);
                    if (i % 5 == 0) {
                        sys.pwrite(fd, bytes, (long) first * apart);
                        there.set(first);
                    }
                }
                byte[] read = new byte[bytes.length];
                for (int i = 0; i < pieces; i++) {
                    sys.pread(fd, read, (long) i * apart);
                    assertArrayEquals(
                            there.get(i) ? bytes : new byte[bytes.length], read, "seed " + seed + ", piece " + i);
                }
                sys.close(fd);
            });
        }
        again(sys -> {
            int fd = sys.open(MOUNT + "/sparse", Fcntl.O_RDWR, 0);
            sys.fdiscard(fd, 0, Long.MAX_VALUE);
            assertEquals(0, sys.fstat(fd).blocks());
            sys.close(fd);
            sys.sync();
            assertEquals(free[0], sys.statvfs1(MOUNT, 0).bfree());
        });
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void whatIsPreallocatedCanBeWrittenThoughTheDiskIsFull(List<String> options) throws Exception {
        byte[] bytes = new byte[64 << 10];
        new Random(3).nextBytes(bytes);
        with(options, "8M", sys -> {
            int kept = sys.open(MOUNT + "/kept", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            sys.posixFallocate(kept, 0, 1 << 20);
            int other = sys.open(MOUNT + "/other", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                while (true) {
                    sys.write(other, bytes);
                }
            });
            assertEquals(Errno.ENOSPC, e.errno());
            for (int i = 0; i < 16; i++) {
                assertEquals(bytes.length, sys.write(kept, bytes));
            }
            sys.close(other);
            sys.close(kept);
        });
        again(sys -> {
            int kept = sys.open(MOUNT + "/kept", Fcntl.O_RDONLY, 0);
            byte[] read = new byte[bytes.length];
            for (int i = 0; i < 16; i++) {
                assertEquals(bytes.length, sys.read(kept, read));
                assertArrayEquals(bytes, read);
            }
            sys.close(kept);
        });
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aDirectoryOfManyNamesKeepsAllOfThem(List<String> options) throws Exception {
        int count = 4000;
        String name = MOUNT + "/d/" + "x".repeat(100);
        with(options, "64M", sys -> {
            sys.mkdir(MOUNT + "/d", 0755);
            for (int i = 0; i < count; i++) {
                sys.close(sys.open(name + i, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644));
            }
        });
        again(sys -> {
            for (int i = 0; i < count; i++) {
                sys.lstat(name + i);
                if (i % 3 == 0) {
                    sys.rename(name + i, MOUNT + "/d/moved" + i);
                } else if (i % 3 == 1) {
                    sys.unlink(name + i);
                }
            }
        });
        again(sys -> {
            for (int i = 0; i < count; i++) {
                sys.unlink(i % 3 == 0 ? MOUNT + "/d/moved" + i : i % 3 == 1 ? make(sys, name + i) : name + i);
            }
            sys.rmdir(MOUNT + "/d");
        });
    }

    private static String make(Syscalls sys, String path) throws ErrnoException {
        sys.symlink("somewhere", path);
        return path;
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aFullDiskIsFullAndNothingElse(List<String> options) throws Exception {
        with(options, "8M", sys -> {
            byte[] bytes = new byte[64 << 10];
            int[] i = {0};
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                while (true) {
                    int fd = sys.open(MOUNT + "/f" + i[0]++, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644);
                    try {
                        for (int done = 0; done < bytes.length; ) {
                            done += sys.write(fd, bytes);
                        }
                    } finally {
                        sys.close(fd);
                    }
                }
            });
            assertEquals(Errno.ENOSPC, e.errno());
            Statvfs full = sys.statvfs1(MOUNT, 0);
            assertEquals(0, full.bavail());
            for (int k = 0; k < i[0]; k += 2) {
                sys.unlink(MOUNT + "/f" + k);
            }
            assertTrue(sys.statvfs1(MOUNT, 0).bfree() > full.blocks() / 3);
            int fd = sys.open(MOUNT + "/again", Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644);
            assertEquals(bytes.length, sys.write(fd, bytes));
            sys.close(fd);
        });
    }
}
