package org.rump4j.cli;

import java.util.List;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/**
 * A member of a tar archive.
 *
 * @param name as {@link org.rump4j.rump.PathCodec} maps it
 * @param type one of the constants below
 * @param mode permissions, with the three bits above
 * @param uid owner
 * @param gid group
 * @param size bytes of the file, of a link 0
 * @param mtime last change
 * @param link what a symbolic link says, or the name of the member that a link is another name of
 * @param rdev the device that a device node is
 * @param data where there is data: what lies between is nothing; one range for most files
 */
record TarEntry(
        String name,
        char type,
        int mode,
        int uid,
        int gid,
        long size,
        Timespec mtime,
        String link,
        long rdev,
        List<Range> data) {
    static final char FILE = '0';
    static final char LINK = '1';
    static final char SYMLINK = '2';
    static final char CHARACTER = '3';
    static final char BLOCK = '4';
    static final char DIRECTORY = '5';
    static final char FIFO = '6';

    /** A piece of a file. */
    record Range(long offset, long length) {}

    /** Whether there are holes. */
    boolean isSparse() {
        return type == FILE && !(data.size() == 1 && data.getFirst().length == size) && size > 0;
    }

    /** Type and permissions as a file system has them. */
    int fullMode() {
        int format = switch (type) {
            case SYMLINK -> SysStat.S_IFLNK;
            case CHARACTER -> SysStat.S_IFCHR;
            case BLOCK -> SysStat.S_IFBLK;
            case DIRECTORY -> SysStat.S_IFDIR;
            case FIFO -> SysStat.S_IFIFO;
            default -> SysStat.S_IFREG;
        };
        return format | mode;
    }
}
