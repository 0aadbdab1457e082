package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Files and directories whose data is in the inode, and beyond the pointers in an extended attribute. */
final class InlineDataTest {
    @TempDir
    Path dir;

    private Path image(Path tree) throws Exception {
        Path image = dir.resolve("image");
        Tools.mke2fs(image, "8M", "-t", "ext4", "-I", "512", "-O", "inline_data", "-d", tree.toString());
        return image;
    }

    @Test
    void filesOfEverySizeAroundTheLimitsAreRead() throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Random random = new Random(1);
        List<Integer> sizes = new ArrayList<>();
        for (int size = 0; size < 420; size += size < 50 || size > 70 ? 7 : 1) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Files.write(tree.resolve("f" + size), bytes);
            sizes.add(size);
        }
        Path image = image(tree);
        assertTrue(Tools.debugfs(image, "stat /f63").contains("Size of inline data: 6"), "not inline");
        try (MountedImage mounted = new MountedImage(image)) {
            for (int size : sizes) {
                String name = "f" + size;
                assertArrayEquals(Files.readAllBytes(tree.resolve(name)), mounted.read("/" + name), name);
            }
            assertEquals(sizes.size() + 3, mounted.list("/").size());
            int fd = mounted.sys.open("/mnt/f70", Fcntl.O_RDONLY, 0);
            assertEquals(0, mounted.sys.lseek(fd, 0, Fcntl.SEEK_DATA));
            assertEquals(70, mounted.sys.lseek(fd, 0, Fcntl.SEEK_HOLE));
            assertEquals(0, mounted.sys.pread(fd, new byte[10], 70));
            mounted.sys.close(fd);
        }
    }

    @Test
    void namesInBothPiecesOfADirectoryAreFound() throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Path sub = Files.createDirectory(tree.resolve("sub"));
        Files.writeString(sub.resolve("first"), "text");
        Path image = image(tree);
        String first = Tools.debugfs(image, "stat /sub/first").replaceAll("(?s).*Inode: ([0-9]+) .*", "$1");
        int ino = Integer.parseInt(first);
        // The tools use no more than the first piece: another name of the same file, put into the second by hand.
        byte[] name = "in-the-second-piece".getBytes(StandardCharsets.US_ASCII);
        MemorySegment piece = MemorySegment.ofArray(new byte[64]);
        Dirents.INODE.set(piece, 0, ino);
        Dirents.REC_LEN.set(piece, 0, 64);
        Dirents.NAME_LEN.set(piece, 0, name.length);
        Dirents.FILE_TYPE.set(piece, 0, 1);
        MemorySegment.copy(name, 0, piece, ValueLayout.JAVA_BYTE, Dirents.HEADER_BYTES, name.length);
        Path value = Files.write(dir.resolve("value"), piece.toArray(ValueLayout.JAVA_BYTE));
        Tools.debugfs(image, "ea_set -f " + value + " /sub system.data", "sif /sub size 124");
        try (MountedImage mounted = new MountedImage(image)) {
            Map<String, Long> names = mounted.list("/sub");
            assertEquals(Set.of(".", "..", "first", "in-the-second-piece"), names.keySet());
            assertEquals(2L, names.get(".."));
            assertEquals(2, mounted.sys.stat("/mnt/sub/..").ino());
            assertEquals(ino, mounted.sys.stat("/mnt/sub/first").ino());
            assertEquals(ino, mounted.sys.stat("/mnt/sub/in-the-second-piece").ino());
            ErrnoException e = assertThrows(ErrnoException.class, () -> mounted.sys.lstat("/mnt/sub/third"));
            assertEquals(Errno.ENOENT, e.errno());
        }
    }
}
