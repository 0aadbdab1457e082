package org.rump4j.rump;

import org.rump4j.rumpuser.ErrnoException;

/** System calls on the process and its credentials. */
public interface ProcessSyscalls {
    /** Number of the process. {@code getpid(2)}. */
    int getpid();

    /** Number of its parent. {@code getppid(2)}. */
    int getppid();

    /** Real user id. {@code getuid(2)}. */
    int getuid();

    /** Effective user id. {@code geteuid(2)}. */
    int geteuid();

    /** Real group id. {@code getgid(2)}. */
    int getgid();

    /** Effective group id. {@code getegid(2)}. */
    int getegid();

    /**
     * Sets all user ids. {@code setuid(2)}.
     *
     * @throws ErrnoException EPERM where the process is not the superuser's and uid is not its real one
     */
    void setuid(int uid) throws ErrnoException;

    /**
     * Sets the effective user id. {@code seteuid(2)}.
     *
     * @throws ErrnoException EPERM where the process is not the superuser's and uid is neither its real nor its saved one
     */
    void seteuid(int uid) throws ErrnoException;

    /**
     * Sets all group ids. {@code setgid(2)}.
     *
     * @throws ErrnoException EPERM where the process is not the superuser's and gid is not its real one
     */
    void setgid(int gid) throws ErrnoException;

    /**
     * Sets the effective group id. {@code setegid(2)}.
     *
     * @throws ErrnoException EPERM where the process is not the superuser's and gid is neither its real nor its saved one
     */
    void setegid(int gid) throws ErrnoException;

    /** The supplementary groups. {@code getgroups(2)}. */
    int[] getgroups();

    /**
     * Sets the supplementary groups. {@code setgroups(2)}.
     *
     * @param groups 16 at the most
     * @throws ErrnoException EPERM where the process is not the superuser's; EINVAL where there are too many
     */
    void setgroups(int... groups) throws ErrnoException;

    /**
     * Sets which permissions new files do not get. {@code umask(2)}.
     *
     * @return what it was
     */
    int umask(int mask);

    /**
     * A resource limit. {@code getrlimit(2)}.
     *
     * @throws ErrnoException EINVAL for an unknown resource
     */
    Rlimit getrlimit(int resource) throws ErrnoException;

    /**
     * Sets a resource limit. {@code setrlimit(2)}.
     *
     * @throws ErrnoException EINVAL for an unknown resource or where cur exceeds max; EPERM where max is raised by anyone
     *     but the superuser
     */
    void setrlimit(int resource, Rlimit limit) throws ErrnoException;
}
