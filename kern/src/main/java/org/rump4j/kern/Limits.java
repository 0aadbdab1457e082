package org.rump4j.kern;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.rump4j.rump.Rlimit;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Resource limits, which do not change: whoever sets one gets new ones. All that NetBSD has can be set and asked for; those of
 * files, descriptors and processes hold, the others are of things that processes of a rump kernel do not have.
 */
public final class Limits {
    /** Descriptors of a process at the very most ({@code kern.maxfiles}). */
    static final int MAXFILES = 1 << 20;

    private static final int NOFILE_SOFT = 1024;

    /** What process 1 starts with. */
    static final Limits DEFAULT = new Limits(
                    Collections.nCopies(Rlimit.RLIM_NLIMITS, new Rlimit(Rlimit.RLIM_INFINITY, Rlimit.RLIM_INFINITY)))
            .with(Rlimit.RLIMIT_NOFILE, new Rlimit(NOFILE_SOFT, MAXFILES));

    /** By number. */
    private final List<Rlimit> limits;

    private Limits(List<Rlimit> limits) {
        this.limits = List.copyOf(limits);
    }

    /**
     * One of them.
     *
     * @throws ErrnoException EINVAL for a number that no resource has
     */
    Rlimit get(int resource) throws ErrnoException {
        if (resource < 0 || resource >= limits.size()) {
            throw Errno.EINVAL.exception("resource " + resource);
        }
        return limits.get(resource);
    }

    /** These with one changed, of a resource that there is. */
    Limits with(int resource, Rlimit limit) {
        List<Rlimit> changed = new ArrayList<>(limits);
        changed.set(
                resource,
                resource == Rlimit.RLIMIT_NOFILE
                        ? new Rlimit(Math.min(limit.cur(), MAXFILES), Math.min(limit.max(), MAXFILES))
                        : limit);
        return new Limits(changed);
    }

    /** Bytes of a file. */
    public Rlimit fsize() {
        return limits.get(Rlimit.RLIMIT_FSIZE);
    }

    /** Processes of a user. */
    long maxProcs() {
        return limits.get(Rlimit.RLIMIT_NPROC).cur();
    }

    /** Descriptors: the first number that a new one may not have. */
    public long maxFiles() {
        return limits.get(Rlimit.RLIMIT_NOFILE).cur();
    }
}
