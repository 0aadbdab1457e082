package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The buffer cache of one device ({@code buffercache(9)}): blocks by which a file system keeps order, as opposed to the data of
 * its files.
 */
public final class BufCache implements CacheBlock.Owner {
    private final PageCache cache;
    private final BlockDevice device;

    /** Guarded by the cache's lock. By byte of the device. */
    private final LongMap<CacheBlock> blocks = new LongMap<>();

    BufCache(PageCache cache, BlockDevice device) {
        this.cache = cache;
        this.device = device;
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
     * @throws ErrnoException EIO; EINVAL where it is not within the device; ENOMEM
     */
    public Buf bread(long offset, int bytes) throws ErrnoException {
        if (offset < 0 || offset > device.sizeBytes() - bytes) {
            throw Errno.EIO.exception("block at byte " + offset + " of a device of " + device.sizeBytes() + " bytes");
        }
        cache.enter();
        while (true) {
            CacheBlock block = blocks.get(offset);
            if (block == null) {
                block = allocate(offset, bytes);
                if (block != null) {
                    return fill(block);
                }
                awaitRoom();
                continue;
            }
            if (block.bytes() != bytes) {
                cache.exit();
                throw new IllegalArgumentException(
                        "block at byte " + offset + " is cached with " + block.bytes() + " bytes, not " + bytes);
            }
            if (!block.busy) {
                block.pins++;
                cache.touch(block);
                cache.exit();
                return new Buf(this, block);
            }
            cache.awaitUnbusy();
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
            device.readAsync(block.memory(), offset, error -> filled(block, error));
        }
    }

    /** Forgets all blocks. None is in use. */
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

    /** With the lock held, which is lost where it throws. */
    private void awaitRoom() throws ErrnoException {
        try {
            cache.awaitRoom();
        } catch (ErrnoException e) {
            cache.exit();
            throw e;
        }
    }

    /** With the lock held, which is lost. */
    private Buf fill(CacheBlock block) throws ErrnoException {
        cache.exit();
        Errno error = null;
        try {
            device.read(block.memory(), block.key);
        } catch (ErrnoException e) {
            error = e.errno();
            throw e;
        } finally {
            cache.enter();
            if (error == null) {
                block.pins++;
            }
            cache.exit();
            filled(block, error);
        }
        return new Buf(this, block);
    }

    private void filled(CacheBlock block, @Nullable Errno error) {
        cache.enter();
        cache.unbusy(block);
        if (error != null) {
            blocks.remove(block.key);
            cache.free(block);
        }
        cache.exit();
    }
}
