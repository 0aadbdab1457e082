package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * {@code rename(2)}, which locks up to four vnodes.
 *
 * <p>Both directories are locked before what is in them, and of the two the one that is above the other first. Which one that is
 * stands still while the mount's rename lock is held, for that is taken by every rename between two directories, and only such a
 * rename moves directories about. Of two directories of which neither is above the other, and of the two files, the one with the
 * lower number is locked first: what is a directory to one rename may be a file to another, within the directory above.
 */
final class RenameCall {
    private final Vfs vfs;
    private final Paths paths;

    RenameCall(Vfs vfs, Paths paths) {
        this.vfs = vfs;
        this.paths = paths;
    }

    void renameat(Lwp l, int fromDirfd, String from, int toDirfd, String to) throws ErrnoException {
        try (Namei.Found source = paths.find(l, fromDirfd, from, Namei.Want.PLACE, false);
                Namei.Found target = paths.find(l, toDirfd, to, Namei.Want.PLACE, false)) {
            checkNames(source.name());
            checkNames(target.name());
            Vnode fromDir = source.dir();
            Vnode toDir = target.dir();
            if (fromDir.mount() != toDir.mount()) {
                throw Errno.EXDEV.exception();
            }
            if (fromDir == toDir) {
                fromDir.lockToChange();
                try {
                    renameLocked(l, source, target, null, null);
                } finally {
                    fromDir.lock().exit();
                }
            } else {
                fromDir.mount().renameLock.enter();
                try {
                    renameBetween(l, source, target);
                } finally {
                    fromDir.mount().renameLock.exit();
                }
            }
        }
    }

    /** With the rename lock held. */
    private void renameBetween(Lwp l, Namei.Found source, Namei.Found target) throws ErrnoException {
        Vnode fromDir = source.dir();
        Vnode toDir = target.dir();
        Vnode towardsTarget = childTowards(fromDir, toDir);
        Vnode towardsSource = towardsTarget == null ? childTowards(toDir, fromDir) : null;
        boolean fromFirst = towardsTarget != null || (towardsSource == null && fromDir.fileno() < toDir.fileno());
        Vnode first = fromFirst ? fromDir : toDir;
        Vnode second = fromFirst ? toDir : fromDir;
        try {
            first.lockToChange();
            try {
                second.lockToChange();
                try {
                    renameLocked(l, source, target, towardsTarget, towardsSource);
                } finally {
                    second.lock().exit();
                }
            } finally {
                first.lock().exit();
            }
        } finally {
            if (towardsTarget != null) {
                towardsTarget.rele();
            }
            if (towardsSource != null) {
                towardsSource.rele();
            }
        }
    }

    /**
     * With both directories locked.
     *
     * @param towardsTarget what leads from the source's directory down to the target's, if anything does
     * @param towardsSource what leads from the target's directory down to the source's, if anything does
     */
    private void renameLocked(
            Lwp l, Namei.Found source, Namei.Found target, @Nullable Vnode towardsTarget, @Nullable Vnode towardsSource)
            throws ErrnoException {
        Vnode fromDir = source.dir();
        Vnode toDir = target.dir();
        Vnode file = vfs.namei().lookupLocked(fromDir, source.name());
        if (file == null) {
            throw Errno.ENOENT.exception();
        }
        Vnode replaced = null;
        try {
            replaced = vfs.namei().lookupLocked(toDir, target.name());
            boolean slash = source.trailingSlash() || target.trailingSlash();
            if (slash && !file.isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            if (file == towardsTarget) {
                throw Errno.EINVAL.exception("a directory cannot go below itself");
            }
            Paths.requireWritable(fromDir);
            if (file == replaced) {
                // Two names of one file: both stay.
                return;
            }
            // Before they are locked: of a directory and a file that is in it too neither comes first.
            checkSameKind(file, replaced);
            if (replaced != null && replaced == towardsSource) {
                throw Errno.ENOTEMPTY.exception();
            }
            for (Vnode dir : new Vnode[] {fromDir, toDir}) {
                Paths.checkChild(dir, file);
                if (replaced != null) {
                    Paths.checkChild(dir, replaced);
                }
            }
            lockBoth(file, replaced);
            try {
                check(l, fromDir, toDir, file, replaced);
                fromDir.ops().rename(source.name(), file, toDir, target.name(), replaced);
                if (replaced != null && replaced.isDirectory()) {
                    replaced.setRemoved();
                }
                vfs.names().enter(fromDir, source.name(), null);
                vfs.names().enter(toDir, target.name(), file);
            } finally {
                file.lock().exit();
                if (replaced != null) {
                    replaced.lock().exit();
                }
            }
        } finally {
            file.rele();
            if (replaced != null) {
                replaced.rele();
            }
        }
    }

    private void check(Lwp l, Vnode fromDir, Vnode toDir, Vnode file, @Nullable Vnode replaced) throws ErrnoException {
        Stat fromStat = fromDir.ops().getattr();
        Stat toStat = toDir.ops().getattr();
        Stat fileStat = file.ops().getattr();
        Access.checkAdd(fromStat, l.cred());
        Access.checkAdd(toStat, l.cred());
        Access.checkRemove(fromStat, fileStat, l.cred());
        if (file.isDirectory() && fromDir != toDir) {
            // Its .. changes.
            Access.check(fileStat, Fcntl.W_OK, l.cred());
        }
        if (file.mountedHere() != null || (replaced != null && replaced.mountedHere() != null)) {
            throw Errno.EBUSY.exception("something is mounted there");
        }
        if (replaced != null) {
            Access.checkRemove(toStat, replaced.ops().getattr(), l.cred());
        }
    }

    private static void lockBoth(Vnode file, @Nullable Vnode replaced) {
        if (replaced == null) {
            file.lock().enterWrite();
        } else if (file.fileno() < replaced.fileno()) {
            file.lock().enterWrite();
            replaced.lock().enterWrite();
        } else {
            replaced.lock().enterWrite();
            file.lock().enterWrite();
        }
    }

    private static void checkNames(String name) throws ErrnoException {
        if (name.isEmpty()) {
            throw Errno.EBUSY.exception("the root stays");
        }
        if (name.equals(".") || name.equals("..")) {
            throw Errno.EINVAL.exception(name);
        }
    }

    private static void checkSameKind(Vnode file, @Nullable Vnode replaced) throws ErrnoException {
        if (replaced != null && file.isDirectory() && !replaced.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        if (replaced != null && !file.isDirectory() && replaced.isDirectory()) {
            throw Errno.EISDIR.exception();
        }
    }

    /**
     * The directory in above that leads down to dir, with a reference, or dir itself; null where dir is not below above.
     *
     * @throws ErrnoException EIO where the file system leads in a circle
     */
    private static @Nullable Vnode childTowards(Vnode above, Vnode dir) throws ErrnoException {
        Vnode at = dir.ref();
        try {
            CircleCheck circle = new CircleCheck();
            while (!at.isRoot()) {
                circle.step(at);
                Vnode up;
                at.lock().enterRead();
                try {
                    up = at.ops().lookup("..");
                } finally {
                    at.lock().exit();
                }
                if (up == null) {
                    return null;
                }
                if (up == above) {
                    up.rele();
                    return at.ref();
                }
                at.rele();
                at = up;
            }
            return null;
        } finally {
            at.rele();
        }
    }
}
