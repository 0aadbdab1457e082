package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The checksum of a journal of the first kind: CRC-32 with the highest power in the highest bit, not inverted at its end. */
final class Crc32Be {
    /** Where a checksum begins. */
    static final int INITIAL = -1;

    private static final int POLYNOMIAL = 0x04C11DB7;

    private static final int[] TABLE = new int[256];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            int crc = i << 24;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = crc < 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
            }
            TABLE[i] = crc;
        }
    }

    private Crc32Be() {}

    /** Goes on over a piece of memory. */
    static int update(int state, MemorySegment memory) {
        int crc = state;
        for (long i = 0; i < memory.byteSize(); i++) {
            crc = crc << Byte.SIZE ^ TABLE[(crc >>> 24 ^ memory.get(ValueLayout.JAVA_BYTE, i)) & 0xFF];
        }
        return crc;
    }
}
