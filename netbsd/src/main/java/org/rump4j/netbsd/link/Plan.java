package org.rump4j.netbsd.link;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.elf.SymbolTable;

/**
 * Which components a kernel has, in which order, and what each of their symbols means. Has no addresses and does not change: any number of
 * kernels are linked by one, also by several threads.
 */
public final class Plan {
    /** What a symbol means that is the host's; the lower half is its number. */
    static final int HOST = -1;

    /** What a weak symbol means that nobody has. */
    static final int NOTHING = -2;

    private final List<Member> members;

    /** Places in {@link #members}. */
    private final int[] initOrder;

    private final List<String> notes;
    private final List<HostSymbol> hostSymbols;
    private final SymbolIndex index;

    /** Of each member, in the order of {@link #members}: by symbol, the member in the upper half and its symbol in the lower. */
    private final long[][] meanings;

    /** Of each member by the order in which it was found, its place in {@link #members}. */
    private final int[] places;

    Plan(
            List<Member> members,
            int[] initOrder,
            List<String> notes,
            List<HostSymbol> hostSymbols,
            SymbolIndex index,
            long[][] meanings,
            int[] places) {
        this.members = List.copyOf(members);
        this.initOrder = initOrder;
        this.notes = List.copyOf(notes);
        this.hostSymbols = List.copyOf(hostSymbols);
        this.index = index;
        this.meanings = meanings;
        this.places = places;
    }

    /**
     * A component of a kernel, and why it is one.
     *
     * @param component what it is
     * @param reason for a reader
     */
    public record Member(Component component, String reason) {}

    /**
     * A symbol that comes from the host.
     *
     * @param name its name
     * @param version of it, or null where any will do
     */
    public record HostSymbol(String name, @Nullable String version) {}

    /**
     * Plans a kernel of components that are named and of those which have the symbols that those need.
     *
     * @param names as {@link Catalogue#find} takes them
     * @param host asked which symbols it has, not for addresses
     * @throws LinkException where a component is not there, or symbols are not to be had: all of them at once
     * @throws ElfException where the file of a component cannot be linked
     */
    public static Plan of(Catalogue catalogue, List<String> names, LinkHost host) throws LinkException, ElfException {
        return new Planner(catalogue, host, true).plan(names);
    }

    /**
     * Plans a kernel of components that are named and no others.
     *
     * @throws LinkException also where a symbol is in another component, which it says
     * @throws ElfException where the file of a component cannot be linked
     */
    public static Plan ofOnly(Catalogue catalogue, List<String> names, LinkHost host)
            throws LinkException, ElfException {
        return new Planner(catalogue, host, false).plan(names);
    }

    /** All components in the order in which their definitions count: drivers, factions, the base. */
    public List<Member> members() {
        return members;
    }

    /** All components in the order in which they are initialized: who is needed before who needs it, the base first. */
    public List<Member> initOrder() {
        List<Member> out = new ArrayList<>();
        for (int place : initOrder) {
            out.add(members.get(place));
        }
        return out;
    }

    /** How many there are. */
    int count() {
        return initOrder.length;
    }

    /** The place in {@link #members} of the one that is initialized first, second … */
    int initPlace(int i) {
        return initOrder[i];
    }

    /** What a reader may want to know: symbols that several components have, and which was taken. */
    public List<String> notes() {
        return notes;
    }

    /** Which components there are, each with the reason, in the order of {@link #initOrder}; then the {@link #notes}. A line each. */
    public List<String> explanation() {
        List<String> out = new ArrayList<>();
        for (Member member : initOrder()) {
            out.add(member.component().name() + ": " + member.reason());
        }
        out.addAll(notes);
        return out;
    }

    /** What the host must have. */
    public List<HostSymbol> hostSymbols() {
        return hostSymbols;
    }

    /** How many bytes the variables of a thread have together, if the block of each component is at its {@link TlsBlock#offset}. */
    public long tlsBytes() {
        long end = 0;
        for (int i = 0; i < members.size(); i++) {
            Segment s = tls(i);
            if (s != null) {
                end = tlsOffset(i) + s.memoryBytes();
            }
        }
        return end;
    }

    /** What such memory must be aligned to: a power of two. */
    public long tlsAlign() {
        long align = 1;
        for (int i = 0; i < members.size(); i++) {
            Segment s = tls(i);
            if (s != null) {
                align = Math.max(align, s.align());
            }
        }
        return align;
    }

    /** Where the block of a member that has one is, behind those of the members before it. */
    long tlsOffset(int member) {
        long end = 0;
        for (int i = 0; i < member; i++) {
            Segment s = tls(i);
            if (s != null) {
                end = roundUp(end, s.align()) + s.memoryBytes();
            }
        }
        Segment own = tls(member);
        return own == null ? end : roundUp(end, own.align());
    }

    @Nullable
    Segment tls(int member) {
        return members.get(member).component().object().tls();
    }

    private static long roundUp(long value, long to) {
        return (value + to - 1) & -to;
    }

    /** By symbol of a member. */
    long[] meanings(int member) {
        return meanings[member];
    }

    /** What a name means to who looks for it from outside: a member and its symbol, or {@link #NOTHING}. */
    long meaning(String name) {
        for (int i = 0; i < members.size(); i++) {
            SymbolTable symbols = members.get(i).component().object().symbols();
            int symbol = symbols.find(name);
            if (symbol != 0) {
                int entry = index.entry(symbols, symbol);
                return entry < 0 ? pack(i, symbol) : pack(places[index.member(entry)], index.symbol(entry));
            }
        }
        return pack(NOTHING, 0);
    }

    static long pack(int member, int symbol) {
        return (long) member << 32 | symbol;
    }

    static int member(long meaning) {
        return (int) (meaning >> 32);
    }

    static int symbol(long meaning) {
        return (int) meaning;
    }
}
