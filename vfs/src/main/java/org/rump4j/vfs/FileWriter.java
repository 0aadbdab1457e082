package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.ErrnoException;

/**
 * How what is cached of a file changes: by writing, and by the file becoming shorter or longer or getting holes.
 *
 * <p><b>What holds.</b> Bytes of a valid page that lie behind the end of the file, or in a hole, are zeros. A dirty page is valid, and
 * its chunk knows the place of each of its blocks that has one. A block that was given a place has all its pages dirty, so that
 * nobody sees what was there on the device.
 *
 * <p><b>Writing behind.</b> Of a file that is written from front to back, chunks that are full are written in the background,
 * so that in the end little is left to wait for.
 *
 * <p>All with the vnode's lock held exclusively: nobody reads meanwhile. Chunks may be written to the device though.
 */
final class FileWriter {
    /** So much is written from front to back before any of it is written behind. */
    private static final int BEHIND_BYTES = 1 << 20;

    private static final int CHUNK_SHIFT = FilePages.CHUNK_SHIFT;
    private static final int CHUNK_BYTES = FilePages.CHUNK_BYTES;
    private static final int PAGE_SHIFT = FilePages.PAGE_SHIFT;
    private static final int PAGE_BYTES = 1 << PAGE_SHIFT;

    private final FilePages pages;
    private final PageCache cache;
    private final PageSource source;
    private final LongMap<CacheBlock> chunks;
    private final DirtyFiles files;
    private final DirtyPages dirty;

    /** Where it was begun to write from front to back, and where that goes on. */
    private long runStart;

    private long runEnd;

    /** The next chunk to be written behind. */
    private long behind;

    FileWriter(
            FilePages pages,
            PageCache cache,
            PageSource source,
            LongMap<CacheBlock> chunks,
            DirtyFiles files,
            DirtyPages dirty) {
        this.pages = pages;
        this.cache = cache;
        this.source = source;
        this.chunks = chunks;
        this.files = files;
        this.dirty = dirty;
    }

    /** As {@link FilePages#write}. */
    long write(Uio uio, long size, long most) throws ErrnoException {
        long begin = uio.offset();
        long end = begin + Math.min(uio.resid(), most);
        try {
            if (begin > size && begin < end) {
                extend(size, begin);
            }
            while (uio.offset() < end) {
                writeChunk(uio, end, Math.max(size, uio.offset()));
            }
        } catch (ErrnoException e) {
            if (uio.offset() == begin) {
                throw e;
            }
        }
        files.dirtied();
        writeBehind(begin, uio.offset());
        return uio.offset() - begin;
    }

    /** As {@link FilePages#truncate}. */
    void truncate(long size, long newSize) throws ErrnoException {
        if (newSize > size) {
            extend(size, newSize);
        } else {
            long blockEnd = blockEnd(newSize);
            zero(newSize, blockEnd, size);
            drop(blockEnd, Long.MAX_VALUE);
            runEnd = Math.min(runEnd, newSize);
        }
        files.dirtied();
    }

    /** As {@link FilePages#punch}. */
    void punch(long size, long from, long to) throws ErrnoException {
        long firstWhole = blockEnd(from);
        long endOfWhole = blockStart(to);
        if (firstWhole > endOfWhole) {
            zero(from, to, size);
        } else {
            zero(from, firstWhole, size);
            zero(endOfWhole, to, size);
            drop(firstWhole, endOfWhole);
        }
        files.dirtied();
    }

    // Writing

    private void writeChunk(Uio uio, long end, long size) throws ErrnoException {
        long start = uio.offset() & -CHUNK_BYTES;
        int within = (int) (uio.offset() - start);
        int wanted = (int) Math.min(end - uio.offset(), CHUNK_BYTES - within);
        CacheBlock chunk = pin(start >> CHUNK_SHIFT, (int) blockEnd(within + wanted), size);
        try {
            readEdges(chunk, start, within, wanted, size);
            ChunkPlaces before = ask(chunk, start, within, wanted, size);
            int bytes = wanted;
            if (before != null) {
                bytes = allocate(chunk, start, within, wanted);
                if (bytes < wanted) {
                    readEdges(chunk, start, within, bytes, size);
                }
            }
            copy(uio, chunk, within, bytes, before);
        } finally {
            cache.enter();
            cache.unpin(chunk);
            cache.exit();
        }
    }

