package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.List;

/** The features of one file system: the three sets as they are on disk. */
record Features(int compat, int incompat, int roCompat) {
    /** Those of revision 0. */
    static final Features NONE = new Features(0, 0, 0);

    boolean has(Feature feature) {
        return (bits(feature.kind()) & feature.bit()) != 0;
    }

    /** Those of a set that the driver cannot read with. */
    int unknown(Feature.Kind kind) {
        return bits(kind) & ~Feature.readable(kind);
    }

    /** The names of those that the driver cannot write with. */
    List<String> unwritable() {
        List<String> names = new ArrayList<>();
        for (Feature.Kind kind : Feature.Kind.values()) {
            names.addAll(Feature.names(kind, bits(kind) & ~Feature.writable(kind)));
        }
        return names;
    }

    private int bits(Feature.Kind kind) {
        return switch (kind) {
            case COMPAT -> compat;
            case INCOMPAT -> incompat;
            case RO_COMPAT -> roCompat;
        };
    }

    /** The names, as {@code dumpe2fs(8)} gives them. */
    @Override
    public String toString() {
        List<String> names = new ArrayList<>();
        for (Feature.Kind kind : Feature.Kind.values()) {
            names.addAll(Feature.names(kind, bits(kind)));
        }
        return names.isEmpty() ? "none" : String.join(" ", names);
    }
}
