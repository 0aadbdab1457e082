package org.rump4j.rump;

/**
 * A resource limit ({@code struct rlimit}).
 *
 * @param cur what holds
 * @param max what it may be raised to
 */
public record Rlimit(long cur, long max) {
    /** No limit. */
    public static final long RLIM_INFINITY = Long.MAX_VALUE;

    /** Seconds of CPU time. */
    public static final int RLIMIT_CPU = 0;
    /** Bytes of a file: a write beyond fails with EFBIG. */
    public static final int RLIMIT_FSIZE = 1;
    /** Bytes of data. */
    public static final int RLIMIT_DATA = 2;
    /** Bytes of stack. */
    public static final int RLIMIT_STACK = 3;
    /** Bytes of a core file. */
    public static final int RLIMIT_CORE = 4;
    /** Bytes that are resident. */
    public static final int RLIMIT_RSS = 5;
    /** Bytes that are locked in memory. */
    public static final int RLIMIT_MEMLOCK = 6;
    /** Processes of a user, who is not the superuser: a fork beyond fails with EAGAIN. */
    public static final int RLIMIT_NPROC = 7;
    /** Descriptors of a process. */
    public static final int RLIMIT_NOFILE = 8;
    /** Bytes of buffers of sockets. */
    public static final int RLIMIT_SBSIZE = 9;
    /** Bytes of address space. */
    public static final int RLIMIT_AS = 10;
    /** Threads of a user. */
    public static final int RLIMIT_NTHR = 11;
    /** How many resources there are. */
    public static final int RLIM_NLIMITS = 12;
}
