package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.SyscallProxyCalls;
import org.rump4j.rumpuser.contract.HostUnderTest.Body;
import org.rump4j.rumpuser.contract.HostUnderTest.Setup;

/**
 * What all sections of the contract share: each test runs in a kernel of its own, with two virtual CPUs, on a thread that
 * has an lwp and holds a virtual CPU, and fails if the host has broken a rule of the upcalls by its end.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class Contract {
    static final int NCPU = 2;
    static final long MILLISECOND = 1_000_000;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final ByteArrayOutputStream debug = new ByteArrayOutputStream();

    /** Signals that arrived. */
    final ConcurrentLinkedQueue<Integer> signals = new ConcurrentLinkedQueue<>();

    /** Values that the kernel exited with. */
    final ConcurrentLinkedQueue<Integer> exits = new ConcurrentLinkedQueue<>();

    HostUnderTest hosts;
    Rumpuser host;
    FakeKernel kernel;

    @RegisterExtension
    final InvocationInterceptor insideTheKernel = new InvocationInterceptor() {
        @Override
        public void interceptTestMethod(
                Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
                throws Throwable {
            inKernel(host, kernel, invocation::proceed);
        }

        @Override
        public void interceptTestTemplateMethod(
                Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
                throws Throwable {
            inKernel(host, kernel, invocation::proceed);
        }
    };

    /** The host that is to be tested. */
    abstract HostUnderTest hosts();

    @BeforeEach
    void makeHost() {
        hosts = hosts();
        host = hosts.make(setup(Map.of()));
        kernel = new FakeKernel(host);
    }

    @AfterEach
    void removeFolder() throws Exception {
        hosts.close();
    }

    // Hosts and kernels

    final Setup setup(Map<String, String> environment) {
        return new Setup(environment, console, debug, List.of(), signals::add, exits::add, null);
    }

    final Setup setup(List<?> components) {
        return new Setup(Map.of(), console, debug, components, signals::add, exits::add, null);
    }

    final Setup setup(SyscallProxyCalls proxy) {
        return new Setup(Map.of(), console, debug, List.of(), signals::add, exits::add, proxy);
    }

    /** Boots a kernel on a host, runs body in it, and looks whether the host kept the rules. */
    final void inKernel(Rumpuser on, FakeKernel booted, Body body) throws Throwable {
        hosts.run(() -> {
            on.init(Rumpuser.VERSION, booted);
            booted.start(NCPU);
            booted.enter("test");
            try {
                body.run();
                booted.leave();
            } catch (RumpuserExit e) {
                // A test that ends its kernel.
            }
        });
        assertEquals("", booted.violations());
    }

    /** What the console has printed. */
    final String console() {
        return console.toString(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** What dprintf has printed. */
    final String debug() {
        return debug.toString(java.nio.charset.StandardCharsets.UTF_8);
    }

    // Threads

    /** A thread in the kernel. */
    final class Task {
        private final String name;
        private final Body body;
        private @Nullable RumpThread thread;
        private volatile FakeKernel.@Nullable Context context;
        volatile @Nullable Thread carrier;
        volatile @Nullable Throwable failure;
        volatile boolean done;

        private Task(String name, Body body) {
            this.name = name;
            this.body = body;
        }

        private void run() {
            context = kernel.context();
            carrier = Thread.currentThread();
            try {
                kernel.enter(name);
                body.run();
                kernel.leave();
            } catch (Throwable t) {
                failure = t;
            } finally {
                done = true;
            }
        }

        /** Whether it is giving its virtual CPU away at the moment. */
        boolean away() {
            FakeKernel.Context at = context;
            return at != null && at.away;
        }

        /** How often it has given its virtual CPU away. */
        int pairs() {
            FakeKernel.Context at = context;
            return at == null ? 0 : at.pairs.get();
        }

        /** Interrupts it, which a kernel must not notice. */
        void interrupt() {
            Thread it = carrier;
            if (it != null) {
                it.interrupt();
            }
        }

        /** Waits for its end. Its failure is the test's. */
        void join() {
            if (thread != null) {
                host.threadJoin(thread);
            }
            if (hosts.mistakesEndTheKernel() && failure instanceof RumpuserExit exit) {
                throw exit;
            }
            if (failure != null) {
                throw new AssertionError("in " + name, failure);
            }
        }
    }

    /** Starts a thread in the kernel. */
    final Task start(String name, Body body) throws ErrnoException {
        Task task = new Task(name, body);
        task.thread = host.threadCreate(task::run, hosts.threads(), name, true, 0, -1);
        return task;
    }

    /** Starts a thread and waits until it has given its virtual CPU away in a hypercall. */
    final Task startAndAwaitAway(String name, Body body) throws ErrnoException {
        Task task = start(name, body);
        waitUntil(() -> task.away() || task.done);
        if (task.failure != null) {
            throw new AssertionError("in " + name, task.failure);
        }
        return task;
    }

    /** Waits, with the virtual CPU given away. The test's time limit is the limit. */
    final void waitUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            host.clockSleep(RumpClock.RELWALL, MILLISECOND / 10);
        }
    }

    /** Time for others to do what they should not do. */
    final void pause() {
        host.clockSleep(RumpClock.RELWALL, 20 * MILLISECOND);
    }

    // Assertions

    /** The calling thread gives its virtual CPU away so many times in body. */
    final void assertPairs(int expected, Body body) throws Throwable {
        int before = kernel.context().pairs.get();
        body.run();
        assertEquals(expected, kernel.context().pairs.get() - before, "times that the virtual CPU was given away");
    }

    /** What the kernel may not do is told by an exception. Where that ends the kernel, the test ends with it. */
    final void assertMistake(Class<? extends RuntimeException> told, Executable call) {
        org.junit.jupiter.api.Assertions.assertThrows(told, call);
        if (hosts.mistakesEndTheKernel()) {
            throw host.exit(0);
        }
    }

    static void assertErrno(Errno expected, Executable call) {
        ErrnoException e = org.junit.jupiter.api.Assertions.assertThrows(ErrnoException.class, call);
        assertEquals(expected, e.errno(), e::getMessage);
    }

    // Memory

    static MemorySegment bytes(byte... contents) {
        MemorySegment segment = Arena.ofAuto().allocate(contents.length);
        MemorySegment.copy(MemorySegment.ofArray(contents), 0, segment, 0, contents.length);
        return segment;
    }

    static MemorySegment room(long size) {
        return Arena.ofAuto().allocate(size);
    }

    static byte[] bytesOf(MemorySegment segment) {
        return segment.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    static MemorySegment[] iov(MemorySegment... segments) {
        return segments;
    }
}
