package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Images that are going to be written: of every configuration that is, with some files of others in them, by mke2fs and debugfs. */
final class WrittenImages {
    /** All that a file system without a journal has today, and is written. */
    static final String EXT4 = "sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr,huge_file,flex_bg,"
            + "dir_nlink,extra_isize,extent,64bit,metadata_csum";

    private static final String JOURNAL = ",has_journal";

    private static final String EXT2 = "sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr";

    private WrittenImages() {}

    private static Recipe of(String name, String features, String... options) {
        return Recipe.of("written-" + name, features, options).sized("12M");
    }

    private static String without(String feature) {
        return EXT4.replace(feature + ",", "");
    }

    /** Each feature and each size for itself, beside what is usual. */
    static Stream<Recipe> singles() {
        return Stream.of(
                of("revision-0", "", "-t", "ext2", "-r", "0", "-b", "1024", "-I", "128"),
                of("revision-0-4k", "", "-t", "ext2", "-r", "0", "-b", "4096", "-I", "128"),
                of("without-features", "none", "-b", "1024", "-g", "2048"),
                of("ext2", EXT2, "-b", "1024"),
                of("ext2-2k", EXT2, "-b", "2048", "-I", "256"),
                of("ext2-4k", EXT2, "-b", "4096"),
                of("ext2-64k", EXT2, "-b", "65536").sized("64M"),
                of("ext2-small-groups", EXT2, "-b", "1024", "-g", "512"),
                of("ext2-sparse_super2", "sparse_super2,large_file,filetype,dir_index,ext_attr", "-b", "1024"),
                of("ext2-without-large_file", "filetype,dir_index,ext_attr", "-b", "1024"),
                of("ext2-meta_bg", EXT2.replace(",resize_inode", ",meta_bg"), "-b", "1024", "-g", "256"),
                of("ext3-features-without-journal", EXT2 + ",dir_nlink", "-b", "1024", "-I", "256"),
                of("ext3", EXT2 + JOURNAL, "-b", "1024", "-J", "size=1"),
                of("ext3-4k", EXT2 + JOURNAL, "-b", "4096", "-J", "size=4"),
                of("ext4-journal", EXT4 + JOURNAL, "-b", "1024", "-J", "size=1"),
                of("ext4-journal-4k", EXT4 + JOURNAL + ",orphan_file", "-b", "4096", "-J", "size=4"),
                of("ext4-journal-64k", EXT4 + JOURNAL, "-b", "65536", "-J", "size=64")
                        .sized("160M"),
                of("ext4-journal-32bit", without("64bit") + JOURNAL, "-b", "1024", "-J", "size=1"),
                of("ext4", EXT4, "-b", "1024"),
                of("ext4-2k", EXT4, "-b", "2048"),
                of("ext4-4k", EXT4, "-b", "4096"),
                of("ext4-16k", EXT4, "-b", "16384").sized("32M"),
                of("ext4-64k", EXT4, "-b", "65536").sized("64M"),
                of("ext4-inodes-128", without("extra_isize"), "-b", "1024", "-I", "128"),
                of("ext4-inodes-512", EXT4, "-b", "1024", "-I", "512"),
                of("ext4-inodes-1024", EXT4, "-b", "1024", "-I", "1024"),
                of("ext4-inodes-4096", EXT4, "-b", "4096", "-I", "4096", "-N", "800"),
                of("ext4-without-dir_index", without("dir_index"), "-b", "1024"),
                of("ext4-without-filetype", without("filetype"), "-b", "1024"),
                of("ext4-without-sparse_super", without("resize_inode").replace("sparse_super,", ""), "-b", "1024"),
                of("ext4-without-resize_inode", without("resize_inode"), "-b", "1024"),
                of("ext4-without-extents", without("extent").replace("64bit,", ""), "-b", "1024", "-I", "256"),
                of("ext4-without-64bit", without("64bit"), "-b", "1024"),
                of("ext4-without-flex_bg", without("flex_bg"), "-b", "1024", "-g", "1024"),
                of("ext4-flex_bg-2", EXT4, "-b", "1024", "-g", "1024", "-G", "2"),
                of("ext4-meta_bg", without("resize_inode") + ",meta_bg", "-b", "1024", "-g", "256"),
                of(
                        "ext4-sparse_super2",
                        without("resize_inode").replace("sparse_super,", "sparse_super2,"),
                        "-b",
                        "1024"),
                of("ext4-uninit_bg", EXT4.replace("metadata_csum", "uninit_bg"), "-b", "1024", "-g", "1024"),
                of("ext4-uninit_bg-32bit", without("64bit").replace("metadata_csum", "uninit_bg"), "-b", "1024"),
                of("ext4-metadata_csum_seed", EXT4 + ",metadata_csum_seed", "-b", "1024"),
                of("ext4-large_dir", EXT4 + ",large_dir", "-b", "1024"),
                of("ext4-without-huge_file", without("huge_file"), "-b", "1024"),
                of("ext4-without-dir_nlink", without("dir_nlink"), "-b", "1024"),
                of("ext4-without-ext_attr", without("ext_attr"), "-b", "1024"),
                of("ext4-stable_inodes", EXT4 + ",stable_inodes", "-b", "1024"),
                of("ext4-lazy-inode-tables", EXT4, "-b", "1024", "-g", "1024", "-E", "lazy_itable_init=1"),
                of("ext4-packed-meta-blocks", EXT4, "-b", "1024", "-g", "1024", "-E", "packed_meta_blocks=1"),
                of("hash-legacy", EXT2, "-b", "1024").tuned("-E", "hash_alg=legacy"),
                of("hash-tea", EXT2, "-b", "1024").tuned("-E", "hash_alg=tea"));
    }

