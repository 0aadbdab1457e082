package org.rump4j.rumpuser.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.BlockIoCalls.BioDone;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.Rumpuser;

/** Block I/O. */
abstract class BlockIoContract extends Contract {
    private static final int READ = BlockIoCalls.BIO_READ;
    private static final int WRITE = BlockIoCalls.BIO_WRITE;
    private static final int SYNC = BlockIoCalls.BIO_SYNC;

    private String path;

    /** Counts what comes back, and looks that it comes back as it should. */
    private final class Outcome implements BioDone {
        private final AtomicInteger calls = new AtomicInteger();
        private volatile boolean wellMade;
        volatile long count;
        volatile @Nullable Errno error;

        @Override
        public void done(long moved, @Nullable Errno errno) {
            FakeKernel.Context here = kernel.context();
            wellMade = here.hasCpu && here.lwp != null && host.curlwp() == here.lwp;
            count = moved;
            error = errno;
            calls.incrementAndGet();
        }

        boolean isDone() {
            return calls.get() > 0;
        }

        Outcome await() {
            waitUntil(this::isDone);
            assertTrue(wellMade, "done is called with a virtual CPU held and an lwp");
            assertEquals(1, calls.get());
            return this;
        }

        void assertIs(long expectedCount, @Nullable Errno expectedError) {
            await();
            assertEquals(expectedError, error);
            assertEquals(expectedCount, count);
        }
    }

    @BeforeEach
    void makeFile() throws IOException {
        path = hosts.path("disk");
        hosts.write("disk", "0123456789".getBytes(US_ASCII));
    }

    @Test
    void whatIsWrittenIsReadBack() throws Throwable {
        int fd = open();
        submit(fd, WRITE, bytes((byte) 'a', (byte) 'b'), 4).assertIs(2, null);
        MemorySegment buffer = room(4);
        submit(fd, READ, buffer, 3).assertIs(4, null);
        assertArrayEquals("3ab6".getBytes(US_ASCII), bytesOf(buffer));
        submit(fd, WRITE | SYNC, bytes((byte) 'c'), 0).assertIs(1, null);
        host.close(fd);
        assertArrayEquals("c123ab6789".getBytes(US_ASCII), hosts.read("disk"));
    }

    @Test
    void aRequestDoesNotWaitForItsEnd() throws Throwable {
        int fd = open();
        assertPairs(0, () -> submit(fd, READ, room(4), 0)).await();
        host.close(fd);
    }

    private Outcome assertPairs(int expected, Submission submission) throws Throwable {
        Outcome[] outcome = new Outcome[1];
        assertPairs(expected, () -> {
            outcome[0] = submission.submit();
        });
        return outcome[0];
    }

    /** Something that asks for block I/O. */
    private interface Submission {
        Outcome submit() throws Throwable;
    }

    @Test
    void theEndOfTheFileIsNoError() throws Throwable {
        int fd = open();
        submit(fd, READ, room(8), 6).assertIs(4, null);
        submit(fd, READ, room(8), 10).assertIs(0, null);
        submit(fd, READ, room(8), 1L << 40).assertIs(0, null);
        submit(fd, READ, room(0), 0).assertIs(0, null);
        submit(fd, WRITE, room(0), 0).assertIs(0, null);
        host.close(fd);
    }

    @ParameterizedTest
    @ValueSource(ints = {READ, WRITE, WRITE | SYNC})
    void aFailureIsAnOutcomeToo(int op) throws Throwable {
        submit(123_456, op, room(4), 0).assertIs(0, Errno.EBADF);
        int fd = open();
        submit(fd, op, room(4), -1).assertIs(0, Errno.EINVAL);
        submit(fd, op, room(4), -4096).assertIs(0, Errno.EINVAL);
        MemorySegment gone;
        try (Arena arena = Arena.ofShared()) {
            gone = arena.allocate(4);
        }
        submit(fd, op, gone, 0).assertIs(0, Errno.EFAULT);
        host.close(fd);
        submit(fd, op, room(4), 0).assertIs(0, Errno.EBADF);
        int other = host.open(path, (op & READ) != 0 ? FileCalls.OPEN_WRONLY : FileCalls.OPEN_RDONLY);
        submit(other, op, room(4), 0).assertIs(0, Errno.EBADF);
        host.close(other);
        assertArrayEquals("0123456789".getBytes(US_ASCII), hosts.read("disk"));
    }

