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

    private static void require(Cred cred, boolean allowed) throws ErrnoException {
        if (!allowed && !cred.isSuperuser()) {
            throw Errno.EPERM.exception();
        }
    }

    void setuid(Lwp l, int uid) throws ErrnoException {
        l.proc().changeCred(cred -> {
            require(cred, uid == cred.uid());
            return cred.withUids(uid, uid, uid);
        });
    }

    void seteuid(Lwp l, int uid) throws ErrnoException {
        l.proc().changeCred(cred -> {
            require(cred, uid == cred.uid() || uid == cred.svuid());
            return cred.withUids(cred.uid(), uid, cred.svuid());
        });
    }

    void setgid(Lwp l, int gid) throws ErrnoException {
        l.proc().changeCred(cred -> {
            require(cred, gid == cred.gid());
            return cred.withGids(gid, gid, gid);
        });
    }

    void setegid(Lwp l, int gid) throws ErrnoException {
        l.proc().changeCred(cred -> {
            require(cred, gid == cred.gid() || gid == cred.svgid());
            return cred.withGids(cred.gid(), gid, cred.svgid());
        });
    }

    void setgroups(Lwp l, int[] groups) throws ErrnoException {
        if (groups.length > Cred.NGROUPS_MAX) {
            throw Errno.EINVAL.exception(groups.length + " groups");
        }
        l.proc().changeCred(cred -> {
            require(cred, false);
            return cred.withGroups(groups);
        });
    }

    int umask(Lwp l, int mask) {
        return l.proc().setUmask(mask & PERMISSIONS);
    }

    Rlimit getrlimit(Lwp l, int resource) throws ErrnoException {
        return l.proc().limits().get(resource);
    }

    void setrlimit(Lwp l, int resource, Rlimit limit) throws ErrnoException {
        l.proc().changeLimits(limits -> {
            Rlimit before = limits.get(resource);
            if (limit.cur() < 0 || limit.cur() > limit.max()) {
                throw Errno.EINVAL.exception(limit.toString());
            }
            require(l.cred(), limit.max() <= before.max());
            return limits.with(resource, limit);
        });
    }
}
