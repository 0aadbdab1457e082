package org.rump4j.netbsd.link;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rump4j.netbsd.elf.SymbolTable;

/**
 * All exported symbols of some objects, by name: an open hash table of numbers, which makes no object a symbol. A name has one entry, and
 * that has one definition; what else defines it is kept aside.
 */
final class SymbolIndex {
    private static final int FIRST_ENTRIES = 4096;

    private final List<SymbolTable> tables = new ArrayList<>();

    /** Number of an entry plus one, or 0. A power of two, and at least twice as many as there are entries. */
    private int[] slots = new int[2 * FIRST_ENTRIES];

    private int[] hashes = new int[FIRST_ENTRIES];
    private int[] members = new int[FIRST_ENTRIES];
    private int[] symbols = new int[FIRST_ENTRIES];
    private int entries;

    /** Entry, member and symbol of each definition beside the first. */
    private int[] duplicates = new int[0];

    /** Adds the symbols of the next member. */
    void add(SymbolTable table, boolean[] leftOut) {
        int member = tables.size();
        tables.add(table);
        for (int i = 1; i < table.count(); i++) {
            if (leftOut[i] || !table.isExported(i)) {
                continue;
            }
            int hash = table.hash(i);
            int slot = slot(table, i, hash);
            if (slots[slot] == 0) {
                insert(slot, hash, member, i);
            } else {
                int n = duplicates.length;
                duplicates = Arrays.copyOf(duplicates, n + 3);
                duplicates[n] = slots[slot] - 1;
                duplicates[n + 1] = member;
                duplicates[n + 2] = i;
            }
        }
    }

    private void insert(int slot, int hash, int member, int symbol) {
        if (entries == hashes.length) {
            hashes = Arrays.copyOf(hashes, 2 * entries);
            members = Arrays.copyOf(members, 2 * entries);
            symbols = Arrays.copyOf(symbols, 2 * entries);
        }
        hashes[entries] = hash;
        members[entries] = member;
        symbols[entries] = symbol;
        slots[slot] = ++entries;
        if (2 * entries > slots.length) {
            int[] larger = new int[2 * slots.length];
            for (int e = 0; e < entries; e++) {
                int at = mix(hashes[e]) & (larger.length - 1);
                while (larger[at] != 0) {
                    at = (at + 1) & (larger.length - 1);
                }
                larger[at] = e + 1;
            }
            slots = larger;
        }
    }

    /** The hash of names has little in its upper bits, and its lowest is always set. */
    private static int mix(int hash) {
        return (hash ^ hash >>> 15) >>> 1;
    }

    /** Where a name is, or the empty place where it would be. */
    private int slot(SymbolTable table, int symbol, int hash) {
        int mask = slots.length - 1;
        int at = mix(hash) & mask;
        while (slots[at] != 0) {
            int e = slots[at] - 1;
            if (hashes[e] == hash && tables.get(members[e]).hasSameName(symbols[e], table, symbol)) {
                return at;
            }
            at = (at + 1) & mask;
        }
        return at;
    }

    /** The entry of a symbol's name, or -1. */
    int entry(SymbolTable table, int symbol) {
        return slots[slot(table, symbol, table.hash(symbol))] - 1;
    }

    int member(int entry) {
        return members[entry];
    }

    int symbol(int entry) {
        return symbols[entry];
    }

    int duplicates() {
        return duplicates.length / 3;
    }

    int duplicateEntry(int duplicate) {
        return duplicates[3 * duplicate];
    }

    int duplicateMember(int duplicate) {
        return duplicates[3 * duplicate + 1];
    }

    int duplicateSymbol(int duplicate) {
        return duplicates[3 * duplicate + 2];
    }

    /** Makes a duplicate the definition of its name, and its definition the duplicate. */
    void prefer(int duplicate) {
        int e = duplicateEntry(duplicate);
        int member = members[e];
        int symbol = symbols[e];
        members[e] = duplicateMember(duplicate);
        symbols[e] = duplicateSymbol(duplicate);
        duplicates[3 * duplicate + 1] = member;
        duplicates[3 * duplicate + 2] = symbol;
    }
}
