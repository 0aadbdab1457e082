package org.rump4j.rump.suite;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rump4j.rump.RumpKernel;

/**
 * Another lwp at work beside the test's own, on a thread of its own.
 *
 * @param <T> what comes of it
 */
public final class OtherLwp<T> {
    /** So long that only what is stuck takes longer. */
    private static final int PATIENCE_SECONDS = 120;

    private final FutureTask<T> task;

    private OtherLwp(FutureTask<T> task) {
        this.task = task;
    }

    /** Starts one in the process of the calling thread. */
    public static <T> OtherLwp<T> start(RumpKernel kernel, Callable<T> body) {
        return startIn(kernel, kernel.syscalls().getpid(), body);
    }

    /** Starts one in a process. */
    public static <T> OtherLwp<T> startIn(RumpKernel kernel, int pid, Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(() -> {
            kernel.lwproc().newlwp(pid);
            try {
                return body.call();
            } finally {
                if (kernel.isUp()) {
                    kernel.lwproc().releaselwp();
                }
            }
        });
        Thread thread = new Thread(task, "other lwp");
        thread.setDaemon(true);
        thread.start();
        return new OtherLwp<>(task);
    }

    /**
     * Waits for it.
     *
     * @throws Exception what it threw
     */
    public T join() throws Exception {
        try {
            return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("the other lwp is stuck", e);
        }
    }
}
