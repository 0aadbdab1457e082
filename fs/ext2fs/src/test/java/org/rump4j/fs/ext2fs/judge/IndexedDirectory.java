package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file system with a directory {@code /large} whose index is built here, by the hash values that debugfs computes and judged by
 * e2fsck, because nothing in e2fsprogs makes the like: as many levels as one wants, of nodes that are nearly empty, and names of the
 * same hash value in different leaves. Source: the ext4 disk layout, hash tree directories.
 *
 * @param levels of nodes between the root and the leaves
 */
record IndexedDirectory(int levels) {
    /** Pairs that have the same hash value with {@link #HASH_SEED}. */
    static final List<List<String>> TWINS = List.of(
            List.of("twin43048", "twin68189"),
            List.of("twin17841", "twin91592"),
            List.of("twin21558", "twin102153"),
            List.of("twin63983", "twin106238"),
            List.of("twin124532", "twin131985"),
            List.of("twin65131", "twin133208"));

    private static final String HASH_SEED = "8d0b7d45-8b6e-4c0f-a6a5-3d3cf0a1c9e2";
    private static final String FEATURES = "sparse_super,large_file,filetype,dir_index,ext_attr,large_dir";
    private static final int BLOCK_BYTES = 1024;
    private static final int HALF_MD4 = 1;
    private static final int INDEX_FL = 0x1000;
    private static final int ROOT_HEADER_BYTES = 0x20;
    private static final int NODE_HEADER_BYTES = 8;
    private static final int ENTRY_BYTES = 8;
    private static final int FAN_OUT = 7;
    private static final int NAMES_IN_LEAF = 9;
    private static final byte FT_REG_FILE = 1;
    private static final byte FT_DIR = 2;

    private record Hashed(String name, long hash) {}

    /** Something in the tree, and the first hash value that may be in it. */
    private record Child(long hash, int block) {}

