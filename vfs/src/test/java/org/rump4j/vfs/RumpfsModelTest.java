package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Random operations on the file system in memory, each with the outcome that a simple model has. The seed is printed on failure. */
class RumpfsModelTest {
    private static final List<String> NAMES = List.of("a", "b", "c");

    /** What there is to do. */
    private enum What {
        CREATE,
        MKDIR,
        WRITE,
        TRUNCATE,
        READ,
        UNLINK,
        RMDIR,
        LINK,
        RENAME,
        STAT,
        LIST
    }

    /** An operation, on one path or two, with a number for whatever needs one. */
    record Operation(What what, List<String> path, List<String> other, int number) {}

    /** A file of the model: one of the two. */
    private static final class File {
        final @Nullable Map<String, File> entries;
        byte[] data = new byte[0];
        int nlink;

        File(boolean directory) {
            entries = directory ? new TreeMap<>() : null;
        }

        boolean isDirectory() {
            return entries != null;
        }

        Map<String, File> entries() throws ErrnoException {
            if (entries == null) {
                throw Errno.ENOTDIR.exception();
            }
            return entries;
        }
    }

    /** What the file system should do. Paths are lists of names from its root, and are never empty. */
    private static final class Model {
        final File root = new File(true);

        File directory(List<String> path) throws ErrnoException {
            File at = root;
            for (String name : path.subList(0, path.size() - 1)) {
                File next = at.entries().get(name);
                if (next == null) {
                    throw Errno.ENOENT.exception();
                }
                at = next;
            }
            at.entries();
            return at;
        }

        @Nullable
        File find(List<String> path) throws ErrnoException {
            return directory(path).entries().get(path.getLast());
        }

        File get(List<String> path) throws ErrnoException {
            File file = find(path);
            if (file == null) {
                throw Errno.ENOENT.exception();
            }
            return file;
        }

        void make(List<String> path, boolean directory) throws ErrnoException {
            if (find(path) != null) {
                throw Errno.EEXIST.exception();
            }
            File file = new File(directory);
            file.nlink = 1;
            directory(path).entries().put(path.getLast(), file);
        }

        File toWrite(List<String> path) throws ErrnoException {
            File file = get(path);
            if (file.isDirectory()) {
                throw Errno.EISDIR.exception();
            }
            return file;
        }

        void write(List<String> path, int offset, byte[] data) throws ErrnoException {
            File file = toWrite(path);
            if (file.data.length < offset + data.length) {
                file.data = Arrays.copyOf(file.data, offset + data.length);
            }
            System.arraycopy(data, 0, file.data, offset, data.length);
        }

        void truncate(List<String> path, int size) throws ErrnoException {
            File file = toWrite(path);
            file.data = Arrays.copyOf(file.data, size);
        }

        void unlink(List<String> path) throws ErrnoException {
            File file = get(path);
            if (file.isDirectory()) {
                throw Errno.EPERM.exception();
            }
            file.nlink--;
            directory(path).entries().remove(path.getLast());
        }

        void rmdir(List<String> path) throws ErrnoException {
            File file = get(path);
            if (!file.entries().isEmpty()) {
                throw Errno.ENOTEMPTY.exception();
            }
            directory(path).entries().remove(path.getLast());
        }

        void link(List<String> path, List<String> to) throws ErrnoException {
            File file = get(path);
            if (find(to) != null) {
                throw Errno.EEXIST.exception();
            }
            if (file.isDirectory()) {
                throw Errno.EPERM.exception();
            }
            file.nlink++;
            directory(to).entries().put(to.getLast(), file);
        }

        void rename(List<String> from, List<String> to) throws ErrnoException {
            directory(from);
            directory(to);
            File file = get(from);
            if (file.isDirectory()
                    && to.size() > from.size()
                    && to.subList(0, from.size()).equals(from)) {
                throw Errno.EINVAL.exception();
            }
            File replaced = find(to);
            if (file == replaced) {
                return;
            }
            if (replaced != null) {
                if (file.isDirectory() != replaced.isDirectory()) {
                    throw (file.isDirectory() ? Errno.ENOTDIR : Errno.EISDIR).exception();
                }
                if (replaced.isDirectory() && !replaced.entries().isEmpty()) {
                    throw Errno.ENOTEMPTY.exception();
                }
                replaced.nlink--;
            }
            directory(from).entries().remove(from.getLast());
            directory(to).entries().put(to.getLast(), file);
        }

        List<String> list(List<String> path) throws ErrnoException {
            return List.copyOf(get(path).entries().keySet());
        }
    }

    @Provide
    static Arbitrary<List<Operation>> operations() {
        Arbitrary<List<String>> paths =
                Arbitraries.of(NAMES).list().ofMinSize(1).ofMaxSize(3);
        return Combinators.combine(
                        Arbitraries.of(What.values()),
                        paths,
                        paths,
                        Arbitraries.integers().between(0, 200_000))
                .as(Operation::new)
                .list()
                .ofMaxSize(150);
    }

