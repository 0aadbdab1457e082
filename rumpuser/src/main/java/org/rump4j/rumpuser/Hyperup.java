package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The upcalls: what a kernel lets its host do ({@code struct rumpuser_hyperup}). Every call but the two backend ones and
 * {@link #schedule} itself is made between {@link #schedule} and {@link #unschedule}.
 */
public interface Hyperup {
    /** Files of a forked process: share the parent's table. */
    int RFFD_SHARE = 0;
    /** Files of a forked process: a copy of the parent's table ({@code RUMP_RFFDG}). */
    int RFFDG = 1;
    /** Files of a forked process: none ({@code RUMP_RFCFDG}). */
    int RFCFDG = 2;

    /** Gives the calling thread a virtual CPU, and a temporary lwp of process 1 where it has no lwp. */
    void schedule();

    /** Gives the virtual CPU back, and the temporary lwp where {@link #schedule} made one. */
    void unschedule();

    /**
     * Gives the virtual CPU away because the calling thread is about to block in a hypercall.
     *
     * @param nlocks always 0 (the kernel's own recursion count would go here)
     * @param interlock the mutex that a condition variable is waited on with, held by the caller; otherwise null
     * @return how often the kernel's big lock was held and has been released; opaque to the host
     */
    int backendUnschedule(int nlocks, @Nullable RumpMutex interlock);

    /**
     * Takes a virtual CPU again after {@link #backendUnschedule}, on the same thread.
     *
     * @param nlocks what {@link #backendUnschedule} returned
     * @param interlock what {@link #backendUnschedule} was given
     */
    void backendSchedule(int nlocks, @Nullable RumpMutex interlock);

    /**
     * Makes another lwp the current one of this thread.
     *
     * @param lwp an lwp that no thread runs; null detaches the current one at the next {@link #unschedule}
     */
    void lwprocSwitch(@Nullable OpaqueLwp lwp);

    /** Marks the current lwp to be destroyed at the next {@link #unschedule}. */
    void lwprocRelease();

    /**
     * Makes a process with one lwp, which becomes the current one.
     *
     * @param client whom the process belongs to: what the system call proxy hypercalls get as their first argument; or null
     * @param flags {@link #RFFD_SHARE}, {@link #RFFDG} or {@link #RFCFDG}
     * @param comm name of the process; null for the parent's
     * @throws ErrnoException EINVAL where flags are none of the three; ENOMEM
     */
    void lwprocRfork(@Nullable Object client, int flags, @Nullable String comm) throws ErrnoException;

    /**
     * Makes an lwp in a process, which becomes the current one.
     *
     * @param pid number of the process
     * @throws ErrnoException ESRCH where there is no such process; EBUSY where it is exiting
     */
    void lwprocNewlwp(int pid) throws ErrnoException;

    /** The current lwp, or null where the thread has none, only a temporary one, or one that is being released. */
    @Nullable
    OpaqueLwp lwprocCurlwp();

    /**
     * Makes a system call of the current lwp by number, with its arguments as NetBSD's native ABI lays them out.
     *
     * @param number NetBSD's number of the system call
     * @param arguments one slot of 8 bytes an argument
     * @param retval two results, written on success
     * @return 0 or an error number; ENOSYS where there is no such call
     */
    int syscall(int number, MemorySegment arguments, long[] retval);

    /** Orders all other lwps of the current process to leave the kernel. Does not wait for them. */
    void lwpexit();

    /**
     * The process runs a new program: descriptors that are close-on-exec go, the name changes. Needs the process to have
     * one lwp and {@link #lwpexit} to have been called.
     *
     * @param comm name of the new program
     */
    void execnotify(String comm);

    /** The number of the current process. */
    int getpid();
}
