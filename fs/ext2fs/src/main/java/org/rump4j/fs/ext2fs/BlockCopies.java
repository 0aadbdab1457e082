package org.rump4j.fs.ext2fs;

import java.util.Arrays;
import org.rump4j.kern.Kmem;
import org.rump4j.rumpuser.ErrnoException;

/** Which blocks have a newer copy elsewhere on the device: a hash table of numbers, which is counted as memory of the kernel's. */
final class BlockCopies {
    /** There is none. */
    static final long NONE = -1;

    private static final int FIRST_SLOTS = 64;
    private static final long EMPTY = -1;
    private static final long HASH_MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final Kmem kmem;

    /** Block numbers, or EMPTY; and at the same place what they have. A block whose copy has been taken away has NONE. */
    private long[] blocks = {};

    private long[] copies = {};
    private int used;
    private long count;

    BlockCopies(Kmem kmem) {
        this.kmem = kmem;
    }

    /** How many there are. */
    long count() {
        return count;
    }

    /** What a block has, or {@link #NONE}. */
    long get(long blkno) {
        if (used == 0) {
            return NONE;
        }
        int slot = slot(blocks, blkno);
        return blocks[slot] == blkno ? copies[slot] : NONE;
    }

    /**
     * A block has a copy, in the place of what it had.
     *
     * @param copy any number from 0 on
     * @throws ErrnoException ENOMEM
     */
    void put(long blkno, long copy) throws ErrnoException {
        if (used >= blocks.length / 2) {
            grow();
        }
        int slot = slot(blocks, blkno);
        if (blocks[slot] == EMPTY) {
            blocks[slot] = blkno;
            copies[slot] = NONE;
            used++;
        }
        if (copies[slot] == NONE) {
            count++;
        }
        copies[slot] = copy;
    }

    /** A block has none any more. */
    void remove(long blkno) {
        if (get(blkno) != NONE) {
            copies[slot(blocks, blkno)] = NONE;
            count--;
        }
    }

    /** Takes a block that has a copy, and what it has. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes it.
         *
         * @throws ErrnoException EIO
         */
        void take(long blkno, long copy) throws ErrnoException;
    }

    /** Gives all of them to a taker, in no order. */
    void forEach(Taker taker) throws ErrnoException {
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] != EMPTY && copies[i] != NONE) {
                taker.take(blocks[i], copies[i]);
            }
        }
    }

    /** Gives the memory back. */
    void close() {
        kmem.release(bytes(blocks.length));
        blocks = copies = new long[0];
        used = 0;
        count = 0;
    }

    private void grow() throws ErrnoException {
        int slots = Math.max(FIRST_SLOTS, blocks.length * 2);
        kmem.reserve(bytes(slots));
        long[] newBlocks = new long[slots];
        long[] newCopies = new long[slots];
        Arrays.fill(newBlocks, EMPTY);
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] != EMPTY) {
                int slot = slot(newBlocks, blocks[i]);
                newBlocks[slot] = blocks[i];
                newCopies[slot] = copies[i];
            }
        }
        kmem.release(bytes(blocks.length));
        blocks = newBlocks;
        copies = newCopies;
    }

    private static long bytes(int slots) {
        return 2L * Long.BYTES * slots;
    }

    /** Where a block is, or would be. */
    private static int slot(long[] table, long blkno) {
        int slot = (int) ((blkno * HASH_MULTIPLIER) >>> 32) & (table.length - 1);
        while (table[slot] != EMPTY && table[slot] != blkno) {
            slot = (slot + 1) & (table.length - 1);
        }
        return slot;
    }
}
