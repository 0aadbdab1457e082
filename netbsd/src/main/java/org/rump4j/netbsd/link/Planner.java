package org.rump4j.netbsd.link;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.elf.SymbolTable;
import org.rump4j.netbsd.elf.SymbolVersions;
import org.rump4j.netbsd.link.Component.Rank;
import org.rump4j.netbsd.link.LinkException.Undefined;
import org.rump4j.netbsd.link.Plan.HostSymbol;
import org.rump4j.netbsd.link.Plan.Member;

/** Makes a {@link Plan}. Members are numbered as they are found, until all are there and can be put in order. */
final class Planner {
    private static final byte[] START = {'_', '_', 's', 't', 'a', 'r', 't', '_'};
    private static final byte[] STOP = {'_', '_', 's', 't', 'o', 'p', '_'};

    private final Catalogue catalogue;
    private final LinkHost host;
    private final boolean complete;
    private final List<Member> found = new ArrayList<>();
    private final SymbolIndex index = new SymbolIndex();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Map<String, Integer> hostNumbers = new HashMap<>();
    private final List<HostSymbol> hostSymbols = new ArrayList<>();
    private final Map<String, Undefined> undefined = new LinkedHashMap<>();

    /** What the host has in place of a definition, by entry of the index. */
    private final Map<Integer, String> overridden = new HashMap<>();

    Planner(Catalogue catalogue, LinkHost host, boolean complete) {
        this.catalogue = catalogue;
        this.host = host;
        this.complete = complete;
    }

    Plan plan(List<String> names) throws LinkException, ElfException {
        for (String name : names) {
            for (Component component : catalogue.find(name)) {
                add(component, "named");
            }
        }
        return plan();
    }

    /** Plans for one component that is in no catalogue. */
    Plan plan(Component component) throws LinkException {
        add(component, "named");
        return plan();
    }

    private Plan plan() throws LinkException {
        if (found.isEmpty()) {
            throw new LinkException("no component is named");
        }
        if (complete) {
            for (int i = 0; i < found.size(); i++) {
                addWhatIsNeededBy(found.get(i).component());
            }
        }
        int[] order = linkOrder();
        int[] places = new int[order.length];
        List<Member> members = new ArrayList<>();
        for (int place = 0; place < order.length; place++) {
            places[order[place]] = place;
            members.add(found.get(order[place]));
        }
        chooseDefinitions(places);
        findOverridden();
        long[][] meanings = new long[order.length][];
        boolean[][] needs = new boolean[order.length][order.length];
        for (int place = 0; place < order.length; place++) {
            meanings[place] = meanings(members.get(place).component(), place, places, needs[place]);
        }
        if (!undefined.isEmpty()) {
            throw new LinkException(new ArrayList<>(undefined.values()));
        }
        return new Plan(members, initOrder(members, needs), List.copyOf(notes), hostSymbols, index, meanings, places);
    }

    // Which components

    private void add(Component component, String reason) throws LinkException {
        for (Member m : found) {
            if (m.component().name().equals(component.name())) {
                if (m.component().object() != component.object()) {
                    throw new LinkException(component.name() + ": there are two, "
                            + m.component().object().file() + " and "
                            + component.object().file());
                }
                return;
            }
            if (m.component().object().machine() != component.object().machine()) {
                throw new LinkException(component.object().file() + ": is for "
                        + component.object().machine() + ", and "
                        + m.component().object().file() + " is for "
                        + m.component().object().machine());
            }
        }
        found.add(new Member(component, reason));
        index.add(component.object().symbols(), hiddenVersions(component.object()));
    }

    /** Only who asks for their version has these. */
    private static boolean[] hiddenVersions(SharedObject object) {
        boolean[] out = new boolean[object.symbols().count()];
        SymbolVersions versions = object.versions();
        if (versions.definesVersions()) {
            for (int i = 1; i < out.length; i++) {
                out[i] = versions.isHidden(i);
            }
        }
        return out;
    }

    private void addWhatIsNeededBy(Component component) throws LinkException {
        SymbolTable symbols = component.object().symbols();
        for (int i = 1; i < symbols.count(); i++) {
            if (!Component.isNeed(symbols, i) || index.entry(symbols, i) >= 0 || host.has(symbols.name(i))) {
                continue;
            }
            List<Component> suppliers = catalogue.suppliers(component.name(), symbols, i, notes);
            if (!suppliers.isEmpty()) {
                Component chosen = choose(suppliers, component, i);
                add(chosen, component.name() + " needs " + symbols.name(i));
            }
        }
    }

