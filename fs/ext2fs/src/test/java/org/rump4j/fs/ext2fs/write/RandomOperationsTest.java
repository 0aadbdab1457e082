package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/**
 * Random operations, compared with a model while they are made and, after the image has been checked, when it is mounted again. The seed
 * is in the name of the test.
 */
class RandomOperationsTest {
    private static final String MOUNT = "/mnt";
    private static final int OPERATIONS = 1500;

    /** Paths do not become longer than a path may be. */
    private static final int LONG_PATH = 350;

    @TempDir
    Path temp;

    static Stream<Arguments> runs() {
        List<Arguments> runs = new ArrayList<>();
        long seed = System.nanoTime();
        for (List<String> options :
                List.of(Ext2UnderTest.EXT2, Ext2UnderTest.EXT4, Ext2UnderTest.UNINIT, Ext2UnderTest.REVISION_0)) {
            runs.add(Arguments.of(options, "24M", seed++));
            runs.add(Arguments.of(options, "2M", seed++));
        }
        return runs.stream();
    }

    /** A file of the model. */
    private static final class File {
        final @Nullable Map<String, File> entries;
        final @Nullable String target;
        byte[] data = {};

        File(boolean directory, @Nullable String target) {
            entries = directory ? new TreeMap<>() : null;
            this.target = target;
        }

        Map<String, File> entries() {
            if (entries == null) {
                throw new IllegalStateException();
            }
            return entries;
        }

        boolean isRegular() {
            return entries == null && target == null;
        }
    }

    private record Named(
            String path, File dir, String name, @Nullable File file) {}

    private final File root = new File(true, null);

    @ParameterizedTest
    @MethodSource("runs")
    void filesAreWhatTheModelSays(List<String> options, String size, long seed) throws Exception {
        Path image = temp.resolve("image");
        Fsck.make(image, size, options);
        Random random = new Random(seed);
        for (int round = 0; round < 2; round++) {
            RumpKernel kernel = boot(image, 0);
            Syscalls sys = kernel.syscalls();
            if (round == 0) {
                sys.rmdir(MOUNT + "/lost+found");
            }
            for (int i = 0; i < OPERATIONS; i++) {
                operate(sys, random);
            }
            compare(sys, root, MOUNT);
            halt(kernel);
            Fsck.requireClean(image);
            kernel = boot(image, SysMount.MNT_RDONLY);
            compare(kernel.syscalls(), root, MOUNT);
            halt(kernel);
        }
    }

    private static RumpKernel boot(Path image, int flags) throws ErrnoException {
        RumpKernel kernel = RumpKernel.boot("java", RealHost.builder().build());
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
        kernel.syscalls().mkdir(MOUNT, 0755);
        kernel.syscalls().mount("ext2fs", MOUNT, flags, new MountArgs.Device("/dev/image"));
        return kernel;
    }

    private static void halt(RumpKernel kernel) {
        kernel.lwproc().releaselwp();
        kernel.halt();
    }

    private Named pick(Random random) {
        File dir = root;
        StringBuilder path = new StringBuilder(MOUNT);
        while (true) {
            List<String> below = dir.entries().entrySet().stream()
                    .filter(e -> e.getValue().entries != null)
                    .map(Map.Entry::getKey)
                    .toList();
            if (below.isEmpty() || path.length() > LONG_PATH || random.nextInt(3) == 0) {
                break;
            }
            String name = below.get(random.nextInt(below.size()));
            path.append('/').append(name);
            dir = Objects.requireNonNull(dir.entries().get(name));
        }
        String name;
        if (!dir.entries().isEmpty() && random.nextInt(5) < 3) {
            List<String> names = List.copyOf(dir.entries().keySet());
            name = names.get(random.nextInt(names.size()));
        } else {
            name = "n".repeat(1 + random.nextInt(4) * random.nextInt(60)) + random.nextInt(1000);
        }
        return new Named(path + "/" + name, dir, name, dir.entries().get(name));
    }

    private void operate(Syscalls sys, Random random) throws ErrnoException {
        Named at = pick(random);
        File file = at.file;
        try {
            switch (random.nextInt(14)) {
                case 0, 1, 2 -> {
                    if (file == null || file.isRegular()) {
                        write(sys, random, at);
                    }
                }
                case 3 -> {
                    if (file == null) {
                        sys.mkdir(at.path, 0755);
                        at.dir.entries().put(at.name, new File(true, null));
                    }
                }
                case 4 -> {
                    if (file == null) {
                        String target = "t".repeat(1 + random.nextInt(150));
                        sys.symlink(target, at.path);
                        at.dir.entries().put(at.name, new File(false, target));
                    }
                }
                case 5 -> {
                    if (file != null && file.entries == null) {
                        sys.unlink(at.path);
                        at.dir.entries().remove(at.name);
                    } else if (file != null && file.entries().isEmpty()) {
                        sys.rmdir(at.path);
                        at.dir.entries().remove(at.name);
                    }
                }
                case 6 -> {
                    if (file != null && file.isRegular()) {
                        int length = random.nextInt(4) == 0 ? random.nextInt(2_000_000) : random.nextInt(60_000);
                        sys.truncate(at.path, length);
                        file.data = Arrays.copyOf(file.data, length);
                    }
                }
                case 7 -> {
                    Named to = pick(random);
                    if (file != null && file.isRegular() && to.file == null) {
                        sys.link(at.path, to.path);
                        to.dir.entries().put(to.name, file);
                    }
                }
                case 8, 9, 10 -> rename(sys, at, pick(random));
                case 11 -> {
                    if (file != null && file.isRegular()) {
                        space(sys, random, at.path, file);
                    }
                }
                default -> {
                    if (random.nextInt(10) == 0) {
                        sys.sync();
                    } else if (file != null && file.isRegular()) {
                        int fd = sys.open(at.path, Fcntl.O_RDWR, 0);
                        try {
                            sys.fsync(fd);
                        } finally {
                            sys.close(fd);
                        }
                    }
                }
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOSPC) {
                throw e;
            }
            for (int i = 0; i < 3; i++) {
                remove(sys, random);
            }
        }
    }

