package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.fs.ext2fs.write.OnImage.MOUNT;
import static org.rump4j.fs.ext2fs.write.OnImage.boot;
import static org.rump4j.fs.ext2fs.write.OnImage.halt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Where files, directories and the disk end, and what is written late. */
class LimitsTest {
    private static final int USER = 1000;
    private static final int GROUP = 100;

    @TempDir
    Path temp;

    static Stream<List<String>> configurations() {
        return Stream.of(
                Ext2UnderTest.EXT2,
                Ext2UnderTest.EXT4,
                Ext2UnderTest.UNINIT,
                List.of("-t", "ext2", "-b", "1024", "-O", "^dir_index"));
    }

    private Path image() {
        return temp.resolve("image");
    }

    private static void failsWith(Errno expected, Executable call) {
        assertEquals(expected, assertThrows(ErrnoException.class, call).errno());
    }

    private void with(List<String> options, String size, OnImage use) throws ErrnoException {
        Fsck.make(image(), size, options);
        OnImage.run(image(), use);
    }

    private static int create(Syscalls sys, String path) throws ErrnoException {
        return sys.open(MOUNT + path, Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
    }

    // Long files

    /** Bytes of the longest file: what twelve pointers and three trees lead to, or what 32 bits count in units of 512 bytes. */
    private static long longest(int blockBytes) {
        long fanout = blockBytes / 4;
        long blocks = 12 + fanout + fanout * fanout + fanout * fanout * fanout;
        return Math.min(blocks, ((1L << 32) - (1L << 24)) / (blockBytes / 512)) * blockBytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048, 4096})
    void aFileEndsWhereItsMapDoes(int blockBytes) throws Exception {
        long longest = longest(blockBytes);
        with(List.of("-t", "ext2", "-b", Integer.toString(blockBytes)), "16M", sys -> {
            int fd = create(sys, "/f");
            byte[] two = {1, 2};
            failsWith(Errno.EFBIG, () -> sys.ftruncate(fd, longest + 1));
            failsWith(Errno.EFBIG, () -> sys.pwrite(fd, two, longest));
            failsWith(Errno.EFBIG, () -> sys.posixFallocate(fd, longest - 1, 2));
            assertEquals(0, sys.fstat(fd).size());
            assertEquals(2, sys.pwrite(fd, two, longest - 2));
            assertEquals(longest, sys.fstat(fd).size());
            failsWith(Errno.EFBIG, () -> sys.pwrite(fd, two, longest));
            byte[] read = new byte[3];
            assertEquals(2, sys.pread(fd, read, longest - 2));
            assertEquals(2, read[1]);
            sys.close(fd);
        });
    }

