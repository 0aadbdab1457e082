package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A disk whose bytes say where they are, and which fails and waits as it is told to. */
final class FakeDisk implements BlockDevice {
    /** A transfer that was asked for. */
    record Transfer(long offset, long bytes, boolean async) {}

    /** A transfer that has been started and waits for {@link #finishAsync}. */
    private record Pending(MemorySegment dst, long offset, Done done) {}

    private final long size;
    final List<Transfer> reads = new CopyOnWriteArrayList<>();
    final AtomicInteger closed = new AtomicInteger();
    private final List<Pending> pending = new CopyOnWriteArrayList<>();

    /** What reads of a byte from there on fail with. */
    volatile long failFrom = Long.MAX_VALUE;

    /** Reads that are still to be done well before one fails. */
    final AtomicInteger failAfter = new AtomicInteger(Integer.MAX_VALUE);

    /** What a read waits for. */
    volatile @Nullable CountDownLatch gate;

    /** How long a read takes. */
    volatile long spinNanos;

    /** Whether reads that are started wait until they are told to end. */
    volatile boolean holdAsync;

    FakeDisk(long size) {
        this.size = size;
    }

    static byte at(long offset) {
        return (byte) (offset * 7 + (offset >> 9) + (offset >> 17));
    }

    static byte[] bytes(long offset, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = at(offset + i);
        }
        return data;
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public int sectorBytes() {
        return 512;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public void read(MemorySegment dst, long offset) throws ErrnoException {
        reads.add(new Transfer(offset, dst.byteSize(), false));
        CountDownLatch closedGate = gate;
        if (closedGate != null) {
            try {
                closedGate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        long end = System.nanoTime() + spinNanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        transfer(dst, offset);
    }

    private void transfer(MemorySegment dst, long offset) throws ErrnoException {
        if (offset + dst.byteSize() > size) {
            throw Errno.EINVAL.exception("behind the end");
        }
        if (failAfter.getAndDecrement() <= 0 || offset + dst.byteSize() > failFrom) {
            throw Errno.EIO.exception("as it was told");
        }
        MemorySegment.copy(MemorySegment.ofArray(bytes(offset, (int) dst.byteSize())), 0, dst, 0, dst.byteSize());
    }

    @Override
    public void readAsync(MemorySegment dst, long offset, Done done) {
        reads.add(new Transfer(offset, dst.byteSize(), true));
        if (holdAsync) {
            pending.add(new Pending(dst, offset, done));
        } else {
            finish(dst, offset, done);
        }
    }

    /** Ends all reads that have been started. In the kernel. */
    void finishAsync() {
        for (Pending transfer : List.copyOf(pending)) {
            pending.remove(transfer);
            finish(transfer.dst, transfer.offset, transfer.done);
        }
    }

    private void finish(MemorySegment dst, long offset, Done done) {
        Errno error = null;
        try {
            transfer(dst, offset);
        } catch (ErrnoException e) {
            error = e.errno();
        }
        done.done(error);
    }

    @Override
    public void write(MemorySegment src, long offset) throws ErrnoException {
        throw Errno.EROFS.exception();
    }

    @Override
    public void writeAsync(MemorySegment src, long offset, Done done) {
        done.done(Errno.EROFS);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        closed.incrementAndGet();
    }
}
