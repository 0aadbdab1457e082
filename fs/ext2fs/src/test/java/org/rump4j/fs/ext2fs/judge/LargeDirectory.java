package org.rump4j.fs.ext2fs.judge;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file system with one large directory, {@code /large}. Its blocks are written as those of a file and then declared a directory;
 * what is missing, counts of links and the index by hash values, e2fsck adds. So 100 000 entries take no time.
 *
 * @param features of mke2fs, {@code -O none,}
 * @param entries names in it, which are links to few files
 * @param nameBytes how long a name is at the least
 * @param hash {@code legacy}, {@code half_md4} or {@code tea}
 * @param unsigned whether the hash takes bytes for unsigned numbers
 */
record LargeDirectory(
        String name,
        String features,
        int blockBytes,
        String size,
        int entries,
        int nameBytes,
        String hash,
        boolean unsigned) {
    static final String PATH = Machine.MOUNT + "/large";

    private static final int FILES = 50;
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 12;
    private static final byte FT_REG_FILE = 1;
    private static final byte FT_DIR = 2;

    /** The n-th name; every third has characters beyond ASCII, whose hash depends on the sign of bytes. */
    String entry(int n) {
        String name = n % 3 == 0 ? "größe-" + n + "-µ" : n % 3 == 1 ? n + ".txt" : "entry " + n;
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes < nameBytes ? name + "x".repeat(nameBytes - bytes) : name;
    }

    /** Names and what they are names of. */
    Map<String, Long> contents(Path image) {
        try (Debugfs judge = new Debugfs(image)) {
            long large = judge.ls(2).stream()
                    .filter(entry -> entry.name().equals("large"))
                    .findFirst()
                    .orElseThrow()
                    .ino();
            Map<String, Long> contents = new TreeMap<>();
            judge.ls(large).forEach(entry -> contents.put(entry.name(), entry.ino()));
            return contents;
        }
    }

    void make(Path image) {
        try {
            Path tree = Files.createTempDirectory(image.getParent(), "large");
            for (int i = 0; i < FILES; i++) {
                Files.writeString(tree.resolve("file-" + i), "contents " + i);
            }
            E2fsprogs.mke2fs(
                    image,
                    List.of("-b", "" + blockBytes, "-O", "none," + features, "-N", "200", "-I", "256", "-d", "" + tree),
                    size);
            List<Long> files = new ArrayList<>();
            try (Debugfs judge = new Debugfs(image)) {
                judge.ls(2).stream()
                        .filter(entry -> entry.name().startsWith("file-"))
                        .forEach(entry -> files.add(entry.ino()));
            }
            Path blocks = tree.resolve("blocks");
            Files.write(blocks, blocks(files));
            E2fsprogs.tune2fs(image, List.of("-E", "hash_alg=" + hash));
            E2fsprogs.debugfs(
                    image,
                    List.of(
                            "write " + blocks + " large",
                            "set_inode_field large mode 040755",
                            "set_super_value flags " + (unsigned ? 2 : 1)));
            E2fsprogs.repair(image, "-fyD");
            E2fsprogs.requireClean(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] blocks(List<Long> files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer block = ByteBuffer.allocate(blockBytes).order(ByteOrder.LITTLE_ENDIAN);
        // e2fsck puts the directory's own number here.
        put(block, 2, FT_DIR, ".");
        int last = put(block, 2, FT_DIR, "..");
        for (int i = 0; i < entries; i++) {
            String name = entry(i);
            if (block.remaining() < recordBytes(name) + CHECKSUM_BYTES) {
                finish(block, last, out);
            }
            last = put(block, files.get(i % files.size()).intValue(), FT_REG_FILE, name);
        }
        finish(block, last, out);
        return out.toByteArray();
    }

    private static int recordBytes(String name) {
        return (HEADER_BYTES + name.getBytes(StandardCharsets.UTF_8).length + 3) & ~3;
    }

    /** Puts an entry, and says where. Source: the ext4 disk layout, linear directories. */
    private static int put(ByteBuffer block, int ino, byte type, String name) {
        int at = block.position();
        int bytes = recordBytes(name);
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        block.putInt(ino).putShort((short) bytes).put((byte) encoded.length).put(type);
        block.put(encoded).position(at + bytes);
        return at;
    }

    private static void finish(ByteBuffer block, int last, ByteArrayOutputStream out) {
        block.putShort(last + Integer.BYTES, (short) (block.capacity() - last));
        byte[] bytes = new byte[block.capacity()];
        block.get(0, bytes);
        out.writeBytes(bytes);
        block.put(0, new byte[bytes.length]).clear();
    }

    @Override
    public String toString() {
        return name;
    }
}
