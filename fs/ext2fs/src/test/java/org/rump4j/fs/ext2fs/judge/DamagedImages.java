package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Small images with some of everything, to be damaged. They are the same each time they are made, so that the seed of some damage
 * means the same tomorrow.
 *
 * @param features of mke2fs, {@code -O none,}
 * @param options more of its options
 * @param pending whether the journal has transactions that wait to be replayed
 */
record DamagedImages(String name, String features, List<String> options, String size, boolean pending) {
    private static final String EXT2 = "sparse_super,large_file,filetype,dir_index,ext_attr";
    private static final String EXT4 = EXT2 + ",extent,flex_bg,dir_nlink,extra_isize,huge_file";
    private static final String CHECKED = EXT4 + ",64bit,metadata_csum";

    private static final String UUID = "0b2a6d4c-6f29-4ef5-9f4e-6c1d5f3a7b10";
    private static final String HASH_SEED = "8d0b7d45-8b6e-4c0f-a6a5-3d3cf0a1c9e2";
    private static final long TIME_MILLIS = 1_600_000_000_000L;
    private static final int FILES = 90;

    private static DamagedImages of(String name, String features, String size, String... options) {
        return new DamagedImages(name, features, List.of(options), size, false);
    }

    /** Whether it is written, and not read only. */
    boolean isWritten() {
        return !features.contains("inline_data") && !features.contains("bigalloc") && !features.contains("has_journal");
    }

    private DamagedImages withTransactions() {
        return new DamagedImages(name, features, options, size, true);
    }

    static Stream<DamagedImages> all() {
        return Stream.of(
                of("damaged-revision-0", "", "1M", "-b", "1024", "-r", "0"),
                of("damaged-ext2", EXT2, "1M", "-b", "1024", "-I", "128"),
                of("damaged-ext2-meta_bg", EXT2 + ",meta_bg", "1M", "-b", "1024", "-g", "256", "-I", "256"),
                of("damaged-ext2-4k", EXT2, "2M", "-b", "4096", "-I", "128"),
                of("damaged-ext4", EXT4, "1M", "-b", "1024", "-I", "256"),
                of("damaged-ext4-uninit_bg", EXT4 + ",uninit_bg", "1M", "-b", "1024", "-I", "256"),
                of("damaged-ext4-inline_data", EXT4 + ",inline_data", "1M", "-b", "1024", "-I", "256"),
                of("damaged-ext4-bigalloc", EXT4 + ",bigalloc", "2M", "-b", "1024", "-C", "4096", "-I", "256"),
                of("damaged-checked", CHECKED, "1M", "-b", "1024", "-I", "256"),
                of("damaged-checked-inline_data", CHECKED + ",inline_data", "1M", "-b", "1024", "-I", "512"),
                of("damaged-checked-4k", CHECKED + ",metadata_csum_seed,meta_bg", "2M", "-b", "4096", "-I", "256"),
                of("damaged-ext3-journal", EXT2 + ",has_journal", "3M", "-b", "1024", "-J", "size=1")
                        .withTransactions(),
                of("damaged-checked-journal", CHECKED + ",has_journal", "3M", "-b", "1024", "-I", "256", "-J", "size=1")
                        .withTransactions());
    }

    /** The image, sound. */
    Path image(Images.Shelf images) {
        return images.made(name, path -> make(path, images));
    }

