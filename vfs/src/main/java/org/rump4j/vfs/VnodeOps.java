package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What a file system does for one of its files ({@code vnodeops(9)}). An object of this is made when the file's vnode is and
 * lives as long. What devices and fifos do is not the file system's business: it stores their attributes.
 *
 * <p><b>Division of labour.</b> A file system stores. Whether the caller may do something, whether the mount is read-only,
 * whether names are too long, whether a directory would go below itself, sticky bits, file flags: all of that has been looked
 * at. So have the names: never {@code .}, and {@code ..} in {@link #lookup} only.
 *
 * <p><b>Locks.</b> The vnode's lock is held as each method says. A method may make other vnodes by {@link Vfs#vnode}, but must
 * not lock any.
 *
 * <p><b>Errors.</b> Besides those that a method lists, each may give EIO where the device fails or what is stored makes no
 * sense, and says in the detail what was wrong and where.
 */
public interface VnodeOps extends PageSource {
    // Every kind of file

    /** What the file is. Lock: shared. */
    Stat getattr() throws ErrnoException;

    /**
     * Changes attributes. Lock: exclusive.
     *
     * @throws ErrnoException EOPNOTSUPP where the file system does not store such an attribute; EFBIG; ENOSPC
     */
    default void setattr(AttributeChanges changes) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /**
     * Whether somebody may do something. Lock: none, so that names can be looked up without one.
     *
     * @param amode bits R_OK, W_OK and X_OK
     * @throws ErrnoException EACCES
     */
    default void access(int amode, Cred cred) throws ErrnoException {
        Access.check(getattr(), amode, cred);
    }

    /**
     * Makes durable. Lock: shared, so that others can read meanwhile. The vnode's pages have been flushed before; their device has not.
     *
     * @param dataOnly what is not needed to get at the data, such as times, may stay as it is
     */
    default void fsync(boolean dataOnly) throws ErrnoException {}

    /** Whether the file has a name, or otherwise will be needed when nobody uses it any more. Lock: none. */
    default boolean hasLinks() {
        return true;
    }

    /** The last user of a file without links has gone: its space is free. Lock: exclusive. */
    default void free() throws ErrnoException {}

    /** The vnode goes, and this object with it. Lock: exclusive; nobody can get at it any more. */
    default void reclaim() {}

    // Directories

    /**
     * Looks a name up. Lock: shared at least.
     *
     * @param name any but {@code .}
     * @return the file, with a reference that is the caller's; null where there is none
     */
    default @Nullable Vnode lookup(String name) throws ErrnoException {
        throw Errno.ENOTDIR.exception();
    }

    /**
     * Passes the entries on, {@code .} and {@code ..} among them. Lock: shared.
     *
     * @param cookie where to begin: 0, or what sink was told
     */
    default void readdir(long cookie, DirentSink sink) throws ErrnoException {
        throw Errno.ENOTDIR.exception();
    }

    /**
     * Makes a file. Lock: exclusive. The name is not there.
     *
     * @return it, with a reference that is the caller's
     * @throws ErrnoException ENOSPC, EMLINK
     */
    default Vnode create(String name, NewFile file) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /**
     * Gives a file another name. Lock: exclusive, that of file too. The name is not there, and file is no directory.
     *
     * @throws ErrnoException EMLINK, ENOSPC
     */
    default void link(String name, Vnode file) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /** Removes a name. Lock: exclusive, that of file, which has the name, too. file is no directory. */
    default void remove(String name, Vnode file) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /**
     * Removes a directory. Lock: exclusive, that of dir, which has the name, too.
     *
     * @throws ErrnoException ENOTEMPTY
     */
    default void rmdir(String name, Vnode dir) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    /**
     * Moves a name from this directory to a directory, which may be the same. Lock: exclusive, of all four. What has the new
     * name is a directory just where file is one.
     *
     * @param replaced what has the new name, or null
     * @throws ErrnoException ENOTEMPTY where replaced is a directory that is not empty; EMLINK, ENOSPC
     */
    default void rename(String name, Vnode file, Vnode toDir, String toName, @Nullable Vnode replaced)
            throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    // Regular files

    /**
     * Reads, at the transfer's offset. Lock: shared. Files whose data is on a device do it with {@link Vnode#pages}.
     *
     * @throws ErrnoException EFAULT
     */
    default void read(Uio uio) throws ErrnoException {
        throw Errno.EISDIR.exception();
    }

    /**
     * Writes, at the transfer's offset. Lock: exclusive. Files whose data is on a device do it with {@link Vnode#pages}, in as many
     * pieces as they like, calling {@link FilePages#throttle} before each. Where it fails half way, what has been moved counts.
     *
     * @throws ErrnoException EFAULT, EFBIG, ENOSPC
     */
    default void write(Uio uio) throws ErrnoException {
        throw Errno.EISDIR.exception();
    }

    /**
     * Gives a piece space, and the file the length that it needs to reach so far ({@code VOP_FALLOCATE}). Lock: exclusive.
     *
     * @param from byte of the file
     * @param to the first byte behind the piece
     * @throws ErrnoException EOPNOTSUPP where that cannot be done; EFBIG; ENOSPC, and the file is as long as before
     */
    default void preallocate(long from, long to) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * Has a piece read as zeros, with as little space as that takes ({@code VOP_FDISCARD}). Lock: exclusive.
     *
     * @param from byte of the file, before its end
     * @param to the first byte behind the piece, not behind the end of the file
     * @throws ErrnoException EOPNOTSUPP where that cannot be done; ENOSPC
     */
    default void discard(long from, long to) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /** Nobody has the file open any more who could write to it. What was kept for it to grow can go. Lock: none. */
    default void closedByWriters() {}

    // Symbolic links

    /** What it says. Lock: shared. */
    default String readlink() throws ErrnoException {
        throw Errno.EINVAL.exception();
    }
}
