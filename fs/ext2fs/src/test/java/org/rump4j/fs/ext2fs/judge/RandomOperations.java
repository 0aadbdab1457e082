package org.rump4j.fs.ext2fs.judge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** Does to modelled files what a seed says, with some files open all the while, also when they have no name any more. */
final class RandomOperations {
    private static final int MOST_OPEN = 5;
    private static final int LONG_PATH = 400;
    private static final int STORY_LENGTH = 30;

    /** A file that is open for reading and writing. */
    private record Open(int fd, Model.Node node) {}

    private final ModelledFiles files;
    private final Model model;
    private final Random random;
    private final int size;
    private final List<Open> open = new ArrayList<>();
    private final Deque<String> story = new ArrayDeque<>();

    /** @param size bytes that some files are long */
    RandomOperations(ModelledFiles files, Random random, int size) {
        this.files = files;
        this.model = files.model();
        this.random = random;
        this.size = size;
    }

    /** What was done last. */
    String story() {
        return String.join("\n", story);
    }

    private void tell(String what) {
        story.add(what);
        if (story.size() > STORY_LENGTH) {
            story.remove();
        }
    }

    /** One or, now and then, some operations. Where there is no room, some is made. */
    void step() throws ErrnoException {
        try {
            operate();
        } catch (ModelledFiles.Full e) {
            tell("    there is no room");
            makeRoom();
        }
    }

    /** Nothing is open any more. */
    void closeAll() {
        open.forEach(each -> files.close(each.fd));
        open.clear();
    }

    private void operate() throws ModelledFiles.Full, ErrnoException {
        switch (random.nextInt(26)) {
            case 0, 1, 2, 3 -> write();
            case 4 -> append();
            case 5, 6 -> truncate();
            case 7 -> mkdir();
            case 8 -> symlink();
            case 9 -> special();
            case 10, 11 -> remove();
            case 12 -> link();
            case 13, 14, 15 -> rename();
            case 16 -> owners();
            case 17 -> times();
            case 18 -> openAndClose();
            case 19, 20, 21 -> onOpen();
            case 22 -> read();
            case 23 -> many();
            case 24 -> exclusively();
            default -> sync();
        }
    }

    // Paths

    /** A path whose directory is there; the file may be there too. */
    private String path() {
        String directory = directory();
        Model.Node node = model.at(directory);
        if (!node.entries.isEmpty() && random.nextInt(5) < 3) {
            return Model.below(directory, pick(node));
        }
        String name = "n".repeat(random.nextInt(4) == 0 ? random.nextInt(150) : random.nextInt(8));
        return Model.below(directory, name + random.nextInt(1000));
    }

    private String pick(Model.Node directory) {
        List<String> names = List.copyOf(directory.entries.keySet());
        return names.get(random.nextInt(names.size()));
    }

    private String directory() {
        String path = "";
        while (random.nextInt(3) != 0 && path.length() < LONG_PATH) {
            List<String> below = model.at(path).entries.entrySet().stream()
                    .filter(entry -> entry.getValue().isDirectory())
                    .map(Map.Entry::getKey)
                    .toList();
            if (below.isEmpty()) {
                return path;
            }
            path = Model.below(path, below.get(random.nextInt(below.size())));
        }
        return path;
    }

    /** A path where there is a file; empty where none was found. */
    private String there() {
        for (int i = 0; i < 10; i++) {
            String path = path();
            if (model.find(path) != null) {
                return path;
            }
        }
        return "";
    }

    /** As the other, of a regular file. */
    private String regular() {
        for (int i = 0; i < 10; i++) {
            String path = there();
            if (model.at(path).isRegular()) {
                return path;
            }
        }
        return "";
    }

    /** Where there is a regular file, or none at all. */
    private String regularOrNone() {
        while (true) {
            String path = path();
            Model.Node node = model.find(path);
            if (node == null || node.isRegular()) {
                return path;
            }
        }
    }

    // Numbers

