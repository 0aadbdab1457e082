package org.rump4j.kern;

import org.rump4j.rump.Rlimit;

/**
 * Resource limits, which do not change: whoever sets one gets new ones.
 *
 * @param fsize bytes of a file
 * @param nofile descriptors
 */
public record Limits(Rlimit fsize, Rlimit nofile) {
    private static final int NOFILE_SOFT = 1024;
    private static final int NOFILE_HARD = 1 << 20;

    /** What process 1 starts with. */
    static final Limits DEFAULT =
            new Limits(new Rlimit(Rlimit.RLIM_INFINITY, Rlimit.RLIM_INFINITY), new Rlimit(NOFILE_SOFT, NOFILE_HARD));
}
