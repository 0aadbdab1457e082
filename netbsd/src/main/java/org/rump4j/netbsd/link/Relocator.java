package org.rump4j.netbsd.link;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.RelocationType;
import org.rump4j.netbsd.elf.RelocationType.Operation;
import org.rump4j.netbsd.elf.RelocationType.Width;
import org.rump4j.netbsd.elf.Relocations;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.elf.SymbolTable;

/** Applies the relocations of one member of a plan to the arrays of its {@link Loader}. */
final class Relocator {
    private final List<Plan.Member> members;

    /** By member, as the next two. */
    private final SymbolTable[] tables;

    private final long[] biases;
    private final long[] hostAddresses;
    private final @Nullable TlsBlock[] blocks;
    private final LinkHost host;
    private final int member;
    private final SharedObject object;
    private final SymbolTable symbols;
    private final long[] meanings;
    private final Loader loader;

    /** Place and function of each word that is to be what the function returns. */
    private long[] indirect = new long[0];

    Relocator(
            Plan plan,
            int member,
            SymbolTable[] tables,
            Loader[] loaders,
            long[] hostAddresses,
            @Nullable TlsBlock[] blocks,
            LinkHost host) {
        members = plan.members();
        this.tables = tables;
        biases = new long[loaders.length];
        for (int i = 0; i < loaders.length; i++) {
            biases[i] = loaders[i].bias();
        }
        this.hostAddresses = hostAddresses;
        this.blocks = blocks;
        this.host = host;
        this.member = member;
        object = members.get(member).component().object();
        symbols = object.symbols();
        meanings = plan.meanings(member);
        loader = loaders[member];
    }

    void relocate(Relocations relocations) throws LinkException {
        long bias = loader.bias();
        int segment = 0;
        long begin = loader.addressOf(0);
        long[] words = loader.content(0);
        for (int i = 0; i < relocations.relativeCount(); i++) {
            long place = relocations.relativePlace(i);
            segment = loader.segmentOf(place);
            begin = loader.addressOf(segment);
            words = loader.content(segment);
            set64(words, place - begin, get64(words, place - begin) + bias);
        }
        int count = relocations.count();
        for (int i = 0; i < count; i++) {
            RelocationType type = relocations.type(i);
            if (type.operation() == Operation.NONE) {
                continue;
            }
            long place = relocations.place(i);
            if (place < begin || (place - begin) >>> 3 >= words.length) {
                segment = loader.segmentOf(place);
                begin = loader.addressOf(segment);
                words = loader.content(segment);
            }
            apply(words, place - begin, type, place, relocations.symbol(i), relocations.addend(i));
        }
    }

    private void apply(long[] words, long at, RelocationType type, long place, int symbol, long addend)
            throws LinkException {
        long value;
        switch (type.operation()) {
            case RELATIVE -> value = loader.bias() + addend;
            case ABSOLUTE -> {
                long address = address(symbol);
                if (isIndirect(symbol)) {
                    defer(type, place, address, addend);
                    return;
                }
                value = address + addend;
            }
            case PC_RELATIVE -> {
                if (isIndirect(symbol)) {
                    throw indirect(type, place);
                }
                value = address(symbol) + addend - (loader.bias() + place);
            }
            case SIZE -> value = size(symbol) + addend;
            case TLS_MODULE -> value = host.tlsModule(block(type, symbol));
            case TLS_OFFSET -> {
                block(type, symbol);
                value = tlsOffset(symbol) + addend;
            }
            case TLS_THREAD_OFFSET -> value = host.tlsThreadOffset(block(type, symbol)) + tlsOffset(symbol) + addend;
            case TLS_DESCRIPTOR -> {
                LinkHost.TlsDescriptor descriptor = host.tlsDescriptor(block(type, symbol), tlsOffset(symbol) + addend);
                set64(words, at, descriptor.function());
                set64(words, at + Long.BYTES, descriptor.argument());
                return;
            }
            case INDIRECT_RELATIVE -> {
                defer(type, place, loader.bias() + addend, 0);
                return;
            }
            default -> throw new IllegalStateException(type.name());
        }
        store(words, at, type, value, place, symbol);
    }

