package org.rump4j.vfs;

import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What a file system does for one of its mounts ({@code vfsops(9)}). */
public interface MountedFs {
    /**
     * How full it is.
     *
     * @param bsize bytes of a block
     * @param frsize bytes of the unit of the counts of blocks
     * @param iosize bytes that are best moved at a time
     * @param blocks all of them
     * @param bfree free ones
     * @param bavail free ones for ordinary users
     * @param files all files that it could hold
     * @param ffree those of them that are free
     */
    record Usage(long bsize, long frsize, long iosize, long blocks, long bfree, long bavail, long files, long ffree) {}

    /** The number of its root. */
    long rootFileno();

    /** Bytes of a name, at the most. */
    int nameMax();

    /**
     * Brings a vnode to life: finds the file and calls {@link Vnode#init}. Locks: none.
     *
     * @param vp a new vnode
     * @param fileno the number of the file
     * @throws ErrnoException ENOENT where there is no such file; EIO
     */
    void load(Vnode vp, long fileno) throws ErrnoException;

    /**
     * Whether names lead to the same files until somebody changes that through the kernel. Where they do not, as where the files
     * are really somebody else's, what is found is not remembered.
     */
    default boolean namesStayTheSame() {
        return true;
    }

    /**
     * How full it is.
     *
     * @throws ErrnoException EIO
     */
    Usage usage() throws ErrnoException;

    /**
     * Writes back what is dirty beside the vnodes' pages.
     *
     * @param wait until it is durable
     * @throws ErrnoException EIO
     */
    default void sync(boolean wait) throws ErrnoException {}

    /**
     * Is mounted in another way from now on.
     *
     * @param flags all MNT_ flags
     * @throws ErrnoException EOPNOTSUPP where it cannot be mounted that way
     */
    default void update(int flags) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * Is no longer mounted. All its vnodes are gone.
     *
     * @throws ErrnoException EIO; it is no longer mounted all the same
     */
    void unmount() throws ErrnoException;
}