    /** Makes the pages valid that a piece only lies in with a part, unless what is beside it is behind the end. */
    private void readEdges(CacheBlock chunk, long start, int within, int bytes, long size) throws ErrnoException {
        int end = within + bytes;
        int edges = 0;
        if ((within & (PAGE_BYTES - 1)) != 0) {
            edges |= 1 << (within >> PAGE_SHIFT);
        }
        if ((end & (PAGE_BYTES - 1)) != 0 && start + end < size) {
            edges |= 1 << (end >> PAGE_SHIFT);
        }
        edges &= ~chunk.valid;
        for (int left = edges; left != 0; left &= left - 1) {
            int page = Integer.numberOfTrailingZeros(left);
            if (start + ((long) page << PAGE_SHIFT) >= size) {
                chunk.memory().asSlice((long) page << PAGE_SHIFT, PAGE_BYTES).fill((byte) 0);
                makeValid(chunk, 1 << page);
                edges &= ~(1 << page);
            }
        }
        read(chunk, edges);
    }

    private void read(CacheBlock chunk, int missing) throws ErrnoException {
        if (missing != 0) {
            cache.enter();
            try {
                pages.fill(chunk, missing);
            } finally {
                cache.exit();
            }
        }
    }

    private void makeValid(CacheBlock chunk, int mask) {
        cache.enter();
        chunk.valid |= mask;
        cache.exit();
    }

    /**
     * Asks where the blocks of a piece are, unless that is known.
     *
     * @return null where each has its place; otherwise what is known
     */
    private @Nullable ChunkPlaces ask(CacheBlock chunk, long start, int within, int bytes, long size)
            throws ErrnoException {
        int from = (int) blockStart(within);
        int to = (int) blockEnd(within + bytes);
        ChunkPlaces places = chunk.places;
        if (places == null) {
            places = new ChunkPlaces(unitShift());
            cache.enter();
            chunk.places = places;
            cache.exit();
        }
        if (places.hasAll(from, to - from)) {
            return null;
        }
        // Behind the end there is nothing to be found that would be of use.
        askOf(places, start, from, (int) Math.min(to, blockEnd(size) - start));
        return places.hasAll(from, to - from) ? null : places.copy();
    }

    private void askOf(ChunkPlaces places, long start, int from, int to) throws ErrnoException {
        for (int at = from; at < to; ) {
            FileExtent extent = source.bmap(start + at, start + to);
            int bytes = (int) (Math.min(extent.end(), start + to) - (start + at));
            if (bytes <= 0) {
                throw new IllegalStateException(source + ": no byte " + (start + at) + " in " + extent);
            }
            long place = extent.isHole() ? FileExtent.HOLE : extent.deviceOffset() + (start + at - extent.offset());
            cache.enter();
            places.set(at, bytes, place);
            cache.exit();
            at = (int) FilePages.roundUp(at + bytes, places.unitBytes());
        }
    }

    /** Gives places to the blocks of a piece. How many bytes of it have got one: there may be no room for more. */
    private int allocate(CacheBlock chunk, long start, int within, int bytes) throws ErrnoException {
        ChunkPlaces places = Objects.requireNonNull(chunk.places);
        long got = source.allocate(start + within, bytes);
        if (got < 1 || got > bytes) {
            throw new IllegalStateException(source + ": " + got + " of " + bytes + " bytes allocated");
        }
        int from = (int) blockStart(within);
        int to = (int) blockEnd(within + got);
        askOf(places, start, from, to);
        if (!places.hasAll(from, to - from)) {
            throw new IllegalStateException(source + ": allocated, but in no place");
        }
        return (int) got;
    }

    /** @param before which blocks had their places before some were allocated; null where none was */
    private void copy(Uio uio, CacheBlock chunk, int within, int bytes, @Nullable ChunkPlaces before)
            throws ErrnoException {
        int touched = FilePages.pageMask(within, bytes);
        int last = 1 << ((within + bytes - 1) >> PAGE_SHIFT);
        boolean copied = false;
        if ((chunk.valid & last) == 0) {
            int end = within + bytes;
            chunk.memory()
                    .asSlice(end, FilePages.roundUp(end, PAGE_BYTES) - end)
                    .fill((byte) 0);
        }
        long begin = uio.offset();
        try {
            uio.fromUser(chunk.memory(), within, bytes);
            copied = true;
        } finally {
            if (!copied) {
                int end = within + (int) (uio.offset() - begin);
                touched &= ~patch(chunk, end, within + bytes, before);
            }
            int made = touched | (before == null ? 0 : zeroAround(chunk, within, bytes, before));
            cache.enter();
            chunk.valid |= made;
            if (made != 0) {
                dirty.mark(chunk, made);
            }
            cache.exit();
        }
    }

