package org.rump4j.kern;

import org.rump4j.rump.Rlimit;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on the process and its credentials. Source: NetBSD {@code setuid(2)}, {@code setgid(2)} and their kin. */
final class ProcessCalls {
    private static final int PERMISSIONS = 0777;

    /** EPERM for anyone else. */
    static void requireSuperuser(Lwp l) throws ErrnoException {
        if (!l.cred().isSuperuser()) {
            throw Errno.EPERM.exception();
        }
    }

    void setuid(Lwp l, int uid) throws ErrnoException {
        Cred cred = l.cred();
        if (uid != cred.uid()) {
            requireSuperuser(l);
        }
        l.proc().setCred(cred.withUids(uid, uid, uid));
    }

    void seteuid(Lwp l, int uid) throws ErrnoException {
        Cred cred = l.cred();
        if (uid != cred.uid() && uid != cred.svuid()) {
            requireSuperuser(l);
        }
        l.proc().setCred(cred.withUids(cred.uid(), uid, cred.svuid()));
    }

    void setgid(Lwp l, int gid) throws ErrnoException {
        Cred cred = l.cred();
        if (gid != cred.gid()) {
            requireSuperuser(l);
        }
        l.proc().setCred(cred.withGids(gid, gid, gid));
    }

    void setegid(Lwp l, int gid) throws ErrnoException {
        Cred cred = l.cred();
        if (gid != cred.gid() && gid != cred.svgid()) {
            requireSuperuser(l);
        }
        l.proc().setCred(cred.withGids(cred.gid(), gid, cred.svgid()));
    }

    void setgroups(Lwp l, int[] groups) throws ErrnoException {
        requireSuperuser(l);
        if (groups.length > Cred.NGROUPS_MAX) {
            throw Errno.EINVAL.exception(groups.length + " groups");
        }
        l.proc().setCred(l.cred().withGroups(groups));
    }

    int umask(Lwp l, int mask) {
        int before = l.proc().umask();
        l.proc().setUmask(mask & PERMISSIONS);
        return before;
    }

    Rlimit getrlimit(Lwp l, int resource) throws ErrnoException {
        return switch (resource) {
            case Rlimit.RLIMIT_FSIZE -> l.proc().limits().fsize();
            case Rlimit.RLIMIT_NOFILE -> l.proc().limits().nofile();
            default -> throw unknown(resource);
        };
    }

    void setrlimit(Lwp l, int resource, Rlimit limit) throws ErrnoException {
        if (limit.cur() < 0 || limit.cur() > limit.max()) {
            throw Errno.EINVAL.exception(limit.toString());
        }
        if (limit.max() > getrlimit(l, resource).max()) {
            requireSuperuser(l);
        }
        Limits limits = l.proc().limits();
        l.proc()
                .setLimits(
                        switch (resource) {
                            case Rlimit.RLIMIT_FSIZE -> new Limits(limit, limits.nofile());
                            case Rlimit.RLIMIT_NOFILE -> new Limits(limits.fsize(), limit);
                            default -> throw unknown(resource);
                        });
    }

    private static ErrnoException unknown(int resource) {
        return Errno.EINVAL.exception("resource " + resource);
    }
}
