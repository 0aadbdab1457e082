package org.rump4j.netbsd.elf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shared object: what a file has to say to who wants to link it. All addresses are relative to where the object will be. It is read
 * once, can be linked any number of times, and does not change; what only some ask for is read when they do.
 */
public final class SharedObject {
    private final ElfBytes.Origin origin;
    private final Segments segments;
    private final DynamicSection dynamic;
    private final StringTable strings;
    private final SymbolTable symbols;
    private final SymbolVersions versions;
    private final @Nullable String soname;
    private final List<String> needed;
    private final long init;
    private final long fini;
    private final FunctionArray initArray;
    private final FunctionArray finiArray;
    private volatile @Nullable Relocations relocations;
    private volatile @Nullable List<LinkSet> linkSets;

    private SharedObject(ElfBytes.Origin origin, ElfBytes bytes) throws ElfException {
        this.origin = origin;
        segments = new Segments(bytes);
        dynamic = new DynamicSection(bytes, segments.dynamic);
        long names = dynamic.require(DynamicSection.DT_STRTAB, "DT_STRTAB");
        long nameBytes = dynamic.require(DynamicSection.DT_STRSZ, "DT_STRSZ");
        strings = new StringTable(bytes, segments.fileOffset(names, nameBytes, "DT_STRTAB"), nameBytes, "DT_STRTAB");
        symbols = readSymbols(bytes);
        versions = SymbolVersions.of(bytes, segments, dynamic, strings, symbols.count());
        soname = dynamic.has(DynamicSection.DT_SONAME)
                ? strings.get(dynamic.get(DynamicSection.DT_SONAME), "DT_SONAME")
                : null;
        List<String> libraries = new ArrayList<>();
        for (long offset : dynamic.needed()) {
            libraries.add(strings.get(offset, "DT_NEEDED"));
        }
        needed = List.copyOf(libraries);
        init = function(bytes, DynamicSection.DT_INIT, "DT_INIT");
        fini = function(bytes, DynamicSection.DT_FINI, "DT_FINI");
        // DT_PREINIT_ARRAY is for programs: the gABI has it ignored in shared objects.
        initArray = array(DynamicSection.DT_INIT_ARRAY, DynamicSection.DT_INIT_ARRAYSZ, "DT_INIT_ARRAY");
        finiArray = array(DynamicSection.DT_FINI_ARRAY, DynamicSection.DT_FINI_ARRAYSZ, "DT_FINI_ARRAY");
    }

    /**
     * Reads an object from a file.
     *
     * @throws ElfException where it cannot be read, or is none that can be linked
     */
    public static SharedObject read(Path path) throws ElfException {
        ElfBytes.Origin origin = ElfBytes.Origin.of(path);
        try (ElfBytes bytes = origin.open()) {
            return new SharedObject(origin, bytes);
        }
    }

    /**
     * Takes an object from memory.
     *
     * @param name what messages call it
     * @param content not to be changed afterwards
     * @throws ElfException where it is none that can be linked
     */
    public static SharedObject of(String name, byte[] content) throws ElfException {
        ElfBytes.Origin origin = ElfBytes.Origin.of(name, content);
        try (ElfBytes bytes = origin.open()) {
            return new SharedObject(origin, bytes);
        }
    }

    private SymbolTable readSymbols(ElfBytes bytes) throws ElfException {
        long table = dynamic.require(DynamicSection.DT_SYMTAB, "DT_SYMTAB");
        dynamic.requireIfThere(DynamicSection.DT_SYMENT, "DT_SYMENT", SymbolTable.ENTRY_BYTES);
        SymbolHash hash = SymbolHash.of(bytes, segments, dynamic);
        long count = countSymbols(bytes, hash);
        if (hash instanceof SymbolHash.Gnu gnu && gnu.symbolsEnd() > count && gnu.hasSymbols()) {
            throw bytes.bad(
                    "DT_GNU_HASH: chain", "it knows of " + gnu.symbolsEnd() + " symbols, and there are " + count);
        }
        long offset = segments.fileOffset(table, count * SymbolTable.ENTRY_BYTES, "DT_SYMTAB");
        return SymbolTable.of(bytes, "DT_SYMTAB", offset, count, strings, hash, symbolsEnd());
    }

    /** No symbol is further up. Those that linkers make for the end of an object are on a rounder address than its last byte. */
    private long symbolsEnd() {
        return Segments.roundUp(end(), align());
    }

