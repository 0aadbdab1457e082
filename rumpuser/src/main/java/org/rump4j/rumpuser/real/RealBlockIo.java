package org.rump4j.rumpuser.real;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/**
 * Asynchronous block I/O: a queue, and workers that are made while there is more work than workers and go when there has
 * been none for a while. A worker has an lwp of the kernel's own process; it holds a virtual CPU only to tell the outcome.
 */
final class RealBlockIo implements BlockIoCalls {
    /** Requests under way at once. A disk with a queue of its own gains from several; a file in memory from as many as cores. */
    private static final int MAX_WORKERS = 8;

    /** Requests that may wait for a worker before the next one's caller has to. */
    private static final int MAX_QUEUED = 256;

    private static final long IDLE_NANOS = 2_000_000_000;

    private record Request(int fd, int op, MemorySegment data, long off, BioDone done) {}

    private record Outcome(long count, @Nullable Errno error) {
        void tell(Request request) {
            request.done.done(count, error);
        }
    }

    private final Blocker blocker;
    private final RealFiles files;
    private final RealComponents components;
    private final boolean threadless;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();

    /** Guarded by lock, as the two counts are. */
    private final Deque<Request> queue = new ArrayDeque<>();

    private int workers;
    private int idle;

    /**
     * Nothing is started yet.
     *
     * @param threadless whether requests are to be done by their callers before {@link #bio} returns
     */
    RealBlockIo(Blocker blocker, RealFiles files, RealComponents components, boolean threadless) {
        this.blocker = blocker;
        this.files = files;
        this.components = components;
        this.threadless = threadless;
    }

    @Override
    public void bio(int fd, int op, MemorySegment data, long off, BioDone done) {
        blocker.checkExit();
        Request request = new Request(fd, op, data, off, done);
        if (threadless) {
            doItHere(request);
            return;
        }
        while (!enqueue(request)) {
            awaitRoom();
        }
    }

    /** False where the queue is full. */
    private boolean enqueue(Request request) {
        lock.lock();
        try {
            if (queue.size() >= MAX_QUEUED) {
                return false;
            }
            queue.addLast(request);
            if (queue.size() <= idle) {
                work.signal();
            } else if (workers < MAX_WORKERS) {
                startWorker();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() {
        int nlocks = blocker.unschedule(null);
        blocker.sleep(() -> {
            lock.lockInterruptibly();
            try {
                while (queue.size() >= MAX_QUEUED) {
                    room.await();
                }
            } finally {
                lock.unlock();
            }
        });
        blocker.schedule(nlocks, null);
    }

    /** With the lock held. Fewer workers than would be good are no error, but none would be. */
    private void startWorker() {
        try {
            RealThreads.start(ThreadKind.PLATFORM, "rumpuser-bio", this::serve);
            workers++;
        } catch (ErrnoException e) {
            if (workers == 0) {
                Request request = queue.removeLast();
                lock.unlock();
                try {
                    doItHere(request);
                } finally {
                    lock.lock();
                }
            }
        }
    }

    private void serve() {
        try {
            components.componentKthread();
            Request request;
            while ((request = next()) != null) {
                complete(request);
            }
            components.componentKthreadRelease();
        } catch (RumpuserExit e) {
            // The kernel is gone, and its requests with it.
        } catch (RuntimeException | Error e) {
            forgetWorker();
            throw e;
        }
    }

    private void forgetWorker() {
        lock.lock();
        try {
            workers--;
        } finally {
            lock.unlock();
        }
    }

    /** The next request, or null when this worker should go; then it is counted off already. */
    private @Nullable Request next() {
        long deadline = System.nanoTime() + IDLE_NANOS;
        lock.lock();
        try {
            while (queue.isEmpty()) {
                idle++;
                try {
                    blocker.sleep(() -> work.awaitNanos(deadline - System.nanoTime()));
                } finally {
                    idle--;
                }
                if (queue.isEmpty() && System.nanoTime() - deadline >= 0) {
                    workers--;
                    return null;
                }
            }
            Request request = queue.removeFirst();
            room.signal();
            return request;
        } finally {
            lock.unlock();
        }
    }

    private void complete(Request request) {
        Outcome outcome = transfer(request);
        components.componentSchedule(0);
        try {
            outcome.tell(request);
        } finally {
            components.componentUnschedule();
        }
    }

    private void doItHere(Request request) {
        int nlocks = blocker.unschedule(null);
        Outcome outcome = transfer(request);
        blocker.schedule(nlocks, null);
        outcome.tell(request);
    }

    private Outcome transfer(Request request) {
        try {
            return new Outcome(move(request), null);
        } catch (ErrnoException e) {
            return new Outcome(0, e.errno());
        }
    }

    private long move(Request request) throws ErrnoException {
        RealFile file = files.file(request.fd);
        if (request.off < 0) {
            throw Errno.EINVAL.exception("block I/O at offset " + request.off);
        }
        MemorySegment[] iov = {request.data};
        if ((request.op & BIO_READ) != 0) {
            return file.read(iov, request.off);
        }
        long count = file.write(iov, request.off);
        if ((request.op & BIO_SYNC) != 0) {
            file.sync();
        }
        return count;
    }
}
