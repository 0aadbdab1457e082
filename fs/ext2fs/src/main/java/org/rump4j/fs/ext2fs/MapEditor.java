package org.rump4j.fs.ext2fs;

import org.rump4j.rumpuser.ErrnoException;

/** Changes which blocks a file has. Within a transaction; who calls stores the inode afterwards. */
sealed interface MapEditor permits IndirectEditor, ExtentEditor {
    /**
     * Gives blocks to a hole.
     *
     * @param lbn the first block of the file that is to have one
     * @param want how many, all of them in the hole, 1 or more
     * @param goal where the first would be best
     * @return how many have got one, at least 1
     * @throws ErrnoException ENOSPC, EFBIG, EIO: none has
     */
    int fill(long lbn, int want, long goal) throws ErrnoException;

    /**
     * As the other, with blocks that nothing is going to be written to: they read as zeros.
     *
     * @return 0 where the map cannot say such a thing, and nothing has changed
     */
    int reserve(long lbn, int want, long goal) throws ErrnoException;

    /**
     * Frees all blocks from one on up to another, and leaves a hole.
     *
     * @throws ErrnoException ENOSPC where the map becomes larger, EIO
     */
    void punch(long lbn, long end) throws ErrnoException;

    /**
     * Frees all blocks from one on.
     *
     * @throws ErrnoException EIO
     */
    void truncate(long lbn) throws ErrnoException;

    /** Blocks that a file can have at the most. */
    long maxBlocks();

    /**
     * A block at which and behind which the file has none, whatever its length is: there may be a hole at its end, or damage.
     *
     * @throws ErrnoException EIO
     */
    long end() throws ErrnoException;
}