    /** Names, as many as the tree can hold and not twins, and the twins. */
    List<String> names() {
        int leaves = (int) Math.pow(FAN_OUT, levels + 1);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < (leaves - TWINS.size()) * NAMES_IN_LEAF / 2; i++) {
            names.add("name-" + i);
        }
        TWINS.forEach(names::addAll);
        return names;
    }

    void make(Path image) {
        try {
            Path tree = Files.createTempDirectory(image.getParent(), "indexed");
            Files.writeString(tree.resolve("file"), "contents");
            E2fsprogs.mke2fs(
                    image,
                    List.of(
                            "-b",
                            "" + BLOCK_BYTES,
                            "-O",
                            "none," + FEATURES,
                            "-N",
                            "64",
                            "-I",
                            "128",
                            "-E",
                            "hash_seed=" + HASH_SEED,
                            "-d",
                            "" + tree),
                    "4M");
            E2fsprogs.tune2fs(image, List.of("-E", "hash_alg=half_md4"));
            long file;
            List<Hashed> hashed;
            try (Debugfs judge = new Debugfs(image)) {
                file = judge.ls(2).stream()
                        .filter(entry -> entry.name().equals("file"))
                        .findFirst()
                        .orElseThrow()
                        .ino();
                hashed = hashed(judge);
            }
            Path blocks = tree.resolve("blocks");
            Files.write(blocks, blocks(hashed, (int) file, (int) file + 1));
            E2fsprogs.debugfs(
                    image,
                    List.of(
                            "write " + blocks + " large",
                            "set_inode_field large mode 040755",
                            "set_inode_field large flags " + INDEX_FL));
            E2fsprogs.repair(image, "-fy");
            E2fsprogs.requireClean(image);
            String index = E2fsprogs.run("debugfs", "-R", "htree large", image.toString())
                    .text();
            if (!index.contains("Indirect levels: " + levels)) {
                throw new IllegalStateException("e2fsck has built another index: " + index);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Hashed> hashed(Debugfs judge) {
        Pattern pattern = Pattern.compile("is 0x([0-9a-f]+)");
        List<Hashed> hashed = new ArrayList<>();
        for (String name : names()) {
            Matcher matcher = pattern.matcher(new String(
                    judge.ask("dx_hash -h half_md4 -s " + HASH_SEED + " " + name), StandardCharsets.US_ASCII));
            if (!matcher.find()) {
                throw new IllegalStateException("no hash value of " + name);
            }
            hashed.add(new Hashed(name, Long.parseLong(matcher.group(1), 16)));
        }
        hashed.sort(Comparator.comparingLong(Hashed::hash));
        return hashed;
    }

    private byte[] blocks(List<Hashed> hashed, int file, int directory) {
        List<ByteBuffer> blocks = new ArrayList<>();
        blocks.add(block());
        List<Child> children = new ArrayList<>();
        List<Hashed> leaf = new ArrayList<>();
        long before = -1;
        for (Hashed each : hashed) {
            boolean twin = !leaf.isEmpty() && leaf.getLast().hash() == each.hash();
            if (leaf.size() == NAMES_IN_LEAF || twin) {
                children.add(leaf(blocks, leaf, file, before));
                before = leaf.getLast().hash();
                leaf = new ArrayList<>();
            }
            leaf.add(each);
        }
        children.add(leaf(blocks, leaf, file, before));
        for (int level = 0; level < levels; level++) {
            children = nodes(blocks, children);
        }
        ByteBuffer root = blocks.getFirst();
        dirent(root, 0, directory, 12, FT_DIR, ".");
        dirent(root, 12, 2, BLOCK_BYTES - 12, FT_DIR, "..");
        root.put(0x1C, (byte) HALF_MD4).put(0x1D, (byte) 8).put(0x1E, (byte) levels);
        index(root, ROOT_HEADER_BYTES, children);
        ByteBuffer all = ByteBuffer.allocate(blocks.size() * BLOCK_BYTES);
        blocks.forEach(all::put);
        byte[] bytes = new byte[all.capacity()];
        all.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer block() {
        return ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @param before the last hash value in the leaf before; where it goes on here, that is marked in the lowest bit */
    private static Child leaf(List<ByteBuffer> blocks, List<Hashed> names, int file, long before) {
        ByteBuffer block = block();
        int at = 0;
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).name();
            int bytes = i == names.size() - 1 ? BLOCK_BYTES - at : (8 + name.length() + 3) & ~3;
            dirent(block, at, file, bytes, FT_REG_FILE, name);
            at += bytes;
        }
        blocks.add(block);
        long hash = names.getFirst().hash();
        return new Child(hash == before ? hash | 1 : hash, blocks.size() - 1);
    }

    private static List<Child> nodes(List<ByteBuffer> blocks, List<Child> children) {
        List<Child> nodes = new ArrayList<>();
        for (int i = 0; i < children.size(); i += FAN_OUT) {
            ByteBuffer block = block();
            dirent(block, 0, 0, BLOCK_BYTES, (byte) 0, "");
            index(block, NODE_HEADER_BYTES, children.subList(i, Math.min(i + FAN_OUT, children.size())));
            blocks.add(block);
            nodes.add(new Child(children.get(i).hash(), blocks.size() - 1));
        }
        return nodes;
    }

    private static void index(ByteBuffer block, int at, List<Child> children) {
        int limit = (BLOCK_BYTES - at) / ENTRY_BYTES;
        if (children.size() > limit) {
            throw new IllegalStateException(children.size() + " children in a node");
        }
        // The first needs no hash value: the counts are in its place.
        for (int i = 0; i < children.size(); i++) {
            block.putInt(at + i * ENTRY_BYTES, (int) children.get(i).hash());
            block.putInt(at + i * ENTRY_BYTES + Integer.BYTES, children.get(i).block());
        }
        block.putShort(at, (short) limit).putShort(at + 2, (short) children.size());
    }

    private static void dirent(ByteBuffer block, int at, int ino, int bytes, byte type, String name) {
        block.putInt(at, ino)
                .putShort(at + 4, (short) bytes)
                .put(at + 6, (byte) name.length())
                .put(at + 7, type);
        block.put(at + 8, name.getBytes(StandardCharsets.US_ASCII));
    }
}
