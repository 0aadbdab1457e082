package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;

/**
 * A piece of memory that holds data of a file or of a device. Guarded by the page cache's lock, but for the data: pages that are
 * valid may be read by whoever has it pinned; pages that are not are filled by whoever has made it busy.
 *
 * <p>A block is in one list at a time: clean ones in the order of use of all, from which they are taken away when memory is
 * needed, those that are dirty or being written in one of their owner's.
 */
final class CacheBlock {
    /** Who it belongs to, and finds it by key. With the page cache's lock held. */
    interface Owner {
        /** Forgets a block: its place is needed. */
        void forget(CacheBlock block);

        /** What is dirty of a block, none of which is being written, is not wanted any more. */
        void drop(CacheBlock block);

        /**
         * Pages of a block have been written, or could not be. They are not counted as being written any more.
         *
         * @param error what went wrong, or null
         */
        void written(CacheBlock block, int pages, @Nullable Errno error);
    }

    final Owner owner;
    final long key;

    PagePool.Piece piece;

    /** A bit for each page, or for the whole where that is less than a page. */
    int valid;

    /** Pages that are not on the device as they are here. */
    int dirty;

    /** Pages that are on their way to the device. Whoever changes one meanwhile makes it dirty once more. */
    int writing;

    /** Something of it could not be written, and has not been since. */
    boolean failed;

    /** Holds it in place. */
    int pins;

    /** Somebody fills it. */
    boolean busy;

    /** Its owner has forgotten it while it was pinned: who holds the last pin frees it. */
    boolean orphan;

    /** Of a chunk of a file: where on the device it is, as far as is known. */
    @Nullable
    ChunkPlaces places;

    /** Of a dirty block of a device: when in a commit it is written. */
    @Nullable
    WriteStage stage;

    /** The list that it is in, and its neighbours there. */
    @Nullable
    BlockList list;

    @Nullable
    CacheBlock prev;

    @Nullable
    CacheBlock next;

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

    /** Whether the device has all that is here, and nothing is under way to it. */
    boolean isClean() {
        return (dirty | writing) == 0;
    }
}