    @Test
    void severalRequestsRunSideBySide() throws Throwable {
        int fd = open();
        RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
        RumpCondVar cv = host.cvInit();
        int[] arrived = new int[1];
        int together = 3;
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < together; i++) {
            Outcome outcome = new Outcome();
            outcomes.add(outcome);
            host.bio(fd, READ, room(4), 0, (count, error) -> {
                // Each waits until all are here, which they never would be one after the other.
                mutex.enter();
                arrived[0]++;
                cv.broadcast();
                while (arrived[0] < together) {
                    cv.await(mutex);
                }
                mutex.exit();
                outcome.done(count, error);
            });
        }
        for (Outcome outcome : outcomes) {
            outcome.assertIs(4, null);
        }
        host.close(fd);
    }

    @Test
    void whoeverAsksForVeryMuchAtOnceIsServedToTheEnd() throws Throwable {
        int requests = 2000;
        int fd = open();
        RumpMutex gate = kernel.mutex(RumpMutex.KMUTEX);
        AtomicInteger done = new AtomicInteger();
        gate.enter();
        Task asking = start("asking", () -> {
            for (int i = 0; i < requests; i++) {
                host.bio(fd, READ, room(1), i % 10, (count, error) -> {
                    gate.enter();
                    gate.exit();
                    assertEquals(1, count);
                    assertNull(error);
                    done.incrementAndGet();
                });
            }
        });
        waitUntil(() -> asking.away() || asking.done);
        assertEquals(0, done.get());
        gate.exit();
        asking.join();
        waitUntil(() -> done.get() == requests);
        host.close(fd);
    }

    @Test
    void manyThreadsAsking() throws Throwable {
        int threads = 4;
        int requests = 200;
        int fd = host.open(hosts.path("big"), FileCalls.OPEN_RDWR | FileCalls.OPEN_CREATE);
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int base = t * requests;
            tasks.add(start("thread " + t, () -> {
                List<Outcome> writes = new ArrayList<>();
                for (int i = 0; i < requests; i++) {
                    writes.add(submit(fd, WRITE, bytes((byte) (base + i)), base + i));
                }
                for (Outcome write : writes) {
                    write.assertIs(1, null);
                }
            }));
        }
        for (Task task : tasks) {
            task.join();
        }
        host.close(fd);
        byte[] all = hosts.read("big");
        assertEquals(threads * requests, all.length);
        for (int i = 0; i < all.length; i++) {
            assertEquals((byte) i, all[i]);
        }
    }

    @Test
    void withoutThreadsTheCallerDoesItBeforeTheCallReturns() throws Throwable {
        Rumpuser threadless = hosts.make(setup(Map.of("RUMP_THREADS", "0")));
        FakeKernel other = new FakeKernel(threadless);
        inKernel(threadless, other, () -> {
            int fd = threadless.open(path, FileCalls.OPEN_RDWR);
            MemorySegment buffer = room(4);
            Thread[] caller = new Thread[1];
            long[] moved = new long[1];
            int before = other.context().pairs.get();
            threadless.bio(fd, READ, buffer, 2, (count, error) -> {
                caller[0] = Thread.currentThread();
                moved[0] = count;
                assertTrue(other.context().hasCpu);
                assertNotNull(threadless.curlwp());
            });
            assertSame(Thread.currentThread(), caller[0]);
            assertEquals(4, moved[0]);
            assertEquals(1, other.context().pairs.get() - before);
            assertArrayEquals("2345".getBytes(US_ASCII), bytesOf(buffer));
            @Nullable Errno[] error = new Errno[1];
            threadless.bio(123_456, WRITE, buffer, 0, (_, e) -> error[0] = e);
            assertEquals(Errno.EBADF, error[0]);
            threadless.close(fd);
        });
    }

    private int open() throws ErrnoException {
        return host.open(path, FileCalls.OPEN_RDWR | FileCalls.OPEN_BIO);
    }

    private Outcome submit(int fd, int op, MemorySegment data, long off) {
        Outcome outcome = new Outcome();
        host.bio(fd, op, data, off, outcome);
        return outcome;
    }
}
