package org.rump4j.vfs;

import java.util.Arrays;

/**
 * Where on the device the blocks of a chunk of a file are, as far as it is known: so that the chunk can be written without
 * asking the file. Cut into units, which are blocks of the file system or, where those are larger, pages.
 *
 * <p>Written with the vnode's lock held exclusively and the page cache's lock; read with either.
 */
final class ChunkPlaces {
    /** In the place of a byte of the device: nobody has asked. */
    private static final long UNKNOWN = -2;

    private final int unitShift;
    private final long[] places;

    /** @param unitShift binary logarithm of the bytes of a unit */
    ChunkPlaces(int unitShift) {
        this.unitShift = unitShift;
        places = new long[FilePages.CHUNK_BYTES >> unitShift];
        Arrays.fill(places, UNKNOWN);
    }

    int unitBytes() {
        return 1 << unitShift;
    }

    /** The byte of the device where the unit begins in which a byte of the chunk is; negative where it has none. */
    long at(int within) {
        return places[within >> unitShift];
    }

    /** Whether all of a piece of the chunk has its place. */
    boolean hasAll(int within, int bytes) {
        for (int unit = within >> unitShift; unit << unitShift < within + bytes; unit++) {
            if (places[unit] < 0) {
                return false;
            }
        }
        return true;
    }

    /** A copy, that stays as it is. */
    ChunkPlaces copy() {
        ChunkPlaces copy = new ChunkPlaces(unitShift);
        System.arraycopy(places, 0, copy.places, 0, places.length);
        return copy;
    }

    /** Takes down the place of a piece of the chunk, both ends of which are ends of units. */
    void set(int within, int bytes, long deviceOffset) {
        for (int at = within; at < within + bytes; at += unitBytes()) {
            places[at >> unitShift] = deviceOffset < 0 ? deviceOffset : deviceOffset + (at - within);
        }
    }

    /** A piece of the chunk, both ends of which are ends of units, has no place any more. */
    void forget(int within, int bytes) {
        set(within, bytes, UNKNOWN);
    }

    /** How many bytes from a unit on, up to a limit, are contiguous on the device, or have no place alike. */
    int run(int within, int limit) {
        int at = within + unitBytes();
        while (at < limit && continues(at)) {
            at += unitBytes();
        }
        return Math.min(at, limit) - within;
    }

    private boolean continues(int at) {
        long before = places[(at >> unitShift) - 1];
        long here = places[at >> unitShift];
        return before < 0 ? here < 0 : here == before + unitBytes();
    }
}
