package org.rump4j.fs.ext2fs;

/**
 * As what a block of the buffer cache has been looked at and found good. A bad image may use one block for many things: what is good as
 * one of them need not be as another, or for another inode.
 */
enum BlockTag {
    EXTENTS(1),
    DIRECTORY(2),
    BLOCK_BITMAP(3),
    INODE_BITMAP(4),
    DESCRIPTORS(5);

    private final int code;

    BlockTag(int code) {
        this.code = code;
    }

    /** For the bitmap of a group, or the descriptors from a group on; never 0. */
    long of(int group) {
        return (long) group << 3 | code;
    }

    /** For the blocks of an inode; never 0. */
    long of(Inode inode) {
        return inode.ino << 3 | code;
    }
}
