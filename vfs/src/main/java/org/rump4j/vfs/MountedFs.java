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
     * Writes back everything that is dirty, by {@link Mount#flushPages} and {@link BufCache#writeStage}. Called once at a time, and not
     * of a mount that is read-only.
     *
     * @param wait until it is durable; otherwise it is enough if a power cut leaves what makes sense
     * @throws ErrnoException EIO
     */
    default void sync(boolean wait) throws ErrnoException {}

    /**
     * Is mounted in another way from now on. Before it becomes read-only, nobody has a file open for writing any more, unless that is
     * forced, new changes are refused, and it has been synced; but changes that had begun may have gone on since. Before it can be written
     * nothing on it changes; where its device was opened for reading, {@link Vfs#openForWriting} is for that.
     *
     * @param flags all MNT_ flags
     * @throws ErrnoException EOPNOTSUPP where it cannot be mounted that way; EROFS, EACCES where it cannot be written
     */
    default void update(int flags) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * Is no longer mounted. All its vnodes are gone, and their pages have been written; what it has had to change for them since the
     * last {@link #sync} is still to be written. Nobody syncs it any more.
     *
     * @throws ErrnoException EIO; it is no longer mounted all the same
     */
    void unmount() throws ErrnoException;
}
