package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A file whose blocks are here and there on a disk, as a file system would know them; with what a file system does around its pages. */
final class ScatteredFile implements PageSource {
    final RecordingDisk disk;
    private final int blockBytes;

    /** Where blocks are, by their number in the file. */
    final Map<Long, Long> places = new TreeMap<>();

    private final Deque<Long> free = new ArrayDeque<>();

    long size;

    /** How often it was asked for places, and where blocks are. */
    int allocations;

    int questions;

    /** @param random where blocks go is left to chance; null for one after the other */
    ScatteredFile(RecordingDisk disk, int blockBytes, @Nullable Random random) {
        this.disk = disk;
        this.blockBytes = blockBytes;
        List<Long> all = new ArrayList<>();
        for (long at = 0; at + blockBytes <= disk.sizeBytes(); at += blockBytes) {
            all.add(at);
        }
        if (random != null) {
            Collections.shuffle(all, random);
        }
        free.addAll(all);
    }

    /** Where a block is. */
    long place(long number) {
        return Objects.requireNonNull(places.get(number));
    }

    /** Leaves so many free blocks. */
    void leaveFree(int blocks) {
        while (free.size() > blocks) {
            free.removeLast();
        }
    }

    void freeBlocks(long from, long to) {
        for (long number = (from + blockBytes - 1) / blockBytes; number < to / blockBytes; number++) {
            Long place = places.remove(number);
            if (place != null) {
                free.addFirst(place);
            }
        }
    }

    void freeBlocksBehind(long newSize) {
        long first = (newSize + blockBytes - 1) / blockBytes;
        places.entrySet().removeIf(e -> {
            boolean behind = e.getKey() >= first;
            if (behind) {
                free.addFirst(e.getValue());
            }
            return behind;
        });
    }

    @Override
    public FileExtent bmap(long offset, long limit) {
        questions++;
        long number = offset / blockBytes;
        Long place = places.get(number);
        long at = number * blockBytes;
        if (place == null) {
            return new FileExtent(at, blockBytes, FileExtent.HOLE);
        }
        return new FileExtent(at, blockBytes, place);
    }

    @Override
    public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
        long bytes = dst.byteSize();
        for (long at = offset; at < offset + bytes; ) {
            FileExtent extent = bmap(at, offset + bytes);
            long end = Math.min(extent.end(), offset + bytes);
            MemorySegment part = dst.asSlice(at - offset, end - at);
            if (extent.isHole()) {
                part.fill((byte) 0);
            } else {
                disk.read(part, extent.deviceOffset() + at - extent.offset());
            }
            at = end;
        }
        if (size < offset + bytes) {
            dst.asSlice(Math.max(0, size - offset)).fill((byte) 0);
        }
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public long allocate(long offset, long bytes) throws ErrnoException {
        allocations++;
        long end = offset + bytes;
        for (long number = offset / blockBytes; number * blockBytes < end; number++) {
            if (!places.containsKey(number)) {
                Long place = free.pollFirst();
                if (place == null) {
                    long got = number * blockBytes - offset;
                    if (got <= 0) {
                        throw Errno.ENOSPC.exception();
                    }
                    return got;
                }
                places.put(number, place);
            }
        }
        return bytes;
    }

    @Override
    public BlockDevice device() {
        return disk;
    }

    /** What the disk has of it. */
    byte[] onDisk() {
        byte[] contents = new byte[(int) size];
        places.forEach((number, place) -> {
            long at = number * blockBytes;
            int bytes = (int) Math.min(blockBytes, size - at);
            if (bytes > 0) {
                System.arraycopy(disk.contents(place, bytes), 0, contents, (int) at, bytes);
            }
        });
        return contents;
    }
}
