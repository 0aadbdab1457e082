package org.rump4j.rump;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/**
 * Which lwp of which process the calling thread is. Source: NetBSD {@code rump_lwproc(3)}. A thread must give its lwp up
 * before it ends.
 */
public interface Lwproc {
    /** {@link #rfork}: the child shares the parent's descriptors. */
    int RFFD_SHARE = 0;
    /** {@link #rfork}: the child has a copy of them. */
    int RFFDG = 1;
    /** {@link #rfork}: the child has none. */
    int RFCFDG = 2;

    /**
     * Makes a process, a child of the thread's current one, with one lwp. The thread becomes that lwp; the lwp that it was
     * lives on, and {@link #switchTo} can go back to it.
     *
     * @param flags what becomes of the descriptors
     * @return the number of the process
     * @throws ErrnoException EINVAL for other flags; EAGAIN where there are too many processes, in all or of the user
     */
    int rfork(int flags) throws ErrnoException;

    /**
     * Makes an lwp in a process. The thread becomes that lwp.
     *
     * @throws ErrnoException ESRCH where there is no such process; EBUSY where it is exiting
     */
    void newlwp(int pid) throws ErrnoException;

    /**
     * The thread becomes another lwp.
     *
     * @param lwp one that no thread is; null for none, so that each system call gets one of process 1
     */
    void switchTo(@Nullable OpaqueLwp lwp);

    /** Ends the thread's lwp, and its process if it is the last one there. The thread has none then. */
    void releaselwp();

    /** The lwp that the thread is, or null where it has none. */
    @Nullable
    OpaqueLwp curlwp();
}
