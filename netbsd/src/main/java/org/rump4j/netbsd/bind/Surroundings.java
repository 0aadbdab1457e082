package org.rump4j.netbsd.bind;

import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a guest finds outside of itself, beside the hypercalls.
 *
 * @param halves functions in Java
 * @param library functions and variables of native code that it is given as they are, such as those of the C library: it calls them without
 *     anybody noticing. Asked for names that nobody else has
 */
public record Surroundings(List<HostHalf> halves, SymbolLookup library) {
    /** Nothing. */
    public static final Surroundings NONE = new Surroundings(List.of(), name -> Optional.empty());

    /** As described. */
    public Surroundings {
        halves = List.copyOf(halves);
    }

    /** Halves, and the C library of the process. */
    public static Surroundings withCLibrary(List<HostHalf> halves) {
        return new Surroundings(
                halves, name -> Linker.nativeLinker().defaultLookup().find(name));
    }

    /** The names of the functions in Java, in the order of their numbers. */
    Set<String> functionNames() {
        Set<String> names = new TreeSet<>();
        for (HostHalf half : halves) {
            names.addAll(half.symbols());
        }
        return names;
    }

    /**
     * The functions for a guest, in the order of {@link #functionNames}. Where two halves have one of a name it is the first's.
     *
     * @throws IllegalStateException where a half does not have what it said
     */
    HostFunction[] functions(Guest guest) {
        Map<String, HostFunction> byName = new TreeMap<>();
        for (HostHalf half : halves) {
            Map<String, HostFunction> functions = half.functions(guest);
            for (String name : half.symbols()) {
                HostFunction function = functions.get(name);
                if (function == null) {
                    throw new IllegalStateException("there is no function " + name);
                }
                byName.putIfAbsent(name, function);
            }
        }
        return byName.values().toArray(new HostFunction[0]);
    }
}