    private interface Outcome {
        Object of() throws ErrnoException;
    }

    private static Object outcome(Outcome outcome) {
        try {
            return outcome.of();
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    @Property(tries = 300)
    void theFileSystemDoesWhatTheModelDoes(@ForAll("operations") List<Operation> operations) throws Exception {
        try (TestKernel kernel =
                TestKernel.builder().environment("RUMP_NVNODES", "3").boot()) {
            Syscalls sys = kernel.handle().syscalls();
            sys.mkdir("/m", 0755);
            sys.mount("tmpfs", "/m", 0, new MountArgs.Memory());
            Model model = new Model();
            for (Operation op : operations) {
                assertEquals(outcome(() -> inModel(model, op)), outcome(() -> inKernel(sys, op)), op::toString);
            }
            compare(sys, "/m", model.root);
            sys.unmount("/m", 0);
        }
    }

    private static byte[] data(int number) {
        byte[] data = new byte[number % 1000];
        Arrays.fill(data, (byte) (number >> 3 | 1));
        return data;
    }

    private static Object inModel(Model model, Operation op) throws ErrnoException {
        switch (op.what) {
            case CREATE -> model.make(op.path, false);
            case MKDIR -> model.make(op.path, true);
            case WRITE -> model.write(op.path, op.number, data(op.number));
            case TRUNCATE -> model.truncate(op.path, op.number);
            case READ -> {
                return Arrays.hashCode(model.toWrite(op.path).data);
            }
            case UNLINK -> model.unlink(op.path);
            case RMDIR -> model.rmdir(op.path);
            case LINK -> model.link(op.path, op.other);
            case RENAME -> model.rename(op.path, op.other);
            case STAT -> {
                File file = model.get(op.path);
                return file.isDirectory() ? "directory" : file.data.length + " bytes, links " + file.nlink;
            }
            case LIST -> {
                return model.list(op.path);
            }
        }
        return "";
    }

    private static Object inKernel(Syscalls sys, Operation op) throws ErrnoException {
        String path = "/m/" + String.join("/", op.path);
        String other = "/m/" + String.join("/", op.other);
        switch (op.what) {
            case CREATE -> sys.close(sys.open(path, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644));
            case MKDIR -> sys.mkdir(path, 0755);
            case WRITE -> {
                byte[] data = data(op.number);
                int fd = sys.open(path, Fcntl.O_RDWR, 0);
                assertEquals(data.length, sys.pwrite(fd, data, op.number));
                if (data.length == 0) {
                    // The model extends the file, and a write of nothing does not.
                    sys.ftruncate(fd, Math.max(op.number, sys.fstat(fd).size()));
                }
                sys.close(fd);
            }
            case TRUNCATE -> sys.truncate(path, op.number);
            case READ -> {
                int fd = sys.open(path, Fcntl.O_RDWR, 0);
                byte[] data = new byte[(int) sys.fstat(fd).size()];
                assertEquals(data.length, sys.read(fd, data));
                sys.close(fd);
                return Arrays.hashCode(data);
            }
            case UNLINK -> sys.unlink(path);
            case RMDIR -> sys.rmdir(path);
            case LINK -> sys.link(path, other);
            case RENAME -> sys.rename(path, other);
            case STAT -> {
                Stat stat = sys.stat(path);
                return stat.isDirectory() ? "directory" : stat.size() + " bytes, links " + stat.nlink();
            }
            case LIST -> {
                return list(sys, path);
            }
        }
        return "";
    }

    private static List<String> list(Syscalls sys, String path) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        List<String> names = new ArrayList<>();
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
            for (Dirent entry : some) {
                if (!entry.name().startsWith(".")) {
                    names.add(entry.name());
                }
            }
        }
        sys.close(fd);
        names.sort(null);
        return names;
    }

    /** All that is in a directory, in the kernel and in the model. */
    private static void compare(Syscalls sys, String path, File directory) throws ErrnoException {
        assertEquals(List.copyOf(directory.entries().keySet()), list(sys, path));
        int links = 2;
        for (Map.Entry<String, File> entry : directory.entries().entrySet()) {
            String below = path + "/" + entry.getKey();
            File file = entry.getValue();
            Stat stat = sys.stat(below);
            assertEquals(file.isDirectory(), stat.isDirectory());
            if (file.isDirectory()) {
                links++;
                compare(sys, below, file);
            } else {
                byte[] data = new byte[file.data.length + 1];
                int fd = sys.open(below, Fcntl.O_RDONLY, 0);
                assertEquals(file.data.length, sys.read(fd, data));
                sys.close(fd);
                assertArrayEquals(file.data, Arrays.copyOf(data, file.data.length));
                assertEquals(file.nlink, stat.nlink());
            }
        }
        assertEquals(links, sys.stat(path).nlink());
    }
}