    private byte[] bytes() {
        int most = random.nextInt(5) == 0 ? size / 8 : 5000;
        byte[] bytes = new byte[1 + random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }

    private long offset(Contents contents) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> contents.size();
            case 2 -> contents.size() + random.nextInt(size);
            case 3 -> random.nextInt(10 * size);
            default -> random.nextLong(contents.size() + 1);
        };
    }

    private long length(Contents contents) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> contents.size() + random.nextInt(size);
            case 2 -> random.nextInt(10 * size);
            default -> random.nextLong(contents.size() + 1);
        };
    }

    private int mode() {
        return random.nextInt(01000);
    }

    // Operations

    private void write() throws ModelledFiles.Full {
        String path = regularOrNone();
        Model.Node node = model.find(path);
        long offset = node == null ? random.nextInt(size) : offset(node.contents);
        byte[] bytes = bytes();
        tell("write " + bytes.length + " bytes at " + offset + " of " + path);
        files.write(path, offset, bytes);
    }

    private void append() throws ModelledFiles.Full {
        String path = regularOrNone();
        byte[] bytes = bytes();
        tell("append " + bytes.length + " bytes to " + path);
        files.append(path, bytes);
    }

    private void truncate() throws ModelledFiles.Full {
        String path = regular();
        if (path.isEmpty()) {
            return;
        }
        if (random.nextInt(8) == 0) {
            tell("open to truncate " + path);
            files.close(files.open(path, Fcntl.O_RDWR | Fcntl.O_TRUNC));
            return;
        }
        long length = length(model.at(path).contents);
        tell("truncate " + path + " to " + length);
        files.truncate(path, length);
    }

    private void mkdir() throws ModelledFiles.Full {
        String path = path();
        tell("mkdir " + path);
        files.mkdir(path, mode());
    }

    private void symlink() throws ModelledFiles.Full {
        String path = path();
        String target = "t".repeat(1 + random.nextInt(random.nextBoolean() ? 70 : 900));
        tell("symlink of " + target.length() + " bytes at " + path);
        files.symlink(target, path);
    }

    private void special() throws ModelledFiles.Full {
        String path = path();
        tell("make a special file " + path);
        if (random.nextBoolean()) {
            files.mkfifo(path, mode());
        } else {
            int type = random.nextBoolean() ? SysStat.S_IFCHR : SysStat.S_IFBLK;
            files.mknod(path, type | mode(), SysStat.makedev(random.nextInt(1 << 12), random.nextInt(1 << 20)));
        }
    }

    private void remove() throws ModelledFiles.Full {
        String path = there();
        if (path.isEmpty()) {
            return;
        }
        boolean directory = model.at(path).isDirectory();
        if (random.nextInt(10) == 0 ? directory : !directory) {
            tell("unlink " + path);
            files.unlink(path);
        } else {
            tell("rmdir " + path);
            files.rmdir(path);
        }
    }

    private void link() throws ModelledFiles.Full {
        String path = there();
        String to = path();
        if (path.isEmpty() || (model.at(path).isDirectory() && model.find(to) != null)) {
            return;
        }
        tell("link " + path + " " + to);
        files.link(path, to);
    }

    private void rename() throws ModelledFiles.Full {
        String from = there();
        String to = path();
        if (from.isEmpty() || from.startsWith(to + "/") || model.find(to) == model.at(from)) {
            return;
        }
        if (to.length() + depth(model.at(from)) > 2 * LONG_PATH) {
            return;
        }
        tell("rename " + from + " " + to);
        files.rename(from, to);
    }

    /** Bytes of the longest path below a file. */
    private static int depth(Model.Node node) {
        int depth = 0;
        for (Map.Entry<String, Model.Node> entry : node.entries.entrySet()) {
            depth = Math.max(depth, 1 + entry.getKey().length() + depth(entry.getValue()));
        }
        return depth;
    }

    private void owners() throws ModelledFiles.Full {
        String path = there();
        tell("chown, chmod or chflags " + path);
        switch (random.nextInt(3)) {
            case 0 -> files.chown(path, random.nextInt(), random.nextInt());
            case 1 -> files.chmod(path, mode());
            default -> files.chflags(path, random.nextBoolean() ? SysStat.UF_NODUMP : 0);
        }
    }

    private void times() throws ModelledFiles.Full {
        String path = there();
        tell("utimens " + path);
        files.utimens(path, time(), time());
    }

    private Timespec time() {
        return new Timespec(random.nextLong(Integer.MIN_VALUE, 1L << 34), random.nextInt(1_000_000_000));
    }

    private void openAndClose() throws ModelledFiles.Full {
        if (open.size() == MOST_OPEN) {
            tell("close");
            files.close(open.remove(random.nextInt(open.size())).fd);
        }
        String path = regularOrNone();
        tell("open " + path);
        int fd = files.open(path, Fcntl.O_RDWR);
        open.add(new Open(fd, model.at(path)));
    }

    private void onOpen() throws ModelledFiles.Full {
        if (open.isEmpty()) {
            return;
        }
        Open at = open.get(random.nextInt(open.size()));
        Contents contents = at.node.contents;
        String which = "descriptor " + at.fd + (at.node.names == 0 ? ", without a name" : "");
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                long offset = offset(contents);
                byte[] bytes = bytes();
                tell("write " + bytes.length + " bytes at " + offset + " to " + which);
                files.write(at.fd, at.node, offset, bytes);
            }
            case 2 -> {
                long length = length(contents);
                tell("truncate to " + length + " " + which);
                files.truncate(at.fd, at.node, length);
            }
            case 3, 4 -> {
                long from = random.nextLong(contents.size() + 1000);
                int bytes = 1 + random.nextInt(random.nextBoolean() ? size : 5000);
                tell("discard " + bytes + " bytes at " + from + " of " + which);
                files.discard(at.fd, at.node, from, bytes);
            }
            case 5 -> {
                long from = random.nextLong(contents.size() + 1000);
                int bytes = 1 + random.nextInt(random.nextBoolean() ? size / 2 : 5000);
                tell("allocate " + bytes + " bytes at " + from + " of " + which);
                files.allocate(at.fd, at.node, from, bytes);
            }
            case 6 -> {
                tell("fsync " + which);
                files.fsync(at.fd, random.nextBoolean());
            }
            default -> files.read(at.fd, at.node, random.nextLong(contents.size() + 100), 1 + random.nextInt(50_000));
        }
    }

    private void read() throws ModelledFiles.Full, ErrnoException {
        String path = there();
        if (path.isEmpty()) {
            return;
        }
        Model.Node node = model.at(path);
        tell("read " + path);
        if (node.isRegular()) {
            int fd = files.open(path, Fcntl.O_RDONLY);
            files.read(fd, node, random.nextLong(node.contents.size() + 100), 1 + random.nextInt(50_000));
            files.close(fd);
        } else if (node.isDirectory()) {
            if (!new KernelWitness(files.sys(), files.full("")).names(path).equals(node.entries.keySet())) {
                throw new AssertionError(path + " has other names than " + node.entries.keySet());
            }
            node.atime = null;
        }
    }

    /** Many names in one directory that come, or go. */
    private void many() throws ModelledFiles.Full {
        String directory = directory();
        Model.Node node = model.at(directory);
        if (random.nextInt(3) == 0) {
            tell("remove files of " + directory);
            for (String name : List.copyOf(node.entries.keySet())) {
                String path = Model.below(directory, name);
                if (!model.at(path).isDirectory() && random.nextInt(8) != 0) {
                    files.unlink(path);
                }
            }
            return;
        }
        tell("make many files in " + directory);
        int length = random.nextInt(120);
        int first = random.nextInt(10_000);
        for (int i = 0; i < 60; i++) {
            String path = Model.below(directory, "m".repeat(length) + (first + i));
            if (model.find(path) == null) {
                files.symlink("x", path);
            }
        }
    }

    private void exclusively() throws ModelledFiles.Full {
        String path = path();
        tell("open exclusively " + path);
        files.openExclusively(path);
    }

    private void sync() throws ModelledFiles.Full {
        String path = regular();
        if (path.isEmpty() || random.nextInt(4) == 0) {
            tell("sync");
            files.sys().sync();
        } else {
            tell("fsync " + path);
            files.fsync(path, random.nextBoolean());
        }
    }

    /** Something large goes. That itself must not need room. */
    private void makeRoom() {
        for (int i = 0; i < 6; i++) {
            String path = there();
            if (!path.isEmpty() && !model.at(path).isDirectory()) {
                tell("unlink, to make room, " + path);
                try {
                    files.unlink(path);
                } catch (ModelledFiles.Full e) {
                    throw new AssertionError("there is no room to remove " + path, e);
                }
            }
        }
        if (!open.isEmpty()) {
            tell("close, to make room");
            files.close(open.removeLast().fd);
        }
    }
}
