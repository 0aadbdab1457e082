package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.suite.OtherLwp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Locks on bytes of something that is no file, seen from inside. */
class LockTableTest {
    private final AtomicInteger anchors = new AtomicInteger();
    private OpenKernel k;
    private LockTable table;
    private FileLocks locks;

    @BeforeEach
    void boot() throws Exception {
        k = OpenKernel.withCpus(2);
        table = k.kernel.locks();
        locks = file();
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
    }

    @AfterEach
    void halt() {
        k.close();
    }

    private FileLocks file() {
        return new FileLocks(table, new FileLocks.File() {
            @Override
            public void anchor() {
                anchors.incrementAndGet();
            }

            @Override
            public void letGo() {
                anchors.decrementAndGet();
            }
        });
    }

    private interface Change {
        void make() throws ErrnoException;
    }

    private void change(Change change) throws ErrnoException {
        ErrnoException failure = k.inside(_ -> {
            try {
                change.make();
                return new ErrnoException[1];
            } catch (ErrnoException e) {
                return new ErrnoException[] {e};
            }
        })[0];
        if (failure != null) {
            throw failure;
        }
    }

    private void lock(LockOwner owner, boolean exclusive, long first, long last, boolean wait) throws ErrnoException {
        OpenFile file = new OpenFile(k.kernel, Pipe.OPS, new Object(), 0);
        change(() ->
                table.lock(file, locks, new FileLocks.Held(owner, exclusive, new ByteRange(first, last), 0), wait));
    }

    private static LockOwner process(int pid) {
        return LockOwner.process(pid, () -> 1);
    }

    private List<ByteRange> ranges() {
        List<ByteRange> ranges = new ArrayList<>();
        long at = 0;
        LockOwner nobody = process(99);
        while (true) {
            FileLocks.Held next =
                    locks.inTheWayOf(new FileLocks.Held(nobody, true, new ByteRange(at, ByteRange.END), 0));
            if (next == null) {
                return ranges;
            }
            ranges.add(next.range());
            if (next.range().last() == ByteRange.END) {
                return ranges;
            }
            at = next.range().last() + 1;
        }
    }

    @Test
    void locksOfOneKindThatMeetBecomeOne() throws Exception {
        LockOwner owner = process(2);
        lock(owner, true, 0, 9, false);
        lock(owner, true, 20, 29, false);
        assertEquals(List.of(new ByteRange(0, 9), new ByteRange(20, 29)), ranges());
        lock(owner, true, 10, 19, false);
        assertEquals(List.of(new ByteRange(0, 29)), ranges());
        lock(owner, false, 30, ByteRange.END, false);
        assertEquals(List.of(new ByteRange(0, 29), new ByteRange(30, ByteRange.END)), ranges());
        lock(owner, false, 0, 29, false);
        assertEquals(List.of(ByteRange.ALL), ranges());
    }

    @Test
    void whatHasLocksStaysAndGoesWithTheLast() throws Exception {
        LockOwner one = process(2);
        LockOwner other = process(3);
        lock(one, false, 0, 9, false);
        lock(other, false, 5, 20, false);
        assertEquals(1, anchors.get());
        change(() -> table.unlock(one, locks, ByteRange.ALL));
        assertEquals(1, anchors.get());
        change(() -> table.releaseAll(other));
        assertEquals(0, anchors.get());
        assertErrno(Errno.EAGAIN, () -> {
            lock(one, true, 0, 0, false);
            lock(other, true, 0, 0, false);
        });
        change(() -> table.releaseAll(one));
        assertEquals(0, anchors.get());
    }

