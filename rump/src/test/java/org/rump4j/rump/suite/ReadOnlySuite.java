package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What a file system does that is only read. It holds the tree that {@link #makeTree} makes by system calls; a file system that
 * cannot be written to, or not yet, is made from the one that {@link #makeHostTree} makes on the host, and overrides the former.
 */
public abstract class ReadOnlySuite extends FileSuite {
    /** {@code small}: a line. */
    private static final String SMALL = "hello, world\n";

    /** {@code large}: bytes that say where they are, so many of them. */
    private static final int LARGE_BYTES = 1_300_001;

    /** {@code sparse}: four bytes here, and nothing before and, up to {@link #SPARSE_BYTES}, behind. */
    private static final long SPARSE_DATA = 20L << 20;

    private static final long SPARSE_BYTES = 40L << 20;

    /** {@code many/}: so many empty files. */
    private static final int MANY = 1200;

    private static byte large(long at) {
        return (byte) (at * 31 + (at >> 8) + (at >> 16));
    }

    private static byte[] large(long from, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = large(from + i);
        }
        return data;
    }

    private static String many(int i) {
        return "entry-number-%05d".formatted(i);
    }

    /** Makes the tree in a directory of the host, with {@code java.nio}. */
    public static void makeHostTree(Path top) throws IOException {
        Files.writeString(top.resolve("small"), SMALL);
        Files.setPosixFilePermissions(top.resolve("small"), PosixFilePermissions.fromString("rw-r-----"));
        Files.createFile(top.resolve("empty"));
        Files.write(top.resolve("large"), large(0, LARGE_BYTES));
        try (FileChannel sparse = FileChannel.open(
                top.resolve("sparse"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            sparse.write(ByteBuffer.wrap(bytes("data")), SPARSE_DATA);
            sparse.write(ByteBuffer.wrap(new byte[1]), SPARSE_BYTES - 1);
        }
        Files.createDirectories(top.resolve("dir/sub/deeper"));
        Files.writeString(top.resolve("dir/sub/deeper/file"), "deep");
        Files.createSymbolicLink(top.resolve("link"), Path.of("dir/sub"));
        Files.createSymbolicLink(top.resolve("dangling"), Path.of("nowhere"));
        Files.createSymbolicLink(top.resolve("long"), Path.of("dir/" + "./".repeat(100) + "sub"));
        Files.createLink(top.resolve("hard"), top.resolve("small"));
        Files.createDirectory(top.resolve("many"));
        for (int i = 0; i < MANY; i++) {
            Files.createFile(top.resolve("many/" + many(i)));
        }
    }

    /** Makes the tree in the test's directory. */
    @BeforeEach
    protected void makeTree() throws Exception {
        write("small", SMALL);
        sys.chmod(in("small"), 0640);
        write("empty", "");
        int fd = open("large", Fcntl.O_WRONLY | Fcntl.O_CREAT);
        writeAll(fd, large(0, LARGE_BYTES));
        sys.close(fd);
        fd = open("sparse", Fcntl.O_WRONLY | Fcntl.O_CREAT);
        sys.pwrite(fd, bytes("data"), SPARSE_DATA);
        sys.ftruncate(fd, SPARSE_BYTES);
        sys.close(fd);
        sys.mkdir(in("dir"), 0755);
        sys.mkdir(in("dir/sub"), 0755);
        sys.mkdir(in("dir/sub/deeper"), 0755);
        write("dir/sub/deeper/file", "deep");
        sys.symlink("dir/sub", in("link"));
        sys.symlink("nowhere", in("dangling"));
        sys.symlink("dir/" + "./".repeat(100) + "sub", in("long"));
        sys.link(in("small"), in("hard"));
        sys.mkdir(in("many"), 0755);
        for (int i = 0; i < MANY; i++) {
            make("many/" + many(i), 0644);
        }
    }

    @Test
    void filesAreRead() throws Exception {
        assertEquals(SMALL, read("small"));
        assertEquals("", read("empty"));
        assertEquals("deep", read("dir/sub/deeper/file"));
        assertArrayEquals(large(0, LARGE_BYTES), readAll(open("large", Fcntl.O_RDONLY)));
    }

    @Test
    void aFileIsReadFromAnywhereInPiecesOfAnySize() throws Exception {
        int fd = open("large", Fcntl.O_RDONLY);
        for (int length : new int[] {1, 511, 512, 4095, 4096, 4097, 65_535, 65_536, 65_537, 200_000}) {
            byte[] buf = new byte[length];
            for (long at : new long[] {0, 1, 4095, 4096, 65_535, 65_536, 131_071, 700_001, LARGE_BYTES - 1L}) {
                int expected = (int) Math.min(length, LARGE_BYTES - at);
                assertEquals(expected, sys.pread(fd, buf, at));
                assertArrayEquals(large(at, expected), Arrays.copyOf(buf, expected), () -> length + " at " + at);
            }
        }
        assertEquals(0, sys.pread(fd, new byte[1], LARGE_BYTES));
        assertEquals(0, sys.pread(fd, new byte[1], 1L << 40));
    }

    @Test
    void aFileIsReadByManyAtOnce() throws Exception {
        Body[] readers = new Body[4];
        for (int i = 0; i < readers.length; i++) {
            int piece = 1000 * (i + 1) * (i + 1);
            readers[i] = () -> {
                int fd = open("large", Fcntl.O_RDONLY);
                byte[] buf = new byte[piece];
                long at = 0;
                for (int n = sys.read(fd, buf); n > 0; at += n, n = sys.read(fd, buf)) {
                    assertArrayEquals(large(at, n), Arrays.copyOf(buf, n));
                }
                assertEquals(LARGE_BYTES, at);
                sys.close(fd);
            };
        }
        together(readers);
    }

    @Test
    void holesReadAsZeros() throws Exception {
        int fd = open("sparse", Fcntl.O_RDONLY);
        byte[] buf = new byte[12];
        assertEquals(12, sys.pread(fd, buf, SPARSE_DATA - 4));
        assertArrayEquals(bytes("\0\0\0\0data\0\0\0\0"), buf);
        assertEquals(12, sys.pread(fd, buf, 0));
        assertArrayEquals(new byte[12], buf);
        assertEquals(12, sys.pread(fd, buf, SPARSE_BYTES - 12));
        assertArrayEquals(new byte[12], buf);
        assertEquals(SPARSE_BYTES, sys.fstat(fd).size());
        assertEquals(differs(Difference.HOLES_TAKE_SPACE), sys.fstat(fd).blocks() >= 4096, "a sparse file takes space");
    }

    @Test
    void holesAreFound() throws Exception {
        int fd = open("sparse", Fcntl.O_RDONLY);
        long data;
        try {
            data = sys.lseek(fd, 0, Fcntl.SEEK_DATA);
        } catch (ErrnoException e) {
            assumeTrue(e.errno() != Errno.EINVAL, "this kernel does not seek to data and holes");
            throw e;
        }
        assertTrue(data > SPARSE_DATA - (1 << 20) && data <= SPARSE_DATA, () -> "data at " + data);
        long hole = sys.lseek(fd, SPARSE_DATA, Fcntl.SEEK_HOLE);
        assertTrue(hole >= SPARSE_DATA + 4 && hole < SPARSE_DATA + (1 << 20), () -> "a hole at " + hole);
        assertEquals(0, sys.lseek(fd, 0, Fcntl.SEEK_HOLE));
        int dense = open("large", Fcntl.O_RDONLY);
        assertEquals(LARGE_BYTES, sys.lseek(dense, 0, Fcntl.SEEK_HOLE));
    }

    @Test
    void attributesAreTold() throws Exception {
        Stat small = sys.stat(in("small"));
        assertTrue(small.isRegular());
        assertEquals(0640, perms("small"));
        assertEquals(SMALL.length(), small.size());
        assertEquals(2, small.nlink());
        assertEquals(small.ino(), ino("hard"));
        assertEquals(LARGE_BYTES, sys.stat(in("large")).size());
        assertEquals(3, sys.stat(in("dir")).nlink());
        assertEquals(sys.stat(dir).dev(), sys.stat(in("dir/sub/deeper/file")).dev());
        assertEquals(small, sys.fstat(open("small", Fcntl.O_RDONLY)));
        assertTrue(small.mtime().sec() > 1_000_000_000 && small.mtime().nsec() >= 0);
    }

    @Test
    void directoriesAreListed() throws Exception {
        assertTrue(names("")
                .containsAll(List.of(
                        "dangling", "dir", "empty", "hard", "large", "link", "long", "many", "small", "sparse")));
        assertEquals(List.of("file"), names("dir/sub/deeper"));
        List<String> many = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            many.add(many(i));
        }
        assertEquals(many, names("many"));
    }

    @Test
    void entriesAreWhatIsThere() throws Exception {
        Map<String, Integer> types = new HashMap<>();
        for (Dirent entry : dirents(sys.open(dir, Fcntl.O_RDONLY, 0))) {
            types.put(entry.name(), entry.type());
            if (!entry.name().equals("..")) {
                assertEquals(ino(entry.name()), entry.fileno(), entry.name());
            }
        }
        Map<String, Integer> expected =
                Map.of("small", Dirent.DT_REG, "dir", Dirent.DT_DIR, "link", Dirent.DT_LNK, ".", Dirent.DT_DIR);
        expected.forEach((name, type) -> assertTrue(
                types.get(name).equals(type) || types.get(name) == Dirent.DT_UNKNOWN,
                () -> name + ": " + types.get(name)));
    }

    @Test
    void aListingGoesOnWhereItWas() throws Exception {
        int fd = open("many", Fcntl.O_RDONLY);
        List<Dirent> all = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
            all.addAll(some);
            places.add(sys.lseek(fd, 0, Fcntl.SEEK_CUR));
            counts.add(all.size());
        }
        for (int i = 0; i < places.size(); i++) {
            sys.lseek(fd, places.get(i), Fcntl.SEEK_SET);
            assertEquals(all.subList(counts.get(i), all.size()), dirents(fd));
        }
        sys.lseek(fd, 0, Fcntl.SEEK_SET);
        assertEquals(all, dirents(fd));
    }

    @Test
    void linksAreReadAndFollowed() throws Exception {
        assertEquals("dir/sub", sys.readlink(in("link")));
        assertEquals("nowhere", sys.readlink(in("dangling")));
        assertEquals("dir/" + "./".repeat(100) + "sub", sys.readlink(in("long")));
        assertEquals(7, sys.lstat(in("link")).size());
        assertEquals("deep", read("link/deeper/file"));
        assertEquals("deep", read("long/deeper/file"));
        assertEquals(ino("dir/sub"), sys.stat(in("link")).ino());
        assertEquals(ino("dir"), sys.stat(in("link/..")).ino());
        fails(() -> sys.stat(in("dangling")), Errno.ENOENT);
    }

    @Test
    void pathsThatLeadNowhereFail() {
        fails(() -> sys.stat(in("none")), Errno.ENOENT);
        fails(() -> sys.stat(in("dir/none/x")), Errno.ENOENT);
        fails(() -> sys.stat(in("small/x")), Errno.ENOTDIR);
        fails(() -> sys.stat(in("many/entry-number-99999")), Errno.ENOENT);
        fails(() -> sys.stat(in("n".repeat(256))), Errno.ENAMETOOLONG);
        fails(() -> sys.readlink(in("small")), Errno.EINVAL);
        fails(() -> open("dir", Fcntl.O_RDWR), Errno.EISDIR, Errno.EROFS);
    }

    @Test
    void theWayDownIsTheWayUp() throws Exception {
        sys.chdir(in("dir/sub/deeper"));
        assertEquals(dir + "dir/sub/deeper", sys.getcwd());
        sys.chdir("../..");
        assertEquals(dir + "dir", sys.getcwd());
        assertEquals(ino("dir"), sys.stat(".").ino());
        sys.chdir("/");
    }

    @Test
    void permissionsHold() throws Exception {
        assumeTrue(sys.stat(in("small")).uid() != USER);
        asUser(() -> {
            fails(() -> open("small", Fcntl.O_RDONLY), Errno.EACCES);
            sys.close(open("dir/sub/deeper/file", Fcntl.O_RDONLY));
        });
    }

    @Test
    void theFileSystemTellsAboutItself() throws Exception {
        Statvfs fs = sys.statvfs1(in("small"), SysMount.ST_WAIT);
        assertEquals(255, fs.namemax());
        assertTrue(fs.blocks() > 0 && fs.bfree() <= fs.blocks());
        assertTrue(fs.files() > MANY && fs.ffree() <= fs.files() - MANY);
        assertEquals(fs, sys.fstatvfs1(open("small", Fcntl.O_RDONLY), SysMount.ST_WAIT));
    }

    @Test
    void nothingChangesWhereNothingMay() throws Exception {
        Statvfs fs = sys.statvfs1(dir, SysMount.ST_WAIT);
        assumeTrue((fs.flag() & SysMount.MNT_RDONLY) != 0, "it is mounted for writing");
        MountSuite.assertReadOnly(this, "small", "dir", "link");
    }
}
