package org.rump4j.fs.ext2fs.judge;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A tree of files on the host that {@code mke2fs -d} copies into images, and what debugfs adds to it in the image because the
 * host might not let us. All but times and owners is the same each time.
 */
final class SourceTree {
    /** What the largest file beside the sparse ones needs in blocks of 1 KiB: past all that one indirect block knows. */
    private static final int TWICE_INDIRECT_BYTES = (12 + 256 + 40) << 10;

    private static final long SPARSE_BYTES = (5L << 30) + 12_345;
    private static final int DEPTH = 40;
    private static final int MANY_ENTRIES = 300;

    private static final String LONGEST_NAME = "n".repeat(255);

    private final Path root;
    private final Random random = new Random(20_250_101);

    private SourceTree(Path root) {
        this.root = root;
    }

    /** Makes the tree in an empty directory. */
    static void make(Path root) throws IOException {
        new SourceTree(root).make();
    }

    /**
     * Commands of debugfs for every image that holds the tree.
     *
     * @param mapFlags what the flags of a file say of how its data is found
     */
    static List<String> additions(int mapFlags) {
        return List.of(
                "cd devices",
                "mknod null c 1 3",
                "mknod large c 300 60000",
                "mknod disk b 8 17",
                "mknod fifo-of-debugfs p",
                "cd /",
                "set_inode_field owners/large uid 3000000001",
                "set_inode_field owners/large gid 4294967294",
                "set_inode_field owners/set-id mode 0106755",
                "set_inode_field owners/large generation 3735928559",
                "set_inode_field sticky mode 041777",
                "set_inode_field flags/immutable flags " + (mapFlags | 0x10),
                "set_inode_field flags/append flags " + (mapFlags | 0x20),
                "set_inode_field flags/nodump flags " + (mapFlags | 0x40));
    }

    /** Commands for images whose inodes are larger than the 128 bytes of old. */
    static List<String> additionsToLargeInodes() {
        return List.of(
                // One second before 1970: the epoch's bits taken off again.
                "set_inode_field times/before-1970 mtime @4294967295",
                "set_inode_field times/before-1970 mtime_extra 0x0",
                "set_inode_field times/2446 mtime @15032385535",
                "set_inode_field times/2446 mtime_extra 0xee6b27ff",
                "set_inode_field times/2446 atime_extra 0x00000004",
                "set_inode_field times/2446 ctime_extra 0xee6b27fd",
                "set_inode_field times/2446 crtime_extra 0x3b9aca00");
    }

