package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Clock;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What is cached of one file's data (what NetBSD's UVM and UBC do). The file is cut into chunks of 64 KiB, the last of which is
 * as small as it can be, and those into pages, each of which is valid or not.
 *
 * <p><b>Reading ahead.</b> A file that is read from front to back is read a chunk at a time, one that is read here and there a
 * page at a time. Where the device takes longer for a chunk than it takes to have another thread do it, the next chunks are
 * read in the background meanwhile; where it does not, as with an image that its host has in memory, that would only cost.
 *
 * <p><b>Writing</b> changes pages and makes them dirty; how is told by {@link FileWriter}. They are written to the device when the
 * file is flushed, the mount is synced, or memory runs short, always without the vnode's lock ({@link DirtyPages}).
 *
 * <p>Guarded by the page cache's lock. The caller holds the vnode's lock, so the file's length stands still.
 */
public final class FilePages implements CacheBlock.Owner {
    static final int CHUNK_SHIFT = PagePool.MAX_SHIFT;
    static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
    static final int PAGE_SHIFT = 12;
    private static final int PAGES_PER_CHUNK = CHUNK_BYTES >> PAGE_SHIFT;

    /** Up to this much is copied with the lock held, which is cheaper than pinning the chunk. */
    private static final int SMALL_COPY = 4096;

    /** A chunk that took longer speaks for a slow device. */
    private static final long SLOW_NANOS = 200_000;

    /** So many of those in a row make it one: a single one may be the scheduler of a busy host. */
    private static final int SLOW_CHUNKS = 3;

    private static final int READAHEAD_CHUNKS = 4;

    /** No more than this part of the cache is for what may not be wanted. */
    private static final int READAHEAD_PART = 8;

    private final PageCache cache;
    private final PageSource source;
    private final Clock clock;

    /** By number of the chunk. */
    private final LongMap<CacheBlock> chunks = new LongMap<>();

    /** Where the last read ended: who goes on there reads from front to back. */
    private long expectedOffset;

    /** Slow chunks in a row. */
    private int slowChunks;

    private final DirtyPages dirty;
    private final FileWriter writer;
    private final Object name;

    /** @param name what messages call the file */
    FilePages(PageCache cache, PageSource source, DirtyFiles files, Object name) {
        this.cache = cache;
        this.source = source;
        this.clock = cache.clock();
        this.name = name;
        this.dirty = new DirtyPages(cache, files, source, name);
        this.writer = new FileWriter(this, cache, source, chunks, files, dirty);
    }

    /**
     * Reads at the transfer's offset as far as the file goes. Lock of the vnode: shared.
     *
     * @param size bytes of the file
     * @throws ErrnoException EFAULT, EIO, ENOMEM
     */
    public void read(Uio uio, long size) throws ErrnoException {
        boolean sequential = uio.offset() == expectedOffset || uio.resid() >= CHUNK_BYTES;
        while (uio.resid() > 0 && uio.offset() < size) {
            int within = (int) (uio.offset() & (CHUNK_BYTES - 1));
            long most = Math.min(size - uio.offset(), CHUNK_BYTES - within);
            readChunk(uio, within, (int) Math.min(uio.resid(), most), size, sequential);
        }
        expectedOffset = uio.offset();
    }

    /**
     * Waits while too much is dirty in the kernel, and writes it meanwhile. To be called before {@link #write}, with as few locks
     * held as can be; it needs none but the page cache's.
     */
    public void throttle() {
        cache.throttle();
    }

    /**
     * Writes at the transfer's offset, into the cache. Blocks are given a place by {@link PageSource#allocate}. Lock of the vnode:
     * exclusive. The caller sets the file's length, to the transfer's offset if it was less, and its times.
     *
     * @param size bytes of the file before
     * @param most bytes that are written at the most; so much that a transaction does not become too long
     * @return bytes that were written. They may be fewer than was asked for where something went wrong, which the next call will
     *     tell
     * @throws ErrnoException EFAULT, EIO, ENOMEM, and what allocate says, where none were
     */
    public long write(Uio uio, long size, long most) throws ErrnoException {
        return writer.write(uio, size, most);
    }

    /**
     * The file is going to have another length. To be called before blocks are freed. What will be behind the end is forgotten,
     * whether it is dirty or not, when nothing of it is on its way to the device any more; what is between the end and the end of its
     * block becomes zeros. Lock of the vnode: exclusive.
     *
     * @param size bytes of the file now
     * @param newSize bytes that it will have
     * @throws ErrnoException EIO, ENOMEM: the file need not have changed then
     */
    public void truncate(long size, long newSize) throws ErrnoException {
        writer.truncate(size, newSize);
    }

