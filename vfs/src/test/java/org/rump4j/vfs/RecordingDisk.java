package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A disk that writes down what happens to it in order, fails and waits as it is told to, and can lose its power. Before anything is
 * written it is full of rubbish.
 */
final class RecordingDisk implements BlockDevice {
    static final int SECTOR = 512;
    static final byte RUBBISH = (byte) 0xA5;

    /** What was done to it. */
    sealed interface Event {}

    /** A write that has been done. */
    record Write(long offset, int bytes) implements Event {}

    /** A flush. */
    record Flush() implements Event {}

    /** It was closed. */
    record Close() implements Event {}

    /** A write that is not durable for sure. */
    private static final class Unflushed {
        final int offset;
        final byte[] data;

        Unflushed(int offset, byte[] data) {
            this.offset = offset;
            this.data = data;
        }
    }

    private record Held(MemorySegment src, long offset, Done done) {}

    private final byte[] now;
    private final byte[] durable;
    private final List<Unflushed> unflushed = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private int reads;
    private int eventsToCut;
    private Random chance = new Random(0);
    private byte @Nullable [] left;

    /** What writes at which bytes fail with EIO. */
    volatile LongPredicate failsAt = _ -> false;

    volatile boolean failsFlush;

    /** Whether writes that are started wait for {@link #finishHeld}. */
    volatile boolean holds;

    /** Who does what has been started, or null for the one who starts it. */
    volatile @Nullable Consumer<Runnable> worker;

    RecordingDisk(int bytes) {
        now = new byte[bytes];
        Arrays.fill(now, RUBBISH);
        durable = now.clone();
    }

    /** A disk that holds something. */
    RecordingDisk(byte[] contents) {
        now = contents.clone();
        durable = contents.clone();
    }

    synchronized byte[] contents() {
        return now.clone();
    }

    synchronized byte[] contents(long offset, int bytes) {
        return Arrays.copyOfRange(now, (int) offset, (int) offset + bytes);
    }

    synchronized int reads() {
        return reads;
    }

    /** What has happened since this was asked last. */
    synchronized List<Event> takeEvents() {
        List<Event> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    /** The writes among {@link #takeEvents}. */
    List<Write> takeWrites() {
        return takeEvents().stream()
                .filter(Write.class::isInstance)
                .map(Write.class::cast)
                .toList();
    }

    /** What is on it when the power goes now: each sector that was written since the last flush may be there or not. */
    synchronized byte[] powerCut(Random random) {
        byte[] left = durable.clone();
        for (Unflushed write : unflushed) {
            boolean whole = random.nextBoolean();
            boolean nothing = !whole && random.nextBoolean();
            for (int at = 0; at < write.data.length && !nothing; at += SECTOR) {
                if (whole || random.nextBoolean()) {
                    int bytes = Math.min(SECTOR, write.data.length - at);
                    System.arraycopy(write.data, at, left, write.offset + at, bytes);
                }
            }
        }
        return left;
    }

    /** Has the power go after so many more writes and flushes; nobody notices until {@link #leftByCut} is looked at. */
    synchronized void cutAfter(int moreEvents, Random random) {
        eventsToCut = moreEvents;
        chance = random;
    }

    /** What is on the disk since the power has gone; null before. */
    synchronized byte @Nullable [] leftByCut() {
        return left;
    }

    private void happened(Event event) {
        events.add(event);
        if (--eventsToCut == 0) {
            left = powerCut(chance);
        }
    }

    /** What is durable for sure. */
    synchronized byte[] durable() {
        return durable.clone();
    }

    @Override
    public long sizeBytes() {
        return now.length;
    }

    @Override
    public int sectorBytes() {
        return SECTOR;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public synchronized void read(MemorySegment dst, long offset) throws ErrnoException {
        check(dst.byteSize(), offset);
        reads++;
        dst.copyFrom(MemorySegment.ofArray(now).asSlice(offset, dst.byteSize()));
    }

    @Override
    public synchronized void write(MemorySegment src, long offset) throws ErrnoException {
        check(src.byteSize(), offset);
        for (long at = offset; at < offset + src.byteSize(); at += SECTOR) {
            if (failsAt.test(at)) {
                throw Errno.EIO.exception("as it was told");
            }
        }
        MemorySegment.ofArray(now).asSlice(offset, src.byteSize()).copyFrom(src);
        unflushed.add(
                new Unflushed((int) offset, Arrays.copyOfRange(now, (int) offset, (int) (offset + src.byteSize()))));
        happened(new Write(offset, (int) src.byteSize()));
    }

    @Override
    public void readAsync(MemorySegment dst, long offset, Done done) {
        later(() -> BlockDevice.super.readAsync(dst, offset, done));
    }

    @Override
    public void writeAsync(MemorySegment src, long offset, Done done) {
        if (holds) {
            synchronized (this) {
                held.add(new Held(src, offset, done));
            }
            return;
        }
        later(() -> finish(src, offset, done));
    }

    /** Does the writes that were held back. In the kernel. */
    void finishHeld() {
        List<Held> all;
        synchronized (this) {
            all = List.copyOf(held);
            held.clear();
        }
        all.forEach(write -> finish(write.src, write.offset, write.done));
    }

    synchronized int heldBack() {
        return held.size();
    }

    private void later(Runnable transfer) {
        Consumer<Runnable> other = worker;
        if (other == null) {
            transfer.run();
        } else {
            other.accept(transfer);
        }
    }

    private void finish(MemorySegment src, long offset, Done done) {
        BlockDevice.super.writeAsync(src, offset, done);
    }

    @Override
    public synchronized void flush() throws ErrnoException {
        if (failsFlush) {
            throw Errno.EIO.exception("as it was told");
        }
        for (Unflushed write : unflushed) {
            System.arraycopy(write.data, 0, durable, write.offset, write.data.length);
        }
        unflushed.clear();
        happened(new Flush());
    }

    @Override
    public synchronized void close() {
        events.add(new Close());
    }

    private void check(long bytes, long offset) throws ErrnoException {
        if (offset < 0 || offset + bytes > now.length || (offset | bytes) % SECTOR != 0) {
            throw Errno.EINVAL.exception(bytes + " bytes at " + offset);
        }
    }
}
