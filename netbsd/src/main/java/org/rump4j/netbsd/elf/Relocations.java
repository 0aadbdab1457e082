package org.rump4j.netbsd.elf;

import java.util.Arrays;
import java.util.Objects;

/**
 * The relocations of an object in the order in which they are applied: DT_RELA, DT_JMPREL, and by themselves those of DT_RELR. Each was
 * looked at: it has a type that can be done, a symbol that there is, and a place whose bytes are in the file.
 */
public final class Relocations {
    static final int ENTRY_BYTES = 24;
    private static final int WORDS = 3;

    private final Machine machine;

    /** {@code r_offset}, {@code r_info}, {@code r_addend} of each. */
    private final long[] entries;

    private final long[] relative;

    private Relocations(Machine machine, long[] entries, long[] relative) {
        this.machine = machine;
        this.entries = entries;
        this.relative = relative;
    }

    /** The words of both tables, not looked at yet. */
    static long[] entries(ElfBytes bytes, Segments segments, DynamicSection dynamic) throws ElfException {
        for (long tag :
                new long[] {DynamicSection.DT_REL, DynamicSection.DT_ANDROID_REL, DynamicSection.DT_ANDROID_RELA}) {
            if (dynamic.has(tag)) {
                throw bytes.bad(
                        tag == DynamicSection.DT_REL ? "DT_REL" : "DT_ANDROID_REL(A)",
                        "relocations of a form that the psABI does not have");
            }
        }
        dynamic.requireIfThere(DynamicSection.DT_RELAENT, "DT_RELAENT", ENTRY_BYTES);
        dynamic.requireIfThere(DynamicSection.DT_PLTREL, "DT_PLTREL", DynamicSection.DT_RELA);
        long[] rela = table(bytes, segments, dynamic, DynamicSection.DT_RELA, "DT_RELA", DynamicSection.DT_RELASZ);
        long[] plt = table(bytes, segments, dynamic, DynamicSection.DT_JMPREL, "DT_JMPREL", DynamicSection.DT_PLTRELSZ);
        long[] out = Arrays.copyOf(rela, rela.length + plt.length);
        System.arraycopy(plt, 0, out, rela.length, plt.length);
        return out;
    }

    private static long[] table(
            ElfBytes bytes, Segments segments, DynamicSection dynamic, int tag, String name, int sizeTag)
            throws ElfException {
        long count = dynamic.count(sizeTag, name, ENTRY_BYTES);
        if (count == 0) {
            return new long[0];
        }
        dynamic.require(tag, name);
        return bytes.longs(segments.fileOffset(dynamic.get(tag), dynamic.get(sizeTag), name), count * WORDS, name);
    }

    static Relocations of(ElfBytes bytes, Segments segments, DynamicSection dynamic, SymbolTable symbols)
            throws ElfException {
        long[] entries = entries(bytes, segments, dynamic);
        boolean text = dynamic.has(DynamicSection.DT_TEXTREL)
                || (dynamic.get(DynamicSection.DT_FLAGS) & DynamicSection.DF_TEXTREL) != 0;
        Segment in = segments.loads.getLast();
        RelocationType type = Objects.requireNonNull(segments.machine.relocation(0));
        for (int i = 0; i < entries.length; i += WORDS) {
            long info = entries[i + 1];
            if ((int) info != type.number()) {
                type = known(bytes, segments.machine, (int) info, i / WORDS);
            }
            if (type.operation() == RelocationType.Operation.NONE) {
                continue;
            }
            if (Integer.compareUnsigned((int) (info >>> 32), symbols.count()) >= 0) {
                throw bytes.bad(
                        "relocation " + i / WORDS + ": r_info",
                        "symbol " + (info >>> 32) + " is not one of " + symbols.count());
            }
            long place = entries[i];
            int width = type.width().bytes;
            if (!in.hasInFile(place, width)) {
                in = place(
                        bytes, segments, place, width, "relocation " + i / WORDS + " (" + type.name() + "): r_offset");
            }
            if (!text && !in.isWritable()) {
                throw bytes.bad(
                        "relocation " + i / WORDS + " (" + type.name() + "): r_offset",
                        "0x" + Long.toHexString(place) + " is not writable, and there is no DT_TEXTREL");
            }
        }
        return new Relocations(segments.machine, entries, relative(bytes, segments, dynamic));
    }

