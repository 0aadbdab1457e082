package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;

/**
 * A map from longs to objects, by open addressing with linear probing: no object for an entry or a key. Not safe for several
 * threads.
 *
 * @param <V> what it holds
 */
final class LongMap<V> {
    private static final int INITIAL = 8;

    private long[] keys = new long[INITIAL];
    private @Nullable Object[] values = new Object[INITIAL];
    private int size;

    /** Takes what is found for each entry. */
    interface Visitor<V> {
        void visit(long key, V value);
    }

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked") // only put puts anything there
    @Nullable
    V get(long key) {
        return (V) values[slot(key)];
    }

    /** Puts a value, in the place of another. */
    void put(long key, V value) {
        int i = slot(key);
        if (values[i] == null) {
            if (++size > values.length - (values.length >> 2)) {
                grow();
                i = slot(key);
            }
            keys[i] = key;
        }
        values[i] = value;
    }

    /** Removes; whether there was something. */
    boolean remove(long key) {
        int i = slot(key);
        if (values[i] == null) {
            return false;
        }
        size--;
        // Close the gap: what follows and would be found from the gap on moves into it, which makes the next gap.
        int mask = values.length - 1;
        int gap = i;
        for (int j = (i + 1) & mask; values[j] != null; j = (j + 1) & mask) {
            int home = home(keys[j]);
            if (((j - home) & mask) >= ((j - gap) & mask)) {
                keys[gap] = keys[j];
                values[gap] = values[j];
                gap = j;
            }
        }
        values[gap] = null;
        return true;
    }

    /** Visits all entries, in no order. The map must not change meanwhile. */
    @SuppressWarnings("unchecked") // only put puts anything there
    void forEach(Visitor<V> visitor) {
        for (int i = 0; i < values.length; i++) {
            Object v = values[i];
            if (v != null) {
                visitor.visit(keys[i], (V) v);
            }
        }
    }

    private int slot(long key) {
        int mask = values.length - 1;
        int i = home(key);
        while (values[i] != null && keys[i] != key) {
            i = (i + 1) & mask;
        }
        return i;
    }

    private int home(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (values.length - 1);
    }

    @SuppressWarnings("unchecked") // only put puts anything there
    private void grow() {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new Object[oldKeys.length * 2];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != null) {
                int j = slot(oldKeys[i]);
                keys[j] = oldKeys[i];
                values[j] = oldValues[i];
            }
        }
    }
}