    /**
     * The user's memory was not there to be copied: what has not been copied of pages that were not valid gets what it would have if
     * nobody had begun.
     *
     * @return those of them that could not be read, and are not valid therefore
     */
    private int patch(CacheBlock chunk, int from, int to, @Nullable ChunkPlaces before) {
        ChunkPlaces places = Objects.requireNonNull(chunk.places);
        int lost = 0;
        int step;
        for (int at = from; at < to; at += step) {
            int unit = at & -places.unitBytes();
            step = unit + places.unitBytes() - at;
            int page = 1 << (at >> PAGE_SHIFT);
            if ((chunk.valid & page) != 0) {
                continue;
            }
            MemorySegment rest = chunk.memory().asSlice(at, Math.min(step, to - at));
            rest.fill((byte) 0);
            if (before == null || before.at(unit) >= 0) {
                try {
                    MemorySegment old = MemorySegment.ofArray(new byte[places.unitBytes()]);
                    dirty.device().read(old, places.at(unit));
                    rest.copyFrom(old.asSlice(at - unit, rest.byteSize()));
                } catch (ErrnoException e) {
                    lost |= page;
                }
            }
        }
        return lost;
    }

    /** Pages beside a piece, in blocks that have just been given a place, become zeros. Which those are. */
    private int zeroAround(CacheBlock chunk, int within, int bytes, ChunkPlaces before) {
        if (blockBytes() <= PAGE_BYTES) {
            return 0;
        }
        int touched = FilePages.pageMask(within, bytes);
        int around = 0;
        int end = (int) blockEnd(within + bytes);
        for (int at = (int) blockStart(within); at < end; at += PAGE_BYTES) {
            int page = 1 << (at >> PAGE_SHIFT);
            if ((touched & page) == 0 && before.at(at) < 0) {
                around |= page;
                if ((chunk.valid & page) == 0) {
                    chunk.memory().asSlice(at, PAGE_BYTES).fill((byte) 0);
                }
            }
        }
        return around;
    }

    private void writeBehind(long begin, long end) {
        if (begin != runEnd) {
            runStart = begin;
            behind = FilePages.roundUp(begin, CHUNK_BYTES) >> CHUNK_SHIFT;
        }
        runEnd = end;
        if (end - runStart >= BEHIND_BYTES) {
            behind = startWriting(behind, end >> CHUNK_SHIFT);
        }
        cache.startEarly();
    }

    /** Starts to write chunks, unless much is under way already. The next one to be started. */
    private long startWriting(long from, long to) {
        WriteBatch batch = new WriteBatch(cache, dirty.device());
        long number = from;
        cache.enter();
        for (; number < to && files.mayStart(); number++) {
            CacheBlock chunk = chunks.get(number);
            if (chunk != null && !chunk.failed) {
                dirty.take(batch, chunk);
            }
        }
        cache.exit();
        batch.start();
        return number;
    }

    // Lengths and holes

    /** The file becomes longer: from its old end on there are zeros, and its last chunk is not the last any more. */
    private void extend(long size, long newSize) throws ErrnoException {
        zero(size, blockEnd(size), size);
        long number = size >> CHUNK_SHIFT;
        int needed = FilePages.chunkBytes(number, newSize);
        cache.enter();
        CacheBlock chunk = chunks.get(number);
        boolean grows = chunk != null && chunk.bytes() < needed;
        cache.exit();
        if (grows) {
            CacheBlock grown = pin(number, needed, newSize);
            cache.enter();
            cache.unpin(grown);
            cache.exit();
        }
    }

    /** Makes a part of one block zeros. In a hole they are. */
    private void zero(long from, long to, long size) throws ErrnoException {
        if (from == to) {
            return;
        }
        long start = from & -CHUNK_BYTES;
        int within = (int) (from - start);
        int bytes = (int) (to - from);
        int blockFrom = (int) blockStart(within);
        int blockTo = (int) blockEnd(within + bytes);
        if (source.bmap(start + blockFrom, start + blockTo).isHole()) {
            return;
        }
        CacheBlock chunk = pin(start >> CHUNK_SHIFT, within + bytes, size);
        try {
            int touched = FilePages.pageMask(within, bytes);
            int edges = 0;
            if ((within & (PAGE_BYTES - 1)) != 0) {
                edges |= 1 << (within >> PAGE_SHIFT);
            }
            if (((within + bytes) & (PAGE_BYTES - 1)) != 0) {
                edges |= 1 << ((within + bytes) >> PAGE_SHIFT);
            }
            read(chunk, edges & ~chunk.valid);
            ChunkPlaces unknown = ask(chunk, start, within, bytes, Long.MAX_VALUE - CHUNK_BYTES);
            if (unknown != null) {
                throw new IllegalStateException(source + ": a block has a place, and has none");
            }
            chunk.memory().asSlice(within, bytes).fill((byte) 0);
            cache.enter();
            chunk.valid |= touched;
            dirty.mark(chunk, touched);
            cache.exit();
        } finally {
            cache.enter();
            cache.unpin(chunk);
            cache.exit();
        }
    }

