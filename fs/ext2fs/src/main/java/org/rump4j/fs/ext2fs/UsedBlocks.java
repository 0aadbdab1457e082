package org.rump4j.fs.ext2fs;

import java.util.Arrays;

/** Blocks that are taken, in runs by number. There are few runs. */
final class UsedBlocks {
    /** The first block of each run, and the one behind its last; as many as there are. */
    private long[] begins = new long[8];

    private long[] ends = new long[8];
    private int count;

    /** Takes blocks that are free. */
    void add(long begin, long blocks) {
        if (blocks == 0) {
            return;
        }
        int at = count;
        while (at > 0 && begins[at - 1] > begin) {
            at--;
        }
        if (at > 0 && ends[at - 1] == begin) {
            ends[at - 1] = begin + blocks;
            return;
        }
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        System.arraycopy(begins, at, begins, at + 1, count - at);
        System.arraycopy(ends, at, ends, at + 1, count - at);
        begins[at] = begin;
        ends[at] = begin + blocks;
        count++;
    }

    /** The first of so many free blocks side by side from one on; −1 where there are none before the end. */
    long find(long from, long blocks, long end) {
        long begin = from;
        for (int i = 0; i < count; i++) {
            if (begins[i] >= begin + blocks) {
                break;
            }
            begin = Math.max(begin, ends[i]);
        }
        return begin + blocks <= end ? begin : -1;
    }

    /** How many are taken from one block on, as far as another. */
    long count(long begin, long end) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.max(0, Math.min(end, ends[i]) - Math.max(begin, begins[i]));
        }
        return sum;
    }

    /** Sets the bits of those that are taken; the first block has the first bit. */
    void mark(Bitmap bitmap, long first) {
        long end = first + bitmap.bits();
        for (int i = 0; i < count; i++) {
            if (ends[i] > first && begins[i] < end) {
                bitmap.set((int) (Math.max(begins[i], first) - first), (int) (Math.min(ends[i], end) - first));
            }
        }
    }
}