    /** Commands for images with extended attributes. */
    static List<String> additionsOfAttributes() {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            commands.add("ea_set attributes/many user.attribute-%d %s".formatted(i, "v".repeat(1 + 4 * i)));
        }
        commands.add("ea_set attributes/one user.mime text/plain");
        return commands;
    }

    /** Commands for files that have extents: only those can have blocks that nobody has written. */
    static List<String> additionsWithExtents(int blockBytes) {
        int blocks = TWICE_INDIRECT_BYTES / blockBytes;
        List<String> commands = new ArrayList<>();
        commands.add("fallocate sizes/fallocated 5 9");
        commands.add("fallocate sizes/fallocated-behind-the-end 40 60");
        for (int block = 1; block < blocks - 1; block += 2) {
            commands.add("punch sizes/punched " + block + " " + block);
        }
        commands.add("fallocate sizes/punched 1 1");
        return commands;
    }

    private void make() throws IOException {
        sizes();
        sparse();
        links();
        deep();
        directory("owners");
        file("owners/large", 3);
        file("owners/set-id", 3);
        directory("times");
        file("times/before-1970", 1);
        file("times/2446", 1);
        directory("attributes");
        file("attributes/many", 70);
        file("attributes/one", 1500);
        directory("sticky");
        directory("flags");
        file("flags/immutable", 9);
        file("flags/append", 9);
        file("flags/nodump", 9);
        directory("devices");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path name = root.resolve("devices/socket");
            // A socket's name must be short: a relative path where it is shorter.
            socket.bind(UnixDomainSocketAddress.of(shorter(name)));
        }
        directory("many");
        for (int i = 0; i < MANY_ENTRIES; i++) {
            file("many/entry-" + i + "-" + "x".repeat(i % 90), i % 7 == 0 ? i : 0);
        }
        names();
    }

    private static Path shorter(Path path) {
        Path relative = Path.of("").toAbsolutePath().relativize(path.toAbsolutePath());
        return relative.toString().length() < path.toString().length() ? relative : path;
    }

    private void sizes() throws IOException {
        directory("sizes");
        for (int bytes : new int[] {
            0, 1, 59, 60, 61, 100, 150, 160, 170, 1023, 1024, 1025, 4096, 12 << 10, (12 << 10) + 1, 65_536, 65_537
        }) {
            file("sizes/" + bytes, bytes);
        }
        file("sizes/twice-indirect", TWICE_INDIRECT_BYTES);
        file("sizes/punched", TWICE_INDIRECT_BYTES);
        file("sizes/fallocated", 5000);
        file("sizes/fallocated-behind-the-end", 5000);
    }

    private void sparse() throws IOException {
        directory("sparse");
        // Data where blocks of 1 KiB are found directly and by one, two and three indirections, and past 4 GiB.
        long[] offsets = {0, 100 << 10, 60 << 20, 70 << 20, 1L << 30, (3L << 30) + 100, SPARSE_BYTES - 700};
        data("sparse/five-gib", offsets);
        data("sparse/begins-with-a-hole", 123_456);
        try (FileChannel channel = open("sparse/nothing-but-a-hole")) {
            channel.write(ByteBuffer.wrap(new byte[1]), 1_000_000);
            channel.truncate(500_000);
        }
        try (FileChannel channel = open("sparse/ends-with-a-hole")) {
            channel.write(random(5000), 0);
            channel.write(ByteBuffer.wrap(new byte[1]), 3_000_000);
            channel.truncate(2_345_678);
        }
    }

    private void data(String name, long... offsets) throws IOException {
        try (FileChannel channel = open(name)) {
            for (long offset : offsets) {
                channel.write(random(700), offset);
            }
        }
    }

    private void links() throws IOException {
        directory("links");
        file("links/one", 10);
        Files.createLink(root.resolve("links/two"), root.resolve("links/one"));
        Files.createLink(root.resolve("links/three"), root.resolve("links/one"));
        symlink("links/to-a-file", "one");
        symlink("links/to-a-directory", "../sizes");
        symlink("links/dangling", "/no/such/file");
        for (int length : new int[] {1, 58, 59, 60, 61, 120, 180, 255, 1000}) {
            symlink("links/of-" + length, "t".repeat(length));
        }
    }

    private void deep() throws IOException {
        StringBuilder path = new StringBuilder("deep");
        for (int i = 0; i < DEPTH; i++) {
            directory(path.toString());
            path.append("/level-").append(i);
        }
        file(path.substring(0, path.lastIndexOf("/")) + "/bottom", 77);
    }

    /** Names that Java may not be able to give to files: the shell is told their bytes. */
    private void names() throws IOException {
        List<byte[]> names = new ArrayList<>();
        for (String name : List.of(
                " ",
                "two words",
                "-rf",
                "--",
                "new\nline",
                "tab\there",
                "\\",
                "\"quoted\"",
                "*",
                "$HOME",
                "debugfs: ls",
                "\u007f",
                "\u0001",
                "ä€𝄞",
                "...",
                LONGEST_NAME)) {
            names.add(name.getBytes(StandardCharsets.UTF_8));
        }
        names.add(new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});
        names.add(new byte[] {(byte) 0xc3, (byte) 0x28});
        names.add(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        script.writeBytes("set -e\nmkdir names\ncd names\n".getBytes(StandardCharsets.UTF_8));
        for (byte[] name : names) {
            line(script, "printf '%s' '", name, "' > './", name, "'\n");
        }
        line(script, "ln -s '", names.getLast(), "' '", new byte[] {(byte) 0xe2, (byte) 0x82}, "'\n");
        line(script, "mkfifo '", new byte[] {'p', (byte) 0x80}, "'\n");
        Path file = Files.createTempFile("names", ".sh");
        Files.write(file, script.toByteArray());
        ProcessBuilder builder = new ProcessBuilder("sh", file.toString()).directory(root.toFile());
        builder.environment().put("LC_ALL", "C");
        try {
            int status = builder.inheritIO().start().waitFor();
            if (status != 0) {
                throw new IllegalStateException("sh gives " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(file);
    }

    private static void line(ByteArrayOutputStream out, Object... parts) {
        for (Object part : parts) {
            out.writeBytes(part instanceof byte[] name ? name : part.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void directory(String name) throws IOException {
        Files.createDirectory(root.resolve(name));
    }

    private void symlink(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    private void file(String name, int bytes) throws IOException {
        try (FileChannel channel = open(name)) {
            channel.write(random(bytes));
        }
    }

    private FileChannel open(String name) throws IOException {
        return FileChannel.open(root.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private ByteBuffer random(int bytes) {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        return ByteBuffer.wrap(data);
    }
}
