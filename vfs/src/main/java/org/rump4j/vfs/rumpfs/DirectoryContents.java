package org.rump4j.vfs.rumpfs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is in a directory: entries by name, and in places that stay the same while they are there, so that a reader can go on where
 * it was while entries come and go. A place that becomes free is given to an entry that comes later.
 */
final class DirectoryContents {
    /** What an entry is taken to need beside its name. */
    private static final int ENTRY_BYTES = 128;

    /**
     * An entry.
     *
     * @param place where it is
     */
    record Entry(String name, RumpfsNode node, int place) {}

    private final Map<String, Entry> byName = new HashMap<>();
    private final List<@Nullable Entry> byPlace = new ArrayList<>();
    private final Deque<Integer> freePlaces = new ArrayDeque<>();

    @Nullable
    RumpfsNode get(String name) {
        Entry entry = byName.get(name);
        return entry == null ? null : entry.node;
    }

    void put(String name, RumpfsNode node) {
        Entry old = byName.get(name);
        if (old != null) {
            replace(new Entry(name, node, old.place));
            return;
        }
        Integer free = freePlaces.pollFirst();
        int place = free == null ? byPlace.size() : free;
        if (free == null) {
            byPlace.add(null);
        }
        replace(new Entry(name, node, place));
    }

    void remove(String name) {
        Entry entry = byName.remove(name);
        if (entry == null) {
            return;
        }
        byPlace.set(entry.place, null);
        if (byName.isEmpty()) {
            byPlace.clear();
            freePlaces.clear();
        } else {
            freePlaces.addLast(entry.place);
        }
    }

    boolean isEmpty() {
        return byName.isEmpty();
    }

    int size() {
        return byName.size();
    }

    /** The first entry at a place or behind it, or null. */
    @Nullable
    Entry from(int place) {
        for (int i = place; i < byPlace.size(); i++) {
            Entry entry = byPlace.get(i);
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    /** Memory that an entry is taken to need. */
    static int entryBytes(String name) {
        return ENTRY_BYTES + name.length();
    }

    private void replace(Entry entry) {
        byName.put(entry.name, entry);
        byPlace.set(entry.place, entry);
    }
}
