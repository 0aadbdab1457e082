package org.rump4j.netbsd.elf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of an object, by number; number 0 is no symbol. Source of the facts: gABI, "Symbol Table".
 *
 * <p>A symbol is three words of an array, as in the file: what is asked of it is taken out of them.
 */
public final class SymbolTable {
    public static final int STB_LOCAL = 0;
    public static final int STB_GLOBAL = 1;
    public static final int STB_WEAK = 2;

    public static final int STT_NOTYPE = 0;
    public static final int STT_OBJECT = 1;
    public static final int STT_FUNC = 2;
    public static final int STT_TLS = 6;
    public static final int STT_GNU_IFUNC = 10;

    public static final int STV_DEFAULT = 0;
    public static final int STV_PROTECTED = 3;

    static final int ENTRY_BYTES = 24;
    private static final int WORDS = 3;
    private static final int SHN_UNDEF = 0;
    private static final int SHN_ABS = 0xfff1;
    private static final int SHN_COMMON = 0xfff2;

    private final long[] entries;
    private final StringTable names;
    private final @Nullable SymbolHash hash;

    private SymbolTable(long[] entries, StringTable names, @Nullable SymbolHash hash) {
        this.entries = entries;
        this.names = names;
        this.hash = hash;
    }

    /**
     * Looks at each symbol once.
     *
     * @param limit no symbol that is defined has a higher address
     * @param hash null where nobody will search
     */
    static SymbolTable of(
            ElfBytes bytes,
            String table,
            long offset,
            long count,
            StringTable names,
            @Nullable SymbolHash hash,
            long limit)
            throws ElfException {
        long[] entries = bytes.longs(offset, count * WORDS, table);
        int nameBytes = names.bytes.length;
        for (int i = WORDS; i < entries.length; i += WORDS) {
            long head = entries[i];
            int name = (int) head;
            if (name < 0 || name >= nameBytes) {
                names.require(Integer.toUnsignedLong(name), table + ": symbol " + i / WORDS + ": st_name");
            }
            int section = (int) (head >>> 48);
            if (section == SHN_COMMON) {
                throw bytes.bad(
                        table + ": symbol " + i / WORDS + ": st_shndx",
                        "'" + names.get(name) + "' has no place: SHN_COMMON in a shared object");
            }
            if (section != SHN_UNDEF
                    && section != SHN_ABS
                    && Long.compareUnsigned(entries[i + 1], limit) > 0
                    && ((int) (head >>> 32) & 0xf) != STT_TLS) {
                throw bytes.bad(
                        table + ": symbol " + i / WORDS + ": st_value",
                        "'" + names.get(name) + "' is at 0x" + Long.toHexString(entries[i + 1])
                                + ", behind the end of the object");
            }
        }
        return new SymbolTable(entries, names, hash);
    }

    /** How many there are, with number 0. */
    public int count() {
        return entries.length / WORDS;
    }

    public String name(int symbol) {
        return names.get(nameOffset(symbol));
    }

    private int nameOffset(int symbol) {
        return (int) entries[symbol * WORDS];
    }

    /** One of STT_*. */
    public int type(int symbol) {
        return (int) (entries[symbol * WORDS] >>> 32) & 0xf;
    }

    /** One of STB_*. */
    public int binding(int symbol) {
        return (int) (entries[symbol * WORDS] >>> 36) & 0xf;
    }

    /** One of STV_*. */
    public int visibility(int symbol) {
        return (int) (entries[symbol * WORDS] >>> 40) & 3;
    }

    public boolean isDefined(int symbol) {
        return section(symbol) != SHN_UNDEF;
    }

    /** Whether its value does not move with the object. */
    public boolean isAbsolute(int symbol) {
        return section(symbol) == SHN_ABS;
    }

    private int section(int symbol) {
        return (int) (entries[symbol * WORDS] >>> 48);
    }

    /** Its address in the object; of a thread-local symbol, its offset in the block of the object. */
    public long value(int symbol) {
        return entries[symbol * WORDS + 1];
    }

    public long size(int symbol) {
        return entries[symbol * WORDS + 2];
    }

    /** Whether other objects can bind to it: it is defined, has a name, and is neither local nor hidden. */
    public boolean isExported(int symbol) {
        if (symbol == 0 || !isDefined(symbol) || binding(symbol) == STB_LOCAL) {
            return false;
        }
        int visibility = visibility(symbol);
        return visibility == STV_DEFAULT || visibility == STV_PROTECTED;
    }

    /** The hash of its name that a table of the symbols of many objects is made by. The same name has the same in all objects. */
    public int hash(int symbol) {
        // The lowest bit is not in the table of hashes, so nobody has it.
        int known = hash instanceof SymbolHash.Gnu gnu ? gnu.hashOf(symbol) : 0;
        return known != 0 ? known : SymbolHash.gnuHash(names.bytes, nameOffset(symbol)) | 1;
    }

    public boolean hasSameName(int symbol, SymbolTable other, int otherSymbol) {
        return StringTable.isSame(names.bytes, nameOffset(symbol), other.names.bytes, other.nameOffset(otherSymbol));
    }

    public boolean nameStartsWith(int symbol, byte[] prefix) {
        int at = nameOffset(symbol);
        byte[] bytes = names.bytes;
        for (int i = 0; i < prefix.length; i++) {
            // A name that is shorter ends with a zero, which no prefix has.
            if (bytes[at + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** The exported symbol of a name, or 0. */
    public int find(String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        byte[] terminated = Arrays.copyOf(wanted, wanted.length + 1);
        for (byte b : wanted) {
            if (b == 0) {
                return 0;
            }
        }
        return find(terminated, 0, SymbolHash.gnuHash(terminated, 0));
    }

    /** The exported symbol of the same name as that of another object, or 0. */
    public int find(SymbolTable other, int otherSymbol) {
        int name = other.nameOffset(otherSymbol);
        return find(other.names.bytes, name, SymbolHash.gnuHash(other.names.bytes, name));
    }

    private int find(byte[] wanted, int at, int gnu) {
        if (hash == null) {
            throw new IllegalStateException("this table is not searched by name");
        }
        int symbol = hash.first(wanted, at, gnu);
        while (symbol != 0) {
            if (isExported(symbol) && StringTable.isSame(names.bytes, nameOffset(symbol), wanted, at)) {
                return symbol;
            }
            symbol = hash.next(symbol, gnu);
        }
        return 0;
    }
}
