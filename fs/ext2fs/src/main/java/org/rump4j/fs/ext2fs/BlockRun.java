package org.rump4j.fs.ext2fs;

/**
 * Blocks of a file that are side by side on the device, or that are nowhere.
 *
 * @param lbn the first, by its number in the file
 * @param count how many, at least 1
 * @param blkno the first, by its number on the device; {@link #HOLE} where they are nowhere
 */
record BlockRun(long lbn, long count, long blkno) {
    /** In the place of a block of the device: nowhere; it reads as zeros. */
    static final long HOLE = 0;

    /** Blocks up to another one that are nowhere. */
    static BlockRun hole(long lbn, long end) {
        return new BlockRun(lbn, end - lbn, HOLE);
    }

    boolean isHole() {
        return blkno == HOLE;
    }

    /** The block of the file behind it. */
    long end() {
        return lbn + count;
    }

    /** Where on the device a block of it is. */
    long blknoOf(long block) {
        return blkno + (block - lbn);
    }
}
