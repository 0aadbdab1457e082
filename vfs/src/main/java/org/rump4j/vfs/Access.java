package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Who may do what with files: NetBSD's traditional security model ({@code secmodel_bsd44(9)}, {@code genfs_can_access}). */
public final class Access {
    private static final int USER_SHIFT = 6;
    private static final int GROUP_SHIFT = 3;

    private Access() {}

    /**
     * Whether somebody may read, write, execute or search.
     *
     * @param amode bits R_OK, W_OK and X_OK of {@link Fcntl}
     * @throws ErrnoException EACCES
     */
    public static void check(Stat file, int amode, Cred cred) throws ErrnoException {
        check(file.mode(), file.uid(), file.gid(), amode, cred);
    }

    /** As the other, by the attributes that count. */
    public static void check(int mode, int uid, int gid, int amode, Cred cred) throws ErrnoException {
        int granted;
        if (cred.isSuperuser()) {
            boolean executable = (mode & SysStat.S_IFMT) == SysStat.S_IFDIR || (mode & 0111) != 0;
            granted = Fcntl.R_OK | Fcntl.W_OK | (executable ? Fcntl.X_OK : 0);
        } else if (cred.euid() == uid) {
            granted = mode >> USER_SHIFT;
        } else if (cred.isMember(gid)) {
            granted = mode >> GROUP_SHIFT;
        } else {
            granted = mode;
        }
        if ((amode & ~granted) != 0) {
            throw Errno.EACCES.exception();
        }
    }

    /** EPERM for anyone but the owner and the superuser. */
    static void requireOwner(Stat file, Cred cred) throws ErrnoException {
        if (!isOwner(file, cred)) {
            throw Errno.EPERM.exception();
        }
    }

    static boolean isOwner(Stat file, Cred cred) {
        return cred.isSuperuser() || cred.euid() == file.uid();
    }

    /** EPERM where the file's flags forbid any change. */
    static void requireMutable(Stat file) throws ErrnoException {
        int immutable = SysStat.UF_IMMUTABLE | SysStat.SF_IMMUTABLE | SysStat.UF_APPEND | SysStat.SF_APPEND;
        if ((file.flags() & immutable) != 0) {
            throw Errno.EPERM.exception("file flags forbid it");
        }
    }

    /**
     * Whether somebody may put a name into a directory.
     *
     * @throws ErrnoException EACCES; EPERM where the directory's flags forbid it
     */
    static void checkAdd(Stat dir, Cred cred) throws ErrnoException {
        check(dir, Fcntl.W_OK, cred);
        if ((dir.flags() & (SysStat.UF_IMMUTABLE | SysStat.SF_IMMUTABLE)) != 0) {
            throw Errno.EPERM.exception("the directory is immutable");
        }
    }

    /**
     * Whether somebody may take a name off a directory, which is writable for it.
     *
     * @throws ErrnoException EPERM where the directory is sticky and neither it nor the file is the caller's, or the flags of
     *     either forbid it
     */
    static void checkRemove(Stat dir, Stat file, Cred cred) throws ErrnoException {
        requireMutable(file);
        requireMutable(dir);
        if ((dir.mode() & SysStat.S_ISVTX) != 0 && !isOwner(dir, cred) && !isOwner(file, cred)) {
            throw Errno.EPERM.exception("the directory is sticky");
        }
    }

    /**
     * The change of mode that somebody may make.
     *
     * @throws ErrnoException EPERM, EFTYPE as {@code chmod(2)}
     */
    static AttributeChanges chmod(Stat file, int mode, Cred cred) throws ErrnoException {
        requireOwner(file, cred);
        requireMutable(file);
        int wanted = mode & SysStat.ALLPERMS;
        if (!cred.isSuperuser()) {
            if ((wanted & SysStat.S_ISVTX) != 0 && !file.isDirectory()) {
                throw Errno.EFTYPE.exception("the sticky bit is for directories");
            }
            if ((wanted & SysStat.S_ISGID) != 0 && !cred.isMember(file.gid())) {
                throw Errno.EPERM.exception("set-group-id for a group that the caller is not in");
            }
        }
        return AttributeChanges.ofMode(wanted);
    }

    /**
     * The change of owner and group that somebody may make.
     *
     * @param uid −1 to leave it
     * @param gid −1 to leave it
     * @throws ErrnoException EPERM as {@code chown(2)}
     */
    static AttributeChanges chown(Stat file, int uid, int gid, Cred cred) throws ErrnoException {
        requireMutable(file);
        boolean newUid = uid != -1 && uid != file.uid();
        boolean newGid = gid != -1 && gid != file.gid();
        if (!cred.isSuperuser() && (cred.euid() != file.uid() || newUid || (newGid && !cred.isMember(gid)))) {
            throw Errno.EPERM.exception();
        }
        Integer mode = null;
        if (!cred.isSuperuser() && (newUid || newGid)) {
            mode = file.mode() & SysStat.ALLPERMS & ~(SysStat.S_ISUID | SysStat.S_ISGID);
        }
        return AttributeChanges.ofOwner(uid == -1 ? null : uid, gid == -1 ? null : gid, mode);
    }

    /**
     * The change of file flags that somebody may make.
     *
     * @throws ErrnoException EPERM as {@code chflags(2)}
     */
    static AttributeChanges chflags(Stat file, int flags, Cred cred) throws ErrnoException {
        requireOwner(file, cred);
        int superuserOnly = (file.flags() ^ flags) & SysStat.SF_SETTABLE;
        if (superuserOnly != 0 && !cred.isSuperuser()) {
            throw Errno.EPERM.exception();
        }
        return AttributeChanges.ofFlags(flags);
    }

    /** As whom and to which group somebody makes a file in a directory: BSD's rule, the group is the directory's. */
    static NewFile newFile(Lwp l, Stat dir, VnodeType type, int mode, long rdev, @Nullable String target) {
        int perms = mode & SysStat.ALLPERMS & ~l.proc().umask();
        if (!l.cred().isSuperuser()) {
            if (type != VnodeType.VDIR) {
                perms &= ~SysStat.S_ISVTX;
            }
            if (!l.cred().isMember(dir.gid())) {
                perms &= ~SysStat.S_ISGID;
            }
        }
        return new NewFile(type, perms, l.cred().euid(), dir.gid(), rdev, target);
    }
}
