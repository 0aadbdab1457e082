package org.rump4j.cli;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.ErrnoException;

/** Where copies go. Paths are names as {@link org.rump4j.rump.PathCodec} maps them. */
interface Target {
    /** What the user can call the file of this name. */
    String text(String path);

    /** Whether there is a directory of this name, or a symbolic link to one. */
    boolean isDirectory(String path) throws ErrnoException;

    /** What has this name, a symbolic link too, or null where nothing has. */
    @Nullable
    Stat stat(String path) throws ErrnoException;

    /**
     * Makes a directory, or takes one that is there.
     *
     * @param mode permissions of a new one, less the umask; whoever makes it can write to it in any case
     * @param throughLinks as for {@link #file}
     * @throws ErrnoException EEXIST where something else is there
     */
    void directory(String path, int mode, boolean throughLinks) throws ErrnoException;

    /**
     * Makes a regular file, or empties one that is there.
     *
     * @param mode permissions of a new one, less the umask
     * @param throughLinks whether a symbolic link that is there is followed. What has come out of an image must not be: the
     *     link may have come out of it, too, and lead anywhere
     */
    Sink file(String path, int mode, boolean throughLinks) throws ErrnoException;

    /** Makes a symbolic link. */
    void symlink(String path, String target) throws ErrnoException;

    /** Makes a device node or a fifo. */
    void special(String path, int mode, long rdev) throws ErrnoException;

    /** Gives a file that is there already this name, too. */
    void link(String path, String existing) throws ErrnoException;

    /** Removes what has the name; it is no directory. */
    void remove(String path) throws ErrnoException;

    /** Takes permissions of the owner away that the original's does not have: nothing goes into the directory any more. */
    void restrict(String path, Stat like) throws ErrnoException;

    /** Gives a file owner, permissions and times of another, as far as the user may. */
    void attributes(String path, Stat like) throws ErrnoException;

    /** A file, or a directory and all that goes into it, is complete, or will never be: from now on it has its name. */
    void settle(String path) throws ErrnoException;

    /** A file that is being written. What is not written is a hole. */
    interface Sink extends AutoCloseable {
        /** Writes all of a buffer at an offset. */
        void write(ByteBuffer bytes, long offset) throws ErrnoException;

        /** Makes the file this long. */
        void finish(long size) throws ErrnoException;

        @Override
        void close() throws ErrnoException;
    }
}
