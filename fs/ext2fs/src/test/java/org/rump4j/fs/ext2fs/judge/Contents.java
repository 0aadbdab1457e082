package org.rump4j.fs.ext2fs.judge;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What a regular file of a model holds: pieces as long as a block, those that have been written. The others are holes. */
final class Contents {
    private final int pieceBytes;
    private final TreeMap<Long, byte[]> pieces = new TreeMap<>();
    private long size;

    Contents(int blockBytes) {
        pieceBytes = blockBytes;
    }

    long size() {
        return size;
    }

    void write(long offset, byte[] bytes) {
        for (int done = 0; done < bytes.length; ) {
            long at = offset + done;
            int within = (int) (at % pieceBytes);
            int count = Math.min(pieceBytes - within, bytes.length - done);
            byte[] piece = pieces.computeIfAbsent(at / pieceBytes, _ -> new byte[pieceBytes]);
            System.arraycopy(bytes, done, piece, within, count);
            done += count;
        }
        if (bytes.length > 0) {
            size = Math.max(size, offset + bytes.length);
        }
    }

    void truncate(long length) {
        if (length < size) {
            pieces.tailMap((length + pieceBytes - 1) / pieceBytes).clear();
            byte[] last = pieces.get(length / pieceBytes);
            if (last != null) {
                Arrays.fill(last, (int) (length % pieceBytes), pieceBytes, (byte) 0);
            }
        }
        size = length;
    }

    /** What is there of a piece reads as zeros; blocks that are whole in it are holes. The length stays. */
    void discard(long from, long to) {
        long end = Math.min(to, size);
        for (long piece = from / pieceBytes; from < end && piece * pieceBytes < end; piece++) {
            byte[] bytes = pieces.get(piece);
            long begin = piece * pieceBytes;
            if (bytes != null && from <= begin && begin + pieceBytes <= end) {
                pieces.remove(piece);
            } else if (bytes != null) {
                Arrays.fill(
                        bytes,
                        (int) (Math.max(from, begin) - begin),
                        (int) (Math.min(end, begin + pieceBytes) - begin),
                        (byte) 0);
            }
        }
    }

    /** Holes between two bytes may be zeros from now on. */
    void fill(long from, long to) {
        for (long piece = from / pieceBytes; piece * pieceBytes < to; piece++) {
            pieces.computeIfAbsent(piece, _ -> new byte[pieceBytes]);
        }
    }

    /** As many of the bytes from one on as there are. */
    byte[] read(long offset, int bytes) {
        byte[] result = new byte[Math.clamp(size - offset, 0, bytes)];
        long end = offset + result.length;
        long first = offset / pieceBytes;
        for (Map.Entry<Long, byte[]> entry :
                pieces.subMap(first, (end + pieceBytes - 1) / pieceBytes).entrySet()) {
            long begin = entry.getKey() * pieceBytes;
            long from = Math.max(begin, offset);
            long to = Math.min(begin + pieceBytes, end);
            System.arraycopy(entry.getValue(), (int) (from - begin), result, (int) (from - offset), (int) (to - from));
        }
        return result;
    }

    /** The first byte that is not in a hole, from one on; the length where there is none. */
    long nextData(long from) {
        Long piece = pieces.ceilingKey(from / pieceBytes);
        return piece == null ? size : Math.min(size, Math.max(from, piece * pieceBytes));
    }

    /** The first byte from one on where nothing has been written. */
    long nextHole(long from) {
        long piece = from / pieceBytes;
        while (pieces.containsKey(piece)) {
            piece++;
        }
        return Math.min(size, Math.max(from, piece * pieceBytes));
    }
}
