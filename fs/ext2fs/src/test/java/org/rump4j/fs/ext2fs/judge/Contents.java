package org.rump4j.fs.ext2fs.judge;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What a regular file of a model holds: small pieces, those that have been written. The others are holes. */
final class Contents {
    private static final int PIECE_BYTES = 1024;

    private final TreeMap<Long, byte[]> pieces = new TreeMap<>();
    private long size;

    long size() {
        return size;
    }

    void write(long offset, byte[] bytes) {
        for (int done = 0; done < bytes.length; ) {
            long at = offset + done;
            int within = (int) (at % PIECE_BYTES);
            int count = Math.min(PIECE_BYTES - within, bytes.length - done);
            byte[] piece = pieces.computeIfAbsent(at / PIECE_BYTES, _ -> new byte[PIECE_BYTES]);
            System.arraycopy(bytes, done, piece, within, count);
            done += count;
        }
        if (bytes.length > 0) {
            size = Math.max(size, offset + bytes.length);
        }
    }

    void truncate(long length) {
        if (length < size) {
            pieces.tailMap((length + PIECE_BYTES - 1) / PIECE_BYTES).clear();
            byte[] last = pieces.get(length / PIECE_BYTES);
            if (last != null) {
                Arrays.fill(last, (int) (length % PIECE_BYTES), PIECE_BYTES, (byte) 0);
            }
        }
        size = length;
    }

    /** As many of the bytes from one on as there are. */
    byte[] read(long offset, int bytes) {
        byte[] result = new byte[Math.clamp(size - offset, 0, bytes)];
        long end = offset + result.length;
        long first = offset / PIECE_BYTES;
        for (Map.Entry<Long, byte[]> entry :
                pieces.subMap(first, (end + PIECE_BYTES - 1) / PIECE_BYTES).entrySet()) {
            long begin = entry.getKey() * PIECE_BYTES;
            long from = Math.max(begin, offset);
            long to = Math.min(begin + PIECE_BYTES, end);
            System.arraycopy(entry.getValue(), (int) (from - begin), result, (int) (from - offset), (int) (to - from));
        }
        return result;
    }

    /** Whether anything has been written between two bytes. */
    boolean isWritten(long from, long to) {
        Long piece = pieces.ceilingKey(from / PIECE_BYTES);
        return piece != null && piece * PIECE_BYTES < to;
    }

    /** The first byte that is not in a hole, from one on; the length where there is none. */
    long nextData(long from) {
        Long piece = pieces.ceilingKey(from / PIECE_BYTES);
        return piece == null ? size : Math.min(size, Math.max(from, piece * PIECE_BYTES));
    }

    /** The first byte from one on where nothing has been written. */
    long nextHole(long from) {
        long piece = from / PIECE_BYTES;
        while (pieces.containsKey(piece)) {
            piece++;
        }
        return Math.min(size, Math.max(from, piece * PIECE_BYTES));
    }
}
