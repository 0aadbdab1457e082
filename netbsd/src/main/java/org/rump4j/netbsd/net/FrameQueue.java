package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way to one receiver: a ring of native memory, in which each has its length before it. Any number of threads put in, one
 * at a time takes out. What does not fit is lost.
 *
 * <p>Positions only grow; a position is at its remainder by the capacity. {@link #tail} is stored after the frame and before {@link
 * #waiting} is looked at, {@link #waiting} before {@link #tail} is looked at: so whoever puts in sees that somebody waits, or is seen.
 */
final class FrameQueue {
    /** A power of two. Some 340 frames of the usual size. */
    private static final int CAPACITY = 1 << 19;

    private static final int ALIGN = 8;
    private static final int LENGTH_BYTES = 8;

    /** A length that says that the next frame is at the beginning of the ring. */
    private static final int WRAPPED = -1;

    /** Frames come one soon after the other, and to wake a thread takes as long as several of them. */
    private static final long LINGER_NANOS = 30_000;

    private final MemorySegment ring = Arena.ofAuto().allocate(CAPACITY, ALIGN);
    private final ReentrantLock senders = new ReentrantLock();

    /** Where the next frame goes. Written by who holds {@link #senders}. */
    private volatile long tail;

    /** The oldest frame that may still be looked at. Written by the receiver. */
    private volatile long head;

    /** Behind the frame that was given out last. The receiver's. */
    private long next;

    private volatile @Nullable Thread waiting;
    private volatile boolean closed;

    /** Puts a frame in; false where it is lost. */
    boolean put(MemorySegment... frame) {
        long bytes = 0;
        for (MemorySegment piece : frame) {
            bytes += piece.byteSize();
        }
        if (bytes < Link.HEADER_BYTES || bytes > Link.MAX_FRAME_BYTES) {
            return false;
        }
        senders.lock();
        try {
            if (!putLocked(frame, (int) bytes)) {
                return false;
            }
        } finally {
            senders.unlock();
        }
        Thread receiver = waiting;
        if (receiver != null) {
            LockSupport.unpark(receiver);
        }
        return true;
    }

    private boolean putLocked(MemorySegment[] frame, int bytes) {
        long at = tail;
        int room = LENGTH_BYTES + (bytes + ALIGN - 1 & -ALIGN);
        int untilEnd = CAPACITY - (int) (at & CAPACITY - 1);
        long end = at + room + (room > untilEnd ? untilEnd : 0);
        if (closed || end - head > CAPACITY) {
            return false;
        }
        if (room > untilEnd) {
            ring.set(JAVA_INT, at & CAPACITY - 1, WRAPPED);
            at += untilEnd;
        }
        long to = at & CAPACITY - 1;
        ring.set(JAVA_INT, to, bytes);
        to += LENGTH_BYTES;
        for (MemorySegment piece : frame) {
            MemorySegment.copy(piece, 0, ring, to, piece.byteSize());
            to += piece.byteSize();
        }
        tail = end;
        return true;
    }

    /** {@link Link.Port#poll}. */
    @Nullable
    MemorySegment poll() {
        long at = next;
        head = at;
        if (at == tail || closed) {
            return null;
        }
        int bytes = ring.get(JAVA_INT, at & CAPACITY - 1);
        if (bytes == WRAPPED) {
            at += CAPACITY - (at & CAPACITY - 1);
            bytes = ring.get(JAVA_INT, at & CAPACITY - 1);
        }
        next = at + LENGTH_BYTES + (bytes + ALIGN - 1 & -ALIGN);
        return ring.asSlice((at & CAPACITY - 1) + LENGTH_BYTES, bytes);
    }

    /** {@link Link.Port#take}. */
    @Nullable
    MemorySegment take() {
        while (true) {
            MemorySegment frame = poll();
            if (frame != null || closed) {
                return frame;
            }
            linger();
            waiting = Thread.currentThread();
            if (tail == next && !closed) {
                LockSupport.park(this);
            }
            waiting = null;
        }
    }

    /** Lets others run for a moment, unless something has come. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing but speed depends on the scheduler
    private void linger() {
        long until = System.nanoTime() + LINGER_NANOS;
        while (tail == next && !closed && System.nanoTime() - until < 0) {
            Thread.yield();
        }
    }

    /** Nothing goes in or comes out any more. */
    void close() {
        closed = true;
        Thread receiver = waiting;
        if (receiver != null) {
            LockSupport.unpark(receiver);
        }
    }
}
