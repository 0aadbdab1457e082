package org.rump4j.netbsd.link;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.elf.SymbolTable;

/**
 * Gives addresses of a kernel their names. A component's symbols are sorted when one of its addresses is first asked for, local ones too
 * where it has not been stripped of them. Any number of threads may ask.
 */
public final class Symbolizer {
    private final LinkedImages images;

    /** By image; null until it is asked for. Two threads that make one make the same. */
    private final AtomicReferenceArray<@Nullable Names> names;

    public Symbolizer(LinkedImages images) {
        this.images = images;
        names = new AtomicReferenceArray<>(images.images().size());
    }

    /**
     * What is at an address.
     *
     * @param component the name of the component
     * @param symbol the function or variable, or null where none is known there
     * @param offset from the symbol, or from the first address of the object where there is no symbol
     */
    public record Location(String component, @Nullable String symbol, long offset) {
        /** {@code symbol+0xoffset (component)}, as backtraces have it. */
        @Override
        public String toString() {
            String hex = "+0x" + Long.toHexString(offset);
            return symbol == null ? component + hex : symbol + hex + " (" + component + ")";
        }
    }

    /** A function or variable in memory. */
    public record Symbol(String component, String name, long address, long bytes, boolean isCode) {}

    /** What is at an address, or null where it is in no component. */
    public @Nullable Location find(long address) {
        Image image = images.imageAt(address);
        if (image == null) {
            return null;
        }
        return names(image).find(image, address - image.bias());
    }

    /**
     * Where a function was called that will return to an address: what is before it, since the call can be a function's last instruction.
     */
    public @Nullable Location findCall(long returnAddress) {
        Location call = find(returnAddress - 1);
        return call == null ? null : new Location(call.component(), call.symbol(), call.offset() + 1);
    }

    /** What is at an address, in a word; the number where it is in no component. */
    public String describe(long address) {
        Location location = find(address);
        return location == null ? "0x" + Long.toHexString(address) : location.toString();
    }

    /**
     * A backtrace, a line a frame, as it is read in messages.
     *
     * @param first the address of the instruction that was the last to be run
     * @param returns return addresses of the functions that called, the innermost first
     */
    public String backtrace(long first, long[] returns) {
        StringBuilder out = new StringBuilder();
        frame(out, 0, first, find(first));
        for (int i = 0; i < returns.length; i++) {
            frame(out, i + 1, returns[i], findCall(returns[i]));
        }
        return out.toString();
    }

    /** As the other, where all addresses are ones to return to. */
    public String backtrace(long[] returns) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < returns.length; i++) {
            frame(out, i, returns[i], findCall(returns[i]));
        }
        return out.toString();
    }

    private static void frame(StringBuilder out, int number, long address, @Nullable Location location) {
        out.append(number < 10 ? " #" : "#").append(number).append(" 0x");
        String hex = Long.toHexString(address);
        for (int i = hex.length(); i < 12; i++) {
            out.append('0');
        }
        out.append(hex)
                .append(' ')
                .append(location == null ? "?" : location.toString())
                .append('\n');
    }

    /** Tells all functions and variables, component by component in ascending order of addresses. */
    public void forEach(Consumer<Symbol> action) {
        for (Image image : images.images()) {
            names(image).forEach(image, action);
        }
    }

    private Names names(Image image) {
        int i = images.indexOf(image);
        Names known = names.get(i);
        if (known == null) {
            known = new Names(image);
            names.set(i, known);
        }
        return known;
    }

    /** The symbols of one object that have an address, sorted by it. */
    private static final class Names {
        /** Below the address in a key is the number of the symbol. */
        private static final int NUMBER_BITS = 24;

        /**
         * What is further behind a symbol without a size, as hand-written code has, is something else: a procedure linkage table, for one.
         */
        private static final int UNSIZED_REACH_BYTES = 256;

        /** How many symbols that do not have an address are gone past, to find one that does. */
        private static final int MOST_NESTED = 64;

        private final SymbolTable symbols;
        private final long[] keys;

        Names(Image image) {
            symbols = symbols(image);
            long[] all = new long[symbols.count()];
            int n = 0;
            for (int i = 1; i < symbols.count() && i < 1 << NUMBER_BITS; i++) {
                if (isPlace(symbols, i) && image.component().object().segmentAt(symbols.value(i)) != null) {
                    all[n++] = symbols.value(i) << NUMBER_BITS | i;
                }
            }
            keys = Arrays.copyOf(all, n);
            Arrays.sort(keys);
        }

        private static SymbolTable symbols(Image image) {
            try {
                SymbolTable all = image.component().object().staticSymbols();
                if (all != null) {
                    return all;
                }
            } catch (ElfException e) {
                // Whoever wants to know where a kernel was does not want to hear of that.
            }
            return image.component().object().symbols();
        }

        private static boolean isPlace(SymbolTable symbols, int i) {
            int type = symbols.type(i);
            return symbols.isDefined(i)
                    && !symbols.isAbsolute(i)
                    && (type == SymbolTable.STT_FUNC
                            || type == SymbolTable.STT_OBJECT
                            || type == SymbolTable.STT_NOTYPE
                            || type == SymbolTable.STT_GNU_IFUNC)
                    && !symbols.name(i).isEmpty();
        }

        private long address(int index) {
            return keys[index] >>> NUMBER_BITS;
        }

        private int symbol(int index) {
            return (int) keys[index] & ((1 << NUMBER_BITS) - 1);
        }

        Location find(Image image, long address) {
            int low = 0;
            int high = keys.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (address(middle) <= address) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            // Labels within a function have no size: the function is further back.
            int best = 0;
            int unsized = 0;
            for (int i = low - 1; i >= 0 && i >= low - MOST_NESTED && best == 0; i--) {
                int s = symbol(i);
                if (symbols.size(s) > address - symbols.value(s)) {
                    best = better(i);
                } else if (symbols.size(s) == 0
                        && unsized == 0
                        && address - symbols.value(s) < UNSIZED_REACH_BYTES
                        && isSameSegment(image, symbols.value(s), address)) {
                    unsized = s;
                }
            }
            int found = best != 0 ? best : unsized;
            if (found == 0) {
                return new Location(image.component().name(), null, address);
            }
            return new Location(image.component().name(), symbols.name(found), address - symbols.value(found));
        }

        /** Of several names of one place a global one, and of those that which comes first in the table. */
        private int better(int index) {
            int best = symbol(index);
            for (int i = index - 1; i >= 0 && address(i) == address(index); i--) {
                int s = symbol(i);
                boolean global = symbols.binding(s) == SymbolTable.STB_GLOBAL;
                if (symbols.size(s) == symbols.size(best)
                        && (global || symbols.binding(best) != SymbolTable.STB_GLOBAL)) {
                    best = s;
                }
            }
            return best;
        }

        private static boolean isSameSegment(Image image, long a, long b) {
            Segment in = image.component().object().segmentAt(a);
            return in != null && in.contains(b, 1);
        }

        void forEach(Image image, Consumer<Symbol> action) {
            for (int i = 0; i < keys.length; i++) {
                int s = symbol(i);
                if (symbols.size(s) > 0) {
                    long address = image.bias() + symbols.value(s);
                    action.accept(new Symbol(
                            image.component().name(),
                            symbols.name(s),
                            address,
                            symbols.size(s),
                            image.isCode(address)));
                }
            }
        }
    }
}
