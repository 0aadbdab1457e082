package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file system may have that revision 0 of ext2 did not. A feature is in one of three sets, which say what a driver may do that does
 * not know it: everything, read only, or nothing. Names are those of {@code mke2fs(8)}.
 */
enum Feature {
    DIR_PREALLOC(Kind.COMPAT, 0x1, "dir_prealloc", true),
    IMAGIC_INODES(Kind.COMPAT, 0x2, "imagic_inodes", true),
    HAS_JOURNAL(Kind.COMPAT, 0x4, "has_journal", true),
    EXT_ATTR(Kind.COMPAT, 0x8, "ext_attr", true),
    RESIZE_INODE(Kind.COMPAT, 0x10, "resize_inode", true),
    DIR_INDEX(Kind.COMPAT, 0x20, "dir_index", true),
    SPARSE_SUPER2(Kind.COMPAT, 0x200, "sparse_super2", true),
    FAST_COMMIT(Kind.COMPAT, 0x400, "fast_commit", true),
    STABLE_INODES(Kind.COMPAT, 0x800, "stable_inodes", true),
    ORPHAN_FILE(Kind.COMPAT, 0x1000, "orphan_file", true),

    COMPRESSION(Kind.INCOMPAT, 0x1, "compression", false),
    FILETYPE(Kind.INCOMPAT, 0x2, "filetype", true),
    RECOVER(Kind.INCOMPAT, 0x4, "needs_recovery", true),
    JOURNAL_DEV(Kind.INCOMPAT, 0x8, "journal_dev", false),
    META_BG(Kind.INCOMPAT, 0x10, "meta_bg", true),
    EXTENTS(Kind.INCOMPAT, 0x40, "extent", true),
    BIT64(Kind.INCOMPAT, 0x80, "64bit", true),
    MMP(Kind.INCOMPAT, 0x100, "mmp", true),
    FLEX_BG(Kind.INCOMPAT, 0x200, "flex_bg", true),
    EA_INODE(Kind.INCOMPAT, 0x400, "ea_inode", true),
    DIRDATA(Kind.INCOMPAT, 0x1000, "dirdata", false),
    CSUM_SEED(Kind.INCOMPAT, 0x2000, "metadata_csum_seed", true),
    LARGE_DIR(Kind.INCOMPAT, 0x4000, "large_dir", true),
    INLINE_DATA(Kind.INCOMPAT, 0x8000, "inline_data", true),
    ENCRYPT(Kind.INCOMPAT, 0x10000, "encrypt", true),
    CASEFOLD(Kind.INCOMPAT, 0x20000, "casefold", true),

    SPARSE_SUPER(Kind.RO_COMPAT, 0x1, "sparse_super", true),
    LARGE_FILE(Kind.RO_COMPAT, 0x2, "large_file", true),
    BTREE_DIR(Kind.RO_COMPAT, 0x4, "btree_dir", true),
    HUGE_FILE(Kind.RO_COMPAT, 0x8, "huge_file", true),
    GDT_CSUM(Kind.RO_COMPAT, 0x10, "uninit_bg", true),
    DIR_NLINK(Kind.RO_COMPAT, 0x20, "dir_nlink", true),
    EXTRA_ISIZE(Kind.RO_COMPAT, 0x40, "extra_isize", true),
    QUOTA(Kind.RO_COMPAT, 0x100, "quota", true),
    BIGALLOC(Kind.RO_COMPAT, 0x200, "bigalloc", true),
    METADATA_CSUM(Kind.RO_COMPAT, 0x400, "metadata_csum", true),
    READ_ONLY(Kind.RO_COMPAT, 0x1000, "read-only", true),
    PROJECT(Kind.RO_COMPAT, 0x2000, "project", true),
    SHARED_BLOCKS(Kind.RO_COMPAT, 0x4000, "shared_blocks", true),
    VERITY(Kind.RO_COMPAT, 0x8000, "verity", true),
    ORPHAN_PRESENT(Kind.RO_COMPAT, 0x10000, "orphan_present", true);

    /** The three sets. */
    enum Kind {
        /** A driver that does not know it may read and write. */
        COMPAT('C'),
        /** A driver that does not know it must not touch the file system. */
        INCOMPAT('I'),
        /** A driver that does not know it may only read. */
        RO_COMPAT('R');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    private final Kind kind;
    private final int bit;
    private final String text;
    private final boolean readable;

    /** @param readable whether this driver reads what has it */
    Feature(Kind kind, int bit, String text, boolean readable) {
        this.kind = kind;
        this.bit = bit;
        this.text = text;
        this.readable = readable;
    }

    Kind kind() {
        return kind;
    }

    int bit() {
        return bit;
    }

    /** Its name. */
    String text() {
        return text;
    }

    /** The feature that a name means, in any of the ways in which it is written; null where there is none. */
    static @Nullable Feature named(String name) {
        String text = switch (name) {
            case "extents" -> "extent";
            case "gdt_csum" -> "uninit_bg";
            default -> name;
        };
        for (Feature feature : values()) {
            if (feature.text.equals(text)) {
                return feature;
            }
        }
        return null;
    }

    /** The bits of a set that this driver can read with. */
    static int readable(Kind kind) {
        int bits = 0;
        for (Feature feature : values()) {
            if (feature.kind == kind && feature.readable) {
                bits |= feature.bit;
            }
        }
        return bits;
    }

    /** Whether this driver keeps what has it in order when it writes. */
    private boolean isWritable() {
        return switch (this) {
            case HAS_JOURNAL,
                    EXT_ATTR,
                    RESIZE_INODE,
                    DIR_INDEX,
                    DIR_PREALLOC,
                    SPARSE_SUPER2,
                    STABLE_INODES,
                    ORPHAN_FILE,
                    FILETYPE,
                    RECOVER,
                    META_BG,
                    EXTENTS,
                    BIT64,
                    FLEX_BG,
                    CSUM_SEED,
                    LARGE_DIR,
                    SPARSE_SUPER,
                    LARGE_FILE,
                    HUGE_FILE,
                    GDT_CSUM,
                    DIR_NLINK,
                    EXTRA_ISIZE,
                    METADATA_CSUM,
                    ORPHAN_PRESENT -> true;
            default -> false;
        };
    }

    /** The bits of a set that this driver can write with. */
    static int writable(Kind kind) {
        int bits = 0;
        for (Feature feature : values()) {
            if (feature.kind == kind && feature.isWritable()) {
                bits |= feature.bit;
            }
        }
        return bits;
    }

    /** The names of the features of a set; those without one as e2fsprogs has it, by set and number: {@code FEATURE_I30}. */
    static List<String> names(Kind kind, int bits) {
        List<String> names = new ArrayList<>();
        int left = bits;
        for (Feature feature : values()) {
            if (feature.kind == kind && (bits & feature.bit) != 0) {
                names.add(feature.text);
                left &= ~feature.bit;
            }
        }
        for (; left != 0; left &= left - 1) {
            names.add("FEATURE_" + kind.letter + Integer.numberOfTrailingZeros(left));
        }
        return names;
    }
}
