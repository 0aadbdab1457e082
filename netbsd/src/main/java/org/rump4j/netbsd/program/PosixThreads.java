package org.rump4j.netbsd.program;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.LeavingGuest;
import org.rump4j.rumpuser.RumpuserExit;

/**
 * Threads of a program: pthread_create(3) and what else knows of threads that the C library has not made, also by their names of C11. What
 * threads wait with for one another is the C library's own.
 */
final class PosixThreads {
    static final long STACK_BYTES = 8L << 20;

    private static final int ESRCH = 3;
    private static final int EAGAIN = 11;
    private static final int EBUSY = 16;
    private static final int EINVAL = 22;
    private static final int EDEADLK = 35;
    private static final int ENOSYS = 38;

    private static final int THRD_ERROR = 2;
    private static final int PTHREAD_CREATE_DETACHED = 1;

    /** PTHREAD_DESTRUCTOR_ITERATIONS. */
    private static final int ROUNDS = 4;

    private static final long POLL_MILLIS = 100;

    /** Out of a thread that ends itself. */
    private static final class Exit extends LeavingGuest {
        private static final long serialVersionUID = 1L;

        private final long result;

        Exit(long result) {
            super("pthread_exit");
            this.result = result;
        }
    }

    /** What is to be called at a thread's end. */
    private record Cleanup(long function, long argument) {}

    /** A thread. What it is called is known before it runs anything of the program. */
    private static final class One {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch done = new CountDownLatch(1);

        /** Nobody will ask any more how it ended. */
        private final CountDownLatch released = new CountDownLatch(1);

        private final AtomicBoolean claimed = new AtomicBoolean();
        private final List<Cleanup> cleanups = new ArrayList<>();
        private volatile long id;
        private volatile long result;
    }

    private final CProcess process;
    private final Ending ending;
    private final Map<Long, One> threads = new ConcurrentHashMap<>();

    /** By the thread of Java that it is. */
    private final Map<Thread, One> all = new ConcurrentHashMap<>();

    /** How many there are that have not ended; the main one is one of them. */
    private final AtomicInteger running = new AtomicInteger(1);

    /** Destructors of keys, by key. */
    private final Map<Integer, Long> destructors = new ConcurrentHashMap<>();

    PosixThreads(CProcess process, Ending ending) {
        this.process = process;
        this.ending = ending;
    }

    void addTo(Functions functions) {
        functions.four(
                "pthread_create",
                (out, attributes, function, argument) -> create(out, attributes, function, argument) ? 0 : EAGAIN);
        functions.two("pthread_join", (thread, out) -> join(thread, out, true));
        functions.two("pthread_tryjoin_np", (thread, out) -> tryJoin(thread, out));
        functions.one("pthread_detach", this::detach);
        functions.one("pthread_exit", result -> {
            throw new Exit(result);
        });
        for (String name : new String[] {"pthread_timedjoin_np", "pthread_clockjoin_np", "pthread_cancel"}) {
            functions.none(name, () -> {
                process.say(name + ": a thread of Java cannot do that");
                return ENOSYS;
            });
        }
        functions.none("pthread_atfork", () -> 0);
        functions.none("__register_atfork", () -> 0);
        functions.two("pthread_key_create", this::createKey);
        functions.one("pthread_key_delete", this::deleteKey);
        functions.three("__cxa_thread_atexit_impl", (function, argument, dso) -> atThreadExit(function, argument));

        functions.three(
                "thrd_create", (out, function, argument) -> create(out, 0, function, argument) ? 0 : THRD_ERROR);
        functions.two("thrd_join", (thread, out) -> join(thread, out, false) == 0 ? 0 : THRD_ERROR);
        functions.one("thrd_detach", thread -> detach(thread) == 0 ? 0 : THRD_ERROR);
        functions.one("thrd_exit", result -> {
            throw new Exit(result);
        });
        functions.two("tss_create", (key, destructor) -> createKey(key, destructor) == 0 ? 0 : THRD_ERROR);
        functions.one("tss_delete", this::deleteKey);
    }

    /** Runs the program's main thread, on this one. */
    void main(Runnable body) {
        try {
            body.run();
        } catch (Exit e) {
            ended();
        } catch (LeavingGuest e) {
            // Somebody has said how it ends.
        } catch (RumpuserExit e) {
            ending.kernelExited(e.value());
        }
    }

    // Making them