    @Test
    void aFileOfExtentsEndsAtABlockThat32BitsCount() throws Exception {
        long longest = ((1L << 32) - 1) * 4096;
        with(Ext2UnderTest.EXT4, "16M", sys -> {
            int fd = create(sys, "/f");
            failsWith(Errno.EFBIG, () -> sys.ftruncate(fd, longest + 1));
            assertEquals(1, sys.pwrite(fd, new byte[] {1}, longest - 1));
            failsWith(Errno.EFBIG, () -> sys.pwrite(fd, new byte[] {1}, longest));
            sys.close(fd);
        });
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aFileOfMoreThan2GiBIsAFeature(List<String> options) throws Exception {
        List<String> without = new ArrayList<>(options);
        without.addAll(List.of("-O", "^large_file,^resize_inode"));
        with(without, "16M", sys -> {
            int fd = create(sys, "/f");
            sys.ftruncate(fd, Integer.MAX_VALUE);
            sys.close(fd);
        });
        assertFalse(Fsck.features(image()).contains("large_file"));
        with(without, "16M", sys -> {
            int fd = create(sys, "/f");
            sys.ftruncate(fd, 1L + Integer.MAX_VALUE);
            sys.close(fd);
        });
        assertTrue(Fsck.features(image()).contains("large_file"));
    }

    // Long directories

    @Test
    void aDirectoryEndsAtItsLengthOf32Bits() throws Exception {
        Fsck.make(image(), "6G", List.of("-t", "ext2", "-b", "1024", "-O", "^dir_index", "-N", "4096"));
        RumpKernel kernel = boot(image(), 0);
        kernel.syscalls().mkdir(MOUNT + "/d", 0755);
        halt(kernel);
        // All but the first of its blocks are holes: there is no room for a name.
        Fsck.debugfs(image(), "sif /d size 4294966272");
        String name = MOUNT + "/d/" + "n".repeat(250);
        kernel = boot(image(), 0);
        Syscalls sys = kernel.syscalls();
        try {
            for (int i = 0; i < 3; i++) {
                sys.close(sys.open(name + i, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644));
            }
            failsWith(Errno.ENOSPC, () -> sys.open(name + 3, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644));
            failsWith(Errno.ENOSPC, () -> sys.mkdir(name + 3, 0755));
            failsWith(Errno.ENOSPC, () -> sys.link(name + 0, name + 3));
            assertEquals(4294966272L, sys.lstat(MOUNT + "/d").size());
            sys.unlink(name + 1);
            sys.close(sys.open(name + 3, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644));
            for (int i : new int[] {0, 2, 3}) {
                sys.unlink(name + i);
            }
            sys.rmdir(MOUNT + "/d");
        } finally {
            halt(kernel);
        }
        Fsck.requireClean(image());
    }

    // Full disks

    /** Fills the disk but for so many blocks. */
    private static void fill(Syscalls sys, int fd, int free) throws ErrnoException {
        int block = (int) sys.statvfs1(MOUNT, 0).bsize();
        byte[] bytes = new byte[64 << 10];
        try {
            while (true) {
                sys.write(fd, bytes);
            }
        } catch (ErrnoException e) {
            assertEquals(Errno.ENOSPC, e.errno());
        }
        long size = sys.fstat(fd).size();
        sys.ftruncate(fd, Math.max(0, size - (long) free * block));
        sys.sync();
    }

    /** Something that may fail, for there is no room. */
    private static void attempt(Executable what) throws ErrnoException {
        try {
            what.execute();
        } catch (ErrnoException e) {
            assertEquals(Errno.ENOSPC, e.errno());
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void whateverRunsOutOfRoomHalfWayLeavesAllInOrder(List<String> options) throws Exception {
        String longName = "/" + "n".repeat(200);
        with(options, "8M", sys -> {
            int sparse = create(sys, "/sparse");
            for (int d = 0; d < 3; d++) {
                sys.mkdir(MOUNT + "/d" + d, 0755);
                for (int i = 0; i < 18 + 17 * d; i++) {
                    sys.close(create(sys, "/d" + d + longName + i));
                }
            }
            int filler = create(sys, "/filler");
            for (int free = 0; free < 7; free++) {
                int round = free;
                List<Executable> operations = List.of(
                        () -> sys.mkdir(MOUNT + "/dir" + round, 0755),
                        () -> sys.symlink("t".repeat(500), MOUNT + "/link" + round),
                        () -> sys.pwrite(sparse, new byte[9000], (long) (round + 1) << 28),
                        () -> sys.posixFallocate(sparse, (long) (round + 1) << 26, 1 << 20),
                        () -> sys.fdiscard(sparse, ((long) (round + 1) << 28) + 3000, 2000),
                        () -> {
                            for (int d = 0; d < 3; d++) {
                                for (int i = 0; i < 30; i++) {
                                    String name = "/d" + d + longName + "r" + round + "." + i;
                                    sys.close(create(sys, name));
                                }
                            }
                        },
                        () -> {
                            for (int i = 0; i < 18; i++) {
                                sys.rename(MOUNT + "/d0" + longName + i, MOUNT + "/d1" + longName + "m" + i);
                                sys.rename(MOUNT + "/d1" + longName + "m" + i, MOUNT + "/d0" + longName + i);
                            }
                        });
                for (Executable operation : operations) {
                    fill(sys, filler, round);
                    attempt(operation);
                }
            }
            for (int d = 0; d < 3; d++) {
                for (int i = 1; i < 18 + 17 * d; i++) {
                    if (d > 0) {
                        sys.lstat(MOUNT + "/d" + d + longName + i);
                    }
                }
            }
            sys.close(sparse);
            sys.close(filler);
        });
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void theLastBlocksAreForTheSuperuserAndWhomTheSuperblockNames(List<String> options) throws Exception {
        Fsck.make(image(), "8M", options);
        Fsck.tune(image(), "-m", "10", "-u", "7", "-g", "77");
        RumpKernel kernel = boot(image(), 0);
        Syscalls sys = kernel.syscalls();
        sys.chmod(MOUNT, 0777);
        sys.umask(0);
        fillAs(kernel, USER, GROUP);
        Statvfs full = sys.statvfs1(MOUNT, 0);
        assertEquals(0, full.bavail());
        assertTrue(full.bfree() > full.blocks() / 12, () -> full.toString());
        byte[] block = new byte[(int) full.bsize()];
        int[][] others = {{7, GROUP}, {USER, 77}, {0, 0}};
        for (int[] other : others) {
            inProcess(kernel, other[0], other[1], () -> {
                int fd = sys.open(MOUNT + "/more" + other[0], Fcntl.O_WRONLY | Fcntl.O_CREAT, 0666);
                assertEquals(block.length, sys.write(fd, block));
                sys.close(fd);
            });
        }
        halt(kernel);
        Fsck.requireClean(image());
    }

    /** Something that somebody does. */
    private interface Body {
        void run() throws ErrnoException;
    }

    private static void inProcess(RumpKernel kernel, int uid, int gid, Body body) throws ErrnoException {
        var before = kernel.lwproc().curlwp();
        kernel.lwproc().rfork(Lwproc.RFFDG);
        try {
            kernel.syscalls().setgroups(new int[0]);
            kernel.syscalls().setgid(gid);
            kernel.syscalls().setuid(uid);
            body.run();
        } finally {
            kernel.lwproc().releaselwp();
            kernel.lwproc().switchTo(before);
        }
    }

    private static void fillAs(RumpKernel kernel, int uid, int gid) throws ErrnoException {
        Syscalls sys = kernel.syscalls();
        inProcess(kernel, uid, gid, () -> {
            int fd = sys.open(MOUNT + "/user", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            fill(sys, fd, 0);
            sys.close(fd);
        });
    }

    // Times of access

    /** When a file was read, as an image says after a power cut. */
    private Timespec accessed(RumpKernel running, String path) throws Exception {
        Path copy = temp.resolve("copy");
        Files.copy(image(), copy, StandardCopyOption.REPLACE_EXISTING);
        RumpKernel kernel = boot(copy, SysMount.MNT_RDONLY);
        Timespec atime = kernel.syscalls().lstat(path).atime();
        halt(kernel);
        // Two kernels, one thread: it goes on in the first.
        running.lwproc().rfork(Lwproc.RFCFDG);
        return atime;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void syncWritesWhenFilesWereRead(boolean noatime) throws Exception {
        Fsck.make(image(), "8M", Ext2UnderTest.EXT4);
        RumpKernel kernel = boot(image(), noatime ? SysMount.MNT_NOATIME : 0);
        Syscalls sys = kernel.syscalls();
        String path = MOUNT + "/f";
        int fd = create(sys, "/f");
        sys.write(fd, new byte[] {1, 2, 3});
        sys.futimens(fd, new Timespec(1000, 0), new Timespec(2000, 0));
        sys.sync();
        assertEquals(new Timespec(1000, 0), accessed(kernel, path));
        fd = sys.open(path, Fcntl.O_RDWR, 0);
        sys.read(fd, new byte[3]);
        Timespec atime = sys.lstat(path).atime();
        assertEquals(noatime, atime.sec() == 1000);
        sys.sync();
        assertEquals(atime, accessed(kernel, path));
        fd = sys.open(path, Fcntl.O_RDWR, 0);
        sys.read(fd, new byte[3]);
        atime = sys.lstat(path).atime();
        sys.fsync(fd);
        assertEquals(atime, accessed(kernel, path));
        fd = sys.open(path, Fcntl.O_RDWR, 0);
        sys.read(fd, new byte[3]);
        atime = sys.lstat(path).atime();
        halt(kernel);
        Fsck.requireClean(image());
        kernel = boot(image(), SysMount.MNT_RDONLY);
        assertEquals(atime, kernel.syscalls().lstat(path).atime());
        halt(kernel);
    }
}
