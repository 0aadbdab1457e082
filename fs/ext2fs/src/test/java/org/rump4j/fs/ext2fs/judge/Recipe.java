package org.rump4j.fs.ext2fs.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A configuration of a file system.
 *
 * @param name for people, and the file
 * @param options for mke2fs, besides features
 * @param features all that there are and not only those that differ from a default; empty to let mke2fs decide
 * @param size for mke2fs
 * @param tuning options of tune2fs, for before e2fsck rebuilds the directories
 * @param finish options of tune2fs, for the end
 */
record Recipe(
        String name, List<String> options, String features, String size, List<String> tuning, List<String> finish) {
    private static final String DEFAULT_FEATURES = "";
    private static final int EXTENTS_FL = 0x80000;
    private static final int INLINE_DATA_FL = 0x10000000;

    private static final String EXT2 = "sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr";
    private static final String EXT3 = EXT2 + ",has_journal";
    private static final String EXT4_BASE =
            "sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr,huge_file,"
                    + "flex_bg,dir_nlink,extra_isize,extent";
    private static final String EXT4 = EXT4_BASE + ",has_journal,64bit,metadata_csum";

    /** Where a group's own size does not matter. */
    private static final String SIZE = "24M";

    static Recipe of(String name, String features, String... options) {
        return new Recipe(name, List.of(options), features, SIZE, List.of(), List.of());
    }

    Recipe sized(String other) {
        return new Recipe(name, options, features, other, tuning, finish);
    }

    Recipe tuned(String... more) {
        return new Recipe(name, options, features, size, List.of(more), finish);
    }

    Recipe finished(String... more) {
        return new Recipe(name, options, features, size, tuning, List.of(more));
    }

    boolean has(String feature) {
        return List.of(features.split(",")).contains(feature);
    }

    /** Bytes of a block. */
    int blockBytes() {
        return option("-b", 4096);
    }

    int inodeBytes() {
        return option("-I", has("extent") ? 256 : 128);
    }

    private int option(String key, int otherwise) {
        int at = options.indexOf(key);
        return at < 0 ? otherwise : Integer.parseInt(options.get(at + 1));
    }

    /** All options of mke2fs. */
    List<String> mke2fsOptions() {
        List<String> all = new ArrayList<>(options);
        if (features.isEmpty()) {
            return all;
        }
        all.addAll(List.of("-O", "none," + features));
        if (!options.contains("-I") && !options.contains("-r")) {
            all.addAll(List.of("-I", Integer.toString(inodeBytes())));
        }
        return all;
    }

    /** What debugfs does to an image that {@link SourceTree} has been copied to. */
    List<String> additions() {
        boolean extents = has("extent") || features.isEmpty();
        List<String> commands =
                new ArrayList<>(SourceTree.additions(has("inline_data") ? INLINE_DATA_FL : extents ? EXTENTS_FL : 0));
        if (inodeBytes() > 128 || features.isEmpty()) {
            commands.addAll(SourceTree.additionsToLargeInodes());
        }
        if (has("ext_attr")) {
            commands.addAll(SourceTree.additionsOfAttributes());
        }
        if (extents && !has("bigalloc")) {
            commands.addAll(SourceTree.additionsWithExtents(blockBytes()));
        }
        return commands;
    }

    /** The configurations of {@code verify}. */
    static Stream<Recipe> matrix() {
        return Stream.of(
                // The file system of 1993, and what was added to it.
                of("ext2-revision-0", "", "-t", "ext2", "-r", "0", "-b", "1024"),
                of("ext2-without-features", "none", "-b", "1024"),
                of("ext2-1k", EXT2, "-b", "1024"),
                of("ext2-2k-inodes-256", EXT2, "-b", "2048", "-I", "256"),
                of("ext2-4k", EXT2, "-b", "4096"),
                of("ext2-8k", EXT2, "-b", "8192"),
                of("ext2-16k", EXT2, "-b", "16384").sized("48M"),
                of("ext2-32k", EXT2, "-b", "32768").sized("64M"),
                of("ext2-64k", EXT2, "-b", "65536").sized("96M"),
                of("ext2-without-filetype", "sparse_super,large_file,dir_index,ext_attr", "-b", "1024"),
                of("ext2-without-dir_index", "sparse_super,large_file,filetype,ext_attr", "-b", "1024"),
                of("ext2-without-sparse_super", "large_file,filetype,dir_index,ext_attr", "-b", "1024"),
                of("ext2-sparse_super2", "sparse_super2,large_file,filetype,dir_index,ext_attr", "-b", "1024"),
                of(
                        "ext2-meta_bg",
                        "sparse_super,large_file,filetype,dir_index,ext_attr,meta_bg",
                        "-b",
                        "1024",
                        "-g",
                        "256"),
                of("ext2-small-groups", EXT2, "-b", "1024", "-g", "512"),
                of("ext2-of-the-hurd", "sparse_super,large_file,ext_attr", "-b", "4096", "-o", "hurd"),
                of("ext3-1k", EXT3, "-b", "1024", "-J", "size=1"),
                of("ext3-4k", EXT3, "-b", "4096", "-J", "size=4"),
                // Block sizes and inode sizes of ext4.
                of("ext4-as-mke2fs-likes-it", DEFAULT_FEATURES, "-t", "ext4").sized("64M"),
                of("ext4-1k", EXT4, "-b", "1024", "-J", "size=1"),
                of("ext4-2k", EXT4, "-b", "2048", "-J", "size=2"),
                of("ext4-4k", EXT4, "-b", "4096", "-J", "size=4"),
                of("ext4-8k", EXT4_BASE + ",64bit,metadata_csum", "-b", "8192"),
                of("ext4-16k", EXT4_BASE + ",64bit,metadata_csum", "-b", "16384")
                        .sized("48M"),
                of("ext4-32k", EXT4_BASE + ",64bit,metadata_csum", "-b", "32768")
                        .sized("64M"),
                of("ext4-64k", EXT4_BASE + ",64bit,metadata_csum", "-b", "65536")
                        .sized("96M"),
                of(
                        "ext4-inodes-128",
                        EXT4_BASE.replace(",extra_isize", "") + ",metadata_csum",
                        "-b",
                        "1024",
                        "-I",
                        "128"),
                of("ext4-inodes-512", EXT4, "-b", "1024", "-I", "512", "-J", "size=1"),
                of("ext4-inodes-1024", EXT4, "-b", "1024", "-I", "1024", "-J", "size=1"),
                of("ext4-inodes-4096", EXT4, "-b", "4096", "-I", "4096", "-N", "2000", "-J", "size=4"),
                // Features of ext4, on and off.
                of(
                        "ext4-without-extents",
                        EXT4.replace(",extent", "").replace(",64bit", ""),
                        "-b",
                        "1024",
                        "-I",
                        "256",
                        "-J",
                        "size=1"),
                of("ext4-32bit", EXT4_BASE + ",has_journal", "-b", "1024", "-J", "size=1"),
                of("ext4-64bit-without-checksums", EXT4_BASE + ",64bit", "-b", "1024"),
                of("ext4-without-flex_bg", EXT4_BASE.replace("flex_bg,", "") + ",metadata_csum", "-b", "1024"),
                of("ext4-flex_bg-2", EXT4, "-b", "1024", "-G", "2", "-J", "size=1"),
                of("ext4-uninit_bg", EXT4_BASE + ",uninit_bg,has_journal", "-b", "1024", "-J", "size=1"),
                of("ext4-uninit_bg-64bit", EXT4_BASE + ",uninit_bg,64bit", "-b", "1024"),
                of("ext4-metadata_csum_seed", EXT4 + ",metadata_csum_seed", "-b", "1024", "-J", "size=1"),
                of(
                        "ext4-inline_data-without-extra_isize",
                        EXT4_BASE.replace(",extra_isize", "") + ",inline_data",
                        "-b",
                        "1024",
                        "-I",
                        "256"),
                of("ext4-inline_data-256", EXT4 + ",inline_data", "-b", "1024", "-J", "size=1"),
                of("ext4-inline_data-1024", EXT4 + ",inline_data", "-b", "4096", "-I", "1024", "-J", "size=4"),
                of("ext4-bigalloc-16k", EXT4 + ",bigalloc", "-b", "1024", "-C", "16384", "-J", "size=1"),
                of("ext4-bigalloc-64k", EXT4_BASE + ",bigalloc,64bit,metadata_csum", "-b", "4096", "-C", "65536")
                        .sized("96M"),
                of(
                        "ext4-meta_bg",
                        EXT4.replace(",resize_inode", "") + ",meta_bg",
                        "-b",
                        "1024",
                        "-g",
                        "256",
                        "-J",
                        "size=1"),
                of(
                        "ext4-meta_bg-32bit",
                        EXT4_BASE.replace(",resize_inode", "") + ",meta_bg",
                        "-b",
                        "1024",
                        "-g",
                        "256"),
                of("ext4-large_dir", EXT4 + ",large_dir", "-b", "1024", "-J", "size=1"),
                of("ext4-without-huge_file", EXT4.replace(",huge_file", ""), "-b", "1024", "-J", "size=1"),
                of("ext4-without-dir_index", EXT4.replace(",dir_index", ""), "-b", "1024", "-J", "size=1"),
                of("ext4-without-filetype", EXT4.replace(",filetype", ""), "-b", "1024", "-J", "size=1"),
                of(
                        "ext4-sparse_super2",
                        EXT4.replace("sparse_super,", "sparse_super2,").replace("resize_inode,", ""),
                        "-b",
                        "1024",
                        "-J",
                        "size=1"),
                of("ext4-orphan_file", EXT4 + ",orphan_file", "-b", "1024", "-J", "size=1"),
                of("ext4-quota-project", EXT4 + ",quota,project", "-b", "1024", "-J", "size=1"),
                // Whoever opens one with multiple mount protection to write waits for ten seconds: it comes last.
                of("ext4-mmp", EXT4, "-b", "1024", "-J", "size=1").finished("-O", "mmp"),
                of("ext4-ea_inode", EXT4 + ",ea_inode", "-b", "1024", "-J", "size=1"),
                of("ext4-verity-stable_inodes", EXT4 + ",verity,stable_inodes", "-b", "1024", "-J", "size=1"),
                of("ext4-fast_commit", EXT4 + ",fast_commit", "-b", "1024", "-J", "size=4"),
                of("ext4-packed-meta-blocks", EXT4, "-b", "1024", "-E", "packed_meta_blocks=1", "-J", "size=1"),
                of("ext4-lazy-inode-tables", EXT4, "-b", "1024", "-E", "lazy_itable_init=1", "-J", "size=1"),
                of("ext4-20000-inodes", EXT4, "-b", "1024", "-N", "20000", "-J", "size=1"),
                // Hashes of directories.
                of("hash-legacy", EXT3, "-b", "1024", "-J", "size=1").tuned("-E", "hash_alg=legacy"),
                of("hash-half_md4", EXT3, "-b", "1024", "-J", "size=1").tuned("-E", "hash_alg=half_md4"),
                of("hash-tea", EXT4, "-b", "1024", "-J", "size=1").tuned("-E", "hash_alg=tea"));
    }

    @Override
    public String toString() {
        return name;
    }
}
