package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmutex;

/** Where a process is ({@code struct cwdinfo}): its working directory, and its root where that is not the kernel's. */
final class Cwdinfo {
    private final Vfs vfs;

    /** Guards what follows. A leaf. */
    private final Kmutex lock;

    private Vnode cdir;
    private @Nullable Vnode rdir;

    /** Takes the references over. */
    Cwdinfo(Vfs vfs, Vnode cdir, @Nullable Vnode rdir) {
        this.vfs = vfs;
        this.lock = vfs.kernel().mutex();
        this.cdir = cdir;
        this.rdir = rdir;
    }

    /** The working directory, with a reference that is the caller's. */
    Vnode cdir() {
        lock.enter();
        Vnode vp = cdir.ref();
        lock.exit();
        return vp;
    }

    /** The root, with a reference that is the caller's. */
    Vnode root() {
        lock.enter();
        Vnode vp = (rdir == null ? vfs.root() : rdir).ref();
        lock.exit();
        return vp;
    }

    /** Goes to another working directory, whose reference is taken over. */
    void chdir(Vnode to) {
        lock.enter();
        Vnode before = cdir;
        cdir = to;
        lock.exit();
        before.rele();
    }

    /** Has another root, which becomes the working directory too. The reference is taken over. */
    void chroot(Vnode to) {
        lock.enter();
        Vnode oldRoot = rdir;
        Vnode oldCdir = cdir;
        rdir = to;
        cdir = to.ref();
        lock.exit();
        oldCdir.rele();
        if (oldRoot != null) {
            oldRoot.rele();
        }
    }

    /** For a child. */
    Cwdinfo fork() {
        lock.enter();
        Cwdinfo child = new Cwdinfo(vfs, cdir.ref(), rdir == null ? null : rdir.ref());
        lock.exit();
        return child;
    }

    /** The process is gone. */
    void exit() {
        cdir.rele();
        if (rdir != null) {
            rdir.rele();
        }
    }
}
