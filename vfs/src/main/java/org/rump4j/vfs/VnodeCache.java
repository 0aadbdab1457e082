package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.FileLocks;
import org.rump4j.kern.Kcondvar;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * All vnodes of a kernel, by file system and number ({@code vcache(9)}). Those without references are kept in the order in which
 * they lost the last one, and go when there are more vnodes than there should be.
 *
 * <p>Lock order: the lock here is a leaf. A vnode that goes is locked without it; its state keeps others away meanwhile.
 */
final class VnodeCache {
    private static final int DEFAULT_MAX_VNODES = 4096;

    private final Kernel kernel;
    private final Kmutex lock;

    /** A vnode has come to life, or has gone. */
    private final Kcondvar stateChanged;

    private int maxVnodes;
    private int count;
    private @Nullable Vnode lruFirst;
    private @Nullable Vnode lruLast;

    VnodeCache(Kernel kernel) {
        this.kernel = kernel;
        lock = kernel.mutex();
        stateChanged = kernel.condvar();
        maxVnodes = maxFromEnvironment();
        kernel.sysctl().int32("kern.maxvnodes", () -> maxVnodes, value -> {
            if (value.value() < 1) {
                throw Errno.EINVAL.exception(value + " vnodes");
            }
            setMax(value.value());
        });
        kernel.sysctl().int32("vfs.generic.vnodes", () -> count);
    }

    private int maxFromEnvironment() {
        try {
            return Math.max(1, Integer.parseInt(kernel.host().getparam("RUMP_NVNODES")));
        } catch (ErrnoException | NumberFormatException e) {
            return DEFAULT_MAX_VNODES;
        }
    }

    private void setMax(int max) {
        Vnode victim;
        do {
            lock.enter();
            maxVnodes = max;
            victim = takeVictim();
            lock.exit();
            if (victim != null) {
                reclaim(victim);
            }
        } while (victim != null);
    }

    void lock() {
        lock.enter();
    }

    void unlock() {
        lock.exit();
    }

    /**
     * The vnode of a file, with a reference.
     *
     * @throws ErrnoException ENOENT where there is no such file; EIO; ENXIO where the file system is being unmounted
     */
    Vnode get(Mount mount, long fileno) throws ErrnoException {
        Vnode vp;
        Vnode victim;
        lock.enter();
        try {
            while (true) {
                vp = mount.vnodes.get(fileno);
                if (vp != null && vp.state == Vnode.State.ACTIVE) {
                    reference(vp);
                    return vp;
                }
                if (mount.unmounting) {
                    // Nobody waits for a vnode that is to die: whoever lets it die may be waiting for a lock of ours.
                    throw DeadOps.gone();
                }
                if (vp == null) {
                    break;
                }
                stateChanged.await(lock);
            }
            vp = new Vnode(this, mount, fileno, kernel.rwlock());
            mount.vnodes.put(fileno, vp);
            count++;
            victim = takeVictim();
        } finally {
            lock.exit();
        }
        if (victim != null) {
            reclaim(victim);
        }
        load(vp);
        return vp;
    }

    /** One more reference to a vnode that somebody remembers without having one. False where it has gone, or goes. */
    boolean tryGet(Vnode vp) {
        if (vp.tryRef()) {
            return true;
        }
        lock.enter();
        boolean alive = vp.state == Vnode.State.ACTIVE;
        if (alive) {
            reference(vp);
        }
        lock.exit();
        return alive;
    }

    private void load(Vnode vp) throws ErrnoException {
        boolean loaded = false;
        try {
            vp.mount().fs().load(vp, vp.fileno());
            loaded = true;
        } finally {
            lock.enter();
            if (loaded) {
                vp.state = Vnode.State.ACTIVE;
            } else {
                forget(vp);
            }
            stateChanged.broadcast();
            lock.exit();
        }
    }

    /** The last reference is given back, as it seems. */
    void releLast(Vnode vp) {
        lock.enter();
        if (!vp.dropReference()) {
            lock.exit();
            return;
        }
        if (vp.state != Vnode.State.ACTIVE) {
            // Unmounted by force, or on its way to that.
            lock.exit();
            return;
        }
        Vnode victim;
        if (vp.ops().hasLinks()) {
            appendToLru(vp);
            victim = takeVictim();
        } else {
            vp.state = Vnode.State.RECLAIMING;
            victim = vp;
        }
        lock.exit();
        if (victim != null) {
            reclaim(victim);
        }
    }

    /** The vnodes of a file system that exist, those that are coming to life too; they may have gone when this returns. */
    List<Vnode> all(Mount mount) {
        List<Vnode> all = new ArrayList<>();
        lock.enter();
        mount.vnodes.forEach((_, vp) -> all.add(vp));
        lock.exit();
        return all;
    }

