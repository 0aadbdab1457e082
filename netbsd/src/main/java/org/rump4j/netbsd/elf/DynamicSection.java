package org.rump4j.netbsd.elf;

import java.util.Arrays;

/** The dynamic section: numbers and addresses by tag. */
final class DynamicSection {
    private static final int DT_NULL = 0;
    static final int DT_NEEDED = 1;
    static final int DT_PLTRELSZ = 2;
    static final int DT_HASH = 4;
    static final int DT_STRTAB = 5;
    static final int DT_SYMTAB = 6;
    static final int DT_RELA = 7;
    static final int DT_RELASZ = 8;
    static final int DT_RELAENT = 9;
    static final int DT_STRSZ = 10;
    static final int DT_SYMENT = 11;
    static final int DT_INIT = 12;
    static final int DT_FINI = 13;
    static final int DT_SONAME = 14;
    static final int DT_SYMBOLIC = 16;
    static final int DT_REL = 17;
    static final int DT_PLTREL = 20;
    static final int DT_TEXTREL = 22;
    static final int DT_JMPREL = 23;
    static final int DT_INIT_ARRAY = 25;
    static final int DT_FINI_ARRAY = 26;
    static final int DT_INIT_ARRAYSZ = 27;
    static final int DT_FINI_ARRAYSZ = 28;
    static final int DT_FLAGS = 30;
    static final int DT_PREINIT_ARRAY = 32;
    static final int DT_PREINIT_ARRAYSZ = 33;
    static final int DT_RELRSZ = 35;
    static final int DT_RELR = 36;
    static final int DT_RELRENT = 37;
    private static final int GENERIC_TAGS = 38;

    static final long DT_ANDROID_REL = 0x6000000f;
    static final long DT_ANDROID_RELA = 0x60000011;
    static final long DT_GNU_HASH = 0x6ffffef5;
    static final long DT_VERSYM = 0x6ffffff0;
    static final long DT_VERDEF = 0x6ffffffc;
    static final long DT_VERDEFNUM = 0x6ffffffd;
    static final long DT_VERNEED = 0x6ffffffe;
    static final long DT_VERNEEDNUM = 0x6fffffff;

    static final long DF_SYMBOLIC = 2;
    static final long DF_TEXTREL = 4;
    static final long DF_STATIC_TLS = 16;

    /** Tags beside the generic ones, in the order of their places behind those. */
    private static final long[] OTHERS = {
        DT_ANDROID_REL, DT_ANDROID_RELA, DT_GNU_HASH, DT_VERSYM, DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM
    };

    private final ElfBytes bytes;
    private final long[] values = new long[GENERIC_TAGS + OTHERS.length];
    private long present;
    private long[] needed = new long[0];

    DynamicSection(ElfBytes bytes, Segment segment) throws ElfException {
        this.bytes = bytes;
        long[] entries = bytes.longs(segment.fileOffset(), segment.fileBytes() / 16 * 2, "PT_DYNAMIC");
        for (int i = 0; ; i += 2) {
            if (i >= entries.length) {
                throw bytes.bad("PT_DYNAMIC", "the dynamic section does not end with DT_NULL");
            }
            long tag = entries[i];
            if (tag == DT_NULL) {
                return;
            }
            if (tag == DT_NEEDED) {
                needed = Arrays.copyOf(needed, needed.length + 1);
                needed[needed.length - 1] = entries[i + 1];
                continue;
            }
            int place = place(tag);
            if (place >= 0) {
                if ((present >>> place & 1) != 0 && values[place] != entries[i + 1]) {
                    throw bytes.bad("PT_DYNAMIC", "tag 0x" + Long.toHexString(tag) + " is there twice");
                }
                present |= 1L << place;
                values[place] = entries[i + 1];
            }
        }
    }

    private static int place(long tag) {
        if (tag >= 0 && tag < GENERIC_TAGS) {
            return (int) tag;
        }
        for (int i = 0; i < OTHERS.length; i++) {
            if (OTHERS[i] == tag) {
                return GENERIC_TAGS + i;
            }
        }
        return -1;
    }

    boolean has(long tag) {
        int place = place(tag);
        return place >= 0 && (present >>> place & 1) != 0;
    }

    /** The value of a tag, or 0. */
    long get(long tag) {
        return has(tag) ? values[place(tag)] : 0;
    }

    /** The value of a tag that must be there. */
    long require(long tag, String name) throws ElfException {
        if (!has(tag)) {
            throw bytes.bad(name, "it is missing from the dynamic section");
        }
        return get(tag);
    }

    /** Fails where a tag is there with another value than the only one that makes sense. */
    void requireIfThere(long tag, String name, long value) throws ElfException {
        if (has(tag) && get(tag) != value) {
            throw bytes.bad(name, Long.toUnsignedString(get(tag)) + " is not " + value);
        }
    }

    /** How many entries a table has of which the bytes are given. */
    long count(long tag, String name, int entryBytes) throws ElfException {
        long size = get(tag);
        if (size % entryBytes != 0) {
            throw bytes.bad(name, Long.toUnsignedString(size) + " is no multiple of " + entryBytes);
        }
        return size / entryBytes;
    }

    /** Offsets of names in the string table. */
    long[] needed() {
        return needed;
    }
}
