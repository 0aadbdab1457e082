package org.rump4j.fs.ext2fs.judge;

/** CRC-32C as file systems chain it: from any seed, without inversion at either end. Written for itself, to judge the driver's. */
final class Crc {
    /** Castagnoli's polynomial, bits reversed. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private static final int[] TABLE = table();

    private Crc() {}

    private static int[] table() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
            }
            table[i] = crc;
        }
        return table;
    }

    static int crc32c(int seed, byte[] bytes, int from, int length) {
        int crc = seed;
        for (int i = from; i < from + length; i++) {
            crc = crc >>> 8 ^ TABLE[(crc ^ bytes[i]) & 0xFF];
        }
        return crc;
    }

    static int crc32c(int seed, byte[] bytes) {
        return crc32c(seed, bytes, 0, bytes.length);
    }

    /** Over the four bytes of a number, the least first. */
    static int crc32c(int seed, int number) {
        return crc32c(
                seed, new byte[] {(byte) number, (byte) (number >> 8), (byte) (number >> 16), (byte) (number >> 24)});
    }
}
