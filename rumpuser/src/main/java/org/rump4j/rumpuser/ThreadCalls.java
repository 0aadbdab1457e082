package org.rump4j.rumpuser;

import org.jspecify.annotations.Nullable;

/** Threads of the host, which are what kernel threads are. */
public interface ThreadCalls {
    /** What carries a thread; the kernel's choice. */
    enum ThreadKind {
        /** A thread of the operating system. Needed by guests that are native code. */
        PLATFORM,
        /** A thread of the JVM, of which there can be very many. */
        VIRTUAL
    }

    /**
     * Starts a thread. It has no current lwp at first. Does not unschedule.
     *
     * @param body what it does; it ends when this returns or calls {@link #threadExit}
     * @param name for those who look at the process; null for none
     * @param joinable whether {@link #threadJoin} will be called
     * @param priority a hint; 0 is the usual one
     * @param cpuidx the virtual CPU that it will be bound to, a hint; −1 for none
     * @return the thread to join, or null where it is not joinable
     * @throws ErrnoException EAGAIN where the host can have no more threads
     */
    @Nullable
    RumpThread threadCreate(
            Runnable body, ThreadKind kind, @Nullable String name, boolean joinable, int priority, int cpuidx)
            throws ErrnoException;

    /**
     * Ends the calling thread, which {@link #threadCreate} made. Its lwp and its virtual CPU are gone already.
     *
     * @return never; a caller writes {@code throw host.threadExit()}
     */
    Error threadExit();

    /**
     * Waits for a thread to end. Unschedules.
     *
     * @param thread joinable, and not joined yet
     */
    void threadJoin(RumpThread thread);
}