    /** Forgets blocks, which are going to have no place any more. */
    private void drop(long from, long to) {
        List<Long> numbers = new ArrayList<>();
        cache.enter();
        chunks.forEach((number, _) -> {
            if ((number + 1) << CHUNK_SHIFT > from && number << CHUNK_SHIFT < to) {
                numbers.add(number);
            }
        });
        for (long number : numbers) {
            CacheBlock chunk = idleChunk(number);
            if (chunk != null) {
                long start = number << CHUNK_SHIFT;
                drop(chunk, (int) Math.max(from - start, 0), (int) Math.min(to - start, CHUNK_BYTES));
            }
        }
        cache.exit();
    }

    /** With the lock held, which may be lost and taken again: a chunk that is neither filled nor written; null where there is none. */
    private @Nullable CacheBlock idleChunk(long number) {
        CacheBlock chunk;
        while ((chunk = chunks.get(number)) != null && (chunk.busy || chunk.writing != 0)) {
            cache.awaitUnbusy();
        }
        return chunk;
    }

    private void drop(CacheBlock chunk, int from, int to) {
        int firstWhole = FilePages.roundUpInt(from, PAGE_BYTES);
        int endOfWhole = to & -PAGE_BYTES;
        if (firstWhole > endOfWhole) {
            zeroIfValid(chunk, from, to);
        } else {
            zeroIfValid(chunk, from, firstWhole);
            zeroIfValid(chunk, endOfWhole, to);
            int gone = firstWhole == endOfWhole ? 0 : FilePages.pageMask(firstWhole, endOfWhole - firstWhole);
            chunk.valid &= ~gone;
            dirty.unmark(chunk, gone);
        }
        if (chunk.places != null) {
            chunk.places.forget(from, to - from);
        }
        if (chunk.valid == 0) {
            chunks.remove(chunk.key);
            cache.discard(chunk);
        }
    }

    /** A part of a page. */
    private static void zeroIfValid(CacheBlock chunk, int from, int to) {
        if (from < to && (chunk.valid & 1 << (from >> PAGE_SHIFT)) != 0) {
            chunk.memory().asSlice(from, to - from).fill((byte) 0);
        }
    }

    // Chunks

    /** The chunk, as large as is needed, held in place. Nobody fills it. */
    private CacheBlock pin(long number, int least, long size) throws ErrnoException {
        int needed = Math.max(least, FilePages.chunkBytes(number, size));
        cache.enter();
        try {
            while (true) {
                CacheBlock chunk = chunks.get(number);
                if (chunk == null) {
                    chunk = cache.allocate(pages, number, needed);
                    if (chunk == null) {
                        cache.awaitRoom();
                        continue;
                    }
                    chunks.put(number, chunk);
                } else if (chunk.busy) {
                    cache.awaitUnbusy();
                    continue;
                } else if (chunk.bytes() < needed && !grow(chunk, needed)) {
                    continue;
                }
                cache.touch(chunk);
                chunk.pins++;
                return chunk;
            }
        } finally {
            cache.exit();
        }
    }

    /** With the lock held. False where it was lost meanwhile: look again. */
    private boolean grow(CacheBlock chunk, int needed) throws ErrnoException {
        if (chunk.writing != 0) {
            cache.awaitUnbusy();
            return false;
        }
        chunk.pins++;
        PagePool.Piece larger = cache.allocatePiece(needed);
        cache.unpin(chunk);
        if (larger == null) {
            cache.awaitRoom();
            return false;
        }
        PagePool.Piece old = chunk.piece;
        MemorySegment.copy(old.memory, 0, larger.memory, 0, old.bytes());
        if (!chunk.isClean()) {
            cache.addDirtyFileBytes(larger.bytes() - old.bytes());
        }
        chunk.piece = larger;
        cache.freePiece(old);
        return true;
    }

    // Blocks

    private int blockBytes() {
        return source.blockBytes();
    }

    private int unitShift() {
        return Math.min(PAGE_SHIFT, Integer.numberOfTrailingZeros(blockBytes()));
    }

    private long blockStart(long offset) {
        return offset & -blockBytes();
    }

    private long blockEnd(long offset) {
        return FilePages.roundUp(offset, blockBytes());
    }
}