    /** Discards or preallocates. */
    private static void space(Syscalls sys, Random random, String path, File file) throws ErrnoException {
        int from = random.nextInt(Math.max(1, file.data.length + 1000));
        int to = from + random.nextInt(random.nextInt(2) == 0 ? 100_000 : 5000);
        int fd = sys.open(path, Fcntl.O_RDWR, 0);
        try {
            if (random.nextInt(3) > 0) {
                sys.fdiscard(fd, from, to - from);
                if (from < file.data.length) {
                    Arrays.fill(file.data, from, Math.min(to, file.data.length), (byte) 0);
                }
            } else if (from < to) {
                sys.posixFallocate(fd, from, to - from);
                file.data = Arrays.copyOf(file.data, Math.max(file.data.length, to));
            }
        } finally {
            sys.close(fd);
        }
    }

    /** Makes some room. */
    private void remove(Syscalls sys, Random random) throws ErrnoException {
        for (int i = 0; i < 50; i++) {
            Named at = pick(random);
            if (at.file != null && at.file.isRegular()) {
                sys.unlink(at.path);
                at.dir.entries().remove(at.name);
                return;
            }
        }
    }

    /** Bytes of the longest path below a file. */
    private static int depth(File file) {
        int depth = 0;
        if (file.entries != null) {
            for (Map.Entry<String, File> entry : file.entries.entrySet()) {
                depth = Math.max(depth, 1 + entry.getKey().length() + depth(entry.getValue()));
            }
        }
        return depth;
    }

    private void rename(Syscalls sys, Named from, Named to) throws ErrnoException {
        File file = from.file;
        File old = to.file;
        if (file == null || file == old || to.path.startsWith(from.path + "/") || from.path.startsWith(to.path + "/")) {
            return;
        }
        if (to.path.length() + depth(file) > 2 * LONG_PATH) {
            return;
        }
        boolean directory = file.entries != null;
        if (old != null
                && (directory != (old.entries != null)
                        || (directory && !old.entries().isEmpty()))) {
            return;
        }
        sys.rename(from.path, to.path);
        from.dir.entries().remove(from.name);
        to.dir.entries().put(to.name, file);
    }

    private static void write(Syscalls sys, Random random, Named at) throws ErrnoException {
        int fd = sys.open(at.path, Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
        try {
            File file = at.file;
            if (file == null) {
                file = new File(false, null);
                at.dir.entries().put(at.name, file);
            }
            byte[] bytes = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 200_000 : 5_000)];
            random.nextBytes(bytes);
            int offset = random.nextInt(random.nextInt(4) == 0 ? 3_000_000 : 30_000);
            int written = 0;
            try {
                while (written < bytes.length) {
                    byte[] rest = Arrays.copyOfRange(bytes, written, bytes.length);
                    written += sys.pwrite(fd, rest, offset + written);
                }
            } finally {
                if (written > 0) {
                    int end = Math.max(file.data.length, offset + written);
                    file.data = Arrays.copyOf(file.data, end);
                    System.arraycopy(bytes, 0, file.data, offset, written);
                }
            }
        } finally {
            sys.close(fd);
        }
    }

    private static void compare(Syscalls sys, File dir, String path) throws ErrnoException {
        List<String> names = new ArrayList<>();
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        try {
            for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
                some.forEach(entry -> names.add(entry.name()));
            }
        } finally {
            sys.close(fd);
        }
        names.removeAll(List.of(".", ".."));
        names.sort(null);
        assertEquals(List.copyOf(dir.entries().keySet()), names, path);
        for (Map.Entry<String, File> entry : dir.entries().entrySet()) {
            String child = path + "/" + entry.getKey();
            File file = entry.getValue();
            if (file.entries != null) {
                assertEquals(SysStat.S_IFDIR, sys.lstat(child).mode() & SysStat.S_IFMT, child);
                compare(sys, file, child);
            } else if (file.target != null) {
                assertEquals(file.target, sys.readlink(child), child);
            } else {
                assertEquals(file.data.length, sys.lstat(child).size(), child);
                assertArrayEquals(file.data, read(sys, child, file.data.length), child);
            }
        }
    }

    private static byte[] read(Syscalls sys, String path, int length) throws ErrnoException {
        byte[] all = new byte[length];
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        try {
            int done = 0;
            while (done < length) {
                byte[] piece = new byte[length - done];
                int n = sys.read(fd, piece);
                if (n == 0) {
                    break;
                }
                System.arraycopy(piece, 0, all, done, n);
                done += n;
            }
        } finally {
            sys.close(fd);
        }
        return all;
    }
}
