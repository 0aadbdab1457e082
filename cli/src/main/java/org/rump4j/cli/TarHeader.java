package org.rump4j.cli;

/**
 * Where things are in a header of a tar archive: POSIX, {@code pax}, "ustar Interchange Format", and what GNU tar has in place of
 * the prefix.
 *
 * @param offset bytes from the beginning of the header
 * @param length bytes
 */
record TarHeader(int offset, int length) {
    static final int BYTES = 512;

    static final TarHeader NAME = new TarHeader(0, 100);
    static final TarHeader MODE = new TarHeader(100, 8);
    static final TarHeader UID = new TarHeader(108, 8);
    static final TarHeader GID = new TarHeader(116, 8);
    static final TarHeader SIZE = new TarHeader(124, 12);
    static final TarHeader MTIME = new TarHeader(136, 12);
    static final TarHeader CHECKSUM = new TarHeader(148, 8);
    static final TarHeader TYPE = new TarHeader(156, 1);
    static final TarHeader LINK = new TarHeader(157, 100);
    static final TarHeader MAGIC = new TarHeader(257, 6);
    static final TarHeader VERSION = new TarHeader(263, 2);
    static final TarHeader MAJOR = new TarHeader(329, 8);
    static final TarHeader MINOR = new TarHeader(337, 8);
    static final TarHeader PREFIX = new TarHeader(345, 155);

    /** Of old GNU archives: four pairs of numbers, whether more follow, and the length of the file. */
    static final TarHeader GNU_SPARSE = new TarHeader(386, 96);

    static final TarHeader GNU_EXTENDED = new TarHeader(482, 1);
    static final TarHeader GNU_REAL_SIZE = new TarHeader(483, 12);

    /** In a header that follows such a one: 21 pairs, and whether more follow. */
    static final TarHeader EXTENSION = new TarHeader(0, 504);

    static final TarHeader EXTENSION_EXTENDED = new TarHeader(504, 1);

    static final int NUMBER_BYTES = 12;

    /** Of an extended header, for the next member or for all that follow. */
    static final char PAX = 'x';

    static final char PAX_GLOBAL = 'g';

    /** GNU's: the data are the name or the link of the next member; and a file with holes. */
    static final char GNU_NAME = 'L';

    static final char GNU_LINK = 'K';
    static final char GNU_SPARSE_FILE = 'S';

    /** The sum of all bytes, with the checksum itself as if it were spaces. */
    static int checksum(byte[] header) {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            boolean own = i >= CHECKSUM.offset && i < CHECKSUM.offset + CHECKSUM.length;
            sum += own ? ' ' : header[i] & 0xFF;
        }
        return sum;
    }
}
