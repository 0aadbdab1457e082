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

    /** Bytes of a file: a write beyond fails with EFBIG. */
    public static final int RLIMIT_FSIZE = 1;
    /** Descriptors of a process. */
    public static final int RLIMIT_NOFILE = 8;
}
