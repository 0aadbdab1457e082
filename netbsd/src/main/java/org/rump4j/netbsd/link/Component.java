package org.rump4j.netbsd.link;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.elf.SymbolTable;

/**
 * A library that a kernel can have.
 *
 * @param name that of its file, without {@code lib} and what follows it
 * @param object what is in it
 */
public record Component(String name, SharedObject object) {

    /** Where in a kernel a component stands. */
    public enum Rank {
        DRIVER,
        FACTION,
        BASE
    }

    /** By its name: NetBSD has one base and three factions. */
    public Rank rank() {
        return rank(name);
    }

    /** That of a component of a name. */
    public static Rank rank(String name) {
        return switch (name) {
            case "rump" -> Rank.BASE;
            case "rumpvfs", "rumpnet", "rumpdev" -> Rank.FACTION;
            default -> Rank.DRIVER;
        };
    }

    /** What components of a kind have in common: what comes before the first underscore. */
    static String family(String name) {
        int end = name.indexOf('_');
        return end < 0 ? name : name.substring(0, end);
    }

    /** What a file is called as a component. */
    public static String nameOf(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        int suffix = name.indexOf(".so");
        int begin = name.startsWith("lib") ? "lib".length() : 0;
        return name.substring(begin, suffix < begin ? name.length() : suffix);
    }

    /** Names of symbols that others can bind to. */
    public List<String> gives() {
        SymbolTable symbols = object.symbols();
        List<String> out = new ArrayList<>();
        for (int i = 1; i < symbols.count(); i++) {
            if (symbols.isExported(i)) {
                out.add(symbols.name(i));
            }
        }
        return out;
    }

    /** Names of symbols that somebody else must have. */
    public List<String> needs() {
        SymbolTable symbols = object.symbols();
        List<String> out = new ArrayList<>();
        for (int i = 1; i < symbols.count(); i++) {
            if (isNeed(symbols, i)) {
                out.add(symbols.name(i));
            }
        }
        return out;
    }

    static boolean isNeed(SymbolTable symbols, int symbol) {
        return !symbols.isDefined(symbol) && symbols.binding(symbol) == SymbolTable.STB_GLOBAL;
    }
}
