package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.Rumpuser;

/** Between a kernel and its host: hypercalls fail as they are told to, and files that are open are counted. */
final class FaultyHost {
    private static final long SLOW_NANOS = 400_000;

    private final Map<String, Errno> failing = new ConcurrentHashMap<>();

    /** Descriptors of the host that are open. */
    final Set<Integer> open = new ConcurrentSkipListSet<>();

    /** Bytes of the host's memory that the kernel has. */
    final AtomicLong memory = new AtomicLong();

    /** Whether reads take their time. */
    volatile boolean slowReads;

    /** Block I/O that was asked for. */
    final AtomicInteger bios = new AtomicInteger();

    /** Whether block I/O waits for {@link #finishHeld}. */
    volatile boolean holdsBios;

    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    int heldBack() {
        return held.size();
    }

    /** Does the block I/O that was held back. */
    void finishHeld() {
        Runnable bio;
        while ((bio = held.poll()) != null) {
            bio.run();
        }
    }

    /** How often a hypercall does what it should before it fails. */
    private final Map<String, AtomicInteger> spared = new ConcurrentHashMap<>();

    /** From now on a hypercall fails. */
    void fail(String hypercall, Errno errno) {
        failAfter(hypercall, 0, errno);
    }

    /** Calls of a hypercall fail but for so many. */
    void failAfter(String hypercall, int calls, Errno errno) {
        spared.put(hypercall, new AtomicInteger(calls));
        failing.put(hypercall, errno);
    }

    /** No hypercall fails any more. */
    void heal() {
        failing.clear();
    }

    Rumpuser wrap(Rumpuser host) {
        return (Rumpuser) Proxy.newProxyInstance(
                FaultyHost.class.getClassLoader(),
                new Class<?>[] {Rumpuser.class},
                (_, method, args) -> call(host, method, args));
    }

    private @Nullable Object call(Rumpuser host, Method method, Object[] args) throws Throwable {
        String name = method.getName();
        Errno error = failing.get(name);
        if (error != null && Objects.requireNonNull(spared.get(name)).getAndDecrement() > 0) {
            error = null;
        }
        if (name.equals("bio")) {
            bios.incrementAndGet();
            if (error != null) {
                ((BlockIoCalls.BioDone) args[4]).done(0, error);
                return null;
            }
            if (holdsBios) {
                held.add(() -> host.bio(
                        (Integer) args[0],
                        (Integer) args[1],
                        (MemorySegment) args[2],
                        (Long) args[3],
                        (BlockIoCalls.BioDone) args[4]));
                return null;
            }
        }
        if (error != null) {
            throw error.exception("as it was told");
        }
        if (slowReads && name.equals("iovread")) {
            long end = System.nanoTime() + SLOW_NANOS;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
        long freed =
                name.equals("free") && args[0] instanceof MemorySegment memorySegment ? memorySegment.byteSize() : 0;
        Object result;
        try {
            result = method.invoke(host, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (name.equals("open")) {
            open.add((Integer) result);
        } else if (name.equals("close")) {
            open.remove((Integer) args[0]);
        } else if (name.equals("malloc")) {
            memory.addAndGet((Long) args[0]);
        } else if (name.equals("free")) {
            memory.addAndGet(-freed);
        }
        return result;
    }
}
