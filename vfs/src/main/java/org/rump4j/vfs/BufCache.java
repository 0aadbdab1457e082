package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The buffer cache of one device ({@code buffercache(9)}): blocks by which a file system keeps order, as opposed to the data of
 * its files.
 *
 * <p>What is dirty is written when the file system says so, stage by stage, and never before: so it is that which bounds how much is
 * dirty, by {@link #needsCommit}.
 */
public final class BufCache implements CacheBlock.Owner {
    /** A block is dirty, or being written, as a whole. */
    private static final int ALL = 1;

    private final PageCache cache;
    private final BlockDevice device;

    /** Guarded by the cache's lock. By byte of the device. */
    private final LongMap<CacheBlock> blocks = new LongMap<>();

    /** Those that are dirty, by stage. */
    private final Map<WriteStage, BlockList> dirty = new EnumMap<>(WriteStage.class);

    private final Runnable onDirty;
    private final Object name;

    /** Bytes that are dirty or being written. */
    private long dirtyBytes;

    /**
     * An empty one.
     *
     * @param onDirty called, without the lock, after something has been made dirty
     * @param name what messages call what is on the device
     */
    BufCache(PageCache cache, BlockDevice device, Runnable onDirty, Object name) {
        this.cache = cache;
        this.device = device;
        this.onDirty = onDirty;
        this.name = name;
        for (WriteStage stage : WriteStage.values()) {
            dirty.put(stage, new BlockList());
        }
    }

    /** The device. */
    public BlockDevice device() {
        return device;
    }

    /**
     * A block, read if it is not there.
     *
     * @param offset byte of the device, a multiple of bytes; always used with the same bytes
     * @param bytes 1 to 64 KiB, a power of two
     * @return to be given back by {@link Buf#close}
     * @throws ErrnoException EIO, also where it is not within the device; ENOMEM
     */
    public Buf bread(long offset, int bytes) throws ErrnoException {
        CacheBlock block = pin(offset, bytes);
        if (block.busy) {
            fill(block);
        }
        return new Buf(this, block);
    }

    /**
     * A block of which everything is going to be written: it is not read, and is all zeros.
     *
     * @param offset as for {@link #bread}
     * @param bytes as for {@link #bread}
     * @return to be given back by {@link Buf#close}
     * @throws ErrnoException EIO where it is not within the device; ENOMEM
     */
    public Buf getblk(long offset, int bytes) throws ErrnoException {
        CacheBlock block = pin(offset, bytes);
        block.memory().fill((byte) 0);
        block.tag = 0;
        if (block.busy) {
            // As after reading: one pin is ours, as the caller's.
            cache.enter();
            block.pins++;
            cache.unbusy(block);
            cache.exit();
        }
        return new Buf(this, block);
    }

    /**
     * The block, pinned. Where it was not there it is new and busy, and it is for the caller, and only then, to change that.
     *
     * @throws ErrnoException EIO, ENOMEM
     */
    private CacheBlock pin(long offset, int bytes) throws ErrnoException {
        if (offset < 0 || offset > device.sizeBytes() - bytes) {
            throw Errno.EIO.exception("block at byte " + offset + " of a device of " + device.sizeBytes() + " bytes");
        }
        cache.enter();
        try {
            while (true) {
                CacheBlock block = blocks.get(offset);
                if (block == null) {
                    block = allocate(offset, bytes);
                    if (block == null) {
                        cache.awaitRoom();
                        continue;
                    }
                    return block;
                }
                if (block.bytes() != bytes) {
                    throw new IllegalArgumentException(
                            "block at byte " + offset + " is cached with " + block.bytes() + " bytes, not " + bytes);
                }
                if (!block.busy) {
                    block.pins++;
                    cache.touch(block);
                    return block;
                }
                cache.awaitUnbusy();
            }
        } finally {
            cache.exit();
        }
    }

    /** Starts to read a block that will be wanted soon, if that can be done without waiting. */
    public void readahead(long offset, int bytes) {
        if (offset < 0 || offset > device.sizeBytes() - bytes) {
            return;
        }
        cache.enter();
        CacheBlock block = blocks.get(offset) == null ? allocate(offset, bytes) : null;
        cache.exit();
        if (block != null) {
            device.readAsync(block.memory(), offset, error -> {
                cache.enter();
                filled(block, error);
                cache.exit();
            });
        }
    }

    /** With the lock held: a block that is to be filled, or null where there is no room. */
    private @Nullable CacheBlock allocate(long offset, int bytes) {
        CacheBlock block = cache.allocate(this, offset, bytes);
        if (block != null) {
            blocks.put(offset, block);
            block.busy = true;
            block.pins++;
        }
        return block;
    }

    // What is dirty

    /**
     * Whether there are so many dirty blocks in the kernel that the file system must write its own before it changes more. Asked
     * before each change.
     */
    public boolean needsCommit() {
        if (!cache.tooManyDirtyBufs()) {
            return false;
        }
        cache.enter();
        boolean some = dirtyBytes > 0;
        cache.exit();
        return some;
    }

    /** Bytes of dirty blocks from which on {@link #needsCommit} says so. One change must need far less than that. */
    public long dirtyLimitBytes() {
        return cache.maxDirtyBufBytes();
    }

    /** Bytes of its own blocks that are dirty. */
    public long dirtyBytes() {
        cache.enter();
        long bytes = dirtyBytes;
        cache.exit();
        return bytes;
    }

    /**
     * Its dirty blocks, of all stages, by place on the device; each to be given back by {@link Buf#close}. Nobody changes a block of this
     * cache meanwhile, or writes one.
     */
    public List<Buf> dirty() {
        List<Buf> all = new ArrayList<>();
        cache.enter();
        for (BlockList list : dirty.values()) {
            for (CacheBlock block = list.first(); block != null; block = block.next) {
                block.pins++;
                all.add(new Buf(this, block));
            }
        }
        cache.exit();
        all.sort((a, b) -> Long.compare(a.offset(), b.offset()));
        return all;
    }

    /**
     * Writes the dirty blocks of a stage, and waits until the device has them. They are durable after its next flush. Nobody changes
     * a block of this cache meanwhile.
     *
     * @return whether there were any
     * @throws ErrnoException EIO, ENOSPC of the host: what went wrong first. What has not been written stays dirty
     */
    public boolean writeStage(WriteStage stage) throws ErrnoException {
        WriteBatch batch = new WriteBatch(cache, device);
        cache.enter();
        for (CacheBlock block = listOf(stage).first(); block != null; block = block.next) {
            if (block.dirty != 0 && block.writing == 0) {
                batch.take(block, ALL);
                batch.add(0, block.bytes(), block.key);
            }
        }
        cache.exit();
        if (batch.isEmpty()) {
            return false;
        }
        Errno error = batch.write();
        if (error != null) {
            throw error.exception(name + ": not all blocks could be written");
        }
        return true;
    }

    /**
     * A block is not in use any more: it is forgotten, whether it is dirty or not. Who still has it keeps its memory.
     *
     * @param offset byte of the device; it need not be cached
     */
    public void discard(long offset) {
        cache.enter();
        CacheBlock block;
        while ((block = blocks.get(offset)) != null && (block.busy || block.writing != 0)) {
            cache.awaitUnbusy();
        }
        if (block != null) {
            drop(block);
            blocks.remove(offset);
            cache.discard(block);
        }
        cache.exit();
    }

    void dirty(CacheBlock block, WriteStage stage) {
        cache.enter();
        if (!block.orphan) {
            WriteStage old = block.stage;
            WriteStage now = old == null || (old != WriteStage.FRESH && stage.compareTo(old) > 0) ? stage : old;
            if (block.isClean()) {
                cache.leaveClean(block, listOf(now));
                cache.addDirtyBufBytes(block.bytes());
                dirtyBytes += block.bytes();
            } else if (now != old) {
                move(block, listOf(now));
            }
            block.stage = now;
            block.dirty = ALL;
        }
        cache.exit();
        onDirty.run();
    }

    @Nullable
    WriteStage stage(CacheBlock block) {
        cache.enter();
        WriteStage stage = block.stage;
        cache.exit();
        return stage;
    }

    private static void move(CacheBlock block, BlockList to) {
        BlockList from = block.list;
        if (from != null) {
            from.remove(block);
        }
        to.append(block);
    }

    private BlockList listOf(WriteStage stage) {
        return Objects.requireNonNull(dirty.get(stage));
    }

    @Override
    public void drop(CacheBlock block) {
        if (!block.isClean()) {
            block.dirty = 0;
            settle(block);
        }
    }

    @Override
    public void written(CacheBlock block, int pages, @Nullable Errno error) {
        if (error != null) {
            block.dirty = ALL;
        }
        if (block.isClean()) {
            settle(block);
        }
    }

    /** With the lock held: a block has become clean. */
    private void settle(CacheBlock block) {
        block.stage = null;
        block.failed = false;
        cache.becomeClean(block);
        cache.addDirtyBufBytes(-block.bytes());
        dirtyBytes -= block.bytes();
    }

    /** Forgets all blocks, dirty ones too. None is in use. */
    public void clear() {
        cache.freeAll(blocks);
    }

    void release(CacheBlock block) {
        cache.enter();
        cache.unpin(block);
        cache.exit();
    }

    @Override
    public void forget(CacheBlock block) {
        blocks.remove(block.key);
    }

    @Override
    public String toString() {
        return name.toString();
    }

    /** Reads a block that is new and pinned; or forgets it. */
    private void fill(CacheBlock block) throws ErrnoException {
        Errno error = Errno.EIO;
        try {
            device.read(block.memory(), block.key);
            error = null;
        } catch (ErrnoException e) {
            error = e.errno();
            throw e;
        } finally {
            cache.enter();
            if (error == null) {
                block.pins++;
            }
            filled(block, error);
            cache.exit();
        }
    }

    /** With the lock held. */
    private void filled(CacheBlock block, @Nullable Errno error) {
        cache.unbusy(block);
        if (error != null) {
            blocks.remove(block.key);
            cache.free(block);
        }
    }
}
