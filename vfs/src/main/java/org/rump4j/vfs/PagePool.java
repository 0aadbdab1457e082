package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmem;

/**
 * The memory of the caches: pieces of 1 to 64 KiB, powers of two, cut from slabs by the buddy method. Guarded by the page
 * cache's lock.
 */
final class PagePool {
    /** Binary logarithm of the smallest piece. */
    static final int MIN_SHIFT = 10;

    /** Binary logarithm of the largest piece. */
    static final int MAX_SHIFT = 16;

    private static final int MAX_BYTES = 1 << MAX_SHIFT;

    /** Largest pieces in a slab. Slabs are small at first, for kernels that need little. */
    private static final int FIRST_SLAB_PIECES = 4;

    private static final int LARGEST_SLAB_PIECES = 64;

    /** A piece of memory that somebody has. */
    static final class Piece {
        final MemorySegment memory;
        private final Place place;
        private final int shift;

        private Piece(Place place, int shift) {
            this.place = place;
            this.shift = shift;
            this.memory = place.slab.memory.asSlice(place.offset, 1L << shift);
        }

        int bytes() {
            return 1 << shift;
        }
    }

    private static final class Slab {
        final MemorySegment memory;
        final int pieces;

        /** Pieces of the largest size that are free as a whole. */
        int freePieces;

        Slab(MemorySegment memory, int pieces) {
            this.memory = memory;
            this.pieces = pieces;
        }
    }

    private record Place(Slab slab, int offset) {
        /** By hand, as the other: the methods that a record gets are linked at their first use, which takes milliseconds. */
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Place other && slab == other.slab && offset == other.offset;
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(slab) + offset;
        }
    }

    private final Kmem kmem;
    private final long maxBytes;

    /** Those that are free, by size from the smallest. */
    private final List<Set<Place>> free = new ArrayList<>();

    private int nextSlabPieces = FIRST_SLAB_PIECES;
    private long slabBytes;

    /** @param maxBytes the slabs may take that much together */
    PagePool(Kmem kmem, long maxBytes) {
        this.kmem = kmem;
        this.maxBytes = maxBytes;
        for (int shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
            free.add(new LinkedHashSet<>());
        }
    }

    /** Bytes that all slabs may take. */
    long maxBytes() {
        return maxBytes;
    }

    /** Bytes of all slabs. */
    long slabBytes() {
        return slabBytes;
    }

    /** The binary logarithm of the smallest piece that holds so many bytes, 1 to 64 Ki. */
    static int shiftFor(int bytes) {
        return Math.max(MIN_SHIFT, Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1));
    }

    /**
     * A piece, whose contents are not defined; or null where there is no memory for it: then some must be given back first.
     *
     * @param shift the binary logarithm of its size
     */
    @Nullable
    Piece allocate(int shift) {
        Place place = take(shift);
        if (place == null && grow()) {
            place = take(shift);
        }
        return place == null ? null : new Piece(place, shift);
    }

    /** Gives a piece back. */
    void free(Piece piece) {
        Slab slab = piece.place.slab;
        int shift = piece.shift;
        int offset = piece.place.offset;
        while (shift < MAX_SHIFT && freeOf(shift).remove(new Place(slab, offset ^ (1 << shift)))) {
            offset &= ~(1 << shift);
            shift++;
        }
        boolean added = freeOf(shift).add(new Place(slab, offset));
        assert added : "freed twice";
        if (shift == MAX_SHIFT) {
            slab.freePieces++;
        }
    }

    /** Gives slabs that are free as a whole back to the kernel, and says how many bytes that were. */
    long trim() {
        long before = slabBytes;
        List<Slab> unused = freeOf(MAX_SHIFT).stream()
                .map(Place::slab)
                .filter(slab -> slab.freePieces == slab.pieces)
                .distinct()
                .toList();
        for (Slab slab : unused) {
            freeOf(MAX_SHIFT).removeIf(place -> place.slab == slab);
            slabBytes -= slab.memory.byteSize();
            kmem.free(slab.memory);
        }
        return before - slabBytes;
    }

    private @Nullable Place take(int shift) {
        Iterator<Place> candidates = freeOf(shift).iterator();
        if (candidates.hasNext()) {
            Place place = candidates.next();
            candidates.remove();
            if (shift == MAX_SHIFT) {
                place.slab.freePieces--;
            }
            return place;
        }
        Place larger = shift == MAX_SHIFT ? null : take(shift + 1);
        if (larger != null) {
            freeOf(shift).add(new Place(larger.slab, larger.offset + (1 << shift)));
        }
        return larger;
    }

    private boolean grow() {
        int pieces = nextSlabPieces;
        MemorySegment memory = allocateSlab(pieces);
        while (memory == null && pieces > 1) {
            pieces /= 2;
            memory = allocateSlab(pieces);
        }
        if (memory == null) {
            return false;
        }
        slabBytes += memory.byteSize();
        nextSlabPieces = Math.min(pieces * 2, LARGEST_SLAB_PIECES);
        Slab slab = new Slab(memory, pieces);
        slab.freePieces = pieces;
        for (int i = 0; i < pieces; i++) {
            freeOf(MAX_SHIFT).add(new Place(slab, i * MAX_BYTES));
        }
        return true;
    }

    private @Nullable MemorySegment allocateSlab(int pieces) {
        long bytes = (long) pieces * MAX_BYTES;
        return slabBytes + bytes > maxBytes ? null : kmem.tryAlloc(bytes, MAX_BYTES);
    }

    private Set<Place> freeOf(int shift) {
        return free.get(shift - MIN_SHIFT);
    }
}
