package org.rump4j.rump;

import org.rump4j.rumpuser.ErrnoException;

/** Files and directories of the host under names in the kernel. Source: NetBSD {@code rump_etfs(3)}. */
public interface Etfs {
    /** As what the kernel shall see it. */
    enum Type {
        /** A regular file. */
        REG,
        /** A character device. */
        CHR,
        /** A block device, as which a file system can be mounted. */
        BLK,
        /** A directory: its files, but nothing below. */
        DIR,
        /** A directory and all below it. */
        DIR_SUBDIRS
    }

    /** {@link #register}: as far as the host's file goes. */
    long SIZE_ENDOFF = -1;

    /**
     * Lets a file of the host appear in the kernel.
     *
     * @param key absolute path in the kernel; it hides what is there
     * @param hostpath path of the host
     * @param begin byte of the host's file that is the first in the kernel
     * @param size bytes of it, or {@link #SIZE_ENDOFF}
     * @param readOnly open the host's file for reading only; otherwise for writing too where the host allows it
     * @throws ErrnoException EINVAL where key is not absolute, the host's file cannot be seen as type, or begin and size lie
     *     outside of it; EEXIST where key is taken; as {@code open(2)} of the host's file
     */
    void register(String key, String hostpath, Type type, long begin, long size, boolean readOnly)
            throws ErrnoException;

    /**
     * The whole of a file of the host.
     *
     * @throws ErrnoException as the other
     */
    default void register(String key, String hostpath, Type type) throws ErrnoException {
        register(key, hostpath, type, 0, SIZE_ENDOFF, false);
    }

    /**
     * Takes it away again.
     *
     * @throws ErrnoException ENOENT where key was not registered; EBUSY where it is in use
     */
    void remove(String key) throws ErrnoException;
}