    private void store(long[] words, long at, RelocationType type, long value, long place, int symbol)
            throws LinkException {
        Width width = type.width();
        if (width == Width.WORD64) {
            set64(words, at, value);
            return;
        }
        if (!width.holds(value)) {
            throw new LinkException(object.file() + ": " + type.name() + " at 0x" + Long.toHexString(place) + ": 0x"
                    + Long.toHexString(value) + (symbol == 0 ? "" : ", for " + symbols.name(symbol) + ",")
                    + " does not fit into " + 8 * width.bytes + " bits");
        }
        long mask = (1L << (8 * width.bytes)) - 1;
        set(words, at, mask, value & mask);
    }

    private static long get64(long[] words, long at) {
        int i = (int) (at >>> 3);
        int shift = (int) (at & 7) * 8;
        return shift == 0 ? words[i] : (words[i] >>> shift) | (words[i + 1] << (64 - shift));
    }

    private static void set64(long[] words, long at, long value) {
        if ((at & 7) == 0) {
            words[(int) (at >>> 3)] = value;
        } else {
            set(words, at, -1, value);
        }
    }

    /** Stores the bits of a mask at a byte that need not be the first of a word. */
    private static void set(long[] words, long at, long mask, long value) {
        int i = (int) (at >>> 3);
        int shift = (int) (at & 7) * 8;
        words[i] = (words[i] & ~(mask << shift)) | (value << shift);
        if (shift != 0 && mask >>> (64 - shift) != 0) {
            words[i + 1] = (words[i + 1] & ~(mask >>> (64 - shift))) | (value >>> (64 - shift));
        }
    }

    // What symbols are

    private long address(int symbol) throws LinkException {
        long meaning = meanings[symbol];
        int of = Plan.member(meaning);
        if (of < 0) {
            return of == Plan.HOST ? hostAddresses[Plan.symbol(meaning)] : 0;
        }
        SymbolTable theirs = tables[of];
        int i = Plan.symbol(meaning);
        if (theirs.type(i) == SymbolTable.STT_TLS) {
            throw new LinkException(object.file() + ": " + theirs.name(i) + " is a variable of threads in "
                    + members.get(of).component().name() + ", and has no address");
        }
        return theirs.isAbsolute(i) ? theirs.value(i) : biases[of] + theirs.value(i);
    }

    private long size(int symbol) {
        long meaning = meanings[symbol];
        int of = Plan.member(meaning);
        return of >= 0 ? tables[of].size(Plan.symbol(meaning)) : symbols.size(symbol);
    }

    private boolean isIndirect(int symbol) {
        long meaning = meanings[symbol];
        int of = Plan.member(meaning);
        return of >= 0 && tables[of].type(Plan.symbol(meaning)) == SymbolTable.STT_GNU_IFUNC;
    }

    /** The block that a variable is in; the object's own where no symbol is named. */
    private TlsBlock block(RelocationType type, int symbol) throws LinkException {
        int of = symbol == 0 ? member : Plan.member(meanings[symbol]);
        if (symbol != 0 && (of < 0 || tables[of].type(Plan.symbol(meanings[symbol])) != SymbolTable.STT_TLS)) {
            throw new LinkException(
                    object.file() + ": " + type.name() + ": " + symbols.name(symbol) + " is no variable of threads");
        }
        TlsBlock block = blocks[of];
        if (block == null) {
            throw new LinkException(object.file() + ": " + type.name() + ": "
                    + members.get(of).component().name() + " has no PT_TLS");
        }
        return block;
    }

    private long tlsOffset(int symbol) {
        return symbol == 0 ? 0 : tables[Plan.member(meanings[symbol])].value(Plan.symbol(meanings[symbol]));
    }

    // Functions that say which function it is

    private void defer(RelocationType type, long place, long function, long addend) throws LinkException {
        if (type.width() != Width.WORD64 || addend != 0) {
            throw indirect(type, place);
        }
        int n = indirect.length;
        indirect = Arrays.copyOf(indirect, n + 2);
        indirect[n] = loader.bias() + place;
        indirect[n + 1] = function;
    }

    private LinkException indirect(RelocationType type, long place) {
        return new LinkException(object.file() + ": " + type.name() + " at 0x" + Long.toHexString(place)
                + " wants more than the address of a function that is chosen while it is linked");
    }

    /** Addresses of words, each followed by that of the function which says what the word is to be. */
    long[] indirect() {
        return indirect;
    }
}
