package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** Directories and files with contents, that are put into a file system and found there again. */
final class Tree {
    private final Set<String> directories = new TreeSet<>();
    private final Map<String, byte[]> files = new TreeMap<>();

    private Tree() {}

    /** Some files and directories, whose names every file system can have. */
    static Tree some() {
        Tree out = flat();
        out.directories.add("dir");
        out.directories.add("dir/sub");
        out.files.put("dir/sub/deep.txt", "deep".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (int i = 0; i < 40; i++) {
            out.files.put("dir/file" + i, new byte[] {(byte) i});
        }
        return out;
    }

    /** Some files in one directory. */
    static Tree flat() {
        Tree out = new Tree();
        byte[] large = new byte[150_000];
        new Random(7).nextBytes(large);
        out.files.put("large.bin", large);
        out.files.put("empty", new byte[0]);
        out.files.put("hello.txt", "hello, file system\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return out;
    }

    /** Files, by their paths. */
    Map<String, byte[]> files() {
        return files;
    }

    /** Puts it into a directory of the host. */
    Path write(Path dir) throws IOException {
        for (String directory : directories) {
            Files.createDirectories(dir.resolve(directory));
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(dir.resolve(file.getKey()), file.getValue());
        }
        return dir;
    }

    /** Puts it into a directory of a kernel. */
    void write(Syscalls sys, String dir) throws ErrnoException {
        for (String directory : directories) {
            sys.mkdir(dir + "/" + directory, 0755);
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            int fd = sys.open(dir + "/" + file.getKey(), Fcntl.O_CREAT | Fcntl.O_WRONLY, 0644);
            byte[] data = file.getValue();
            assertEquals(data.length, sys.write(fd, MemorySegment.ofArray(data)));
            sys.close(fd);
        }
    }

    /** A directory of a kernel has all of it, and nothing besides but some names of the file system's own. */
    void assertIn(Syscalls sys, String dir, String... besides) throws ErrnoException {
        Set<String> names = new TreeSet<>(List.of(besides));
        names.addAll(directories);
        names.addAll(files.keySet());
        Set<String> found = new TreeSet<>(List.of(besides));
        list(sys, dir, "", found);
        assertEquals(names, found);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            String path = dir + "/" + file.getKey();
            Stat stat = sys.stat(path);
            assertEquals(file.getValue().length, stat.size(), path);
            assertEquals(0444, stat.mode() & 0444, path);
            int fd = sys.open(path, Fcntl.O_RDONLY, 0);
            byte[] buf = new byte[file.getValue().length + 1];
            int n = 0;
            for (int got = 1; got > 0; n += got) {
                got = (int) sys.read(fd, MemorySegment.ofArray(buf).asSlice(n));
            }
            sys.close(fd);
            assertArrayEquals(file.getValue(), Arrays.copyOf(buf, n), path);
        }
    }

    private static void list(Syscalls sys, String dir, String below, Set<String> to) throws ErrnoException {
        int fd = sys.open(dir + "/" + below, Fcntl.O_RDONLY, 0);
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
            for (Dirent entry : some) {
                String path = below + entry.name();
                if (entry.name().equals(".") || entry.name().equals("..") || !to.add(path)) {
                    continue;
                }
                if (sys.lstat(dir + "/" + path).isDirectory()) {
                    list(sys, dir, path + "/", to);
                }
            }
        }
        sys.close(fd);
    }
}
