package org.rump4j.vfs.rumpfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.FileExtent;

/** What is in a regular file: chunks of 64 KiB where something has been written, holes elsewhere. The last chunk may be shorter. */
final class FileContents {
    private static final int CHUNK_SHIFT = 16;
    private static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
    private static final int MIN_CHUNK_BYTES = 512;

    private final Rumpfs fs;
    private final TreeMap<Long, byte[]> chunks = new TreeMap<>();
    private long size;
    private long allocatedBytes;

    FileContents(Rumpfs fs) {
        this.fs = fs;
    }

    long size() {
        return size;
    }

    /** Bytes of memory that it takes. */
    long allocatedBytes() {
        return allocatedBytes;
    }

    void read(Uio uio) throws ErrnoException {
        while (uio.resid() > 0 && uio.offset() < size) {
            int within = (int) (uio.offset() & (CHUNK_BYTES - 1));
            long bytes = Math.min(uio.resid(), Math.min(CHUNK_BYTES - within, size - uio.offset()));
            byte[] chunk = chunks.get(uio.offset() >> CHUNK_SHIFT);
            int there = chunk == null ? 0 : (int) Math.clamp((long) chunk.length - within, 0, bytes);
            if (there > 0) {
                uio.toUser(MemorySegment.ofArray(chunk), within, there);
            }
            uio.zeros(bytes - there);
        }
    }

    void write(Uio uio) throws ErrnoException {
        if (uio.resid() > Long.MAX_VALUE - uio.offset()) {
            throw Errno.EFBIG.exception();
        }
        while (uio.resid() > 0) {
            writeChunk(uio);
        }
    }

    private void writeChunk(Uio uio) throws ErrnoException {
        long begin = uio.offset();
        int within = (int) (begin & (CHUNK_BYTES - 1));
        int bytes = (int) Math.min(uio.resid(), CHUNK_BYTES - within);
        byte[] chunk = chunk(begin >> CHUNK_SHIFT, within + bytes);
        try {
            uio.fromUser(MemorySegment.ofArray(chunk), within, bytes);
        } finally {
            // Of memory that cannot be read there may have been a part.
            if (uio.offset() > begin) {
                size = Math.max(size, uio.offset());
            }
        }
    }

    /** Cuts, or extends with a hole. */
    void setSize(long to) {
        if (to < size) {
            long last = (to - 1) >> CHUNK_SHIFT;
            Map<Long, byte[]> behind = to == 0 ? chunks : chunks.tailMap(last, false);
            for (byte[] chunk : behind.values()) {
                free(chunk.length);
            }
            behind.clear();
            byte[] chunk = to == 0 ? null : chunks.get(last);
            int within = (int) (to - (last << CHUNK_SHIFT));
            if (chunk != null && within < chunk.length) {
                Arrays.fill(chunk, within, chunk.length, (byte) 0);
            }
        }
        size = to;
    }

    /** Throws a piece away that does not reach behind the end. Chunks that lie in it as a whole take no memory any more. */
    void discard(long from, long to) {
        long end = to == size ? Long.MAX_VALUE : to;
        Map<Long, byte[]> touched = chunks.subMap(from >> CHUNK_SHIFT, true, (to - 1) >> CHUNK_SHIFT, true);
        touched.entrySet().removeIf(entry -> {
            byte[] chunk = entry.getValue();
            long start = entry.getKey() << CHUNK_SHIFT;
            int first = (int) Math.max(from - start, 0);
            int last = (int) Math.min(end - start, chunk.length);
            if (first == 0 && last == chunk.length) {
                free(chunk.length);
                return true;
            }
            if (first < last) {
                Arrays.fill(chunk, first, last, (byte) 0);
            }
            return false;
        });
    }

    /**
     * Gives memory to all of a piece.
     *
     * @throws ErrnoException ENOSPC: nothing has changed
     */
    void preallocate(long from, long to) throws ErrnoException {
        List<Long> made = new ArrayList<>();
        boolean whole = false;
        try {
            for (long number = from >> CHUNK_SHIFT; number <= (to - 1) >> CHUNK_SHIFT; number++) {
                boolean hole = !chunks.containsKey(number);
                chunk(number, (int) Math.min(to - (number << CHUNK_SHIFT), CHUNK_BYTES));
                if (hole) {
                    made.add(number);
                }
            }
            whole = true;
        } finally {
            if (!whole) {
                for (long number : made) {
                    free(Objects.requireNonNull(chunks.remove(number)).length);
                }
            }
        }
        size = Math.max(size, to);
    }

    /** Where there is something, in the place of a device: a chunk counts as a whole. */
    FileExtent extent(long offset) {
        long number = offset >> CHUNK_SHIFT;
        long start = number << CHUNK_SHIFT;
        if (chunks.containsKey(number)) {
            return new FileExtent(start, Math.min(CHUNK_BYTES, size - start), 0);
        }
        Long next = chunks.higherKey(number);
        long end = next == null ? size : next << CHUNK_SHIFT;
        return new FileExtent(start, end - start, FileExtent.HOLE);
    }

    /** The file is gone. */
    void clear() {
        fs.give(allocatedBytes);
        allocatedBytes = 0;
        chunks.clear();
        size = 0;
    }

    private byte[] chunk(long number, int bytes) throws ErrnoException {
        byte[] chunk = chunks.get(number);
        if (chunk != null && chunk.length >= bytes) {
            return chunk;
        }
        int length = Math.max(MIN_CHUNK_BYTES, Integer.highestOneBit(bytes - 1) << 1);
        int more = length - (chunk == null ? 0 : chunk.length);
        byte[] larger = fs.allocate(length, more);
        if (chunk != null) {
            System.arraycopy(chunk, 0, larger, 0, chunk.length);
        }
        allocatedBytes += more;
        chunks.put(number, larger);
        return larger;
    }

    private void free(int bytes) {
        fs.give(bytes);
        allocatedBytes -= bytes;
    }
}