    private static RelocationType known(ElfBytes bytes, Machine machine, int number, int index) throws ElfException {
        RelocationType type = machine.relocation(number);
        String field = "relocation " + index + ": r_info";
        if (type == null) {
            throw bytes.bad(
                    field,
                    Integer.toUnsignedString(number) + " is no type of relocation that " + machine.name() + " has");
        }
        String refusal = type.refusal();
        if (refusal != null) {
            throw bytes.bad(field, type.name() + " is refused: " + refusal);
        }
        return type;
    }

    private static Segment place(ElfBytes bytes, Segments segments, long at, int width, String field)
            throws ElfException {
        for (Segment s : segments.loads) {
            if (s.hasInFile(at, width)) {
                return s;
            }
        }
        throw bytes.bad(field, "0x" + Long.toHexString(at) + " is in no segment that has it in the file");
    }

    /** DT_RELR: an even word is an address; an odd one says by its bits which of the 63 words that follow are relative too. */
    private static long[] relative(ElfBytes bytes, Segments segments, DynamicSection dynamic) throws ElfException {
        dynamic.requireIfThere(DynamicSection.DT_RELRENT, "DT_RELRENT", Long.BYTES);
        long count = dynamic.count(DynamicSection.DT_RELRSZ, "DT_RELRSZ", Long.BYTES);
        if (count == 0) {
            return new long[0];
        }
        long table = dynamic.require(DynamicSection.DT_RELR, "DT_RELR");
        long[] words = bytes.longs(segments.fileOffset(table, count * Long.BYTES, "DT_RELR"), count, "DT_RELR");
        Places places = new Places(bytes, segments);
        long next = 0;
        for (long word : words) {
            if ((word & 1) == 0) {
                places.add(word);
                next = word + Long.BYTES;
            } else {
                long at = next;
                for (long bits = word >>> 1; bits != 0; bits >>>= 1) {
                    if ((bits & 1) != 0) {
                        places.add(at);
                    }
                    at += Long.BYTES;
                }
                next += 63L * Long.BYTES;
            }
        }
        return Arrays.copyOf(places.found, places.count);
    }

    /** Places in ascending order, each in the file: so there are no more of them than the file has words. */
    private static final class Places {
        private final ElfBytes bytes;
        private final Segments segments;
        private Segment in;
        long[] found = new long[64];
        int count;

        Places(ElfBytes bytes, Segments segments) {
            this.bytes = bytes;
            this.segments = segments;
            in = segments.loads.getLast();
        }

        void add(long at) throws ElfException {
            if (!in.hasInFile(at, Long.BYTES)) {
                in = place(bytes, segments, at, Long.BYTES, "DT_RELR: place " + count);
            }
            if (!in.isWritable()) {
                throw bytes.bad("DT_RELR: place " + count, "0x" + Long.toHexString(at) + " is not writable");
            }
            if (count > 0 && at < found[count - 1] + Long.BYTES) {
                throw bytes.bad(
                        "DT_RELR: place " + count, "0x" + Long.toHexString(at) + " is not behind the one before");
            }
            if (count == found.length) {
                found = Arrays.copyOf(found, 2 * count);
            }
            found[count++] = at;
        }
    }

    /** The highest number of a symbol in the words of tables. */
    static long highestSymbol(long[] entries) {
        long highest = 0;
        for (int i = 1; i < entries.length; i += WORDS) {
            highest = Math.max(highest, entries[i] >>> 32);
        }
        return highest;
    }

    /** How many there are, those of DT_RELR not counted. */
    public int count() {
        return entries.length / WORDS;
    }

    /** The address of what is changed. */
    public long place(int relocation) {
        return entries[relocation * WORDS];
    }

    public RelocationType type(int relocation) {
        return Objects.requireNonNull(machine.relocation((int) entries[relocation * WORDS + 1]));
    }

    /** The symbol, 0 where there is none. */
    public int symbol(int relocation) {
        return (int) (entries[relocation * WORDS + 1] >>> 32);
    }

    public long addend(int relocation) {
        return entries[relocation * WORDS + 2];
    }

    /** Addresses of words that the object's own address is added to: those of DT_RELR. */
    public int relativeCount() {
        return relative.length;
    }

    public long relativePlace(int index) {
        return relative[index];
    }
}
