package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The bytes of a file as the judge has them: of a small one what debugfs reads, of a large one what is in the blocks that it lists. */
final class JudgedFile {
    /** Bytes from begin to end. */
    record Range(long begin, long end) {
        long length() {
            return end - begin;
        }
    }

    private static final int SMALL_BYTES = 256 << 10;

    private final Inode inode;
    private final FileChannel image;
    private final int blockBytes;
    private final TreeMap<Long, Inode.Run> runs = new TreeMap<>();
    private final byte[] small;

    JudgedFile(Inode inode, Debugfs judge, FileChannel image, int blockBytes) {
        this.inode = inode;
        this.image = image;
        this.blockBytes = blockBytes;
        boolean isSmall = inode.inline() || inode.size() <= SMALL_BYTES;
        small = isSmall && inode.size() > 0 ? judge.cat(inode) : new byte[0];
        for (Inode.Run run : inode.runs()) {
            if (!run.unwritten()) {
                runs.put(run.logical() * blockBytes, run);
            }
        }
    }

    long size() {
        return inode.size();
    }

    /** Where there is data, as opposed to holes and to blocks that have not been written. */
    List<Range> data() {
        if (inode.inline()) {
            return inode.size() == 0 ? List.of() : List.of(new Range(0, inode.size()));
        }
        List<Range> ranges = new ArrayList<>();
        for (Inode.Run run : runs.values()) {
            long begin = run.logical() * blockBytes;
            long end = Math.min(run.end() * blockBytes, inode.size());
            if (!ranges.isEmpty() && ranges.getLast().end() == begin && begin < end) {
                ranges.set(ranges.size() - 1, new Range(ranges.getLast().begin(), end));
            } else if (begin < end) {
                ranges.add(new Range(begin, end));
            }
        }
        return ranges;
    }

    /** What a read must give: as many bytes as there are. */
    byte[] read(long offset, int bytes) {
        int length = Math.clamp(inode.size() - offset, 0, bytes);
        if (length > 0 && small.length > 0) {
            return Arrays.copyOfRange(small, (int) offset, (int) offset + length);
        }
        byte[] result = new byte[length];
        long end = offset + length;
        Long first = runs.floorKey(offset);
        for (Map.Entry<Long, Inode.Run> entry :
                runs.subMap(first == null ? offset : first, end).entrySet()) {
            Inode.Run run = entry.getValue();
            long from = Math.max(offset, entry.getKey());
            long to = Math.min(end, run.end() * blockBytes);
            if (from < to) {
                readImage(
                        run.physical() * blockBytes + from - entry.getKey(),
                        ByteBuffer.wrap(result, (int) (from - offset), (int) (to - from)));
            }
        }
        return result;
    }

    private void readImage(long offset, ByteBuffer dst) {
        try {
            long at = offset;
            while (dst.hasRemaining()) {
                int n = image.read(dst, at);
                if (n < 0) {
                    throw new IllegalStateException("the image ends before byte " + at);
                }
                at += n;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
