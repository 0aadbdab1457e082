package org.rump4j.rumpuser.real;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.ThreadCalls;

/** Threads, of either kind. None keeps the JVM alive: a program that is over takes its kernels with it. */
final class RealThreads implements ThreadCalls {
    private static final int CREATE_ATTEMPTS = 10;
    private static final long CREATE_RETRY_MILLIS = 10;

    /** Unwinds a thread to its first frame. */
    private static final class ThreadExit extends Error {
        private static final long serialVersionUID = 1L;

        ThreadExit() {
            super("rumpuser_thread_exit", null, false, false);
        }
    }

    private record Joinable(Thread thread) implements RumpThread {}

    private final Blocker blocker;

    RealThreads(Blocker blocker) {
        this.blocker = blocker;
    }

    @Override
    public @Nullable RumpThread threadCreate(
            Runnable body, ThreadKind kind, @Nullable String name, boolean joinable, int priority, int cpuidx)
            throws ErrnoException {
        Thread thread = start(kind, name == null ? "" : name, () -> {
            try {
                body.run();
            } catch (ThreadExit | RumpuserExit e) {
                // The two ways out of a kernel that are not an accident.
            }
        });
        return joinable ? new Joinable(thread) : null;
    }

    @Override
    public Error threadExit() {
        throw new ThreadExit();
    }

    @Override
    public void threadJoin(RumpThread thread) {
        Thread joined = ((Joinable) thread).thread;
        int nlocks = blocker.unschedule(null);
        blocker.sleep(joined::join);
        blocker.schedule(nlocks, null);
    }

    /** Starts a thread of the host. The operating system may be short of them for a moment only, so this insists a little. */
    static Thread start(ThreadKind kind, String name, Runnable body) throws ErrnoException {
        for (int attempt = 1; ; attempt++) {
            try {
                return switch (kind) {
                    case PLATFORM ->
                        Thread.ofPlatform()
                                .daemon()
                                .inheritInheritableThreadLocals(false)
                                .name(name)
                                .start(body);
                    case VIRTUAL ->
                        Thread.ofVirtual()
                                .inheritInheritableThreadLocals(false)
                                .name(name)
                                .start(body);
                };
            } catch (OutOfMemoryError e) {
                if (attempt == CREATE_ATTEMPTS) {
                    throw Errno.EAGAIN.exception("thread " + name);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(CREATE_RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
