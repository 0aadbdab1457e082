package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The checksum of {@code uninit_bg}: CRC-16 with the polynomial x¹⁶ + x¹⁵ + x² + 1, the lowest power in the highest bit. */
final class Crc16 {
    /** Where a checksum begins. */
    static final int INITIAL = 0xFFFF;

    private static final int POLYNOMIAL = 0xA001;

    private Crc16() {}

    /** Goes on over bytes of a piece of memory. */
    static int update(int state, MemorySegment memory, long offset, long bytes) {
        int crc = state;
        for (long i = 0; i < bytes; i++) {
            crc = step(crc, memory.get(ValueLayout.JAVA_BYTE, offset + i));
        }
        return crc;
    }

    /** Goes on over a number of 32 bits, the low byte first. */
    static int updateLe32(int state, int value) {
        return step(step(step(step(state, value), value >>> 8), value >>> 16), value >>> 24);
    }

    private static int step(int state, int value) {
        int crc = state ^ (value & 0xFF);
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            crc = (crc & 1) != 0 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
        }
        return crc;
    }
}
