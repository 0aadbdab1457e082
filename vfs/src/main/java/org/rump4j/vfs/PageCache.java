package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kcondvar;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmem;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What is cached of files ({@link FilePages}) and of devices ({@link BufCache}): one lock, one pool of memory and one order of
 * use for all of it in a kernel.
 *
 * <p>The lock is held for moments only, never while something is read or written. It is a leaf but for the kernel's memory
 * counter.
 */
final class PageCache {
    /** The part of the kernel's memory that the caches may take: three quarters. */
    private static final int POOL_NUMERATOR = 3;

    private static final int POOL_DENOMINATOR = 4;

    /** As long as this nobody who uses a block of the cache should take. */
    private static final long ROOM_NANOS = 1_000_000_000;

    private final Kmutex lock;

    /** A block that was busy is not any more, or one that was pinned is not while somebody wants room. */
    private final Kcondvar unbusied;

    private final PagePool pool;

    /** How many wait for room. */
    private int wantingRoom;

    /** Ends of the list of blocks, the least recently used first. */
    private @Nullable CacheBlock lruFirst;

    private @Nullable CacheBlock lruLast;

    PageCache(Kernel kernel) {
        lock = kernel.mutex();
        unbusied = kernel.condvar();
        Kmem kmem = kernel.kmem();
        pool = new PagePool(kmem, kmem.limitBytes() / POOL_DENOMINATOR * POOL_NUMERATOR);
        kmem.addReclaimer(this::reclaim);
        kernel.sysctl().quad("vfs.generic.cachebytes", this::bytes);
    }

    void enter() {
        lock.enter();
    }

    void exit() {
        lock.exit();
    }

    /** With the lock held: waits until some block is not busy any more. Which one, the caller looks for itself. */
    void awaitUnbusy() {
        unbusied.await(lock);
    }

    /** With the lock held: a block has been filled, or could not be. */
    void unbusy(CacheBlock block) {
        block.busy = false;
        block.pins--;
        if (unbusied.hasWaiters()) {
            unbusied.broadcast();
        }
    }

    /** With the lock held: somebody has done with a block. */
    void unpin(CacheBlock block) {
        if (--block.pins == 0 && wantingRoom > 0) {
            unbusied.broadcast();
        }
    }

    /**
     * With the lock held, which is lost meanwhile: waits until there may be room, where there is none because others use all of it.
     *
     * @throws ErrnoException ENOMEM where nobody gives any of it back: they may be waiting themselves
     */
    void awaitRoom() throws ErrnoException {
        boolean woken = false;
        if (lruFirst != null) {
            wantingRoom++;
            woken = unbusied.timedwait(lock, ROOM_NANOS);
            wantingRoom--;
        }
        if (!woken) {
            throw Errno.ENOMEM.exception("all of the cache is in use");
        }
    }

    /** Bytes that it can hold. */
    long capacityBytes() {
        return pool.maxBytes();
    }

    /**
     * With the lock held: makes a block, unpinned, in the place of others if it must; or null where those are all in use: then
     * {@link #awaitRoom}, and look again whether it is needed.
     */
    @Nullable
    CacheBlock allocate(CacheBlock.Owner owner, long key, int bytes) {
        int shift = PagePool.shiftFor(bytes);
        PagePool.Piece piece = pool.allocate(shift);
        while (piece == null && evictOne()) {
            piece = pool.allocate(shift);
        }
        if (piece == null) {
            return null;
        }
        CacheBlock block = new CacheBlock(owner, key, piece);
        append(block);
        return block;
    }

    /** With the lock held: the block, which nobody uses, is given back. Its owner has forgotten it. */
    void free(CacheBlock block) {
        assert block.pins == 0 && !block.busy;
        unlink(block);
        pool.free(block.piece);
    }

    /** Without the lock: frees all blocks of an owner, who makes no new ones, and waits for those that are busy. */
    void freeAll(LongMap<CacheBlock> blocks) {
        lock.enter();
        while (blocks.size() > 0) {
            List<CacheBlock> idle = new ArrayList<>();
            blocks.forEach((_, block) -> {
                if (!block.busy) {
                    idle.add(block);
                }
            });
            for (CacheBlock block : idle) {
                blocks.remove(block.key);
                free(block);
            }
            if (blocks.size() > 0) {
                unbusied.await(lock);
            }
        }
        lock.exit();
    }

    /** With the lock held: the block has been used. */
    void touch(CacheBlock block) {
        if (lruLast != block) {
            unlink(block);
            append(block);
        }
    }

    /** The kernel goes down: all memory that nobody uses is given back to the host. */
    void shutdown() {
        lock.enter();
        while (evictOne()) {
            // Until all are gone.
        }
        pool.trim();
        lock.exit();
    }

    private long bytes() {
        lock.enter();
        long bytes = pool.slabBytes();
        lock.exit();
        return bytes;
    }

    private boolean evictOne() {
        for (CacheBlock block = lruFirst; block != null; block = block.lruNext) {
            if (block.pins == 0) {
                block.owner.forget(block);
                free(block);
                return true;
            }
        }
        return false;
    }

    private long reclaim(long bytes) {
        lock.enter();
        long got = pool.trim();
        while (got < bytes && evictOne()) {
            got += pool.trim();
        }
        lock.exit();
        return got;
    }

    private void append(CacheBlock block) {
        block.lruPrev = lruLast;
        block.lruNext = null;
        if (lruLast == null) {
            lruFirst = block;
        } else {
            lruLast.lruNext = block;
        }
        lruLast = block;
        block.inLru = true;
    }

    private void unlink(CacheBlock block) {
        CacheBlock prev = block.lruPrev;
        CacheBlock next = block.lruNext;
        if (prev == null) {
            lruFirst = next;
        } else {
            prev.lruNext = next;
        }
        if (next == null) {
            lruLast = prev;
        } else {
            next.lruPrev = prev;
        }
        block.lruPrev = block.lruNext = null;
        block.inLru = false;
    }
}
