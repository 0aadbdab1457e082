package org.rump4j.vfs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.FileLocks;
import org.rump4j.kern.Krwlock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A file in use ({@code vnode(9)}): there is one for a file at the most, however many names and users it has.
 *
 * <p><b>References.</b> Whoever holds on to a vnode has a reference, taken by {@link #ref} and given back by {@link #rele}.
 * Without any it stays in the vnode cache, to be found again, until its place is needed. A reference does not keep a file
 * system mounted that is unmounted by force: then the vnode is <i>dead</i>, and all that it is asked gives ENXIO.
 *
 * <p><b>Lock.</b> The file's contents and attributes are guarded by {@link #lock}. A directory is locked before what is in it;
 * {@link VfsCalls} of two directories lock the one that is above the other first.
 */
public final class Vnode {
    /** The unit of what is cached of files. */
    public static final int PAGE_BYTES = 4096;

    private static final VarHandle REFERENCES;
    private static final VarHandle WRITERS;

    static {
        try {
            REFERENCES = MethodHandles.lookup().findVarHandle(Vnode.class, "references", int.class);
            WRITERS = MethodHandles.lookup().findVarHandle(Vnode.class, "writers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Where a vnode is in its life. Guarded by the vnode cache's lock. */
    enum State {
        /** Its file system is looking for the file. */
        LOADING,
        /** In use, or to be found again. */
        ACTIVE,
        /** It goes. */
        RECLAIMING,
        /** It has gone, or never came to life. */
        GONE
    }

    private final Mount mount;
    private final long fileno;
    private final Krwlock lock;
    private final VnodeCache cache;

    State state = State.LOADING;

    /** Neighbours among the vnodes without references, the least recently used first. Guarded by the vnode cache's lock. */
    @Nullable
    Vnode lruPrev;

    @Nullable
    Vnode lruNext;

    boolean inLru;

    /** Changes between 0 and 1 under the vnode cache's lock only. */
    private volatile int references = 1;

    /** Open files that can write to it, of a regular file. */
    private volatile int writers;

    /** Set by {@link #init}, and once more when the vnode dies. */
    private volatile @Nullable VnodeOps ops;

    private VnodeType type = VnodeType.VREG;
    private long rdev;
    private boolean root;
    private volatile @Nullable FilePages pages;
    private volatile @Nullable FileLocks locks;

    /** What is mounted on it. Changed with the lock held exclusively. */
    private volatile @Nullable Mount mountedHere;

    /** A directory that has been removed: nothing can be made in it. Changed with the lock held exclusively. */
    private boolean removed;

    /** What makes it a device or a fifo that is open. Guarded by the special files' lock. */
    @Nullable
    Object special;

    Vnode(VnodeCache cache, Mount mount, long fileno, Krwlock lock) {
        this.cache = cache;
        this.mount = mount;
        this.fileno = fileno;
        this.lock = lock;
    }

    /**
     * Brings it to life, once. Called by {@link MountedFs#load}.
     *
     * @param fileType what the file is
     * @param fileOps what its file system does for it
     * @param device for a device node, the device; otherwise 0
     */
    public void init(VnodeType fileType, VnodeOps fileOps, long device) {
        if (ops != null) {
            throw new IllegalStateException(this + " is alive already");
        }
        type = fileType;
        rdev = device;
        root = fileno == mount.fs().rootFileno();
        ops = fileOps;
    }

    /** The file system that it is on. */
    public Mount mount() {
        return mount;
    }

    /** The number of the file. */
    public long fileno() {
        return fileno;
    }

    /** What the file is. */
    public VnodeType type() {
        return type;
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return type == VnodeType.VDIR;
    }

    /** The device that it is, of a device node. */
    public long rdev() {
        return rdev;
    }

    /** Whether it is the root of its file system. */
    public boolean isRoot() {
        return root;
    }

    /** What its file system does for it. */
    public VnodeOps ops() {
        VnodeOps o = ops;
        if (o == null) {
            throw new IllegalStateException(this + " is not alive yet");
        }
        return o;
    }

    /** Guards the file. */
    public Krwlock lock() {
        return lock;
    }

    /** What is cached of the file's data. Of regular files whose data is on a device. */
    public FilePages pages() {
        FilePages p = pages;
        return p == null ? makePages() : p;
    }

    private FilePages makePages() {
        cache.lock();
        try {
            FilePages p = pages;
            if (p == null) {
                pages = p = new FilePages(mount.vfs().pageCache(), ops(), mount.dirtyFiles(), this);
            }
            return p;
        } finally {
            cache.unlock();
        }
    }

    @Nullable
    FilePages pagesIfAny() {
        return pages;
    }

    /** Advisory locks on it. */
    FileLocks locks() {
        FileLocks l = locks;
        return l == null ? makeLocks() : l;
    }

    private FileLocks makeLocks() {
        cache.lock();
        try {
            FileLocks l = locks;
            if (l == null) {
                locks = l = new FileLocks(mount.vfs().kernel().locks(), new FileLocks.File() {
                    @Override
                    public void anchor() {
                        ref();
                    }

                    @Override
                    public void letGo() {
                        rele();
                    }
                });
            }
            return l;
        } finally {
            cache.unlock();
        }
    }

    @Nullable
    FileLocks locksIfAny() {
        return locks;
    }

    /** What is mounted on it, or null. */
    @Nullable
    Mount mountedHere() {
        return mountedHere;
    }

    void setMountedHere(@Nullable Mount on) {
        mountedHere = on;
    }

    boolean isRemoved() {
        return removed;
    }

    void setRemoved() {
        removed = true;
    }

    /**
     * Locks a directory to make something in it.
     *
     * @throws ErrnoException without the lock: ENOENT where it has been removed, ENXIO where it is dead
     */
    void lockToChange() throws ErrnoException {
        lock.enterWrite();
        if (removed) {
            lock.exit();
            throw isDead() ? DeadOps.gone() : Errno.ENOENT.exception("the directory has been removed");
        }
    }

    /** An open file can write to it from now on. */
    void addWriter() {
        WRITERS.getAndAdd(this, 1);
    }

    /** An open file that could write to it is closed. Whether it was the last. */
    boolean removeWriter() {
        int before = (int) WRITERS.getAndAdd(this, -1);
        assert before > 0 : this;
        return before == 1;
    }

    boolean hasWriters() {
        return writers > 0;
    }

    /** One more reference, by somebody who has one. */
    public Vnode ref() {
        int before = (int) REFERENCES.getAndAdd(this, 1);
        assert before > 0 : this + " has no references";
        return this;
    }

    /** One more reference if there is any already. */
    boolean tryRef() {
        while (true) {
            int n = references;
            if (n == 0) {
                return false;
            }
            if (REFERENCES.compareAndSet(this, n, n + 1)) {
                return true;
            }
        }
    }

    /** One reference less. Not with the lock held. */
    public void rele() {
        while (true) {
            int n = references;
            assert n > 0 : this + " has no references";
            if (n == 1) {
                cache.releLast(this);
                return;
            }
            if (REFERENCES.compareAndSet(this, n, n - 1)) {
                return;
            }
        }
    }

    int references() {
        return references;
    }

    /** With the vnode cache's lock. Whether that was the last one. */
    boolean dropReference() {
        return (int) REFERENCES.getAndAdd(this, -1) == 1;
    }

    /** With the vnode cache's lock, where there are none. */
    void firstReference() {
        references = 1;
    }

    boolean isDead() {
        return ops == DeadOps.INSTANCE;
    }

    /** With the lock held exclusively. Its file system has let go of it. */
    void die() {
        ops = DeadOps.INSTANCE;
        removed = true;
    }

    @Override
    public String toString() {
        return mount.on() + ":" + fileno;
    }
}
