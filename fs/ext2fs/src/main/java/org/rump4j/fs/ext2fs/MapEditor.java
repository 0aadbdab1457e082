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
     * Frees all blocks from one on.
     *
     * @throws ErrnoException EIO
     */
    void truncate(long lbn) throws ErrnoException;

    /** Blocks that a file can have at the most. */
    long maxBlocks();
}
