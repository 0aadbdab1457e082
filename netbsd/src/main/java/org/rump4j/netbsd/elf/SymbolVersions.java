package org.rump4j.netbsd.elf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which version of a symbol an object defines or wants. Source of the facts: "Symbol Versioning" of the LSB's core specification.
 *
 * <p>NetBSD's kernel libraries define none; what they want versions of is the host's.
 */
public final class SymbolVersions {
    private static final int VERDEF_BYTES = 20;
    private static final int VERDAUX_BYTES = 8;
    private static final int VERNEED_BYTES = 16;
    private static final int VERNAUX_BYTES = 16;
    private static final int VER_NDX_GLOBAL = 1;
    private static final int HIDDEN = 0x8000;
    private static final int VER_FLG_BASE = 1;
    private static final int CURRENT = 1;

    static final SymbolVersions NONE = new SymbolVersions();

    /** By symbol. Empty where the object has no versions. */
    private short[] indexes = new short[0];

    /** By index. */
    private @Nullable String[] names = new String[0];

    private boolean definesVersions;

    private SymbolVersions() {}

    static SymbolVersions of(
            ElfBytes bytes, Segments segments, DynamicSection dynamic, StringTable strings, int symbols)
            throws ElfException {
        if (!dynamic.has(DynamicSection.DT_VERSYM)) {
            return NONE;
        }
        SymbolVersions versions = new SymbolVersions();
        versions.indexes = bytes.shorts(
                segments.fileOffset(dynamic.get(DynamicSection.DT_VERSYM), symbols * 2L, "DT_VERSYM"),
                symbols,
                "DT_VERSYM");
        versions.readDefinitions(bytes, segments, dynamic, strings);
        versions.readNeeds(bytes, segments, dynamic, strings);
        for (int i = 0; i < symbols; i++) {
            int index = versions.indexes[i] & ~HIDDEN & 0xffff;
            if (index > VER_NDX_GLOBAL && (index >= versions.names.length || versions.names[index] == null)) {
                throw bytes.bad("DT_VERSYM: symbol " + i, "there is no version " + index);
            }
        }
        return versions;
    }

    private void readDefinitions(ElfBytes bytes, Segments segments, DynamicSection dynamic, StringTable strings)
            throws ElfException {
        long count = dynamic.get(DynamicSection.DT_VERDEFNUM);
        long at = dynamic.get(DynamicSection.DT_VERDEF);
        for (long i = 0; i < count; i++) {
            ByteBuffer entry = entry(bytes, segments, at, VERDEF_BYTES, "DT_VERDEF");
            requireCurrent(bytes, entry, "DT_VERDEF: vd_version");
            ByteBuffer first = entry(
                    bytes, segments, at + Integer.toUnsignedLong(entry.getInt(12)), VERDAUX_BYTES, "DT_VERDEF: vd_aux");
            if ((entry.getShort(2) & VER_FLG_BASE) == 0) {
                definesVersions = true;
            }
            name(entry.getShort(4), strings.get(Integer.toUnsignedLong(first.getInt(0)), "DT_VERDEF: vda_name"));
            at = next(bytes, at, entry.getInt(16), i + 1 < count, "DT_VERDEF: vd_next");
        }
    }

    private void readNeeds(ElfBytes bytes, Segments segments, DynamicSection dynamic, StringTable strings)
            throws ElfException {
        long count = dynamic.get(DynamicSection.DT_VERNEEDNUM);
        long at = dynamic.get(DynamicSection.DT_VERNEED);
        for (long i = 0; i < count; i++) {
            ByteBuffer entry = entry(bytes, segments, at, VERNEED_BYTES, "DT_VERNEED");
            requireCurrent(bytes, entry, "DT_VERNEED: vn_version");
            int wanted = Short.toUnsignedInt(entry.getShort(2));
            long aux = at + Integer.toUnsignedLong(entry.getInt(8));
            for (int j = 0; j < wanted; j++) {
                ByteBuffer version = entry(bytes, segments, aux, VERNAUX_BYTES, "DT_VERNEED: vn_aux");
                name(
                        version.getShort(6),
                        strings.get(Integer.toUnsignedLong(version.getInt(8)), "DT_VERNEED: vna_name"));
                aux = next(bytes, aux, version.getInt(12), j + 1 < wanted, "DT_VERNEED: vna_next");
            }
            at = next(bytes, at, entry.getInt(12), i + 1 < count, "DT_VERNEED: vn_next");
        }
    }

    private static ByteBuffer entry(ElfBytes bytes, Segments segments, long at, int size, String field)
            throws ElfException {
        return bytes.read(segments.fileOffset(at, size, field), size, field);
    }

    private static void requireCurrent(ElfBytes bytes, ByteBuffer entry, String field) throws ElfException {
        if (entry.getShort(0) != CURRENT) {
            throw bytes.bad(field, Short.toUnsignedInt(entry.getShort(0)) + " is not VER_*_CURRENT");
        }
    }

    /** Always further on: so that a chain ends, at the end of its segment if nowhere else. */
    private static long next(ElfBytes bytes, long at, int distance, boolean wanted, String field) throws ElfException {
        if (distance <= 0 && wanted) {
            throw bytes.bad(field, "the chain ends before all entries are there");
        }
        return at + distance;
    }

    private void name(short index, String name) {
        int i = index & ~HIDDEN & 0xffff;
        if (i >= names.length) {
            names = Arrays.copyOf(names, i + 1);
        }
        names[i] = name;
    }

    /** The version that a symbol is defined in or wanted from, or null where any will do. */
    public @Nullable String of(int symbol) {
        if (symbol >= indexes.length) {
            return null;
        }
        int index = indexes[symbol] & ~HIDDEN & 0xffff;
        return index <= VER_NDX_GLOBAL ? null : names[index];
    }

    /** Whether only who asks for its version can have a symbol. */
    public boolean isHidden(int symbol) {
        return symbol < indexes.length && (indexes[symbol] & HIDDEN) != 0;
    }

    /** Whether the object tells versions of its own symbols apart. */
    public boolean definesVersions() {
        return definesVersions;
    }
}
