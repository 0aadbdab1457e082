package org.rump4j.fs.ext2fs;

import org.rump4j.kern.Kmem;

/**
 * Where in a directory without an index each name is: a hash table in memory, as {@code dirhash} is elsewhere. It has the places of all
 * names or is not made. It is counted as memory of the kernel's, and nobody else has to give memory back for it.
 */
final class NameTable {
    /** There is no more: {@link #next}. */
    static final int NONE = -1;

    /** The largest directory that there can be one of, in bytes. */
    static final long MAX_DIRECTORY_BYTES = 4L << 31;

    /** One may take this part of the kernel's memory. */
    private static final int MEMORY_SHARE = 16;

    private static final int FIRST_SLOTS = 1 << 10;

    /** Entries begin at multiples of four bytes. */
    private static final int PLACE_SHIFT = 2;

    private static final long EMPTY = 0;
    private static final int HASH_MULTIPLIER = 0x9E3779B1;

    private final Kmem kmem;

    /** The hash of a name in the upper half, and the place of its entry plus one in the lower; or EMPTY. */
    private long[] slots = {};

    private int used;

    NameTable(Kmem kmem) {
        this.kmem = kmem;
    }

    static int hash(byte[] name) {
        int hash = name.length;
        for (byte b : name) {
            hash = hash * 31 + b;
        }
        return hash * HASH_MULTIPLIER;
    }

    /**
     * Adds a name.
     *
     * @param at byte of the directory that its entry begins with
     * @return false where there is no memory for it
     */
    boolean add(int hash, long at) {
        if (used >= slots.length / 2 && !grow()) {
            return false;
        }
        insert(slots, (long) hash << Integer.SIZE | ((at >> PLACE_SHIFT) + 1));
        used++;
        return true;
    }

    /** Takes a name out that begins at a byte of the directory; false where it is not there. */
    boolean remove(int hash, long at) {
        int slot = begin(hash);
        while ((slot = next(hash, slot)) != NONE) {
            if (placeOf(slot) == at) {
                vacate(slot);
                used--;
                return true;
            }
            slot++;
        }
        return false;
    }

    /** Empties a slot, so that what was put behind it because it was full is found nevertheless. */
    private void vacate(int slot) {
        int mask = slots.length - 1;
        int hole = slot;
        for (int at = (slot + 1) & mask; slots[at] != EMPTY; at = (at + 1) & mask) {
            int home = home(slots, (int) (slots[at] >>> Integer.SIZE));
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                slots[hole] = slots[at];
                hole = at;
            }
        }
        slots[hole] = EMPTY;
    }

    /** Where to begin to look for a hash. */
    int begin(int hash) {
        return home(slots, hash);
    }

    /**
     * The next slot whose name has a hash, from one on; {@link #NONE} behind the last.
     *
     * @param slot from {@link #begin}, or the one behind what this returned
     */
    int next(int hash, int slot) {
        // A directory with nothing but free entries, not even one for itself, is damaged but can be looked through.
        if (used == 0) {
            return NONE;
        }
        int at = slot & (slots.length - 1);
        while (slots[at] != EMPTY) {
            if ((int) (slots[at] >>> Integer.SIZE) == hash) {
                return at;
            }
            at = (at + 1) & (slots.length - 1);
        }
        return NONE;
    }

    /** Byte of the directory that the entry begins with that is in a slot. */
    long placeOf(int slot) {
        return ((slots[slot] & 0xFFFFFFFFL) - 1) << PLACE_SHIFT;
    }

    /** Gives the memory back. */
    void close() {
        kmem.release(bytes(slots.length));
        slots = new long[0];
        used = 0;
    }

    private boolean grow() {
        int more = Math.max(FIRST_SLOTS, slots.length * 2);
        if (bytes(more) > kmem.limitBytes() / MEMORY_SHARE || !kmem.tryReserve(bytes(more))) {
            return false;
        }
        long[] larger = new long[more];
        for (long value : slots) {
            if (value != EMPTY) {
                insert(larger, value);
            }
        }
        kmem.release(bytes(slots.length));
        slots = larger;
        return true;
    }

    private static void insert(long[] table, long value) {
        int at = home(table, (int) (value >>> Integer.SIZE));
        while (table[at] != EMPTY) {
            at = (at + 1) & (table.length - 1);
        }
        table[at] = value;
    }

    private static int home(long[] table, int hash) {
        return (hash ^ hash >>> 15) & (table.length - 1);
    }

    private static long bytes(int slots) {
        return (long) Long.BYTES * slots;
    }
}