    private void make(Path image, Images.Shelf images) {
        try {
            Path tree = tree(images);
            List<String> all = new ArrayList<>(List.of("-N", "160", "-U", UUID, "-E", "hash_seed=" + HASH_SEED));
            all.addAll(options);
            if (!features.isEmpty()) {
                all.addAll(List.of("-O", "none," + features));
            }
            all.addAll(List.of("-d", tree.toString()));
            E2fsprogs.mke2fs(image, all, size);
            E2fsprogs.debugfs(image, additions());
            E2fsprogs.repair(image, "-fyD");
            E2fsprogs.debugfs(image, times(image));
            E2fsprogs.requireClean(image);
            if (pending) {
                crash(image, images);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> additions() {
        List<String> commands = new ArrayList<>(
                List.of("cd /special", "mknod character c 1 3", "mknod block b 8 17", "mknod fifo p", "cd /"));
        if (features.contains("ext_attr")) {
            for (int i = 0; i < 6; i++) {
                commands.add("ea_set attributes user.number-%d %s".formatted(i, "v".repeat(1 + 6 * i)));
            }
        }
        for (int block = 1; block < 60; block += 2) {
            commands.add("punch punched " + block + " " + block);
        }
        return commands;
    }

    /** The times that the host has given to files are not the same each time. */
    private static List<String> times(Path image) throws IOException {
        List<String> commands = new ArrayList<>();
        int inodes = Integer.parseInt(E2fsprogs.dumpe2fs(image).get("Inode count"));
        try (Debugfs judge = new Debugfs(image)) {
            for (int ino = 11; ino <= inodes; ino++) {
                if (judge.stat(ino).links() > 0) {
                    for (String field : List.of("atime", "ctime", "mtime")) {
                        commands.add("set_inode_field <" + ino + "> " + field + " @1600000000");
                    }
                    if (judge.stat(ino).crtime() != null) {
                        for (String field : List.of("atime_extra", "ctime_extra", "mtime_extra", "crtime_extra")) {
                            commands.add("set_inode_field <" + ino + "> " + field + " 0");
                        }
                    }
                }
            }
        }
        return commands;
    }

    private void crash(Path image, Images.Shelf images) throws IOException {
        Path worked = images.copy(image, name + "-worked");
        E2fsprogs.debugfs(worked, List.of("mkdir new", "symlink new/link somewhere", "rm once-indirect"));
        E2fsprogs.repair(worked, "-fy");
        SortedMap<Long, byte[]> changes = PendingJournal.difference(image, worked, 1024);
        long middle = changes.keySet().stream().toList().get(changes.size() / 2);
        boolean checked = features.contains("metadata_csum");
        new PendingJournal(image, 1024, checked ? "-c -v 3" : "")
                .write(List.of(
                        PendingJournal.Transaction.of(changes),
                        new PendingJournal.Transaction(changes.headMap(middle), List.of(500L, 501L), true),
                        PendingJournal.Transaction.of(changes.tailMap(middle))));
        Files.delete(worked);
    }

    /** A small tree of files on the host. */
    static Path tree(Images.Shelf images) throws IOException {
        Path tree = images.directory().resolve("small-tree");
        if (!Files.exists(tree)) {
            makeTree(tree);
        }
        return tree;
    }

    private static void makeTree(Path tree) throws IOException {
        Files.createDirectories(tree.resolve("special"));
        Files.createDirectories(tree.resolve("a/deep/directory"));
        Path many = Files.createDirectory(tree.resolve("many"));
        for (int i = 0; i < FILES; i++) {
            Path file = many.resolve("entry-" + i + "-" + "x".repeat(i % 50));
            if (i % 3 == 0) {
                Files.writeString(file, "contents " + i);
            } else {
                Files.createLink(file, many.resolve("entry-0-"));
            }
        }
        Random random = new Random(3);
        data(tree.resolve("attributes"), random, 10, 0);
        data(tree.resolve("once-indirect"), random, 20_000, 0);
        data(tree.resolve("punched"), random, 62_000, 0);
        data(tree.resolve("sparse"), random, 600, 0, 100 << 10, 60 << 20, 70 << 20, 1L << 30);
        data(tree.resolve("a/deep/directory/inline"), random, 50, 0);
        data(tree.resolve("a/deep/directory/inline-attribute"), random, 120, 0);
        Files.createSymbolicLink(tree.resolve("fast"), Path.of("a/deep"));
        Files.createSymbolicLink(tree.resolve("slow"), Path.of("s".repeat(300)));
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    Files.setLastModifiedTime(file, FileTime.fromMillis(TIME_MILLIS));
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void data(Path file, Random random, int bytes, long... offsets) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long offset : offsets) {
                byte[] data = new byte[bytes];
                random.nextBytes(data);
                channel.write(ByteBuffer.wrap(data), offset);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
