package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Clock;
import org.rump4j.kern.Kcondvar;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmem;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.MessageLog;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What is cached of files ({@link FilePages}) and of devices ({@link BufCache}): one lock, one pool of memory and one order of
 * use for all of it in a kernel.
 *
 * <p>The lock is held for moments only, never while something is read or written. It is a leaf but for the kernel's memory
 * counter.
 *
 * <p><b>Dirty blocks</b> are never taken away. So that there are always others, those who make file data dirty wait while there
 * is too much of it ({@link #throttle}), and file systems commit before there is too much of theirs ({@link
 * BufCache#needsCommit}). Who needs memory where all is dirty writes some of it: that takes no lock but this one.
 */
final class PageCache {
    /** The part of the kernel's memory that the caches may take: three quarters. */
    private static final int POOL_NUMERATOR = 3;

    private static final int POOL_DENOMINATOR = 4;

    /** The part of the caches that dirty blocks of devices may take: a quarter. */
    private static final int DIRTY_BUFS_DENOMINATOR = 4;

    /** As long as this nobody who uses a block of the cache should take. */
    private static final long ROOM_NANOS = 1_000_000_000;

    private static final int DEFAULT_MAX_DIRTY_PERCENT = 50;
    private static final int HIGHEST_MAX_DIRTY_PERCENT = 70;

    private final Clock clock;
    private final MessageLog log;
    private final Kmutex lock;

    /** A block that was busy, or being written, is not any more; or one that was pinned is not while somebody wants room. */
    private final Kcondvar unbusied;

    private final PagePool pool;

    /** Clean blocks, the least recently used first. */
    private final BlockList lru = new BlockList();

    /** How many wait for room, and how often something has been let go of while somebody did. */
    private int wantingRoom;

    private long unpinnings;

    /** Those who have dirty files, in the order in which they came to have some. */
    private final Set<DirtyFiles> dirty = new LinkedHashSet<>();

    /** Bytes of chunks of files that are not clean. Read without the lock by those who can be wrong. */
    private volatile long dirtyFileBytes;

    /** Bytes of blocks of devices that are not clean. As above. */
    private volatile long dirtyBufBytes;

    private volatile int maxDirtyPercent = DEFAULT_MAX_DIRTY_PERCENT;

    PageCache(Kernel kernel) {
        clock = kernel.clock();
        log = kernel.log();
        lock = kernel.mutex();
        unbusied = kernel.condvar();
        Kmem kmem = kernel.kmem();
        pool = new PagePool(kmem, kmem.limitBytes() / POOL_DENOMINATOR * POOL_NUMERATOR);
        kmem.addReclaimer(this::reclaim);
        kernel.sysctl().quad("vfs.generic.cachebytes", this::bytes);
        kernel.sysctl().quad("vfs.sync.dirtydata", () -> dirtyFileBytes);
        kernel.sysctl().quad("vfs.sync.dirtymeta", () -> dirtyBufBytes);
        kernel.sysctl().int32("vfs.sync.maxdirty", () -> maxDirtyPercent, percent -> {
            if (percent.value() < 0 || percent.value() > HIGHEST_MAX_DIRTY_PERCENT) {
                throw Errno.EINVAL.exception(percent.value() + " per cent of the cache");
            }
            maxDirtyPercent = percent.value();
        });
    }

    void enter() {
        lock.enter();
    }

    void exit() {
        lock.exit();
    }

    Clock clock() {
        return clock;
    }

    /** Without the lock: tells the user something. */
    void log(String message) {
        log.print(message);
    }

    /** With the lock held: waits until some block is not busy, or being written, any more. Which one, the caller looks for itself. */
    void awaitUnbusy() {
        unbusied.await(lock);
    }

    /** With the lock held: what somebody waits for in {@link #awaitUnbusy} may have come to be. */
    void wakeup() {
        if (unbusied.hasWaiters()) {
            unbusied.broadcast();
        }
    }

    /** With the lock held: a block has been filled, or could not be. */
    void unbusy(CacheBlock block) {
        block.busy = false;
        unpin(block);
        wakeup();
    }

    /** With the lock held: one who held a block in place does not any more. */
    void unpin(CacheBlock block) {
        if (--block.pins > 0) {
            return;
        }
        if (block.orphan) {
            free(block);
        }
        if (wantingRoom > 0) {
            unpinnings++;
            wakeup();
        }
    }

    // Memory

    /**
     * With the lock held: makes a block, clean and unpinned, in the place of others if it must; or null where those are all in use or
     * dirty: then {@link #awaitRoom}, and look again whether it is needed.
     */
    @Nullable
    CacheBlock allocate(CacheBlock.Owner owner, long key, int bytes) {
        PagePool.Piece piece = allocatePiece(bytes);
        if (piece == null) {
            return null;
        }
        CacheBlock block = new CacheBlock(owner, key, piece);
        lru.append(block);
        return block;
    }

    /** As {@link #allocate}, but only the memory. */
    PagePool.@Nullable Piece allocatePiece(int bytes) {
        int shift = PagePool.shiftFor(bytes);
        PagePool.Piece piece = pool.allocate(shift);
        while (piece == null && evictOne()) {
            piece = pool.allocate(shift);
        }
        return piece;
    }

    /**
     * With the lock held, which is lost meanwhile: makes room by writing what is dirty of files, or waits until there may be some, where
     * there is none because others use all of it.
     *
     * @throws ErrnoException ENOMEM where nobody gives any of it back: they may be waiting themselves
     */
    void awaitRoom() throws ErrnoException {
        if (!clean(Clean.WAIT) && !awaitUnpinned()) {
            throw Errno.ENOMEM.exception("all of the cache is in use");
        }
    }

    /** Waits for somebody to let go of something, and says whether somebody did. */
    private boolean awaitUnpinned() {
        if (pool.slabBytes() == 0) {
            return false;
        }
        long before = unpinnings;
        long deadline = clock.uptimeNanos() + ROOM_NANOS;
        long left = ROOM_NANOS;
        wantingRoom++;
        while (unpinnings == before && left > 0) {
            unbusied.timedwait(lock, left);
            left = deadline - clock.uptimeNanos();
        }
        wantingRoom--;
        return unpinnings != before;
    }

    /** Bytes that it can hold. */
    long capacityBytes() {
        return pool.maxBytes();
    }

    /** Without the lock: memory, if there is some that nobody uses. To be given to {@link #freePiece}. */
    PagePool.@Nullable Piece tryPiece(int bytes) {
        lock.enter();
        PagePool.Piece piece = pool.allocate(PagePool.shiftFor(bytes));
        lock.exit();
        return piece;
    }

    /** With the lock held. */
    void freePiece(PagePool.Piece piece) {
        pool.free(piece);
    }

    /** With the lock held: the block, which nobody uses, is given back. Its owner has forgotten it. */
    void free(CacheBlock block) {
        assert block.pins == 0 && !block.busy && block.writing == 0;
        if (block.list != null) {
            block.list.remove(block);
        }
        pool.free(block.piece);
    }

    /** With the lock held: as {@link #free}; where somebody has the block pinned still, by who is the last of those. */
    void discard(CacheBlock block) {
        assert block.isClean() && !block.busy;
        if (block.pins == 0) {
            free(block);
        } else if (!block.orphan) {
            block.orphan = true;
            if (block.list != null) {
                block.list.remove(block);
            }
        }
    }

    /** Without the lock: frees all blocks of an owner, who makes no new ones, and waits for those that are busy or being written. */
    void freeAll(LongMap<CacheBlock> blocks) {
        lock.enter();
        while (blocks.size() > 0) {
            List<CacheBlock> idle = new ArrayList<>();
            blocks.forEach((_, block) -> {
                if (!block.busy && block.writing == 0) {
                    idle.add(block);
                }
            });
            for (CacheBlock block : idle) {
                block.owner.drop(block);
                blocks.remove(block.key);
                discard(block);
            }
            if (blocks.size() > 0) {
                unbusied.await(lock);
            }
        }
        lock.exit();
    }

    /** With the lock held: the block has been used. */
    void touch(CacheBlock block) {
        if (block.list == lru) {
            lru.touch(block);
        }
    }

    // What is dirty

    /** With the lock held: a block is going to be dirty. */
    void leaveClean(CacheBlock block, BlockList to) {
        lru.remove(block);
        to.append(block);
    }

    /** With the lock held: a block has become clean. */
    void becomeClean(CacheBlock block) {
        BlockList list = block.list;
        if (list != null) {
            list.remove(block);
        }
        lru.append(block);
    }

    /** With the lock held: bytes of chunks of files have become dirty, or, where less than 0, clean. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written with the lock held
    void addDirtyFileBytes(long bytes) {
        dirtyFileBytes += bytes;
    }

    /** With the lock held: bytes of blocks of devices have become dirty, or, where less than 0, clean. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written with the lock held
    void addDirtyBufBytes(long bytes) {
        dirtyBufBytes += bytes;
    }

    /** With the lock held: somebody has dirty files, or has none any more. */
    void setDirty(DirtyFiles files, boolean is) {
        if (is) {
            dirty.add(files);
        } else {
            dirty.remove(files);
        }
    }

    long maxDirtyFileBytes() {
        return pool.maxBytes() / 100 * maxDirtyPercent;
    }

    long maxDirtyBufBytes() {
        return pool.maxBytes() / DIRTY_BUFS_DENOMINATOR;
    }

    boolean tooManyDirtyBufs() {
        return dirtyBufBytes > maxDirtyBufBytes();
    }

    /** Without the lock: waits while too much of files' data is dirty, and writes it meanwhile. */
    void throttle() {
        if (dirtyFileBytes <= maxDirtyFileBytes()) {
            return;
        }
        lock.enter();
        boolean goesOn = true;
        while (goesOn && dirtyFileBytes > maxDirtyFileBytes()) {
            goesOn = clean(Clean.WAIT);
        }
        lock.exit();
    }

    /** Without the lock: starts to write where half of what may be dirty is. */
    void startEarly() {
        if (dirtyFileBytes <= maxDirtyFileBytes() / 2) {
            return;
        }
        lock.enter();
        boolean goesOn = true;
        while (goesOn && dirtyFileBytes > maxDirtyFileBytes() / 2) {
            goesOn = clean(Clean.START);
        }
        lock.exit();
    }

    private enum Clean {
        START,
        WAIT
    }

    /**
     * With the lock held, which is lost: writes some of what is dirty of files, of whoever's turn it is.
     *
     * @return whether there was something that could be done, or, with WAIT, waited for
     */
    private boolean clean(Clean how) {
        boolean underWay = false;
        WriteBatch batch = null;
        DirtyFiles whose = null;
        for (Iterator<DirtyFiles> all = dirty.iterator(); batch == null && all.hasNext(); ) {
            whose = all.next();
            batch = whose.takeOldest(how == Clean.START);
            underWay |= whose.isWriting();
        }
        if (batch != null) {
            // Whoever it is, others have their turn now.
            if (whose != null && dirty.remove(whose)) {
                dirty.add(whose);
            }
            lock.exit();
            if (how == Clean.START) {
                batch.start();
            } else {
                batch.write();
            }
            lock.enter();
            return true;
        }
        if (how == Clean.START) {
            return false;
        }
        if (underWay) {
            unbusied.await(lock);
            return true;
        }
        return dropFailed();
    }

    /** With the lock held: gives up on what could not be written, whose users have been or will be told. Whether there was any. */
    private boolean dropFailed() {
        boolean dropped = false;
        for (DirtyFiles files : List.copyOf(dirty)) {
            dropped |= files.dropFailed();
        }
        return dropped;
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
        for (CacheBlock block = lru.first(); block != null; block = block.next) {
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
}
