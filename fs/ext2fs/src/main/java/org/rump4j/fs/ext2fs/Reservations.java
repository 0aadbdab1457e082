package org.rump4j.fs.ext2fs;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Windows: blocks that are free, side by side, and kept in memory for one file that is growing, so that files which are written at the same
 * time do not come to lie between one another. A window is a wish: who finds no other room takes blocks out of it.
 *
 * <p>Guarded by the allocator's lock.
 */
final class Reservations {
    /** By the first block. They do not overlap. */
    private final TreeMap<Long, Window> windows = new TreeMap<>();

    /** Blocks for one file; how many are left of them in the end is found out by taking them. */
    static final class Window {
        private long start;
        private long end;

        /** Blocks that it was to have. */
        private int wanted;

        private Window() {}

        boolean contains(long blkno) {
            return blkno >= start && blkno < end;
        }

        long start() {
            return start;
        }

        /** The block behind it. */
        long end() {
            return end;
        }

        int wanted() {
            return wanted;
        }
    }

    /**
     * Keeps blocks for a file, which nobody else has in a window.
     *
     * @param old what the file has had, which goes; or null
     * @param wanted how many it would have been good to have
     */
    Window reserve(@Nullable Window old, long start, long end, int wanted) {
        Window window = old == null ? new Window() : old;
        if (old != null) {
            windows.remove(old.start, old);
        }
        window.start = start;
        window.end = end;
        window.wanted = wanted;
        windows.put(start, window);
        return window;
    }

    /** The file does not need it any more. */
    void release(Window window) {
        windows.remove(window.start, window);
    }

    boolean isEmpty() {
        return windows.isEmpty();
    }

    /** Nothing is kept for anybody any more. */
    void clear() {
        windows.clear();
    }

    /** A block, or the first one behind the window of another file that it is in. */
    long skip(long blkno, @Nullable Window own) {
        Map.Entry<Long, Window> before = windows.floorEntry(blkno);
        boolean taken =
                before != null && before.getValue() != own && before.getValue().contains(blkno);
        return taken ? before.getValue().end : blkno;
    }

    /** The first block behind one that is in the window of another file; {@link Long#MAX_VALUE} where there is none. */
    long limit(long blkno, @Nullable Window own) {
        Map.Entry<Long, Window> next = windows.higherEntry(blkno);
        if (next != null && next.getValue() == own) {
            next = windows.higherEntry(next.getKey());
        }
        return next == null ? Long.MAX_VALUE : next.getKey();
    }
}
