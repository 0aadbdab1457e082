package org.rump4j.netbsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A shared object made byte by byte, so that tests need no compiler, and can say where in the file each field is. Addresses are offsets in
 * the file: first all tables, which are read-only; then code; then the dynamic section and data. What the file has no bytes for follows
 * the data.
 */
public final class ObjectFile {
    public static final int X86_64 = 62;
    public static final int AARCH64 = 183;

    public static final int TEXT = 0x2000;
    public static final int DYNAMIC = 0x3000;
    public static final int DATA = 0x3200;
    public static final int END = 0x4000;

    public static final int LOCAL = 0;
    public static final int GLOBAL = 1;
    public static final int WEAK = 2;
    public static final int NOTYPE = 0;
    public static final int OBJECT = 1;
    public static final int FUNC = 2;
    public static final int TLS = 6;
    public static final int IFUNC = 10;
    public static final int DEFAULT = 0;
    public static final int HIDDEN = 2;
    public static final int PROTECTED = 3;

    private static final int UNDEFINED = 0;
    private static final int ABSOLUTE = 0xfff1;
    private static final int SOMEWHERE = 5;
    private static final int PAGE = 0x1000;

    /** Which hash tables there are. */
    public enum Hash {
        GNU,
        SYSV,
        BOTH
    }

    /** A symbol; what number it gets is known when the file is made. */
    public static final class Symbol {
        final String name;
        final int section;
        final long value;
        public int binding = GLOBAL;
        public int type = NOTYPE;
        public int visibility = DEFAULT;
        public long size;
        public @Nullable String version;
        public boolean hiddenVersion;
        public int number;

        private Symbol(String name, int section, long value) {
            this.name = name;
            this.section = section;
            this.value = value;
        }

        public Symbol binding(int is) {
            binding = is;
            return this;
        }

        public Symbol type(int is) {
            type = is;
            return this;
        }

        public Symbol visibility(int is) {
            visibility = is;
            return this;
        }

        public Symbol size(long is) {
            size = is;
            return this;
        }

        public Symbol version(String is, boolean hidden) {
            version = is;
            hiddenVersion = hidden;
            return this;
        }

        boolean isDefined() {
            return section != UNDEFINED;
        }
    }

    private record Relocation(
            long place, int type, @Nullable Symbol symbol, long addend) {}

    private record Segment(int type, int flags, long at, long fileBytes, long memoryBytes, long align) {}

    private final int machine;
    private final List<Symbol> symbols = new ArrayList<>();
    private final List<Relocation> relocations = new ArrayList<>();
    private final List<Relocation> jumpSlots = new ArrayList<>();
    private final List<long[]> tags = new ArrayList<>();
    private final List<String> needed = new ArrayList<>();
    private final ByteBuffer text = little(DYNAMIC - TEXT);
    private final ByteBuffer data = little(END - DATA);
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private @Nullable String soname;
    private long[] relr = {};
    private Hash hash = Hash.GNU;
    private long bssBytes;
    private long relroBytes;
    private long @Nullable [] tls;
    private boolean sections = true;

    public ObjectFile(int machine) {
        this.machine = machine;
    }

