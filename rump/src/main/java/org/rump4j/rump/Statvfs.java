package org.rump4j.rump;

/**
 * What a file system is ({@code struct statvfs}).
 *
 * @param flag how it is mounted; see {@link SysMount}
 * @param bsize bytes of a block
 * @param frsize bytes of a fragment, the unit of the counts that follow
 * @param iosize bytes that are best read or written at a time
 * @param blocks all of them
 * @param bfree free ones
 * @param bavail free ones that an ordinary user may take
 * @param files all files that it could hold
 * @param ffree those of them that are free
 * @param favail those of the free ones that an ordinary user may make
 * @param fsid identifies it while it is mounted
 * @param namemax bytes of a name, at the most
 * @param owner who mounted it
 * @param fstypename type, such as {@code ext2fs}
 * @param mntonname where it is mounted
 * @param mntfromname what is mounted
 */
public record Statvfs(
        int flag,
        long bsize,
        long frsize,
        long iosize,
        long blocks,
        long bfree,
        long bavail,
        long files,
        long ffree,
        long favail,
        long fsid,
        int namemax,
        int owner,
        String fstypename,
        String mntonname,
        String mntfromname) {}
