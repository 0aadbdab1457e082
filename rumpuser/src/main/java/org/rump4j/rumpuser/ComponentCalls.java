package org.rump4j.rumpuser;

import org.jspecify.annotations.Nullable;

/** For the halves of drivers that live in the host: how their threads come into the kernel and leave it. */
public interface ComponentCalls {
    /**
     * Gives the virtual CPU away before the host half blocks.
     *
     * @return to be handed to {@link #componentSchedule}
     */
    int componentUnschedule();

    /**
     * Takes a virtual CPU.
     *
     * @param cookie of {@link #componentUnschedule}; 0 for a thread that comes in from outside
     */
    void componentSchedule(int cookie);

    /**
     * Gives the calling thread, one of the host's, an lwp of the kernel's own process. It holds no virtual CPU afterwards.
     */
    void componentKthread();

    /** Takes the lwp away that {@link #componentKthread} gave. */
    void componentKthreadRelease();

    /** The calling thread's lwp. With a virtual CPU held. */
    @Nullable
    OpaqueLwp componentCurlwp();

    /**
     * Makes another lwp the calling thread's. With a virtual CPU held.
     *
     * @param lwp null for none, from the next time that the virtual CPU is given away
     */
    void componentSwitchlwp(@Nullable OpaqueLwp lwp);

    /**
     * Translates an error number of the host.
     *
     * @param hosterrno as the operating system under the JVM counts; 0 for success
     * @return NetBSD's number: 0 for 0, EINVAL's for one that NetBSD does not have
     */
    int componentErrtrans(int hosterrno);
}
