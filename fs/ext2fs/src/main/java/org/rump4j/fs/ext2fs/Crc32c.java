package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;
import org.rump4j.fs.ext2fs.Fields.Le32;

/**
 * The checksum of {@code metadata_csum}: CRC-32C (Castagnoli), which goes on from any state and is not inverted at its end.
 *
 * <p>The JDK's {@link CRC32C} is fast but begins in one state only. To go on from another one is to begin there with the first four bytes
 * changed by what the two states differ in.
 */
final class Crc32c {
    /** Where a checksum begins that goes on from nothing. */
    static final int INITIAL = -1;

    /** Castagnoli's polynomial, the lowest power in the highest bit. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private static final Le32 FIRST = new Le32(0);

    private static final int[] TABLE = new int[256];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            int crc = i;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 1) != 0 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
            }
            TABLE[i] = crc;
        }
    }

    private Crc32c() {}

    /** Goes on over bytes of a piece of memory. */
    static int update(int state, MemorySegment memory, long offset, long bytes) {
        if (bytes < Integer.BYTES) {
            int crc = state;
            for (long at = offset; at < offset + bytes; at++) {
                crc = step(crc, memory.get(ValueLayout.JAVA_BYTE, at));
            }
            return crc;
        }
        CRC32C crc = new CRC32C();
        int first = FIRST.get(memory, offset) ^ state ^ INITIAL;
        for (int i = 0; i < Integer.BYTES; i++) {
            crc.update(first >>> (i * Byte.SIZE));
        }
        crc.update(memory.asSlice(offset + Integer.BYTES, bytes - Integer.BYTES).asByteBuffer());
        return ~(int) crc.getValue();
    }

    /** Goes on over an array. */
    static int update(int state, byte[] bytes) {
        return update(state, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /** Goes on over a number of 16 bits, the low byte first. */
    static int updateLe16(int state, int value) {
        return step(step(state, value), value >>> 8);
    }

    /** Goes on over a number of 32 bits, the low byte first. */
    static int updateLe32(int state, int value) {
        return updateLe16(updateLe16(state, value), value >>> 16);
    }

    /** Goes on over a number of 32 bits, the high byte first. */
    static int updateBe32(int state, int value) {
        return updateLe32(state, Integer.reverseBytes(value));
    }

    private static int step(int state, int value) {
        return (state >>> Byte.SIZE) ^ TABLE[(state ^ value) & 0xFF];
    }
}
