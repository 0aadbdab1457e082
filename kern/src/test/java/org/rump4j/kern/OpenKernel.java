package org.rump4j.kern;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** A java kernel whose inside a test can get at. */
final class OpenKernel implements AutoCloseable {
    /** What the host was told at the end, where it has not been. */
    static final int NO_EXIT = Integer.MIN_VALUE;

    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final long POLL_NANOS = 1_000_000;

    final JavaKernel handle;
    final Kernel kernel;
    final Syscalls sys;
    final CountingHost counts;
    private final Console console;

    /** How a host of a test differs from the usual one: it listens. */
    static final class Console {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final AtomicInteger exit = new AtomicInteger(NO_EXIT);

        /** A host that prints here. */
        RealHost host(Map<String, String> environment, List<Component> components) {
            RealHost.Builder builder =
                    RealHost.builder().components(components).console(out).onExit(exit::set);
            environment.forEach(builder::environment);
            return builder.build();
        }

        String text() {
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    /** A component that does what a test says. */
    record TestComponent(String name, Stage stage, Attach body) implements Component {
        interface Attach {
            void attach(Kernel kernel) throws ErrnoException;
        }

        @Override
        public void attach(Kernel kernel) throws ErrnoException {
            body.attach(kernel);
        }
    }

    private OpenKernel(JavaKernel handle, Kernel kernel, CountingHost counts, Console console) {
        this.handle = handle;
        this.kernel = kernel;
        this.sys = handle.syscalls();
        this.counts = counts;
        this.console = console;
    }

    static OpenKernel boot() throws ErrnoException {
        return boot(Map.of());
    }

    static OpenKernel withCpus(int ncpu) throws ErrnoException {
        return boot(Map.of("RUMP_NCPU", Integer.toString(ncpu)));
    }

    static OpenKernel boot(Map<String, String> environment, Component... components) throws ErrnoException {
        AtomicReference<Kernel> inside = new AtomicReference<>();
        List<Component> all = new ArrayList<>(List.of(components));
        all.add(new TestComponent("test", Component.Stage.DRIVER, inside::set));
        Console console = new Console();
        CountingHost counts = new CountingHost(console.host(environment, all));
        JavaKernel handle = JavaKernel.boot(counts.host());
        return new OpenKernel(handle, inside.get(), counts, console);
    }

    String consoleText() {
        return console.text();
    }

    /** What the host was told at the end. */
    int exitValue() {
        return console.exit.get();
    }

    /** Does something in the kernel, as a driver would. */
    <T> T inside(Function<Lwp, T> body) {
        Lwp l = kernel.enter();
        try {
            return body.apply(l);
        } finally {
            kernel.leave(l);
        }
    }

    /** As the other, with nothing to come of it. */
    void run(Runnable body) {
        inside(_ -> {
            body.run();
            return true;
        });
    }

    /** Whether something is so, looked at in the kernel. */
    boolean holds(BooleanSupplier condition) {
        return inside(_ -> condition.getAsBoolean());
    }

    /** Waits, outside the kernel, until something is so. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it never came to be");
            }
            pause(POLL_NANOS);
        }
    }

    /** Gives others time to do something, without relying on that they do. */
    static void pause(long nanos) {
        try {
            Thread.sleep(Timespec.ofNanos(nanos).sec() * 1000 + nanos / 1_000_000 % 1000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        handle.halt();
    }
}