    public static ObjectFile x86_64() {
        return new ObjectFile(X86_64);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    // What is in it

    public ObjectFile hash(Hash is) {
        hash = is;
        return this;
    }

    public ObjectFile soname(String is) {
        soname = is;
        return this;
    }

    public ObjectFile needs(String library) {
        needed.add(library);
        return this;
    }

    public ObjectFile bss(long bytes) {
        bssBytes = bytes;
        return this;
    }

    /** What of the dynamic section and the data is read-only after relocation. */
    public ObjectFile relro(long bytes) {
        relroBytes = bytes;
        return this;
    }

    public ObjectFile tls(long address, long fileBytes, long memoryBytes, long align) {
        tls = new long[] {address, fileBytes, memoryBytes, align};
        return this;
    }

    public ObjectFile relr(long... words) {
        relr = words;
        return this;
    }

    /** Without section headers and the table of all symbols, as after {@code strip --strip-section-headers}. */
    public ObjectFile stripped() {
        sections = false;
        return this;
    }

    /** Adds to the dynamic section. */
    public ObjectFile tag(long tag, long value) {
        tags.add(new long[] {tag, value});
        return this;
    }

    /** Appends code; returns its address. */
    public long code(int... bytes) {
        long at = (long) TEXT + text.position();
        for (int b : bytes) {
            text.put((byte) b);
        }
        while (text.position() % 16 != 0) {
            text.put((byte) 0x90);
        }
        return at;
    }

    /** Appends words of data; returns their address. */
    public long words(long... words) {
        long at = (long) DATA + data.position();
        for (long word : words) {
            data.putLong(word);
        }
        return at;
    }

    /** A symbol that somebody else has. */
    public Symbol undefined(String name) {
        return add(new Symbol(name, UNDEFINED, 0));
    }

    public Symbol symbol(String name, long address) {
        return add(new Symbol(name, SOMEWHERE, address));
    }

    public Symbol absolute(String name, long value) {
        return add(new Symbol(name, ABSOLUTE, value));
    }

    public Symbol common(String name) {
        return add(new Symbol(name, 0xfff2, 8));
    }

    private Symbol add(Symbol symbol) {
        symbols.add(symbol);
        return symbol;
    }

    public ObjectFile relocate(long place, int type, @Nullable Symbol symbol, long addend) {
        relocations.add(new Relocation(place, type, symbol, addend));
        return this;
    }

    public ObjectFile jumpSlot(long place, int type, Symbol symbol) {
        jumpSlots.add(new Relocation(place, type, symbol, 0));
        return this;
    }

    // The file

    /** Where in the file a table or a field is that {@link #build} has made. */
    public int at(String place) {
        Integer at = places.get(place);
        if (at == null) {
            throw new IllegalArgumentException(place + " is none of " + places.keySet());
        }
        return at;
    }

    public byte[] build() {
        places.clear();
        ByteBuffer out = little(0x8000);
        Strings strings = new Strings();
        List<Symbol> order = order();
        ByteBuffer names = strings.of(order, needed, soname);
        List<long[]> dynamic = new ArrayList<>();
        out.position(64 + 6 * 56);

        if (hash != Hash.SYSV) {
            put(out, dynamic, "DT_GNU_HASH", 0x6ffffef5L, gnuHash(order));
        }
        if (hash != Hash.GNU) {
            put(out, dynamic, "DT_HASH", 4, sysvHash(order));
        }
        put(out, dynamic, "DT_SYMTAB", 6, symtab(order, strings));
        put(out, dynamic, "DT_STRTAB", 5, names);
        dynamic.add(new long[] {10, names.capacity()});
        dynamic.add(new long[] {11, 24});
        versions(out, dynamic, order, strings);
        table(out, dynamic, "DT_RELA", 7, 8, relocations);
        if (!relocations.isEmpty()) {
            dynamic.add(new long[] {9, 24});
        }
        table(out, dynamic, "DT_JMPREL", 23, 2, jumpSlots);
        if (!jumpSlots.isEmpty()) {
            dynamic.add(new long[] {20, 7});
        }
        if (relr.length > 0) {
            ByteBuffer table = little(8 * relr.length);
            table.asLongBuffer().put(relr);
            put(out, dynamic, "DT_RELR", 36, table);
            dynamic.add(new long[] {35, 8L * relr.length});
            dynamic.add(new long[] {37, 8});
        }
        int tables = out.position();
        require(tables <= TEXT, "tables");
        for (String library : needed) {
            dynamic.add(new long[] {1, strings.at(library)});
        }
        if (soname != null) {
            dynamic.add(new long[] {14, strings.at(soname)});
        }
        dynamic.addAll(tags);
        dynamic.add(new long[] {0, 0});
        require(dynamic.size() * 16 <= DATA - DYNAMIC, "dynamic section");
        for (int i = 0; i < dynamic.size(); i++) {
            places.put("tag " + dynamic.get(i)[0], DYNAMIC + 16 * i);
            out.putLong(DYNAMIC + 16 * i, dynamic.get(i)[0]).putLong(DYNAMIC + 16 * i + 8, dynamic.get(i)[1]);
        }
        out.put(TEXT, text, 0, text.position());
        out.put(DATA, data, 0, data.position());
        int end = DATA + data.position();

        List<Segment> segments = new ArrayList<>();
        segments.add(new Segment(1, 4, 0, tables, tables, PAGE));
        segments.add(new Segment(1, 5, TEXT, Math.max(1, text.position()), Math.max(1, text.position()), PAGE));
        segments.add(new Segment(1, 6, DYNAMIC, end - DYNAMIC, end - DYNAMIC + bssBytes, PAGE));
        segments.add(new Segment(2, 6, DYNAMIC, dynamic.size() * 16L, dynamic.size() * 16L, 8));
        if (tls != null) {
            segments.add(new Segment(7, 4, tls[0], tls[1], tls[2], tls[3]));
        }
        if (relroBytes > 0) {
            segments.add(new Segment(0x6474e552, 4, DYNAMIC, relroBytes, relroBytes, 1));
        }
        header(out, segments);
        int size = sections ? sections(out, end, order, names) : end;
        byte[] file = new byte[size];
        out.get(0, file);
        return file;
    }

    private static void require(boolean fits, String what) {
        if (!fits) {
            throw new IllegalStateException("there is no room for the " + what);
        }
    }

    private void put(ByteBuffer out, List<long[]> dynamic, String name, long tag, ByteBuffer table) {
        while (out.position() % 8 != 0) {
            out.put((byte) 0);
        }
        places.put(name, out.position());
        dynamic.add(new long[] {tag, out.position()});
        out.put(table.rewind());
    }

    private void header(ByteBuffer out, List<Segment> segments) {
        out.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1);
        out.putShort(16, (short) 3).putShort(18, (short) machine).putInt(20, 1);
        out.putLong(32, 64).putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) segments.size());
        out.putShort(58, (short) 64);
        for (int i = 0; i < segments.size(); i++) {
            Segment s = segments.get(i);
            int at = 64 + 56 * i;
            places.put("segment " + i, at);
            out.putInt(at, s.type())
                    .putInt(at + 4, s.flags())
                    .putLong(at + 8, s.at())
                    .putLong(at + 16, s.at());
            out.putLong(at + 32, s.fileBytes())
                    .putLong(at + 40, s.memoryBytes())
                    .putLong(at + 48, s.align());
        }
    }

    /** Number zero, local symbols, undefined ones, and the others by the bucket of the GNU hash table. */
    private List<Symbol> order() {
        List<Symbol> out = new ArrayList<>();
        out.add(new Symbol("", UNDEFINED, 0));
        out.getFirst().binding = LOCAL;
        List<Symbol> rest = new ArrayList<>(symbols);
        rest.sort(Comparator.comparingInt((Symbol s) -> s.binding == LOCAL ? 0 : s.isDefined() ? 2 : 1)
                .thenComparingLong(s -> s.isDefined() ? gnuHash(s.name) % buckets() : 0));
        out.addAll(rest);
        for (int i = 0; i < out.size(); i++) {
            out.get(i).number = i;
        }
        return out;
    }

    private int buckets() {
        return Math.max(1, hashed().size() / 2);
    }

    private List<Symbol> hashed() {
        return symbols.stream().filter(s -> s.isDefined() && s.binding != LOCAL).toList();
    }

    private static long gnuHash(String name) {
        long h = 5381;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            h = (h * 33 + (b & 0xff)) & 0xffff_ffffL;
        }
        return h;
    }

    private ByteBuffer gnuHash(List<Symbol> order) {
        List<Symbol> hashed =
                order.stream().filter(s -> s.isDefined() && s.binding != LOCAL).toList();
        int buckets = buckets();
        // An empty table does not know where symbols would begin: that is one of GNU ld.
        int first = hashed.isEmpty() ? 1 : hashed.getFirst().number;
        ByteBuffer out = little(16 + 8 + 4 * buckets + 4 * hashed.size());
        out.putInt(buckets).putInt(first).putInt(1).putInt(6);
        long bloom = 0;
        int[] begin = new int[buckets];
        for (Symbol s : hashed) {
            long h = gnuHash(s.name);
            bloom |= 1L << (h % 64) | 1L << ((h >>> 6) % 64);
            int bucket = (int) (h % buckets);
            begin[bucket] = begin[bucket] == 0 ? s.number : begin[bucket];
        }
        out.putLong(bloom);
        for (int b : begin) {
            out.putInt(b);
        }
        for (int i = 0; i < hashed.size(); i++) {
            long h = gnuHash(hashed.get(i).name);
            boolean last = i + 1 == hashed.size() || gnuHash(hashed.get(i + 1).name) % buckets != h % buckets;
            out.putInt((int) (h & ~1L) | (last ? 1 : 0));
        }
        return out;
    }

    private static ByteBuffer sysvHash(List<Symbol> order) {
        int buckets = 3;
        ByteBuffer out = little(8 + 4 * buckets + 4 * order.size());
        int[] begin = new int[buckets];
        int[] chain = new int[order.size()];
        for (Symbol s : order) {
            if (s.number == 0 || !s.isDefined()) {
                continue;
            }
            long h = 0;
            for (byte b : s.name.getBytes(StandardCharsets.UTF_8)) {
                h = (h << 4) + (b & 0xff);
                long high = h & 0xf000_0000L;
                h ^= high >>> 24;
                h &= ~high & 0xffff_ffffL;
            }
            chain[s.number] = begin[(int) (h % buckets)];
            begin[(int) (h % buckets)] = s.number;
        }
        out.putInt(buckets).putInt(order.size());
        out.asIntBuffer().put(begin).put(chain);
        return out;
    }

    private static ByteBuffer symtab(List<Symbol> order, Strings strings) {
        ByteBuffer out = little(24 * order.size());
        for (Symbol s : order) {
            out.putInt(strings.at(s.name)).put((byte) (s.binding << 4 | s.type)).put((byte) s.visibility);
            out.putShort((short) s.section).putLong(s.value).putLong(s.size);
        }
        return out;
    }

    private void versions(ByteBuffer out, List<long[]> dynamic, List<Symbol> order, Strings strings) {
        List<String> defined = versions(order, true);
        List<String> wanted = versions(order, false);
        if (defined.isEmpty() && wanted.isEmpty()) {
            return;
        }
        ByteBuffer versym = little(2 * order.size());
        for (Symbol s : order) {
            int index = s.binding == LOCAL ? 0 : 1;
            if (s.version != null) {
                index = s.isDefined() ? 2 + defined.indexOf(s.version) : 2 + defined.size() + wanted.indexOf(s.version);
            }
            versym.putShort((short) (index | (s.hiddenVersion ? 0x8000 : 0)));
        }
        put(out, dynamic, "DT_VERSYM", 0x6ffffff0L, versym);
        if (!defined.isEmpty()) {
            ByteBuffer verdef = little(28 * defined.size());
            for (int i = 0; i < defined.size(); i++) {
                verdef.putShort((short) 1)
                        .putShort((short) 0)
                        .putShort((short) (2 + i))
                        .putShort((short) 1);
                verdef.putInt(0).putInt(20).putInt(i + 1 < defined.size() ? 28 : 0);
                verdef.putInt(strings.at(defined.get(i))).putInt(0);
            }
            put(out, dynamic, "DT_VERDEF", 0x6ffffffcL, verdef);
            dynamic.add(new long[] {0x6ffffffdL, defined.size()});
        }
        if (!wanted.isEmpty()) {
            ByteBuffer verneed = little(16 + 16 * wanted.size());
            verneed.putShort((short) 1).putShort((short) wanted.size()).putInt(strings.at("libother.so"));
            verneed.putInt(16).putInt(0);
            for (int i = 0; i < wanted.size(); i++) {
                verneed.putInt(0).putShort((short) 0).putShort((short) (2 + defined.size() + i));
                verneed.putInt(strings.at(wanted.get(i))).putInt(i + 1 < wanted.size() ? 16 : 0);
            }
            put(out, dynamic, "DT_VERNEED", 0x6ffffffeL, verneed);
            dynamic.add(new long[] {0x6fffffffL, 1});
        }
    }

    private static List<String> versions(List<Symbol> order, boolean defined) {
        List<String> out = new ArrayList<>();
        for (Symbol s : order) {
            if (s.version != null && s.isDefined() == defined && !out.contains(s.version)) {
                out.add(s.version);
            }
        }
        return out;
    }

    private void table(
            ByteBuffer out, List<long[]> dynamic, String name, int tag, int sizeTag, List<Relocation> relocations) {
        if (relocations.isEmpty()) {
            return;
        }
        ByteBuffer table = little(24 * relocations.size());
        for (Relocation r : relocations) {
            table.putLong(r.place()).putInt(r.type()).putInt(r.symbol() == null ? 0 : r.symbol().number);
            table.putLong(r.addend());
        }
        put(out, dynamic, name, tag, table);
        dynamic.add(new long[] {sizeTag, 24L * relocations.size()});
    }

    /** Nothing, the names of sections, the table of all symbols, and its names. */
    private int sections(ByteBuffer out, int end, List<Symbol> order, ByteBuffer names) {
        int at = (end + 7) & -8;
        byte[] own = "\0.shstrtab\0.symtab\0.strtab\0".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer symtab = symtab(order, new Strings(order, needed, soname));
        int strings = at + symtab.capacity();
        int ownAt = strings + names.capacity();
        int headers = (ownAt + own.length + 7) & -8;
        out.put(at, symtab, 0, symtab.capacity())
                .put(strings, names, 0, names.capacity())
                .put(ownAt, own);
        places.put(".symtab", at);
        places.put("sections", headers);
        section(out, headers + 64, 1, 3, ownAt, own.length, 0);
        section(out, headers + 128, 11, 2, at, symtab.capacity(), 3);
        section(out, headers + 192, 19, 3, strings, names.capacity(), 0);
        out.putLong(40, headers).putShort(60, (short) 4).putShort(62, (short) 1);
        return headers + 4 * 64;
    }

    private static void section(ByteBuffer out, int at, int name, int type, int offset, int size, int link) {
        out.putInt(at, name)
                .putInt(at + 4, type)
                .putLong(at + 24, offset)
                .putLong(at + 32, size)
                .putInt(at + 40, link);
    }

    /** Names, each once. */
    private static final class Strings {
        private final Map<String, Integer> offsets = new LinkedHashMap<>();
        private int end = 1;

        Strings() {}

        Strings(List<Symbol> order, List<String> libraries, @Nullable String soname) {
            of(order, libraries, soname);
        }

        ByteBuffer of(List<Symbol> order, List<String> libraries, @Nullable String soname) {
            offsets.put("", 0);
            add("libother.so");
            for (Symbol s : order) {
                add(s.name);
                if (s.version != null) {
                    add(s.version);
                }
            }
            libraries.forEach(this::add);
            if (soname != null) {
                add(soname);
            }
            ByteBuffer out = little(end);
            offsets.forEach((name, at) -> out.put(at, name.getBytes(StandardCharsets.UTF_8)));
            return out;
        }

        private void add(String name) {
            if (!offsets.containsKey(name)) {
                offsets.put(name, end);
                end += name.getBytes(StandardCharsets.UTF_8).length + 1;
            }
        }

        int at(String name) {
            Integer at = offsets.get(name);
            if (at == null) {
                throw new IllegalStateException(name);
            }
            return at;
        }
    }
}
