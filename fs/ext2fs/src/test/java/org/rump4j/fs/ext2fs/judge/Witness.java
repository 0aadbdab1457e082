package org.rump4j.fs.ext2fs.judge;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** Somebody who says what files there are. Paths are those of {@link Model}. */
interface Witness {
    /** Who it is, for messages. */
    String name();

    /** The names in a directory, but for {@code .} and {@code ..}. */
    Set<String> names(String path) throws ErrnoException;

    /** What is said of a file, links not followed. */
    Attributes attributes(String path) throws ErrnoException;

    /** What a symbolic link says. */
    String target(String path) throws ErrnoException;

    /** Where a regular file has data. */
    List<JudgedFile.Range> data(String path) throws ErrnoException;

    /** Bytes of a regular file, as many as there are. */
    byte[] read(String path, long offset, int bytes) throws ErrnoException;

    /** What debugfs says of the extended attributes; null from a witness who knows nothing of them. */
    @Nullable
    String extendedAttributes(String path);

    /** Attributes, of which the flags are as {@code stat(2)} has them. */
    record Attributes(
            long ino,
            int mode,
            int links,
            int uid,
            int gid,
            int flags,
            long rdev,
            long size,
            Timespec atime,
            Timespec mtime) {}
}
