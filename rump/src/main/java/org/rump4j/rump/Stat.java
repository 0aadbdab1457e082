package org.rump4j.rump;

/**
 * What a file is ({@code struct stat}).
 *
 * @param dev device that it is on
 * @param mode type and permissions; see {@link SysStat}
 * @param ino number of the file on its device
 * @param nlink names that it has
 * @param uid owner
 * @param gid group
 * @param rdev the device that it is, for a block or character device; see {@link SysStat#major}
 * @param atime last access
 * @param mtime last change of the data
 * @param ctime last change of anything
 * @param birthtime when it was made; zero where the file system does not tell
 * @param size bytes
 * @param blocks blocks of 512 bytes that it takes on its device
 * @param blksize bytes that are best read or written at a time
 * @param flags file flags; see {@code chflags(2)}
 * @param gen generation: how often the number has been given to a file
 */
public record Stat(
        long dev,
        int mode,
        long ino,
        int nlink,
        int uid,
        int gid,
        long rdev,
        Timespec atime,
        Timespec mtime,
        Timespec ctime,
        Timespec birthtime,
        long size,
        long blocks,
        int blksize,
        int flags,
        int gen) {

    /** The same with other times of access and of change. */
    public Stat withTimes(Timespec accessed, Timespec modified) {
        return new Stat(
                dev, mode, ino, nlink, uid, gid, rdev, accessed, modified, ctime, birthtime, size, blocks, blksize,
                flags, gen);
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return (mode & SysStat.S_IFMT) == SysStat.S_IFDIR;
    }

    /** Whether it is a regular file. */
    public boolean isRegular() {
        return (mode & SysStat.S_IFMT) == SysStat.S_IFREG;
    }

    /** Whether it is a symbolic link. */
    public boolean isSymlink() {
        return (mode & SysStat.S_IFMT) == SysStat.S_IFLNK;
    }
}
