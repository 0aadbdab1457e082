package org.rump4j.cli;

import java.lang.foreign.MemorySegment;

/** Finds what need not be written: where nobody can tell holes, so many bytes of nothing in a row are one. */
final class Holes {
    /** The least of them; begins at a multiple of it, too. */
    static final int BYTES = 4096;

    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[BYTES]);

    private Holes() {}

    /** Takes what has to be written. */
    @FunctionalInterface
    interface Data<X extends Exception> {
        /** A range of the bytes. */
        void range(int begin, int length) throws X;
    }

    /** Goes through bytes, and gives the ranges that are not holes. */
    static <X extends Exception> void between(MemorySegment bytes, Data<X> data) throws X {
        int n = (int) bytes.byteSize();
        int begin = 0;
        for (int at = 0; at < n; at += BYTES) {
            int length = Math.min(BYTES, n - at);
            if (isNothing(bytes, at, length)) {
                if (begin < at) {
                    data.range(begin, at - begin);
                }
                begin = at + length;
            }
        }
        if (begin < n) {
            data.range(begin, n - begin);
        }
    }

    private static boolean isNothing(MemorySegment bytes, int at, int length) {
        return MemorySegment.mismatch(bytes, at, at + length, NOTHING, 0, length) < 0;
    }
}
