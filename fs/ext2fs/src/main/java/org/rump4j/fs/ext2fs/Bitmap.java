package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A bitmap as it is on disk: the lowest bit of the first byte is the first. A set bit is in use.
 *
 * @param memory a whole block
 * @param bits as many as mean something
 */
record Bitmap(MemorySegment memory, int bits) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    boolean get(int bit) {
        return (memory.get(ValueLayout.JAVA_BYTE, bit >> 3) >> (bit & 7) & 1) != 0;
    }

    void set(int bit) {
        memory.set(ValueLayout.JAVA_BYTE, bit >> 3, (byte)
                (memory.get(ValueLayout.JAVA_BYTE, bit >> 3) | (1 << (bit & 7))));
    }

    /** Sets bits from one on, as far as another. */
    void set(int from, int to) {
        int bit = from;
        for (; bit < to && (bit & 7) != 0; bit++) {
            set(bit);
        }
        if (to - bit >= Byte.SIZE) {
            memory.asSlice(bit >> 3, (to - bit) >> 3).fill((byte) -1);
            bit += (to - bit) & -Byte.SIZE;
        }
        for (; bit < to; bit++) {
            set(bit);
        }
    }

    void clear(int bit) {
        memory.set(ValueLayout.JAVA_BYTE, bit >> 3, (byte)
                (memory.get(ValueLayout.JAVA_BYTE, bit >> 3) & ~(1 << (bit & 7))));
    }

    /** The first clear bit from one on; {@link #bits} where there is none. */
    int nextClear(int from) {
        return next(from, -1L);
    }

    /** The first set bit from one on; {@link #bits} where there is none. */
    int nextSet(int from) {
        return next(from, 0);
    }

    private int next(int from, long flip) {
        if (from >= bits) {
            return bits;
        }
        int at = from & -Long.SIZE;
        long word = (memory.get(WORD, at >> 3) ^ flip) & (-1L << (from & (Long.SIZE - 1)));
        while (word == 0) {
            at += Long.SIZE;
            if (at >= bits) {
                return bits;
            }
            word = memory.get(WORD, at >> 3) ^ flip;
        }
        return Math.min(bits, at + Long.numberOfTrailingZeros(word));
    }

    /** How many are clear. */
    int countClear() {
        int count = 0;
        for (int bit = nextClear(0); bit < bits; bit = nextClear(bit)) {
            int end = nextSet(bit);
            count += end - bit;
            bit = end;
        }
        return count;
    }
}
