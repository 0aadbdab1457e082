package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Those of the files of one mount, or of one device that is open itself, that have dirty pages. Guarded by the page cache's lock. */
final class DirtyFiles {
    /** Chunks that are written at a time when nobody waits for certain ones. */
    private static final int CHUNKS_AT_A_TIME = 16;

    /** Chunks that are being written before more are started of which nobody waits for the end. */
    private static final int MAX_WRITING = 32;

    private final PageCache cache;
    private final Runnable onDirty;

    /** In the order in which they became dirty. */
    private final Set<DirtyPages> files = new LinkedHashSet<>();

    /** Chunks under way to the device, with each part of one that is on its way by itself. */
    int writing;

    /** @param onDirty called, without the lock, after something has been made dirty */
    DirtyFiles(PageCache cache, Runnable onDirty) {
        this.cache = cache;
        this.onDirty = onDirty;
    }

    /** Without the lock: something has been made dirty. */
    void dirtied() {
        onDirty.run();
    }

    /** With the lock held. */
    void add(DirtyPages file) {
        if (files.isEmpty()) {
            cache.setDirty(this, true);
        }
        files.add(file);
    }

    /** With the lock held. */
    void remove(DirtyPages file) {
        files.remove(file);
        if (files.isEmpty()) {
            cache.setDirty(this, false);
        }
    }

    /** With the lock held: whether others may start to write more, of which nobody waits for the end. */
    boolean mayStart() {
        return writing < MAX_WRITING;
    }

    boolean isWriting() {
        return writing > 0;
    }

    /**
     * With the lock held: takes what has been dirty for longest, and has not failed.
     *
     * @param politely not where much is under way already
     * @return null where there is nothing
     */
    @Nullable
    WriteBatch takeOldest(boolean politely) {
        if (files.isEmpty() || (politely && !mayStart())) {
            return null;
        }
        WriteBatch batch = new WriteBatch(cache, files.iterator().next().device());
        int left = CHUNKS_AT_A_TIME;
        for (DirtyPages file : files) {
            left -= file.takeOldest(batch, left);
            if (left == 0) {
                break;
            }
        }
        return batch.isEmpty() ? null : batch;
    }

    /** With the lock held: what has failed is lost. Whether there was any. */
    boolean dropFailed() {
        boolean dropped = false;
        for (DirtyPages file : List.copyOf(files)) {
            dropped |= file.dropFailed();
        }
        return dropped;
    }

    /**
     * Without the lock: writes what is dirty now of all files, and waits for what is being written.
     *
     * @throws ErrnoException what went wrong first. Each file will tell its user all the same
     */
    void flush() throws ErrnoException {
        BlockDevice device;
        cache.enter();
        device = files.isEmpty() ? null : files.iterator().next().device();
        cache.exit();
        if (device == null) {
            return;
        }
        Errno error = write(device, () -> files);
        if (error != null) {
            throw error.exception("not all files could be written");
        }
    }

    /**
     * Without the lock: writes what is dirty now of some files, and waits for what is being written.
     *
     * @param which asked with the lock held
     * @return what went wrong first, or null
     */
    @Nullable
    Errno write(BlockDevice device, Supplier<Collection<DirtyPages>> which) {
        Errno error = null;
        boolean again = true;
        // What is changed while others write it is written once more, by us or, if those are quicker, by others still.
        for (int pass = 0; pass < 2 && again; pass++) {
            WriteBatch batch = new WriteBatch(cache, device);
            List<CacheBlock> others = new ArrayList<>();
            cache.enter();
            again = false;
            for (DirtyPages file : which.get()) {
                again |= file.takeAll(batch, others);
            }
            cache.exit();
            Errno mine = batch.isEmpty() ? null : batch.write();
            Errno theirs = await(others);
            if (error == null) {
                error = mine == null ? theirs : mine;
            }
        }
        return error;
    }

    /** Waits until none of the chunks, which are pinned, is being written. EIO where that failed. */
    private @Nullable Errno await(List<CacheBlock> others) {
        boolean failed = false;
        cache.enter();
        for (CacheBlock chunk : others) {
            while (chunk.writing != 0) {
                cache.awaitUnbusy();
            }
            failed |= chunk.failed;
            cache.unpin(chunk);
        }
        cache.exit();
        return failed ? Errno.EIO : null;
    }
}