    /**
     * A piece of the file is going to be a hole. To be called before blocks are freed: those that lie in the piece as a whole,
     * which are forgotten. What lies in it of others becomes zeros. Lock of the vnode: exclusive.
     *
     * @param size bytes of the file
     * @param from byte of the file
     * @param to the first byte behind the piece
     * @throws ErrnoException EIO, ENOMEM
     */
    public void punch(long size, long from, long to) throws ErrnoException {
        writer.punch(size, from, to);
    }

    /**
     * Hands what is dirty now to the device, and waits until the device has it. It is durable after the device's next flush. Lock of
     * the vnode: none is needed.
     *
     * @throws ErrnoException EIO, ENOSPC of the host: what went wrong since somebody was told last, also in the background. What has
     *     not been written stays dirty as long as there is memory
     */
    public void flush() throws ErrnoException {
        dirty.flush();
    }

    /** Forgets everything, what is dirty too. Lock of the vnode: exclusive. */
    public void clear() {
        cache.freeAll(chunks);
    }

    @Override
    public void forget(CacheBlock block) {
        chunks.remove(block.key);
    }

    @Override
    public void drop(CacheBlock block) {
        dirty.unmark(block, block.dirty);
    }

    @Override
    public void written(CacheBlock block, int pages, @Nullable Errno error) {
        dirty.written(block, pages, error);
    }

    @Override
    public String toString() {
        return name.toString();
    }

    private void readChunk(Uio uio, int within, int bytes, long size, boolean sequential) throws ErrnoException {
        long number = uio.offset() >> CHUNK_SHIFT;
        int wanted = pageMask(within, bytes);
        CacheBlock chunk;
        cache.enter();
        try {
            chunk = validChunk(number, wanted, size, sequential);
            cache.touch(chunk);
            if (bytes <= SMALL_COPY) {
                uio.toUser(chunk.memory(), within, bytes);
                return;
            }
            chunk.pins++;
        } finally {
            cache.exit();
        }
        try {
            uio.toUser(chunk.memory(), within, bytes);
        } finally {
            cache.enter();
            cache.unpin(chunk);
            cache.exit();
        }
    }

    /** With the lock held, which is lost and taken again meanwhile: the chunk, with the wanted pages valid. */
    private CacheBlock validChunk(long number, int wanted, long size, boolean sequential) throws ErrnoException {
        while (true) {
            CacheBlock chunk = chunks.get(number);
            if (chunk == null) {
                chunk = allocate(number, size);
                if (chunk == null) {
                    cache.awaitRoom();
                    continue;
                }
            }
            if ((chunk.valid & wanted) == wanted) {
                return chunk;
            }
            int all = pageMask(0, chunk.bytes());
            if (chunk.busy) {
                cache.awaitUnbusy();
            } else if ((wanted & ~all) != 0) {
                replace(chunk);
            } else {
                fill(chunk, wanted & ~chunk.valid, sequential ? all & ~chunk.valid : 0);
                if (sequential && slowChunks >= SLOW_CHUNKS) {
                    chunk.pins++;
                    readAhead(number + 1, size);
                    cache.unpin(chunk);
                }
            }
        }
    }

    /** With the lock held, which may be lost meanwhile: a chunk that was the last is too small since the file has grown. */
    private void replace(CacheBlock chunk) throws ErrnoException {
        if (chunk.pins > 0 || !chunk.isClean()) {
            cache.awaitRoom();
        } else {
            chunks.remove(chunk.key);
            cache.free(chunk);
        }
    }

    /** With the lock held: a chunk in which nothing is valid yet, or null where there is no room. */
    private @Nullable CacheBlock allocate(long number, long size) {
        CacheBlock chunk = cache.allocate(this, number, chunkBytes(number, size));
        if (chunk != null) {
            chunks.put(number, chunk);
        }
        return chunk;
    }

    /**
     * With the lock held, which is lost and taken again meanwhile: reads pages.
     *
     * @param wanted those that must be read
     * @param better wanted ones too, and those that it would be good to have
     */
    private void fill(CacheBlock chunk, int wanted, int better) throws ErrnoException {
        try {
            fill(chunk, wanted | better);
        } catch (ErrnoException e) {
            int left = wanted & ~chunk.valid;
            if (left == wanted && (better & ~wanted) == 0) {
                throw e;
            }
            // What failed may be what nobody wants yet.
            fill(chunk, left);
        }
    }

