package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A piece of memory that holds data of a file or of a device. Guarded by the page cache's lock, but for the data: pages that are
 * valid may be read by whoever has it pinned; pages that are not are filled by whoever has made it busy.
 */
final class CacheBlock {
    /** Who it belongs to, and finds it by key. */
    interface Owner {
        /** Forgets a block: its place is needed. With the page cache's lock held. */
        void forget(CacheBlock block);
    }

    final Owner owner;
    final long key;

    PagePool.Piece piece;

    /** A bit for each page, or for the whole where that is less than a page. */
    int valid;

    /** Holds it in place. */
    int pins;

    /** Somebody fills it. */
    boolean busy;

    @Nullable
    CacheBlock lruPrev;

    @Nullable
    CacheBlock lruNext;

    boolean inLru;

    /** {@link Buf#tag}. Not guarded: who has the block pinned sees it or 0. */
    volatile long tag;

    CacheBlock(Owner owner, long key, PagePool.Piece piece) {
        this.owner = owner;
        this.key = key;
        this.piece = piece;
    }

    MemorySegment memory() {
        return piece.memory;
    }

    int bytes() {
        return piece.bytes();
    }
}