    private boolean create(long out, long attributes, long function, long argument) {
        One one = new One();
        boolean detached = attribute("pthread_attr_getdetachstate", attributes, 0) == PTHREAD_CREATE_DETACHED;
        long stack = attribute("pthread_attr_getstacksize", attributes, STACK_BYTES);
        running.incrementAndGet();
        try {
            Thread thread = new Thread(null, () -> run(one, function, argument), process.name(), stack, false);
            thread.setDaemon(true);
            thread.start();
        } catch (OutOfMemoryError e) {
            running.decrementAndGet();
            return false;
        }
        await(one.begun);
        if (detached) {
            release(one);
        }
        process.memory().putLong(out, one.id);
        return true;
    }

    /** What an attribute is, or what it is where there are none. */
    private long attribute(String getter, long attributes, long otherwise) {
        if (attributes == 0) {
            return otherwise;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            boolean got = (int) process.library().call(getter, attributes, value.address()) == 0;
            return got ? value.get(ValueLayout.JAVA_LONG, 0) : otherwise;
        }
    }

    private void run(One one, long function, long argument) {
        one.id = process.library().call("pthread_self");
        all.put(Thread.currentThread(), one);
        threads.put(one.id, one);
        one.begun.countDown();
        try {
            try {
                one.result = process.guest().call(function, argument);
            } catch (Exit e) {
                one.result = e.result;
            }
            cleanUp(one);
            one.done.countDown();
            ended();
            awaitRelease(one);
        } catch (LeavingGuest e) {
            // Somebody has said how it ends.
        } catch (RumpuserExit e) {
            ending.kernelExited(e.value());
        } catch (RuntimeException | Error e) {
            ending.fail(e);
        } finally {
            all.remove(Thread.currentThread());
        }
    }

    /** The calling thread; null for the main one, and those of the kernel. */
    private @Nullable One current() {
        return all.get(Thread.currentThread());
    }

    private void ended() {
        if (running.decrementAndGet() == 0) {
            ending.exit(0);
        }
    }

    // Waiting for them

    private int join(long thread, long out, boolean words) {
        One one = threads.get(thread);
        if (one == null) {
            return ESRCH;
        }
        if (one == current()) {
            return EDEADLK;
        }
        if (!one.claimed.compareAndSet(false, true)) {
            return EINVAL;
        }
        await(one.done);
        if (out != 0 && words) {
            process.memory().putLong(out, one.result);
        } else if (out != 0) {
            process.memory().putInt(out, (int) one.result);
        }
        forget(one);
        return 0;
    }

    private int tryJoin(long thread, long out) {
        One one = threads.get(thread);
        return one != null && one.done.getCount() > 0 ? EBUSY : join(thread, out, true);
    }

    private int detach(long thread) {
        One one = threads.get(thread);
        if (one == null) {
            return ESRCH;
        }
        return release(one) ? 0 : EINVAL;
    }

    private boolean release(One one) {
        if (!one.claimed.compareAndSet(false, true)) {
            return false;
        }
        forget(one);
        return true;
    }

    private void forget(One one) {
        threads.remove(one.id, one);
        one.released.countDown();
    }

    private void awaitRelease(One one) {
        await(one.released);
    }

    /** Until something has happened, or the guest has ended, which throws the thread out. */
    private void await(CountDownLatch latch) {
        while (true) {
            try {
                if (latch.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
                if (process.guest().hasExited()) {
                    throw new Exit(0);
                }
            } catch (InterruptedException e) {
                // Nobody interrupts a thread of C.
            }
        }
    }

    // What they have of their own

    private int createKey(long out, long destructor) {
        // The C library would call the destructor on a thread that has left the program.
        int error = (int) process.library().call("pthread_key_create", out, 0);
        if (error == 0 && destructor != 0) {
            destructors.put(process.memory().getInt(out), destructor);
        }
        return error;
    }

    private long deleteKey(long key) {
        destructors.remove((int) key);
        return process.library().call("pthread_key_delete", key);
    }

    private long atThreadExit(long function, long argument) {
        One one = current();
        if (one != null) {
            one.cleanups.add(new Cleanup(function, argument));
        }
        return 0;
    }

    private void cleanUp(One one) {
        while (!one.cleanups.isEmpty()) {
            Cleanup last = one.cleanups.removeLast();
            long _ = process.guest().call(last.function, last.argument);
        }
        boolean more = true;
        for (int round = 0; more && round < ROUNDS; round++) {
            more = false;
            for (Map.Entry<Integer, Long> destructor : destructors.entrySet()) {
                long key = destructor.getKey();
                long value = process.library().call("pthread_getspecific", key);
                if (value != 0) {
                    more = true;
                    long _ = process.library().call("pthread_setspecific", key, 0);
                    long _ = process.guest().call(destructor.getValue(), value);
                }
            }
        }
    }
}
