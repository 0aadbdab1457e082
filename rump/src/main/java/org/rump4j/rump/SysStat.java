package org.rump4j.rump;

/** Constants of NetBSD's {@code sys/stat.h} and {@code sys/types.h}. */
public final class SysStat {
    /** Mask for the type of a file. */
    public static final int S_IFMT = 0170000;
    /** Named pipe. */
    public static final int S_IFIFO = 0010000;
    /** Character device. */
    public static final int S_IFCHR = 0020000;
    /** Directory. */
    public static final int S_IFDIR = 0040000;
    /** Block device. */
    public static final int S_IFBLK = 0060000;
    /** Regular file. */
    public static final int S_IFREG = 0100000;
    /** Symbolic link. */
    public static final int S_IFLNK = 0120000;
    /** Socket. */
    public static final int S_IFSOCK = 0140000;

    /** Set user id on execution. */
    public static final int S_ISUID = 04000;
    /** Set group id on execution. */
    public static final int S_ISGID = 02000;
    /** Sticky: only owners may remove what is in the directory. */
    public static final int S_ISVTX = 01000;
    /** Mask for the permissions and the three bits above. */
    public static final int ALLPERMS = 07777;

    /** Do not dump. */
    public static final int UF_NODUMP = 0x00000001;
    /** May not be changed. */
    public static final int UF_IMMUTABLE = 0x00000002;
    /** May only be appended to. */
    public static final int UF_APPEND = 0x00000004;
    /** Mask for what the owner may change. */
    public static final int UF_SETTABLE = 0x0000ffff;
    /** Archived. */
    public static final int SF_ARCHIVED = 0x00010000;
    /** May not be changed. */
    public static final int SF_IMMUTABLE = 0x00020000;
    /** May only be appended to. */
    public static final int SF_APPEND = 0x00040000;
    /** Mask for what only the superuser may change. */
    public static final int SF_SETTABLE = 0xffff0000;

    private SysStat() {}

    /** Major number of a device. */
    public static int major(long dev) {
        return (int) ((dev & 0x000fff00) >> 8);
    }

    /** Minor number of a device. */
    public static int minor(long dev) {
        return (int) (((dev & 0xfff00000L) >> 12) | (dev & 0x000000ff));
    }

    /** A device number from its parts: 12 bits of major and 20 bits of minor number. */
    public static long makedev(int major, int minor) {
        return (((long) major << 8) & 0x000fff00) | (((long) minor << 12) & 0xfff00000L) | (minor & 0x000000ff);
    }
}
