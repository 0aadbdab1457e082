package org.rump4j.rump;

/**
 * An entry of a directory ({@code struct dirent}).
 *
 * @param fileno number of the file
 * @param type what it is, one of the constants here; a file system may not know
 * @param name its name, as {@link PathCodec} maps it
 */
public record Dirent(long fileno, int type, String name) {
    /** Not known: ask {@code lstat}. */
    public static final int DT_UNKNOWN = 0;
    /** Named pipe. */
    public static final int DT_FIFO = 1;
    /** Character device. */
    public static final int DT_CHR = 2;
    /** Directory. */
    public static final int DT_DIR = 4;
    /** Block device. */
    public static final int DT_BLK = 6;
    /** Regular file. */
    public static final int DT_REG = 8;
    /** Symbolic link. */
    public static final int DT_LNK = 10;
    /** Socket. */
    public static final int DT_SOCK = 12;

    /** The type that goes with a mode ({@code IFTODT}). */
    public static int typeOf(int mode) {
        return (mode & SysStat.S_IFMT) >> 12;
    }
}