    /**
     * An object does not say how many symbols it has. The old hash table does; the new one ends with them; where that is empty, since
     * nothing is exported, those are needed that relocations refer to.
     */
    private long countSymbols(ElfBytes bytes, SymbolHash hash) throws ElfException {
        if (dynamic.has(DynamicSection.DT_HASH)) {
            return Math.max(1, SymbolHash.Sysv.symbols(bytes, segments, dynamic.get(DynamicSection.DT_HASH)));
        }
        if (hash instanceof SymbolHash.Gnu gnu && gnu.hasSymbols()) {
            return gnu.symbolsEnd();
        }
        return 1 + Relocations.highestSymbol(Relocations.entries(bytes, segments, dynamic));
    }

    private long function(ElfBytes bytes, int tag, String name) throws ElfException {
        long address = dynamic.get(tag);
        if (address != 0) {
            Segment in = segments.load(address, 1);
            if (in == null || !in.isExecutable()) {
                throw bytes.bad(name, "0x" + Long.toHexString(address) + " is in no executable segment");
            }
        }
        return address;
    }

    private FunctionArray array(int tag, int sizeTag, String name) throws ElfException {
        long count = dynamic.count(sizeTag, name + "SZ", Long.BYTES);
        if (count == 0) {
            return FunctionArray.NONE;
        }
        long address = dynamic.require(tag, name);
        segments.fileOffset(address, count * Long.BYTES, name);
        return new FunctionArray(address, (int) count);
    }

    // What it is

    /** What messages call it: the path, where it has one. */
    public String file() {
        return origin.file;
    }

    /** Where it was read from, or null where it came from memory. */
    public @Nullable Path path() {
        return origin.path;
    }

    public Machine machine() {
        return segments.machine;
    }

    /** DT_SONAME, or null. */
    public @Nullable String soname() {
        return soname;
    }

    /** DT_NEEDED: the names of libraries that whoever linked it has named. */
    public List<String> needed() {
        return needed;
    }

    // Its place in memory

    /** What is loaded, in ascending order, no two on one page of 4096 bytes. None is writable and executable at once. */
    public List<Segment> segments() {
        return segments.loads;
    }

    /** What each thread has a copy of, or null. */
    public @Nullable Segment tls() {
        return segments.tls;
    }

    /** What is not written any more after relocation, or null. It may begin and end within a page. */
    public @Nullable Segment relro() {
        return segments.relro;
    }

    /** Where the index of its call frame information is (PT_GNU_EH_FRAME), in memory that is constant; null where there is none. */
    public @Nullable Segment ehFrame() {
        return segments.ehFrame;
    }

    /** The lowest address, rounded down to {@link #align}. */
    public long begin() {
        return segments.loads.getFirst().address() & -align();
    }

    /** The address behind the highest. */
    public long end() {
        return segments.loads.getLast().end();
    }

    /** What it must be moved by multiples of; a page of 4096 bytes at least. */
    public long align() {
        return segments.align();
    }

    /** Whether a range of addresses is in what is loaded, all of it in one segment. */
    public boolean isLoaded(long address, long bytes) {
        return segments.load(address, bytes) != null;
    }

    /** The segment that is loaded at an address, or null. */
    public @Nullable Segment segmentAt(long address) {
        return segments.load(address, 1);
    }

    /** Whether segments that are not writable have to be written while it is relocated. */
    public boolean hasTextRelocations() {
        return dynamic.has(DynamicSection.DT_TEXTREL) || hasFlag(DynamicSection.DF_TEXTREL);
    }

    /** Whether its references bind to its own definitions before others'. */
    public boolean isSymbolic() {
        return dynamic.has(DynamicSection.DT_SYMBOLIC) || hasFlag(DynamicSection.DF_SYMBOLIC);
    }

    /** Whether its thread-local variables must be at a fixed distance from the thread pointer. */
    public boolean usesStaticTls() {
        return hasFlag(DynamicSection.DF_STATIC_TLS);
    }

    private boolean hasFlag(long flag) {
        return (dynamic.get(DynamicSection.DT_FLAGS) & flag) != 0;
    }

    /**
     * The bytes of a segment that are in the file.
     *
     * @return words, of which the first has the segment's first byte; what the file has not is zero
     * @throws ElfException where the file cannot be read any more, or is another now
     */
    public long[] content(Segment segment) throws ElfException {
        try (ElfBytes bytes = origin.open()) {
            long words = segment.fileBytes() / Long.BYTES;
            long[] whole = bytes.longs(segment.fileOffset(), words, "PT_LOAD");
            int rest = (int) (segment.fileBytes() % Long.BYTES);
            if (rest == 0) {
                return whole;
            }
            long[] out = Arrays.copyOf(whole, whole.length + 1);
            byte[] tail = bytes.bytes(segment.fileOffset() + words * Long.BYTES, rest, "PT_LOAD");
            for (int i = 0; i < rest; i++) {
                out[whole.length] |= Byte.toUnsignedLong(tail[i]) << (8 * i);
            }
            return out;
        }
    }