    /** With the lock held, which is lost and taken again meanwhile. */
    void fill(CacheBlock chunk, int missing) throws ErrnoException {
        chunk.busy = true;
        chunk.pins++;
        cache.exit();
        int filled = 0;
        try {
            long begin = clock.uptimeNanos();
            for (int left = missing; left != 0; ) {
                int first = Integer.numberOfTrailingZeros(left);
                int pages = Integer.numberOfTrailingZeros(~(left >>> first));
                int run = ((1 << pages) - 1) << first;
                MemorySegment dst = chunk.memory().asSlice((long) first << PAGE_SHIFT, (long) pages << PAGE_SHIFT);
                source.readBlocks((chunk.key << CHUNK_SHIFT) + ((long) first << PAGE_SHIFT), dst);
                filled |= run;
                left &= ~run;
            }
            slowChunks = clock.uptimeNanos() - begin > SLOW_NANOS ? slowChunks + 1 : 0;
        } finally {
            cache.enter();
            chunk.valid |= filled;
            cache.unbusy(chunk);
        }
    }

    /** With the lock held, which is lost and taken again meanwhile. */
    private void readAhead(long from, long size) {
        BlockDevice device = source.device();
        if (device == null) {
            return;
        }
        long most = Math.min(READAHEAD_CHUNKS, cache.capacityBytes() / READAHEAD_PART / CHUNK_BYTES);
        for (long number = from; number < from + most && number << CHUNK_SHIFT < size; number++) {
            if (chunks.get(number) != null) {
                continue;
            }
            CacheBlock chunk = allocate(number, size);
            if (chunk == null) {
                return;
            }
            chunk.busy = true;
            chunk.pins++;
            cache.exit();
            startReading(device, chunk, size);
            cache.enter();
        }
    }

    private void startReading(BlockDevice device, CacheBlock chunk, long size) {
        long start = chunk.key << CHUNK_SHIFT;
        Background background = new Background(chunk, Math.min(chunk.bytes(), size - start));
        long end = Math.min(start + chunk.bytes(), (size + device.sectorBytes() - 1) & -device.sectorBytes());
        try {
            long at = start;
            while (at < end) {
                FileExtent extent = source.bmap(at, end);
                long bytes = Math.min(extent.end(), end) - at;
                MemorySegment dst = chunk.memory().asSlice(at - start, bytes);
                if (extent.isHole()) {
                    dst.fill((byte) 0);
                } else {
                    background.begin();
                    device.readAsync(dst, extent.deviceOffset() + (at - extent.offset()), background::end);
                }
                at += bytes;
            }
            background.end(null);
        } catch (ErrnoException e) {
            background.end(e.errno());
        }
    }

    /**
     * A chunk that is read in the background, in several pieces perhaps. Who comes for it meanwhile waits; what fails is read
     * once more by who wants it.
     */
    private final class Background {
        private final CacheBlock chunk;
        private final long bytesOfFile;

        /** Pieces under way, and the one who starts them. */
        private int pieces = 1;

        private boolean failed;

        Background(CacheBlock chunk, long bytesOfFile) {
            this.chunk = chunk;
            this.bytesOfFile = bytesOfFile;
        }

        void begin() {
            cache.enter();
            pieces++;
            cache.exit();
        }

        void end(@Nullable Errno error) {
            cache.enter();
            failed |= error != null;
            if (--pieces == 0) {
                if (!failed) {
                    chunk.memory().asSlice(bytesOfFile).fill((byte) 0);
                    chunk.valid = pageMask(0, chunk.bytes());
                }
                cache.unbusy(chunk);
            }
            cache.exit();
        }
    }

    /** Bytes that a chunk needs, so that the file's pages in it fit. */
    static int chunkBytes(long number, long size) {
        long left = size - (number << CHUNK_SHIFT);
        return Math.clamp(left, 1 << PAGE_SHIFT, CHUNK_BYTES);
    }

    /** @param unit a power of two */
    static long roundUp(long value, int unit) {
        return (value + unit - 1) & -unit;
    }

    /** @param unit a power of two */
    static int roundUpInt(int value, int unit) {
        return (value + unit - 1) & -unit;
    }

    /** The pages that a piece of a chunk lies in. */
    static int pageMask(int within, int bytes) {
        int first = within >> PAGE_SHIFT;
        int last = (within + bytes - 1) >> PAGE_SHIFT;
        int pages = last - first + 1;
        return (pages == PAGES_PER_CHUNK ? (1 << PAGES_PER_CHUNK) - 1 : (1 << pages) - 1) << first;
    }
}