    /**
     * Of several that have a symbol: who has it in earnest rather than weakly; the base or a faction, which comes sorted out; whom the
     * needer's own linker named; who has most of what the needer lacks; the first by name.
     */
    private Component choose(List<Component> suppliers, Component needer, int symbol) {
        if (suppliers.size() == 1) {
            return suppliers.getFirst();
        }
        SymbolTable symbols = needer.object().symbols();
        Component best = suppliers.getFirst();
        long bestScore = -1;
        StringBuilder all = new StringBuilder();
        for (Component candidate : suppliers) {
            SymbolTable theirs = candidate.object().symbols();
            boolean strong = theirs.binding(theirs.find(symbols, symbol)) != SymbolTable.STB_WEAK;
            String soname = candidate.object().soname();
            boolean named = soname != null && needer.object().needed().contains(soname);
            long score = (strong ? 1L << 40 : 0) + (named ? 1L << 39 : 0) + lacking(needer, candidate);
            if (score > bestScore) {
                bestScore = score;
                best = candidate;
            }
            all.append(all.isEmpty() ? "" : ", ").append(candidate.name());
        }
        notes.add(symbols.name(symbol) + ", which " + needer.name() + " needs, is in " + all + ": " + best.name()
                + " was taken; name another to have that");
        return best;
    }

    /** How many symbols that somebody lacks another has. */
    private int lacking(Component needer, Component candidate) {
        SymbolTable symbols = needer.object().symbols();
        int count = 0;
        for (int i = 1; i < symbols.count(); i++) {
            if (Component.isNeed(symbols, i)
                    && index.entry(symbols, i) < 0
                    && candidate.object().symbols().find(symbols, i) != 0) {
                count++;
            }
        }
        return count;
    }

    // In which order

    /** Drivers, factions, the base; and among those as they were found, so that who needs something comes before who was found for it. */
    private int[] linkOrder() {
        int[] out = new int[found.size()];
        int n = 0;
        for (Rank rank : Rank.values()) {
            for (int i = 0; i < found.size(); i++) {
                if (found.get(i).component().rank() == rank) {
                    out[n++] = i;
                }
            }
        }
        return out;
    }

    /** Places: the base, factions, drivers; among those of a rank who is needed comes first. */
    private static int[] initOrder(List<Member> members, boolean[][] needs) {
        int[] out = new int[members.size()];
        boolean[] done = new boolean[out.length];
        int n = 0;
        for (int place = out.length - 1; place >= 0; place--) {
            n = visit(place, members, needs, done, out, n);
        }
        return out;
    }

    private static int visit(int place, List<Member> members, boolean[][] needs, boolean[] done, int[] out, int count) {
        if (done[place]) {
            return count;
        }
        done[place] = true;
        int n = count;
        Rank rank = members.get(place).component().rank();
        for (int other = done.length - 1; other >= 0; other--) {
            // A base that names its drivers weakly is not to wait for them.
            if (needs[place][other] && members.get(other).component().rank() == rank) {
                n = visit(other, members, needs, done, out, n);
            }
        }
        out[n] = place;
        return n + 1;
    }

    // What symbols mean

    private void chooseDefinitions(int[] places) {
        for (int d = 0; d < index.duplicates(); d++) {
            int entry = index.duplicateEntry(d);
            boolean weak = isWeak(index.member(entry), index.symbol(entry));
            boolean otherWeak = isWeak(index.duplicateMember(d), index.duplicateSymbol(d));
            boolean earlier = places[index.duplicateMember(d)] < places[index.member(entry)];
            if (weak != otherWeak ? weak : earlier) {
                index.prefer(d);
            }
        }
        for (int d = 0; d < index.duplicates(); d++) {
            int entry = index.duplicateEntry(d);
            if (!isWeak(index.duplicateMember(d), index.duplicateSymbol(d))) {
                Component taken = found.get(index.member(entry)).component();
                notes.add(taken.object().symbols().name(index.symbol(entry)) + " is in " + taken.name() + " and in "
                        + found.get(index.duplicateMember(d)).component().name() + ": the former counts");
            }
        }
    }

    private boolean isWeak(int member, int symbol) {
        return found.get(member).component().object().symbols().binding(symbol) == SymbolTable.STB_WEAK;
    }

    private void findOverridden() {
        for (String name : host.overrides()) {
            for (Member m : found) {
                SymbolTable symbols = m.component().object().symbols();
                int symbol = symbols.find(name);
                int entry = symbol == 0 ? -1 : index.entry(symbols, symbol);
                if (entry >= 0) {
                    overridden.put(entry, name);
                }
            }
        }
    }

