package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmutex;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.ErrnoException;

/** A file system that is mounted ({@code struct mount}). */
public final class Mount {
    private final Vfs vfs;
    private final String typeName;
    private final String from;
    private final int owner;
    private final long fsid;

    /** The directory that it is mounted on, with a reference; null for the root file system. */
    private final @Nullable Vnode covered;

    /** Serialises renames of directories, so that what is above what stands still meanwhile. Taken before vnode locks. */
    final Kmutex renameLock;

    /** Syncs it. */
    private final Syncer syncer;

    /** Its files that have dirty pages. */
    private final DirtyFiles dirtyFiles;

    private volatile String on;
    private volatile int flags;

    /** Set once, before anybody else can get at this. */
    private @Nullable MountedFs fs;

    /** Its vnodes, by number. Guarded by the vnode cache's lock. */
    final LongMap<Vnode> vnodes = new LongMap<>();

    /** No new vnodes from now on. Guarded by the vnode cache's lock. */
    boolean unmounting;

    Mount(Vfs vfs, String typeName, String from, String on, int flags, int owner, long fsid, @Nullable Vnode covered) {
        this.vfs = vfs;
        this.typeName = typeName;
        this.from = from;
        this.on = on;
        this.flags = flags;
        this.owner = owner;
        this.fsid = fsid;
        this.covered = covered;
        this.renameLock = vfs.kernel().mutex();
        this.syncer = new Syncer(vfs.kernel(), vfs.syncerQueue(), this, wait -> {
            if (!isReadOnly()) {
                fs().sync(wait);
            }
        });
        this.dirtyFiles = new DirtyFiles(vfs.pageCache(), syncer::dirtied);
    }

    void setFs(MountedFs mounted) {
        fs = mounted;
    }

    /** The faction. */
    public Vfs vfs() {
        return vfs;
    }

    /** The file system itself. */
    public MountedFs fs() {
        MountedFs mounted = fs;
        if (mounted == null) {
            throw new IllegalStateException(on + " is not mounted yet");
        }
        return mounted;
    }

    /** The MNT_ flags of {@link SysMount}. */
    public int flags() {
        return flags;
    }

    /** Whether nothing on it may change. */
    public boolean isReadOnly() {
        return (flags & SysMount.MNT_RDONLY) != 0;
    }

    /** Adds flags; for a file system that has less to offer than was asked for, while it is mounted. */
    public void addFlags(int more) {
        flags |= more;
    }

    void setFlags(int to) {
        flags = to;
    }

    /** What {@code st_dev} says of its files. */
    public long fsid() {
        return fsid;
    }

    /** Where it is mounted. */
    public String on() {
        return on;
    }

    void setOn(String path) {
        on = path;
    }

    /** What is mounted. */
    public String from() {
        return from;
    }

    String typeName() {
        return typeName;
    }

    @Nullable
    Vnode covered() {
        return covered;
    }

    Syncer syncer() {
        return syncer;
    }

    DirtyFiles dirtyFiles() {
        return dirtyFiles;
    }

    /**
     * Something has become dirty that is neither a page nor a {@link Buf}: {@link MountedFs#sync} will be called before long. A sync
     * that finds nothing to do must not come here, or the kernel never sleeps.
     */
    public void dirtied() {
        syncer.dirtied();
    }

    /**
     * Hands the dirty pages of all its files to the device, and waits until the device has them. They are durable after the device's
     * next flush. Locks: none are needed.
     *
     * @throws ErrnoException EIO, ENOSPC of the host: what went wrong first. Who syncs the file will be told once more, so a file
     *     system may go on
     */
    public void flushPages() throws ErrnoException {
        dirtyFiles.flush();
    }

    /**
     * Its root, with a reference that is the caller's.
     *
     * @throws ErrnoException EIO
     */
    public Vnode root() throws ErrnoException {
        return vfs.vnode(this, fs().rootFileno());
    }

    Statvfs statvfs() throws ErrnoException {
        MountedFs.Usage usage = fs().usage();
        return new Statvfs(
                flags,
                usage.bsize(),
                usage.frsize(),
                usage.iosize(),
                usage.blocks(),
                usage.bfree(),
                usage.bavail(),
                usage.files(),
                usage.ffree(),
                usage.ffree(),
                fsid,
                fs().nameMax(),
                owner,
                typeName,
                on,
                from);
    }

    @Override
    public String toString() {
        return from + " on " + on + " (" + typeName + ")";
    }
}