    @Test
    void nobodyIsWokenInVain() throws Exception {
        LockOwner holder = process(2);
        lock(holder, true, 0, 9, false);
        AtomicInteger granted = new AtomicInteger();
        List<OtherLwp<Integer>> waiters = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int at = i;
            waiters.add(OtherLwp.start(k.handle, () -> {
                lock(process(10 + at), true, at, at, true);
                return granted.incrementAndGet();
            }));
        }
        OpenKernel.await(() -> k.holds(() -> locks.waiting.size() == 5));
        long wakeups = k.counts.schedules.get();
        change(() -> table.unlock(holder, locks, new ByteRange(3, 3)));
        assertEquals(1, waiters.get(3).join());
        assertEquals(4, locks.waiting.size());
        // Its own, that of the one who was woken, and those of coming and going.
        assertTrue(k.counts.schedules.get() - wakeups < 5);
        change(() -> table.releaseAll(holder));
        for (OtherLwp<Integer> waiter : waiters) {
            waiter.join();
        }
    }

    @Test
    void whoCameFirstGetsItFirst() throws Exception {
        LockOwner holder = process(2);
        lock(holder, true, 0, 9, false);
        List<Integer> order = new ArrayList<>();
        List<OtherLwp<Boolean>> waiters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            waiters.add(OtherLwp.start(k.handle, () -> {
                LockOwner self = process(10 + number);
                lock(self, true, 0, 0, true);
                order.add(number);
                change(() -> table.unlock(self, locks, ByteRange.ALL));
                return true;
            }));
            int waiting = i + 1;
            OpenKernel.await(() -> k.holds(() -> locks.waiting.size() == waiting));
        }
        change(() -> table.releaseAll(holder));
        for (OtherLwp<Boolean> waiter : waiters) {
            waiter.join();
        }
        assertEquals(List.of(0, 1, 2, 3), order);
    }

    @Test
    void whoIsToLeaveTheKernelWaitsNoLonger() throws Exception {
        lock(process(2), true, 0, 9, false);
        OtherLwp<Boolean> waiter = OtherLwp.start(k.handle, () -> {
            lock(process(3), true, 5, 5, true);
            return true;
        });
        OpenKernel.await(() -> k.holds(() -> !locks.waiting.isEmpty()));
        k.inside(l -> {
            l.proc().startExit(l);
            return true;
        });
        assertErrno(Errno.EINTR, waiter::join);
        assertEquals(List.of(), locks.waiting);
    }

    @Test
    void aProcessWithAnLwpThatDoesNotWaitIsNotStuck() throws Exception {
        LockOwner busy = LockOwner.process(2, () -> 2);
        LockOwner other = process(3);
        lock(busy, true, 0, 0, false);
        lock(other, true, 1, 1, false);
        OtherLwp<Boolean> waiter = OtherLwp.start(k.handle, () -> {
            lock(busy, true, 1, 1, true);
            return true;
        });
        OpenKernel.await(() -> k.holds(() -> locks.waiting.size() == 1));
        OtherLwp<Boolean> second = OtherLwp.start(k.handle, () -> {
            lock(other, true, 0, 0, true);
            return true;
        });
        OpenKernel.await(() -> k.holds(() -> locks.waiting.size() == 2));
        change(() -> table.unlock(busy, locks, new ByteRange(0, 0)));
        second.join();
        change(() -> table.releaseAll(other));
        waiter.join();
    }

    @Test
    void anOpenFileIsNoPartOfACircle() throws Exception {
        LockOwner file = LockOwner.openFile();
        lock(file, true, 0, ByteRange.END, false);
        OtherLwp<Boolean> waiter = OtherLwp.start(k.handle, () -> {
            lock(process(2), true, 0, 0, true);
            return true;
        });
        OpenKernel.await(() -> k.holds(() -> locks.waiting.size() == 1));
        change(() -> table.release(file, locks));
        waiter.join();
    }

    @Test
    void anOpenFileGivesUpWhatItHasWhileItWaitsForMore() throws Exception {
        LockOwner one = LockOwner.openFile();
        LockOwner other = LockOwner.openFile();
        lock(one, false, 0, ByteRange.END, false);
        lock(other, false, 0, ByteRange.END, false);
        List<OtherLwp<Boolean>> waiters = new ArrayList<>();
        for (LockOwner owner : List.of(one, other)) {
            waiters.add(OtherLwp.start(k.handle, () -> {
                lock(owner, true, 0, ByteRange.END, true);
                change(() -> table.release(owner, locks));
                return true;
            }));
        }
        for (OtherLwp<Boolean> waiter : waiters) {
            waiter.join();
        }
        assertNull(locks.inTheWayOf(new FileLocks.Held(process(9), true, ByteRange.ALL, 0)));
    }

    @Test
    void splittingALockMayExceedALimitButNotWithoutEnd() throws Exception {
        LockOwner owner = process(2);
        int user = 1000;
        OpenFile file = new OpenFile(k.kernel, Pipe.OPS, new Object(), 0);
        change(() -> table.lock(file, locks, new FileLocks.Held(owner, true, ByteRange.ALL, user), false));
        int pieces = 1;
        try {
            while (pieces < 10 * LockTable.MAX_PER_USER) {
                long at = 2L * pieces;
                change(() -> table.unlock(owner, locks, new ByteRange(at, at)));
                pieces++;
            }
        } catch (ErrnoException e) {
            assertEquals(Errno.ENOLCK, e.errno());
        }
        assertEquals(2 * LockTable.MAX_PER_USER, pieces);
        assertErrno(
                Errno.ENOLCK,
                () -> change(() ->
                        table.lock(file, file(), new FileLocks.Held(process(3), true, ByteRange.ALL, user), false)));
        change(() -> table.releaseAll(owner));
        change(() -> table.lock(file, locks, new FileLocks.Held(owner, true, ByteRange.ALL, user), false));
    }

    @Test
    void bytesAreCountedWithoutOverflow() throws Exception {
        assertEquals(
                new ByteRange(Long.MAX_VALUE - 1, Long.MAX_VALUE), ByteRange.of(Flock.of(1, Long.MAX_VALUE - 1, 2), 0));
        assertErrno(Errno.EOVERFLOW, () -> ByteRange.of(Flock.of(1, Long.MAX_VALUE, 2), 0));
        assertErrno(Errno.EOVERFLOW, () -> ByteRange.of(Flock.of(1, Long.MAX_VALUE, 0), 1));
        assertErrno(Errno.EINVAL, () -> ByteRange.of(Flock.of(1, -1, Long.MIN_VALUE), 0));
        assertErrno(Errno.EINVAL, () -> ByteRange.of(Flock.of(1, Long.MIN_VALUE, Long.MIN_VALUE), 0));
        assertErrno(Errno.EINVAL, () -> ByteRange.of(Flock.of(1, Long.MIN_VALUE, Long.MAX_VALUE), 0));
        assertEquals(new ByteRange(0, ByteRange.END), ByteRange.of(Flock.of(1, -5, 0), 5));
    }
}
