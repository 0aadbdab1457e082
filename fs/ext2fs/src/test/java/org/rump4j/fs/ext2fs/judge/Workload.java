package org.rump4j.fs.ext2fs.judge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/** Some of everything that is done to files, beside and to those that {@link WrittenImages} have: the same each time. */
final class Workload {
    private static final int NAMES = 500;
    private static final int DEPTH = 40;
    private static final int LINKS = 60;

    private final ModelledFiles files;
    private final int blockBytes;
    private final boolean largeFiles;
    private final boolean extents;
    private final boolean largeInodes;
    private final Random random = new Random(7);

    /** @param largeFiles whether there can be any of 2 GiB and more */
    Workload(ModelledFiles files, Recipe recipe, boolean largeFiles) {
        this.files = files;
        this.blockBytes = recipe.blockBytes();
        this.extents = recipe.has("extent");
        this.largeFiles = largeFiles;
        this.largeInodes = recipe.inodeBytes() > 128;
    }

    void run() throws ModelledFiles.Full {
        files.mkdir("new", 0755);
        sizes();
        sparse();
        kinds();
        deep();
        names();
        manyNames();
        links();
        renames();
        withoutNames();
        old();
        attributes("", files.model().root);
        flags();
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private void sizes() throws ModelledFiles.Full {
        files.mkdir("new/sizes", 0755);
        for (int size :
                new int[] {0, 1, 59, 60, 61, 1023, 1024, 1025, 4096, 12 << 10, (12 << 10) + 1, 65_536, 65_537}) {
            files.create("new/sizes/" + size);
            files.write("new/sizes/" + size, 0, bytes(size));
        }
        // Past what one indirect block knows, in pieces, some of them twice.
        for (int at = 0; at < 300_000; at += 7000) {
            files.write("new/sizes/pieces", at, bytes(10_000));
        }
        files.write("new/sizes/backwards", 40_000, bytes(5000));
        files.write("new/sizes/backwards", 20_000, bytes(5000));
        files.write("new/sizes/backwards", 100, bytes(5000));
        for (int i = 0; i < 20; i++) {
            files.append("new/sizes/appended", bytes(700));
        }
        files.write("new/sizes/cut", 0, bytes(150_000));
        files.truncate("new/sizes/cut", 50_001);
        files.truncate("new/sizes/cut", 120_000);
        files.write("new/sizes/emptied", 0, bytes(100_000));
        files.truncate("new/sizes/emptied", 0);
        files.write("new/sizes/truncated-at-open", 0, bytes(90_000));
        files.close(files.open("new/sizes/truncated-at-open", Fcntl.O_WRONLY | Fcntl.O_TRUNC));
    }

    private void sparse() throws ModelledFiles.Full {
        files.mkdir("new/sparse", 0755);
        List<Long> offsets = new ArrayList<>(List.of(0L, 100L << 10, 60L << 20, 70L << 20, 900L << 20));
        if (largeFiles) {
            // The last is near to what three indirections lead to with blocks of 1 KiB and of 2 KiB.
            offsets.addAll(List.of(2_147_483_640L, (5L << 30) + 12_345, blockBytes == 1024 ? 15L << 30 : 200L << 30));
        }
        for (long offset : offsets) {
            files.write("new/sparse/data", offset, bytes(900));
        }
        for (long offset : offsets.reversed()) {
            files.write("new/sparse/data-from-behind", offset, bytes(900));
        }
        long end = offsets.getLast();
        files.truncate("new/sparse/data-from-behind", end - 100_000);
        files.write("new/sparse/shorter", 70L << 20, bytes(900));
        files.truncate("new/sparse/shorter", 65L << 20);
        files.create("new/sparse/nothing-but-a-hole");
        files.truncate("new/sparse/nothing-but-a-hole", largeFiles ? 4L << 30 : 1L << 30);
        for (int i = 0; i < 60; i++) {
            files.write("new/sparse/every-other", 2L * i * blockBytes, bytes(blockBytes));
        }
        files.truncate("new/sparse/every-other", 77L * blockBytes + 5);
    }

    private void kinds() throws ModelledFiles.Full {
        files.mkdir("new/kinds", 0755);
        files.mkfifo("new/kinds/fifo", 0640);
        files.mknod("new/kinds/null", SysStat.S_IFCHR | 0666, SysStat.makedev(1, 3));
        files.mknod("new/kinds/large", SysStat.S_IFCHR | 0600, SysStat.makedev(300, 60_000));
        files.mknod("new/kinds/disk", SysStat.S_IFBLK | 0600, SysStat.makedev(8, 17));
        files.mknod("new/kinds/minor", SysStat.S_IFBLK | 0600, SysStat.makedev(8, 257));
        for (int length : new int[] {1, 58, 59, 60, 61, 255, 1000}) {
            files.symlink("t".repeat(length), "new/kinds/link-" + length);
        }
    }

    private void deep() throws ModelledFiles.Full {
        StringBuilder path = new StringBuilder("new/deep");
        files.mkdir(path.toString(), 0755);
        for (int i = 0; i < DEPTH; i++) {
            files.mkdir(path.append("/level-").append(i).toString(), 0755);
        }
        files.write(path + "/bottom", 0, bytes(77));
    }

    private void names() throws ModelledFiles.Full {
        files.mkdir("new/names", 0755);
        List<byte[]> names = new ArrayList<>();
        for (String name :
                List.of(" ", "-rf", "new\nline", "\\", "\"", "*", "\u007f", "\u0001", "ä€𝄞", "...", "n".repeat(255))) {
            names.add(name.getBytes(StandardCharsets.UTF_8));
        }
        names.add(new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});
        names.add(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
        for (byte[] name : names) {
            files.create("new/names/" + PathCodec.decode(name));
        }
    }

    /** A directory with an index, where there are any, names in which come and go and move. */
    private void manyNames() throws ModelledFiles.Full {
        files.mkdir("new/many", 0755);
        String prefix = "new/many/" + "m".repeat(70);
        for (int i = 0; i < NAMES; i++) {
            if (i % 10 == 0) {
                files.create(prefix + i);
            } else {
                files.link(prefix + i / 10 * 10, prefix + i);
            }
        }
        for (int i = 0; i < NAMES; i += 2) {
            if (i % 3 == 0) {
                files.unlink(prefix + i);
            } else if (i % 3 == 1) {
                files.rename(prefix + i, prefix + "-moved-" + i);
            }
        }
        files.mkdir("new/emptied", 0755);
        for (int i = 0; i < NAMES / 4; i++) {
            files.symlink("x", "new/emptied/" + "e".repeat(90) + i);
        }
        for (int i = 0; i < NAMES / 4; i++) {
            files.unlink("new/emptied/" + "e".repeat(90) + i);
        }
        files.mkdir("new/emptied-and-gone", 0755);
        for (int i = 0; i < NAMES / 4; i++) {
            files.mkfifo("new/emptied-and-gone/" + "e".repeat(90) + i, 0600);
        }
        for (int i = NAMES / 4; i-- > 0; ) {
            files.unlink("new/emptied-and-gone/" + "e".repeat(90) + i);
        }
        files.rmdir("new/emptied-and-gone");
    }

    private void links() throws ModelledFiles.Full {
        files.mkdir("new/links", 0755);
        files.write("new/links/file", 0, bytes(2000));
        for (int i = 0; i < LINKS; i++) {
            files.link("new/links/file", "new/links/to-" + i);
        }
        files.unlink("new/links/file");
        files.link("new/kinds/fifo", "new/links/fifo");
        files.link("new/kinds/link-60", "new/links/symlink");
        files.link("old/socket", "new/links/socket");
    }

    private void renames() throws ModelledFiles.Full {
        files.mkdir("new/from", 0755);
        files.mkdir("new/to", 0755);
        for (String name : List.of("a", "b", "c")) {
            files.mkdir("new/from/" + name, 0755);
            files.write("new/from/" + name + "/file", 0, bytes(100));
        }
        files.rename("new/from/a", "new/to/a");
        files.mkdir("new/to/b", 0755);
        files.rename("new/from/b", "new/to/b");
        files.rename("new/from/c", "new/to/a/c");
        files.rename("new/to/a/c/file", "new/to/b/file");
        files.rename("new/to/a/file", "new/moved");
        files.rename("new/to/a", "new/to/b");
        files.rename("new/to", "new/from/to");
        files.rename("new/from", "new/from/to");
        files.rename("old/names", "new/names/of-old");
        for (int i = 0; i < 90; i++) {
            files.mkfifo("new/names/of-old/" + "of-us".repeat(10) + i, 0600);
            if (i % 2 == 0) {
                files.unlink("new/names/of-old/" + "n".repeat(60) + i);
            }
        }
    }

    /** Files without a name that are written on until they are closed. */
    private void withoutNames() throws ModelledFiles.Full {
        int fd = files.open("new/without-name", Fcntl.O_RDWR);
        Model.Node node = files.model().at("new/without-name");
        files.write(fd, node, 0, bytes(30_000));
        files.unlink("new/without-name");
        files.write(fd, node, 200_000, bytes(30_000));
        files.truncate(fd, node, 210_000);
        files.read(fd, node, 0, 210_000);
        files.close(fd);
    }

    private void old() throws ModelledFiles.Full {
        files.unlink("old/many-to-go");
        files.unlink("old/shares-to-go");
        files.append("old/shares", bytes(100));
        files.unlink("old/slow-to-go");
        files.rmdir("old/to-go");
        files.write("old/many", 100, bytes(20_000));
        files.rename("old/many", "old/many-renamed");
        files.link("old/block-and-inode", "new/link-to-old");
        files.truncate("old/block-and-inode", 10);
        files.truncate("old/to-be-cut", 70_001);
        files.write("old/to-be-overwritten", 10_000, bytes(40_000));
        files.write("old/sparse", 200 << 10, bytes(5000));
        preallocated();
        files.rename("old/directory/file", "old/directory/in/file");
        files.rename("old/directory/in", "new/in");
        files.create("old/directory/new");
    }

    /** Blocks that a file has and that have not been written: at their beginning, in their middle, at their end. */
    private void preallocated() throws ModelledFiles.Full {
        files.write("old/preallocated", 30L * blockBytes + 100, bytes(200));
        files.write("old/preallocated", 2L * blockBytes, bytes(blockBytes + 10));
        files.write("old/preallocated", 60L * blockBytes + 5, bytes(blockBytes));
        files.write("old/preallocated", 40L * blockBytes, bytes(10 * blockBytes));
        files.truncate("old/preallocated", 45L * blockBytes + 7);
        files.append("old/preallocated", bytes(blockBytes));
    }

    /** All files but the sockets', whose names the kernel need not open: owners, permissions and, at last, times. */
    private void attributes(String path, Model.Node node) throws ModelledFiles.Full {
        for (Map.Entry<String, Model.Node> entry : List.copyOf(node.entries.entrySet())) {
            String child = Model.below(path, entry.getKey());
            if (!child.equals("old/untouched")) {
                attributes(child, entry.getValue());
            }
        }
        if (random.nextInt(3) == 0) {
            files.chown(path, random.nextInt(), random.nextInt());
        }
        if (random.nextInt(3) == 0) {
            files.chmod(path, random.nextInt(07777));
        }
        files.utimens(path, time(), time());
    }

    /** In any of the years that can be told, and in some that cannot. */
    private Timespec time() {
        long end = random.nextInt(4) == 0 ? 40_000_000_000L : largeInodes ? 15_032_385_536L : 1L << 31;
        return new Timespec(random.nextLong(-end / 4, end), random.nextInt(1_000_000_000));
    }

    private void flags() throws ModelledFiles.Full {
        files.chflags("new/sizes/1023", SysStat.SF_IMMUTABLE);
        files.chflags("new/sizes/1024", SysStat.SF_APPEND | SysStat.UF_NODUMP);
        files.chflags("new/sizes", SysStat.UF_NODUMP);
        files.chflags("old/one", SysStat.SF_APPEND);
        if (extents) {
            files.chflags("new/sparse/data", SysStat.UF_NODUMP);
        }
    }
}