    /**
     * Fails where the file is not the one any more that was read.
     *
     * @throws ElfException if so, or where it cannot be looked at
     */
    public void requireUnchanged() throws ElfException {
        origin.requireUnchanged();
    }

    // Symbols and relocations

    public SymbolTable symbols() {
        return symbols;
    }

    public SymbolVersions versions() {
        return versions;
    }

    /**
     * All relocations.
     *
     * @throws ElfException where one makes no sense, or cannot be done
     */
    public Relocations relocations() throws ElfException {
        Relocations known = relocations;
        if (known == null) {
            try (ElfBytes bytes = origin.open()) {
                known = Relocations.of(bytes, segments, dynamic, symbols);
            }
            relocations = known;
        }
        return known;
    }

    /**
     * The table of all symbols, for who wants names of local functions; it cannot be searched by name.
     *
     * @return null where the object has been stripped of it
     * @throws ElfException where it makes no sense
     */
    public @Nullable SymbolTable staticSymbols() throws ElfException {
        try (ElfBytes bytes = origin.open()) {
            Sections sections = Sections.of(bytes, segments);
            return sections == null ? null : sections.symtab(symbolsEnd());
        }
    }

    // What is called

    /** Where a program begins that is independent of its position; 0 where that is no code, as in most libraries. */
    public long entry() {
        Segment in = segments.load(segments.entry, 1);
        return in == null || !in.isExecutable() ? 0 : segments.entry;
    }

    /** DT_INIT, called before {@link #initArray}; 0 where there is none. */
    public long init() {
        return init;
    }

    /** DT_INIT_ARRAY, called in its order. */
    public FunctionArray initArray() {
        return initArray;
    }

    /** DT_FINI_ARRAY, called last to first. */
    public FunctionArray finiArray() {
        return finiArray;
    }

    /** DT_FINI, called after {@link #finiArray}; 0 where there is none. */
    public long fini() {
        return fini;
    }

    /**
     * All link sets: by their symbols, and those that nobody in the object refers to by the names of their sections.
     *
     * @throws ElfException where one is not within the object
     */
    public List<LinkSet> linkSets() throws ElfException {
        List<LinkSet> known = linkSets;
        if (known == null) {
            try (ElfBytes bytes = origin.open()) {
                known = List.copyOf(readLinkSets(bytes));
            }
            linkSets = known;
        }
        return known;
    }

    private List<LinkSet> readLinkSets(ElfBytes bytes) throws ElfException {
        List<LinkSet> out = new ArrayList<>();
        byte[] start = LinkSet.START.getBytes(StandardCharsets.US_ASCII);
        for (int i = 1; i < symbols.count(); i++) {
            if (symbols.isDefined(i) && symbols.nameStartsWith(i, start)) {
                String name = symbols.name(i).substring(LinkSet.START.length());
                out.add(linkSet(bytes, name, i));
            }
        }
        Sections sections = Sections.of(bytes, segments);
        if (sections != null) {
            for (LinkSet section : sections.named(LinkSet.SECTION, segments)) {
                if (!hasLinkSet(out, section.name())) {
                    out.add(section);
                }
            }
        }
        return out;
    }

    private static boolean hasLinkSet(List<LinkSet> among, String name) {
        for (LinkSet set : among) {
            if (set.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private LinkSet linkSet(ElfBytes bytes, String name, int start) throws ElfException {
        String field = "DT_SYMTAB: " + LinkSet.START + name;
        for (int i = 1; i < symbols.count(); i++) {
            if (symbols.isDefined(i) && symbols.name(i).equals(LinkSet.STOP + name)) {
                long size = symbols.value(i) - symbols.value(start);
                if (size < 0 || size % Long.BYTES != 0 || (size > 0 && !isLoaded(symbols.value(start), size))) {
                    throw bytes.bad(
                            field, "from there to " + LinkSet.STOP + name + " is no array of pointers in a segment");
                }
                return new LinkSet(name, symbols.value(start), size, symbols.isExported(start));
            }
        }
        throw bytes.bad(field, "there is no " + LinkSet.STOP + name);
    }

    @Override
    public String toString() {
        return file();
    }
}
