package org.rump4j.rumpuser.contract;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.SyscallProxyCalls;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/** A kind of host, and the little that its tests need of it beside the hypercalls. */
public interface HostUnderTest extends AutoCloseable {
    /**
     * How a host is to be made.
     *
     * @param environment variables that are set, over those of the process
     * @param console takes what the console prints
     * @param debug takes what {@code dprintf} prints
     * @param components what is linked in
     * @param onSignal takes signals, by NetBSD's number
     * @param onExit takes the value that the kernel exits with
     * @param proxy serves system calls to others; null for the host's own
     */
    record Setup(
            Map<String, String> environment,
            OutputStream console,
            OutputStream debug,
            List<?> components,
            IntConsumer onSignal,
            IntConsumer onExit,
            @Nullable SyscallProxyCalls proxy) {}

    /** Something that a thread does. */
    @FunctionalInterface
    interface Body {
        void run() throws Throwable;
    }

    /** A new host. */
    Rumpuser make(Setup setup);

    /** What its threads are to be. */
    ThreadKind threads();

    /** Whether a mistake of the kernel's ends it, as soon as the exception is out that tells of it. */
    default boolean mistakesEndTheKernel() {
        return false;
    }

    /** Whether a piece of memory tells the host that it is gone, as an address does not. */
    default boolean knowsWhichMemoryIsThere() {
        return true;
    }

    /** Runs body on a thread that the host can carry, of the kind above, and waits for it. */
    void run(Body body) throws Throwable;

    /** The host's path for a file in a folder that is empty when a test begins. */
    String path(String name);

    /** Makes a file in that folder, or replaces it. */
    void write(String name, byte[] contents) throws IOException;

    /** What a file in that folder has in it. */
    byte[] read(String name) throws IOException;

    /** Makes a folder in that folder. */
    void makeFolder(String name) throws IOException;

    /** Ends a test: the folder goes. */
    @Override
    void close() throws IOException;
}
