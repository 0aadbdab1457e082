package org.rump4j.vfs;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The chunks of one file that are dirty or being written, and how they are written. That takes neither the file's lock nor
 * anything else of the file: a chunk knows where on the device it goes.
 *
 * <p>What cannot be written stays dirty. It is tried again whenever somebody wants the file written, and given up when its memory
 * is needed; the error is kept for who asks next whether all is written.
 *
 * <p>Guarded by the page cache's lock.
 */
final class DirtyPages {
    private final PageCache cache;
    private final DirtyFiles files;
    private final PageSource source;
    private final Object name;

    /** In the order in which they became dirty. */
    private final BlockList chunks = new BlockList();

    /** What went wrong since somebody was told last. */
    private @Nullable Errno error;

    /** @param name what messages call the file */
    DirtyPages(PageCache cache, DirtyFiles files, PageSource source, Object name) {
        this.cache = cache;
        this.files = files;
        this.source = source;
        this.name = name;
    }

    /** With the lock held: pages of a chunk, which are valid and whose places are known, are dirty. */
    void mark(CacheBlock chunk, int pages) {
        if (chunk.isClean()) {
            if (chunks.isEmpty()) {
                files.add(this);
            }
            cache.leaveClean(chunk, chunks);
            cache.addDirtyFileBytes(chunk.bytes());
        }
        chunk.dirty |= pages;
    }

    /** With the lock held: pages of a chunk, none of which is being written, need not be written any more. */
    void unmark(CacheBlock chunk, int pages) {
        if (!chunk.isClean()) {
            assert (chunk.writing & pages) == 0;
            chunk.dirty &= ~pages;
            settle(chunk);
        }
    }

    /** With the lock held: as {@link CacheBlock.Owner#written}. */
    void written(CacheBlock chunk, int pages, @Nullable Errno outcome) {
        files.writing--;
        if (outcome != null) {
            chunk.dirty |= pages;
            error = outcome;
        }
        settle(chunk);
    }

    private void settle(CacheBlock chunk) {
        if (chunk.isClean()) {
            chunk.failed = false;
            cache.becomeClean(chunk);
            cache.addDirtyFileBytes(-chunk.bytes());
            if (chunks.isEmpty()) {
                files.remove(this);
            }
        }
    }

    /**
     * Without the lock: writes what is dirty now, and waits for what is being written.
     *
     * @throws ErrnoException what went wrong since somebody was told last
     */
    void flush() throws ErrnoException {
        files.write(device(), () -> List.of(this));
        cache.enter();
        Errno outcome = error;
        error = null;
        cache.exit();
        if (outcome != null) {
            throw outcome.exception(name + ": not all could be written");
        }
    }

    /**
     * With the lock held: takes what is dirty and is not being written.
     *
     * @param others gets the chunks that are being written, by others; pinned
     * @return whether any of those has been changed meanwhile
     */
    boolean takeAll(WriteBatch batch, List<CacheBlock> others) {
        boolean again = false;
        for (CacheBlock chunk = chunks.first(); chunk != null; chunk = chunk.next) {
            if (chunk.writing != 0) {
                chunk.pins++;
                others.add(chunk);
                again |= (chunk.dirty & chunk.writing) != 0;
            }
            take(batch, chunk);
        }
        return again;
    }

    /**
     * With the lock held: takes some chunks, those that have been dirty for longest, and that have not failed.
     *
     * @return how many
     */
    int takeOldest(WriteBatch batch, int most) {
        int taken = 0;
        for (CacheBlock chunk = chunks.first(); chunk != null && taken < most; chunk = chunk.next) {
            if (!chunk.failed && (chunk.dirty & ~chunk.writing) != 0) {
                take(batch, chunk);
                taken++;
            }
        }
        return taken;
    }

    /** With the lock held: takes what is dirty of a chunk and is not being written. */
    void take(WriteBatch batch, CacheBlock chunk) {
        int pages = chunk.dirty & ~chunk.writing;
        if (pages == 0) {
            return;
        }
        files.writing++;
        ChunkPlaces places = Objects.requireNonNull(chunk.places);
        batch.take(chunk, pages);
        for (int left = pages; left != 0; ) {
            int first = Integer.numberOfTrailingZeros(left);
            int count = Integer.numberOfTrailingZeros(~(left >>> first));
            left &= ~(((1 << count) - 1) << first);
            int at = first << FilePages.PAGE_SHIFT;
            int end = (first + count) << FilePages.PAGE_SHIFT;
            while (at < end) {
                int bytes = places.run(at, end);
                if (places.at(at) >= 0) {
                    batch.add(at, bytes, places.at(at));
                }
                at += bytes;
            }
        }
    }

    /** With the lock held: what has failed is lost. Whether there was any. */
    boolean dropFailed() {
        boolean dropped = false;
        CacheBlock next;
        for (CacheBlock chunk = chunks.first(); chunk != null; chunk = next) {
            next = chunk.next;
            if (chunk.failed && chunk.writing == 0 && chunk.pins == 0) {
                chunk.valid &= ~chunk.dirty;
                unmark(chunk, chunk.dirty);
                dropped = true;
            }
        }
        return dropped;
    }

    BlockDevice device() {
        return Objects.requireNonNull(source.device(), "files without a device have no pages to be written");
    }
}
