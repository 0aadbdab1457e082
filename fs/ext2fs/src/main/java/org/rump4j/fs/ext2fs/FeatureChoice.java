package org.rump4j.fs.ext2fs;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The features of a file system that is to be made: those of its type, with what the user wants else, and in agreement with one another. */
final class FeatureChoice {
    /** What every type has, as mke2fs.conf(5) has it. */
    private static final Set<Feature> BASE = Set.of(
            Feature.SPARSE_SUPER,
            Feature.LARGE_FILE,
            Feature.FILETYPE,
            Feature.RESIZE_INODE,
            Feature.DIR_INDEX,
            Feature.EXT_ATTR);

    /** What ext4 has beside that, but for its journal. */
    private static final Set<Feature> EXT4 = Set.of(
            Feature.EXTENTS,
            Feature.HUGE_FILE,
            Feature.FLEX_BG,
            Feature.METADATA_CSUM,
            Feature.BIT64,
            Feature.DIR_NLINK,
            Feature.EXTRA_ISIZE);

    /** What can be made beside that. */
    private static final Set<Feature> OTHERS =
            Set.of(Feature.GDT_CSUM, Feature.META_BG, Feature.CSUM_SEED, Feature.LARGE_DIR);

    private final Set<Feature> chosen = EnumSet.copyOf(BASE);

    /** What the user has named, in either way: that is not changed silently. */
    private final Set<Feature> named = EnumSet.noneOf(Feature.class);

    private FeatureChoice(String type) {
        if (type.equals(Ext2Maker.EXT4)) {
            chosen.addAll(EXT4);
        }
    }

    /**
     * Chooses.
     *
     * @param words names of features; with a circumflex, those that there shall not be; {@code none} takes all away
     * @throws ErrnoException EINVAL
     */
    static FeatureChoice of(String type, List<String> words) throws ErrnoException {
        FeatureChoice choice = new FeatureChoice(type);
        for (String word : words) {
            choice.take(word);
        }
        choice.agree();
        return choice;
    }

    private void take(String word) throws ErrnoException {
        if (word.equals("none")) {
            chosen.clear();
            return;
        }
        boolean off = word.startsWith("^");
        Feature feature = Feature.named(off ? word.substring(1) : word);
        if (feature == null) {
            throw Errno.EINVAL.exception("-O " + word + ": no such feature");
        }
        if (off) {
            chosen.remove(feature);
        } else if (feature == Feature.HAS_JOURNAL) {
            throw Errno.EINVAL.exception("-O " + word + ": journals are not made");
        } else if (!BASE.contains(feature) && !EXT4.contains(feature) && !OTHERS.contains(feature)) {
            throw Errno.EINVAL.exception("-O " + word + ": file systems with this feature are not made");
        } else {
            chosen.add(feature);
        }
        named.add(feature);
    }

    private void agree() throws ErrnoException {
        if (has(Feature.METADATA_CSUM)) {
            // It has checksums of descriptors too, and only one kind can be.
            chosen.remove(Feature.GDT_CSUM);
        }
        require(Feature.CSUM_SEED, Feature.METADATA_CSUM);
        require(Feature.BIT64, Feature.EXTENTS);
        require(Feature.RESIZE_INODE, Feature.SPARSE_SUPER);
        // It is a file that is as large as block pointers can make it.
        require(Feature.RESIZE_INODE, Feature.LARGE_FILE);
        if (has(Feature.RESIZE_INODE) && has(Feature.META_BG)) {
            leaveOut(Feature.RESIZE_INODE, "does not go with meta_bg");
        }
    }

    private void require(Feature feature, Feature needed) throws ErrnoException {
        if (has(feature) && !has(needed)) {
            leaveOut(feature, "needs " + needed.text());
        }
    }

    private void leaveOut(Feature feature, String why) throws ErrnoException {
        if (has(feature) && named.contains(feature)) {
            throw Errno.EINVAL.exception("-O " + feature.text() + ": it " + why);
        }
        chosen.remove(feature);
    }

    boolean has(Feature feature) {
        return chosen.contains(feature);
    }

    /** There are more groups than the first can describe: descriptors go where what they describe is. */
    void describeInGroups() throws ErrnoException {
        leaveOut(Feature.RESIZE_INODE, "does not go with a file system of this size");
        chosen.add(Feature.META_BG);
    }

    /** There are blocks that 32 bits have no number for, so their descriptors cannot be kept room for. */
    void number64() throws ErrnoException {
        leaveOut(Feature.RESIZE_INODE, "goes with fewer than 4294967296 blocks only");
    }

    Features features() {
        return new Features(bits(Feature.Kind.COMPAT), bits(Feature.Kind.INCOMPAT), bits(Feature.Kind.RO_COMPAT));
    }

    private int bits(Feature.Kind kind) {
        int bits = 0;
        for (Feature feature : chosen) {
            bits |= feature.kind() == kind ? feature.bit() : 0;
        }
        return bits;
    }
}
