package org.rump4j.netbsd.elf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section headers. Nothing that is loaded needs them: a stripped object may have none. Source of the facts: gABI, "Sections". */
final class Sections {
    private static final int HEADER_BYTES = 64;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_NOBITS = 8;
    private static final long SHF_ALLOC = 2;
    private static final int SHN_XINDEX = 0xffff;

    private final ElfBytes bytes;
    private final ByteBuffer table;
    private final int count;
    private final int names;

    private Sections(ElfBytes bytes, ByteBuffer table, int count, int names) {
        this.bytes = bytes;
        this.table = table;
        this.count = count;
        this.names = names;
    }

    /** Those of an object, or null where it has none. */
    static @Nullable Sections of(ElfBytes bytes, Segments segments) throws ElfException {
        if (segments.sectionsOffset == 0) {
            return null;
        }
        if (segments.sectionBytes != HEADER_BYTES) {
            throw bytes.bad("e_shentsize", segments.sectionBytes + " is not " + HEADER_BYTES);
        }
        ByteBuffer first = bytes.read(segments.sectionsOffset, HEADER_BYTES, "e_shoff");
        long count = segments.sectionCount != 0 ? segments.sectionCount : first.getLong(32);
        if (count < 0 || count > bytes.size / HEADER_BYTES) {
            throw bytes.bad("e_shnum", Long.toUnsignedString(count) + " sections are more than the file can have");
        }
        int names = Short.toUnsignedInt(bytes.read(62, 2, "e_shstrndx").getShort(0));
        if (names == SHN_XINDEX) {
            names = first.getInt(40);
        }
        ByteBuffer table = bytes.read(segments.sectionsOffset, count * HEADER_BYTES, "e_shnum");
        return new Sections(bytes, table, (int) count, names);
    }

    private int type(int section) {
        return table.getInt(section * HEADER_BYTES + 4);
    }

    private long flags(int section) {
        return table.getLong(section * HEADER_BYTES + 8);
    }

    private long address(int section) {
        return table.getLong(section * HEADER_BYTES + 16);
    }

    private long offset(int section) {
        return table.getLong(section * HEADER_BYTES + 24);
    }

    private long size(int section) {
        return table.getLong(section * HEADER_BYTES + 32);
    }

    private int link(int section) {
        return table.getInt(section * HEADER_BYTES + 40);
    }

    /** The table of all symbols, local ones too, or null where the object has been stripped of it. */
    @Nullable
    SymbolTable symtab(long limit) throws ElfException {
        for (int i = 1; i < count; i++) {
            if (type(i) == SHT_SYMTAB) {
                String field = "section " + i + " (SHT_SYMTAB)";
                if (size(i) % SymbolTable.ENTRY_BYTES != 0) {
                    throw bytes.bad(field + ": sh_size", size(i) + " is no multiple of " + SymbolTable.ENTRY_BYTES);
                }
                StringTable strings = strings(link(i), field + ": sh_link");
                return SymbolTable.of(bytes, field, offset(i), size(i) / SymbolTable.ENTRY_BYTES, strings, null, limit);
            }
        }
        return null;
    }

    private StringTable strings(int section, String field) throws ElfException {
        if (section <= 0 || section >= count) {
            throw bytes.bad(field, Integer.toUnsignedString(section) + " is not one of " + count + " sections");
        }
        return new StringTable(bytes, offset(section), size(section), field);
    }

    /** The sections that have a place in memory and a name that begins so. */
    List<LinkSet> named(String prefix, Segments segments) throws ElfException {
        List<LinkSet> out = new ArrayList<>();
        if (names == 0) {
            return out;
        }
        StringTable strings = strings(names, "e_shstrndx");
        for (int i = 1; i < count; i++) {
            String field = "section " + i;
            String name = strings.get(Integer.toUnsignedLong(table.getInt(i * HEADER_BYTES)), field + ": sh_name");
            if (name.startsWith(prefix) && (flags(i) & SHF_ALLOC) != 0 && type(i) != SHT_NOBITS) {
                segments.fileOffset(address(i), size(i), field + " (" + name + "): sh_addr");
                out.add(new LinkSet(name.substring(prefix.length()), address(i), size(i), false));
            }
        }
        return out;
    }
}