    /**
     * Makes all vnodes of a file system go, and lets no new ones come.
     *
     * @param force those in use too: they die
     * @throws ErrnoException EBUSY where there are such, and force is not given; then nothing has happened
     */
    void flush(Mount mount, boolean force) throws ErrnoException {
        List<Vnode> going = new ArrayList<>();
        lock.enter();
        try {
            awaitSettled(mount);
            boolean[] busy = {false};
            mount.vnodes.forEach((_, vp) -> {
                busy[0] |= vp.mountedHere() != null || (!force && vp.references() > 0);
                going.add(vp);
            });
            if (busy[0]) {
                throw Errno.EBUSY.exception(mount.on() + " is in use");
            }
            mount.unmounting = true;
            for (Vnode vp : going) {
                if (vp.inLru) {
                    removeFromLru(vp);
                }
                vp.state = Vnode.State.RECLAIMING;
            }
        } finally {
            lock.exit();
        }
        for (Vnode vp : going) {
            reclaim(vp);
        }
    }

    /** Whether some open file can write to a file system. */
    boolean hasWriters(Mount mount) {
        boolean[] has = {false};
        lock.enter();
        mount.vnodes.forEach((_, vp) -> has[0] |= vp.hasWriters());
        lock.exit();
        return has[0];
    }

    /** Waits, with nothing locked, while a file system is being unmounted. */
    void awaitUnmounted(Mount mount, Vnode covered) {
        lock.enter();
        while (mount.unmounting && covered.mountedHere() == mount) {
            stateChanged.await(lock);
        }
        lock.exit();
    }

    /** A file system is no longer mounted on a directory: for those who wait for that. */
    void unmounted() {
        lock.enter();
        stateChanged.broadcast();
        lock.exit();
    }

    /** With the lock: waits until every vnode of a file system is alive. */
    private void awaitSettled(Mount mount) {
        while (true) {
            boolean[] unsettled = {false};
            mount.vnodes.forEach((_, vp) -> unsettled[0] |= vp.state != Vnode.State.ACTIVE);
            if (!unsettled[0]) {
                return;
            }
            stateChanged.await(lock);
        }
    }

    /** Lets a vnode go, whose state is RECLAIMING. */
    private void reclaim(Vnode vp) {
        vp.lock().enterWrite();
        VnodeOps ops = vp.ops();
        FilePages pages = vp.pagesIfAny();
        if (pages != null) {
            if (ops.hasLinks()) {
                writeBack(vp, pages);
            }
            pages.clear();
        }
        if (!ops.hasLinks()) {
            try {
                ops.free();
            } catch (ErrnoException e) {
                kernel.log().print(vp + ": cannot be freed: " + e.getMessage());
            }
        }
        ops.reclaim();
        vp.die();
        vp.lock().exit();
        FileLocks locks = vp.locksIfAny();
        if (locks != null) {
            kernel.locks().die(locks);
        }
        if (vp.type() == VnodeType.VFIFO) {
            vp.mount().vfs().specialFiles().fifoGone(vp);
        }
        lock.enter();
        forget(vp);
        stateChanged.broadcast();
        lock.exit();
    }

    private void writeBack(Vnode vp, FilePages pages) {
        try {
            pages.flush();
        } catch (ErrnoException e) {
            kernel.log().print(vp + ": data is lost: " + e.getMessage());
        }
    }

    /** With the lock. */
    private void forget(Vnode vp) {
        vp.state = Vnode.State.GONE;
        vp.mount().vnodes.remove(vp.fileno());
        count--;
    }

    /** With the lock. */
    private void reference(Vnode vp) {
        if (!vp.tryRef()) {
            removeFromLru(vp);
            vp.firstReference();
        }
    }

    /** With the lock: a vnode that is to go because there are too many, or null. */
    private @Nullable Vnode takeVictim() {
        Vnode victim = count > maxVnodes ? lruFirst : null;
        if (victim != null) {
            removeFromLru(victim);
            victim.state = Vnode.State.RECLAIMING;
        }
        return victim;
    }

    private void appendToLru(Vnode vp) {
        vp.lruPrev = lruLast;
        vp.lruNext = null;
        if (lruLast == null) {
            lruFirst = vp;
        } else {
            lruLast.lruNext = vp;
        }
        lruLast = vp;
        vp.inLru = true;
    }

    private void removeFromLru(Vnode vp) {
        if (lruFirst == vp) {
            lruFirst = vp.lruNext;
        } else {
            Objects.requireNonNull(vp.lruPrev).lruNext = vp.lruNext;
        }
        if (lruLast == vp) {
            lruLast = vp.lruPrev;
        } else {
            Objects.requireNonNull(vp.lruNext).lruPrev = vp.lruPrev;
        }
        vp.lruPrev = vp.lruNext = null;
        vp.inLru = false;
    }
}
