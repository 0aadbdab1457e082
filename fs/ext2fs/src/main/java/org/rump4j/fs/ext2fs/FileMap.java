package org.rump4j.fs.ext2fs;

import org.rump4j.rumpuser.ErrnoException;

/** Which blocks of the device a file has: by block pointers, or by extents. */
sealed interface FileMap permits IndirectMap, ExtentMap {
    /**
     * The blocks from one on that are side by side, or nowhere. They may go on behind what is returned.
     *
     * @param lbn a block of the file, 0 or more
     * @param limit the first that is of no interest, more than lbn
     * @throws ErrnoException EIO
     */
    BlockRun map(long lbn, long limit) throws ErrnoException;

    /**
     * Where on the device the file is before one of its blocks: the last of its blocks there, or, where none is near, one that maps it. It is
     * looked for along one path of the map only.
     *
     * @return 0 where there is nothing
     * @throws ErrnoException EIO
     */
    long before(long lbn) throws ErrnoException;

    /**
     * That of an inode.
     *
     * @throws ErrnoException EIO
     */
    static FileMap of(Volume volume, Inode inode) throws ErrnoException {
        return inode.hasFlag(Inode.FL_EXTENTS) ? new ExtentMap(volume, inode) : new IndirectMap(volume, inode);
    }
}