    /** By symbol. Tells whom the member needs, by place. */
    private long[] meanings(Component component, int place, int[] places, boolean[] needs) {
        SharedObject object = component.object();
        SymbolTable symbols = object.symbols();
        long[] out = new long[symbols.count()];
        out[0] = Plan.pack(Plan.NOTHING, 0);
        boolean symbolic = object.isSymbolic();
        SymbolVersions versions = object.versions();
        for (int i = 1; i < out.length; i++) {
            boolean defined = symbols.isDefined(i);
            out[i] = defined && (symbolic || isOwn(symbols, versions, i))
                    ? Plan.pack(place, i)
                    : meaning(component, symbols, i, places);
            // Who has a symbol of its own and uses another's instead does not need that one.
            if (!defined && Plan.member(out[i]) >= 0) {
                needs[Plan.member(out[i])] = true;
            }
        }
        return out;
    }

    /** Whether a symbol means what the object itself defines, whatever others do. */
    private static boolean isOwn(SymbolTable symbols, SymbolVersions versions, int i) {
        return !symbols.isExported(i)
                || symbols.visibility(i) == SymbolTable.STV_PROTECTED
                || isEndOfSet(symbols, i)
                || (versions.definesVersions() && versions.isHidden(i));
    }

    private long meaning(Component component, SymbolTable symbols, int i, int[] places) {
        boolean outside = symbols.visibility(i) == SymbolTable.STV_DEFAULT || symbols.isDefined(i);
        int entry = outside ? index.entry(symbols, i) : -1;
        if (entry >= 0 && !isEndOfSet(symbols, i)) {
            String override = overridden.isEmpty() ? null : overridden.get(entry);
            if (override != null) {
                return hostSymbol(override, null);
            }
            String version = component.object().versions().of(i);
            int member = index.member(entry);
            int symbol = version == null ? index.symbol(entry) : versioned(member, index.symbol(entry), version);
            if (symbol != 0) {
                return Plan.pack(places[member], symbol);
            }
        }
        if (outside && !symbols.isDefined(i)) {
            String name = symbols.name(i);
            if (host.has(name)) {
                return hostSymbol(name, component.object().versions().of(i));
            }
        }
        if (symbols.binding(i) != SymbolTable.STB_WEAK) {
            undefine(component, i);
        }
        return Plan.pack(Plan.NOTHING, 0);
    }

    /** A set belongs to its own library: one that has none does not get another's. */
    private static boolean isEndOfSet(SymbolTable symbols, int i) {
        return symbols.nameStartsWith(i, START) || symbols.nameStartsWith(i, STOP);
    }

    /** Of a member that tells versions apart, the definition with the one that is wanted, or 0; of another, whichever there is. */
    private int versioned(int member, int symbol, String version) {
        SharedObject object = found.get(member).component().object();
        SymbolVersions versions = object.versions();
        if (!versions.definesVersions() || version.equals(versions.of(symbol))) {
            return symbol;
        }
        SymbolTable symbols = object.symbols();
        for (int i = 1; i < symbols.count(); i++) {
            if (symbols.isExported(i) && version.equals(versions.of(i)) && symbols.hasSameName(i, symbols, symbol)) {
                return i;
            }
        }
        return 0;
    }

    private long hostSymbol(String name, @Nullable String version) {
        String key = version == null ? name : name + "@" + version;
        Integer known = hostNumbers.get(key);
        if (known == null) {
            known = hostSymbols.size();
            hostNumbers.put(key, known);
            hostSymbols.add(new HostSymbol(name, version));
        }
        return Plan.pack(Plan.HOST, known);
    }

    private void undefine(Component component, int symbol) {
        SymbolTable symbols = component.object().symbols();
        String version = component.object().versions().of(symbol);
        String name = version == null ? symbols.name(symbol) : symbols.name(symbol) + "@" + version;
        Undefined known = undefined.get(name);
        List<String> wantedBy = new ArrayList<>(known == null ? List.of() : known.wantedBy());
        wantedBy.add(component.name());
        List<String> suppliers = known == null ? suppliers(component, symbols, symbol) : known.suppliers();
        undefined.put(name, new Undefined(name, List.copyOf(wantedBy), suppliers));
    }

    private List<String> suppliers(Component component, SymbolTable symbols, int symbol) {
        Set<String> out = new TreeSet<>();
        for (Component supplier : catalogue.suppliers(component.name(), symbols, symbol, notes)) {
            out.add(supplier.name());
        }
        return List.copyOf(out);
    }
}
