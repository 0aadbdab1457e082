package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.Component;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.Plan;

/**
 * What a folder of components offers.
 *
 * @param folder where they are
 * @param entries one each, the base first, then factions, then drivers, by name
 */
public record Inventory(Path folder, List<Entry> entries) {
    private static final String HOST_HALF = "rumpcomp_";
    private static final String KERNEL = "rump";

    /**
     * A component.
     *
     * @param name as it is asked for
     * @param kind {@code base}, {@code faction} or {@code driver}
     * @param description a few words; empty for one that is not known here
     * @param file where it is
     * @param bytes length of the file
     * @param needs names of all components that come along with it, sorted
     * @param hostHalf functions of its half that runs on the host, in C or in place of that
     * @param library functions of the C library that it wants
     * @param problem why it cannot be linked, a line for each reason; empty where it can
     */
    public record Entry(
            String name,
            String kind,
            String description,
            Path file,
            long bytes,
            List<String> needs,
            List<String> hostHalf,
            List<String> library,
            String problem) {}

    /**
     * Looks at all components of a folder. One that makes no sense is told with its problem.
     *
     * @param said the folder, or one that has it as {@code lib}; empty for the one that a kernel is booted from where none is said
     * @throws LinkException where there is no kernel
     */
    public static Inventory of(String said) throws LinkException {
        Catalogue catalogue = Folders.catalogue(said, System.getenv(Folders.VARIABLE));
        List<Entry> entries = new ArrayList<>();
        for (Component.Rank rank : List.of(Component.Rank.BASE, Component.Rank.FACTION, Component.Rank.DRIVER)) {
            for (String name : catalogue.names()) {
                if (Component.rank(name) == rank) {
                    entries.add(entry(catalogue, name, rank.name().toLowerCase(Locale.ROOT)));
                }
            }
        }
        return new Inventory(catalogue.folders().getFirst(), List.copyOf(entries));
    }

    private static Entry entry(Catalogue catalogue, String name, String kind) {
        Path file = catalogue.file(name);
        TreeSet<String> needs = new TreeSet<>();
        TreeSet<String> half = new TreeSet<>();
        TreeSet<String> library = new TreeSet<>();
        String problem = "";
        try {
            Component component = catalogue.find(name).getFirst();
            for (String symbol : component.needs()) {
                add(symbol, half, library);
            }
            for (String symbol : component.gives()) {
                add(symbol, half, new TreeSet<>());
            }
            Plan plan = Guest.plan(catalogue, List.of(name), Surroundings.withCLibrary(List.of()));
            for (Plan.Member member : plan.members()) {
                needs.add(member.component().name());
            }
            needs.remove(name);
        } catch (LinkException | ElfException e) {
            problem = String.valueOf(e.getMessage());
        }
        return new Entry(
                name,
                kind,
                Descriptions.of(name),
                file,
                bytes(file),
                List.copyOf(needs),
                List.copyOf(half),
                List.copyOf(library),
                problem);
    }

    private static void add(String symbol, TreeSet<String> half, TreeSet<String> library) {
        if (symbol.startsWith(HOST_HALF)) {
            half.add(symbol);
        } else if (!symbol.startsWith(KERNEL) && !symbol.startsWith("__tls_")) {
            library.add(symbol);
        }
    }

    private static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
