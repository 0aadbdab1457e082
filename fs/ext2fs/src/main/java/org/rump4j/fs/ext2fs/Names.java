package org.rump4j.fs.ext2fs;

import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.DirentSink;

/** What names are in a directory. */
sealed interface Names permits Directory, InlineDirectory {
    /**
     * Looks a name up, {@code ..} included.
     *
     * @return the inode, or 0 where there is none
     * @throws ErrnoException EIO
     */
    long lookup(byte[] name) throws ErrnoException;

    /**
     * Passes the names on, {@code .} and {@code ..} among them.
     *
     * @param cookie where to begin: 0, or what the sink was told
     * @throws ErrnoException EIO
     */
    void readdir(long cookie, DirentSink sink) throws ErrnoException;

    /** Gives back what it holds: the vnode goes. */
    default void close() {}
}
