package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Clock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What is written to a device at one time: taken from the cache, sorted by place, small neighbours joined to one request, and
 * written. Where the device takes longer than it takes to have others do it, several requests are under way at once.
 */
final class WriteBatch {
    /** Requests of several pieces are no longer than this. */
    private static final int JOINED_BYTES = 1 << PagePool.MAX_SHIFT;

    /** As many are under way at the most while somebody waits for all. */
    private static final int MAX_UNDER_WAY = 8;

    /** A request that took longer makes the device a slow one. */
    private static final long SLOW_NANOS = 200_000;

    /** Pages of a block that are written, in one piece or several. */
    private static final class Taken {
        final CacheBlock block;
        final int pages;

        /** Guarded by the cache's lock, as the error is. */
        int pieces;

        @Nullable
        Errno error;

        Taken(CacheBlock block, int pages) {
            this.block = block;
            this.pages = pages;
        }
    }

    private record Piece(Taken taken, MemorySegment src, long offset) {
        long end() {
            return offset + src.byteSize();
        }
    }

    private final PageCache cache;
    private final BlockDevice device;
    private final Clock clock;
    private final List<Taken> blocks = new ArrayList<>();
    private final List<Piece> pieces = new ArrayList<>();

    /** Requests under way. Guarded by the cache's lock. */
    private int underWay;

    /** The first that went wrong. Guarded by the cache's lock. */
    private @Nullable Errno error;

    WriteBatch(PageCache cache, BlockDevice device) {
        this.cache = cache;
        this.device = device;
        this.clock = cache.clock();
    }

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    /** With the cache's lock held: takes pages, which are dirty and not being written. {@link #add} says where to. */
    void take(CacheBlock block, int pages) {
        assert (block.dirty & pages) == pages && (block.writing & pages) == 0;
        block.dirty &= ~pages;
        block.writing |= pages;
        block.pins++;
        blocks.add(new Taken(block, pages));
    }

    /** A piece of the block that has been taken last, and its place. */
    void add(int within, int bytes, long deviceOffset) {
        Taken taken = blocks.getLast();
        long most = Math.min(bytes, device.sizeBytes() - deviceOffset);
        taken.pieces++;
        pieces.add(new Piece(taken, taken.block.memory().asSlice(within, most), deviceOffset));
    }

    /**
     * Without the lock: writes, and returns when all is written.
     *
     * @return the first that went wrong, or null
     */
    @Nullable
    Errno write() {
        settleEmpty();
        List<List<Piece>> requests = requests();
        boolean slow = false;
        for (int i = 0; i < requests.size(); i++) {
            if (slow && i < requests.size() - 1 && begin(MAX_UNDER_WAY)) {
                start(requests.get(i));
            } else {
                long begin = clock.uptimeNanos();
                writeHere(requests.get(i));
                slow = clock.uptimeNanos() - begin > SLOW_NANOS;
            }
        }
        cache.enter();
        while (underWay > 0) {
            cache.awaitUnbusy();
        }
        Errno first = error;
        cache.exit();
        return first;
    }

    /** Without the lock: starts to write. */
    void start() {
        settleEmpty();
        for (List<Piece> request : requests()) {
            boolean begun = begin(Integer.MAX_VALUE);
            assert begun;
            start(request);
        }
    }

    /** Blocks of which nothing has a place are done already. */
    private void settleEmpty() {
        cache.enter();
        for (Taken taken : blocks) {
            if (taken.pieces == 0) {
                settle(taken);
            }
        }
        cache.exit();
    }

    private List<List<Piece>> requests() {
        pieces.sort(Comparator.comparingLong(Piece::offset));
        List<List<Piece>> requests = new ArrayList<>();
        List<Piece> request = new ArrayList<>();
        long bytes = 0;
        for (Piece piece : pieces) {
            boolean joins = !request.isEmpty()
                    && request.getLast().end() == piece.offset
                    && bytes + piece.src.byteSize() <= JOINED_BYTES;
            if (!joins) {
                request = new ArrayList<>();
                requests.add(request);
                bytes = 0;
            }
            request.add(piece);
            bytes += piece.src.byteSize();
        }
        return requests;
    }

    private boolean begin(int most) {
        cache.enter();
        boolean may = underWay < most;
        if (may) {
            underWay++;
        }
        cache.exit();
        return may;
    }

    /** Counted as under way already. */
    private void start(List<Piece> request) {
        PagePool.Piece joined = join(request);
        if (joined == null && request.size() > 1) {
            startEach(request);
            return;
        }
        device.writeAsync(source(request, joined), request.getFirst().offset, outcome -> {
            done(request, joined, outcome);
            end();
        });
    }

    /** There was no memory to join them in. */
    private void startEach(List<Piece> request) {
        cache.enter();
        underWay += request.size() - 1;
        cache.exit();
        request.forEach(piece -> start(List.of(piece)));
    }

    private void end() {
        cache.enter();
        underWay--;
        cache.wakeup();
        cache.exit();
    }

    private void writeHere(List<Piece> request) {
        PagePool.Piece joined = join(request);
        if (joined == null && request.size() > 1) {
            request.forEach(piece -> writeHere(List.of(piece)));
            return;
        }
        Errno outcome = null;
        try {
            device.write(source(request, joined), request.getFirst().offset);
        } catch (ErrnoException e) {
            outcome = e.errno();
        }
        done(request, joined, outcome);
    }

    /** Memory with the pieces of a request one after the other; null where there is one only, or no memory. */
    private PagePool.@Nullable Piece join(List<Piece> request) {
        if (request.size() == 1) {
            return null;
        }
        PagePool.Piece joined = cache.tryPiece(JOINED_BYTES);
        if (joined != null) {
            long at = 0;
            for (Piece piece : request) {
                MemorySegment.copy(piece.src, 0, joined.memory, at, piece.src.byteSize());
                at += piece.src.byteSize();
            }
        }
        return joined;
    }

    private static MemorySegment source(List<Piece> request, PagePool.@Nullable Piece joined) {
        return joined == null
                ? request.getFirst().src
                : joined.memory.asSlice(0, request.getLast().end() - request.getFirst().offset);
    }

    private void done(List<Piece> request, PagePool.@Nullable Piece joined, @Nullable Errno outcome) {
        boolean news = false;
        cache.enter();
        if (error == null) {
            error = outcome;
        }
        for (Piece piece : request) {
            Taken taken = piece.taken;
            if (outcome != null) {
                news |= !taken.block.failed;
                taken.error = outcome;
            }
            if (--taken.pieces == 0) {
                settle(taken);
            }
        }
        if (joined != null) {
            cache.freePiece(joined);
        }
        cache.wakeup();
        cache.exit();
        if (news) {
            Piece first = request.getFirst();
            cache.log(first.taken.block.owner + ": " + (request.getLast().end() - first.offset) + " bytes at byte "
                    + first.offset + " of the device cannot be written: " + Objects.requireNonNull(outcome));
        }
    }

    /** With the lock held. */
    private void settle(Taken taken) {
        CacheBlock block = taken.block;
        block.writing &= ~taken.pages;
        block.failed = taken.error != null;
        block.owner.written(block, taken.pages, taken.error);
        cache.unpin(block);
    }
}
