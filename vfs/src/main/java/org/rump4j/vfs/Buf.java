package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A block of the buffer cache in use ({@code struct buf}). Its data stays where it is until it is closed. */
public final class Buf implements AutoCloseable {
    private final BufCache cache;
    private final CacheBlock block;
    private boolean closed;

    Buf(BufCache cache, CacheBlock block) {
        this.cache = cache;
        this.block = block;
    }

    /** The data. Who changes it calls {@link #dirty} afterwards. */
    public MemorySegment data() {
        return block.memory();
    }

    /** The byte of the device that it begins with. */
    public long offset() {
        return block.key;
    }

    /**
     * It has been changed, and stays in the cache until {@link BufCache#writeStage} has written it.
     *
     * @param stage when it is to be written. If it is dirty already the later stage counts; but what is fresh stays so
     */
    public void dirty(WriteStage stage) {
        cache.dirty(block, stage);
    }

    /** When it is to be written; null where it is not dirty. */
    public @Nullable WriteStage stage() {
        return cache.stage(block);
    }

    /**
     * What its file system has written down with it, and 0 since it came from the device: as what it has been looked at and found
     * good, for example.
     */
    public long tag() {
        return block.tag;
    }

    /** Writes something down with it, for as long as it is in the cache. */
    public void setTag(long tag) {
        block.tag = tag;
    }

    /** Gives it back. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cache.release(block);
        }
    }
}
