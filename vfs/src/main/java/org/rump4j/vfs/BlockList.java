package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;

/** Blocks in an order, linked by their own fields. Guarded by the page cache's lock. */
final class BlockList {
    private @Nullable CacheBlock first;
    private @Nullable CacheBlock last;

    @Nullable
    CacheBlock first() {
        return first;
    }

    boolean isEmpty() {
        return first == null;
    }

    /** Puts a block, which is in no list, at the end. */
    void append(CacheBlock block) {
        assert block.list == null;
        block.list = this;
        block.prev = last;
        if (last == null) {
            first = block;
        } else {
            last.next = block;
        }
        last = block;
    }

    /** Takes a block out. */
    void remove(CacheBlock block) {
        assert block.list == this;
        CacheBlock prev = block.prev;
        CacheBlock next = block.next;
        if (prev == null) {
            first = next;
        } else {
            prev.next = next;
        }
        if (next == null) {
            last = prev;
        } else {
            next.prev = prev;
        }
        block.prev = block.next = null;
        block.list = null;
    }

    /** Moves a block of this list to its end. */
    void touch(CacheBlock block) {
        if (last != block) {
            remove(block);
            append(block);
        }
    }
}