    /** Combinations in which every two choices meet. */
    static Stream<Recipe> pairs() {
        List<List<String>> axes = List.of(
                List.of("1024", "2048", "4096", "65536"),
                List.of("128", "256", "512", "1024"),
                List.of("dir_index", "dir_index,large_dir", ""),
                List.of("sparse_super", "sparse_super2", ""),
                List.of("filetype", ""),
                List.of("resize_inode", "meta_bg", ""),
                List.of("extent", ""),
                List.of("64bit", ""),
                List.of("flex_bg", ""),
                List.of("metadata_csum", "metadata_csum,metadata_csum_seed", "uninit_bg", ""),
                List.of("huge_file", ""),
                List.of("large_file", ""),
                List.of("ext_attr", ""),
                List.of("dir_nlink", ""));
        return Pairs.of(axes.stream().map(List::size).toList()).stream().map(row -> {
            List<String> features = new ArrayList<>();
            for (int axis = 2; axis < axes.size(); axis++) {
                String choice = axes.get(axis).get(row.get(axis));
                if (!choice.isEmpty()) {
                    features.add(choice);
                }
            }
            // What cannot be together.
            if (!features.contains("sparse_super")) {
                features.remove("resize_inode");
            }
            if (features.contains("64bit") && !features.contains("extent")) {
                features.remove("64bit");
            }
            String block = axes.get(0).get(row.get(0));
            String inode = axes.get(1).get(row.get(1));
            if (!inode.equals("128")) {
                features.add("extra_isize");
            }
            String all = features.isEmpty() ? "none" : String.join(",", features);
            boolean large = block.equals("65536");
            String[] options = large || block.equals("4096")
                    ? new String[] {"-b", block, "-I", inode}
                    : new String[] {"-b", block, "-I", inode, "-g", "2048"};
            return Recipe.of("written-%s-%s-%08x".formatted(block, inode, all.hashCode()), all, options)
                    .sized(large ? "64M" : "12M");
        });
    }

    /** An image with files of others in it. Not to be changed: there are copies for that. */
    static Path image(Recipe recipe, Images.Shelf images) {
        Path tree = images.made("tree-to-be-written", WrittenImages::makeTree);
        return images.made(recipe.name(), image -> {
            List<String> options = new ArrayList<>(recipe.mke2fsOptions());
            options.addAll(List.of("-d", tree.toString()));
            E2fsprogs.mke2fs(image, options, recipe.size());
            E2fsprogs.tune2fs(image, recipe.tuning());
            E2fsprogs.debugfs(image, additions(recipe));
            if (recipe.has("ext_attr")) {
                shareAttributes(image);
            }
            // Directories of more than one block get their indices here, and blocks of attributes their counts.
            E2fsprogs.repair(image, "-fyD");
            E2fsprogs.requireClean(image);
        });
    }

    private static List<String> additions(Recipe recipe) {
        List<String> commands =
                new ArrayList<>(List.of("cd old", "mknod character c 1 3", "mknod block b 300 60000", "mknod fifo p"));
        if (recipe.has("ext_attr")) {
            commands.add("ea_set one user.mime text/plain");
            commands.add("ea_set directory user.what " + "d".repeat(300));
            for (String file : List.of("many", "many-to-go", "block-and-inode")) {
                for (int i = 0; i < 9; i++) {
                    commands.add("ea_set %s user.attribute-%d %s".formatted(file, i, "v".repeat(1 + 6 * i)));
                }
            }
        }
        if (recipe.has("extent")) {
            commands.add("fallocate preallocated 2 60");
        }
        return commands;
    }

    /** Two files more have the block of attributes of another one. */
    private static void shareAttributes(Path image) {
        String said = E2fsprogs.run("debugfs", "-R", "stat old/many", image.toString())
                .text();
        Matcher block = Pattern.compile("File ACL: (\\d+)").matcher(said);
        if (!block.find()) {
            throw new IllegalStateException(said);
        }
        E2fsprogs.debugfs(
                image,
                List.of(
                        "set_inode_field old/shares file_acl " + block.group(1),
                        "set_inode_field old/shares-to-go file_acl " + block.group(1)));
    }

    private static void makeTree(Path root) {
        try {
            Path old = Files.createDirectories(root.resolve("old"));
            Files.createDirectories(old.resolve("directory/in/a/directory"));
            Files.createDirectory(old.resolve("to-go"));
            Random random = new Random(5);
            for (String name : List.of(
                    "one", "many", "many-to-go", "block-and-inode", "shares", "shares-to-go", "directory/file")) {
                write(old.resolve(name), random, 3000, 0);
            }
            write(old.resolve("untouched"), random, 20_000, 0);
            write(old.resolve("preallocated"), random, 3000, 0);
            write(old.resolve("sparse"), random, 1500, 0, 50 << 10, 1 << 20, 80 << 20);
            write(old.resolve("to-be-cut"), random, 400_000, 0);
            write(old.resolve("to-be-overwritten"), random, 100_000, 0);
            Files.createLink(old.resolve("link"), old.resolve("one"));
            Files.createSymbolicLink(old.resolve("fast"), Path.of("directory/file"));
            Files.createSymbolicLink(old.resolve("slow"), Path.of("s".repeat(200)));
            Files.createSymbolicLink(old.resolve("slow-to-go"), Path.of("s".repeat(300)));
            Path many = Files.createDirectory(old.resolve("names"));
            for (int i = 0; i < 90; i++) {
                write(many.resolve("n".repeat(60) + i), random, 0);
            }
            try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.bind(UnixDomainSocketAddress.of(old.resolve("socket")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, Random random, int bytes, long... offsets) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long offset : offsets) {
                byte[] data = new byte[bytes];
                random.nextBytes(data);
                channel.write(ByteBuffer.wrap(data), offset);
            }
        }
    }
}
