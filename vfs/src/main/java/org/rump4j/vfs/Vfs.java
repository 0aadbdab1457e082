package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.SpecificKey;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The file system faction of one kernel: what is mounted, the caches, and what drivers need of them. */
public final class Vfs {
    private final Kernel kernel;
    private final PageCache pageCache;
    private final SyncerQueue syncerQueue;
    private final VnodeCache vnodes;
    private final NameCache names;
    private final Namei namei;
    private final SpecialFiles specialFiles;
    private final EtfsTable etfs;

    private final AtomicLong nextFsid = new AtomicLong(1);

    /** Guards types, mounts and what is mounted where. Taken before vnode locks. */
    private final Kmutex mountLock;

    private final Map<String, FilesystemType> types = new LinkedHashMap<>();
    private final List<Mount> mounts = new ArrayList<>();

    /** Set once, while the kernel boots. */
    private @Nullable Vnode root;

    private @Nullable SpecificKey<Cwdinfo> cwdinfo;

    Vfs(Kernel kernel) {
        this.kernel = kernel;
        pageCache = new PageCache(kernel);
        syncerQueue = new SyncerQueue(kernel);
        vnodes = new VnodeCache(kernel);
        names = new NameCache(kernel, vnodes);
        namei = new Namei(this);
        specialFiles = new SpecialFiles(this);
        etfs = new EtfsTable(this);
        mountLock = kernel.mutex();
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    PageCache pageCache() {
        return pageCache;
    }

    VnodeCache vnodes() {
        return vnodes;
    }

    SyncerQueue syncerQueue() {
        return syncerQueue;
    }

    NameCache names() {
        return names;
    }

    Namei namei() {
        return namei;
    }

    SpecialFiles specialFiles() {
        return specialFiles;
    }

    EtfsTable etfs() {
        return etfs;
    }

    /** The root of it all. */
    Vnode root() {
        Vnode vp = root;
        if (vp == null) {
            throw new IllegalStateException("no root is mounted yet");
        }
        return vp;
    }

    Cwdinfo cwdinfo(Lwp l) {
        SpecificKey<Cwdinfo> key = cwdinfo;
        if (key == null) {
            throw new IllegalStateException("no root is mounted yet");
        }
        return l.proc().get(key);
    }

    /** The root of the lwp's process, with a reference. */
    Vnode rootOf(Lwp l) {
        return cwdinfo(l).root();
    }

    // For drivers

    /** Makes a type of file system known. While the kernel boots. */
    public void addType(FilesystemType type) {
        if (types.putIfAbsent(type.name(), type) != null) {
            throw new IllegalStateException(type.name() + " is there already");
        }
    }

    /**
     * The vnode of a file, with a reference that is the caller's.
     *
     * @throws ErrnoException ENOENT where there is no such file; EIO
     */
    public Vnode vnode(Mount mount, long fileno) throws ErrnoException {
        return vnodes.get(mount, fileno);
    }

    /**
     * Opens the device that a file system is to be mounted from. Nobody else can mount it meanwhile.
     *
     * @param mount for which
     * @param args says which
     * @throws ErrnoException EINVAL where args are for another kind of file system; ENOTBLK; EBUSY where it is mounted; EACCES,
     *     EROFS, ENXIO
     */
    public BlockDevice openDevice(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
        if (!(args instanceof MountArgs.Device device)) {
            throw Errno.EINVAL.exception(mount.from() + ": this file system wants a device");
        }
        return specialFiles.openForMount(l, device.fspec(), !mount.isReadOnly());
    }

    /**
     * Opens a device that {@link #openDevice} opened for reading for writing, too: the same object can be written from then on. While the
     * mount is updated.
     *
     * @throws ErrnoException EROFS where it cannot be written; EACCES where the host does not let the kernel do so
     */
    public void openForWriting(BlockDevice device) throws ErrnoException {
        if (!(device instanceof MountedDevice mounted)) {
            throw Errno.EROFS.exception("not a device that a file system was mounted from");
        }
        specialFiles.openForWriting(kernel.curlwp(), mounted);
    }

    /** A buffer cache for a device that {@link #openDevice} opened for a mount. */
    public BufCache bufCache(Mount mount, BlockDevice device) {
        return new BufCache(pageCache, device, mount::dirtied, mount);
    }

    // Mounts

    /** Mounts the root file system. While the kernel boots. */
    void mountRoot(Lwp l, FilesystemType type) throws ErrnoException {
        Mount mount = new Mount(
                this, type.name(), type.name(), "/", SysMount.MNT_ROOTFS, 0, nextFsid.getAndIncrement(), null);
        mount.setFs(type.mount(l, mount, new MountArgs.Memory()));
        mounts.add(mount);
        Vnode vp = mount.root();
        root = vp;
        cwdinfo = kernel.procs().newKey(new Cwdinfo(this, vp.ref(), null), Cwdinfo::fork, Cwdinfo::exit);
    }

    /** A file system that has no place in the tree of names, such as that of what the host lends. */
    Mount internalMount(String typeName) {
        return new Mount(this, typeName, typeName, typeName, 0, 0, nextFsid.getAndIncrement(), null);
    }

    /** All that is mounted, in the order in which it was. */
    List<Mount> mounts() {
        mountLock.enter();
        List<Mount> all = List.copyOf(mounts);
        mountLock.exit();
        return all;
    }

    FilesystemType type(String name) throws ErrnoException {
        FilesystemType type = types.get(name);
        if (type == null) {
            throw Errno.ENODEV.exception("no driver for file systems of type " + name);
        }
        return type;
    }

    List<FilesystemType> types() {
        return List.copyOf(types.values());
    }

    /** Mounts on a directory, whose reference is taken over. */
    void mount(Lwp l, String typeName, Vnode covered, String path, int flags, MountArgs args) throws ErrnoException {
        boolean mounted = false;
        mountLock.enter();
        try {
            FilesystemType type = type(typeName);
            if (!covered.isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            if (covered.isRoot() || covered.mountedHere() != null) {
                throw Errno.EBUSY.exception("something is mounted there");
            }
            String from = args instanceof MountArgs.Device device ? device.fspec() : typeName;
            Mount mount = new Mount(
                    this,
                    typeName,
                    from,
                    path,
                    flags & SysMount.MNT_BASIC_FLAGS,
                    l.cred().euid(),
                    nextFsid.getAndIncrement(),
                    covered);
            mount.setFs(type.mount(l, mount, args));
            covered.lock().enterWrite();
            try {
                if (covered.isRemoved()) {
                    mount.fs().unmount();
                    throw Errno.ENOENT.exception();
                }
                covered.setMountedHere(mount);
            } finally {
                covered.lock().exit();
            }
            mounts.add(mount);
            mounted = true;
            kernel.log().verbose("mounted " + mount);
        } finally {
            mountLock.exit();
            if (!mounted) {
                covered.rele();
            }
        }
    }

    /**
     * Mounts what is mounted in another way.
     *
     * @throws ErrnoException EBUSY where it would be read-only, files on it are open for writing, and MNT_FORCE is not given
     */
    void update(Mount mount, int flags) throws ErrnoException {
        mountLock.enter();
        try {
            int before = mount.flags();
            int wanted = (before & ~SysMount.MNT_BASIC_FLAGS) | (flags & SysMount.MNT_BASIC_FLAGS);
            if (wanted == before) {
                return;
            }
            boolean updated = false;
            try {
                if ((wanted & ~before & SysMount.MNT_RDONLY) != 0) {
                    makeReadOnly(mount, (flags & SysMount.MNT_FORCE) != 0);
                }
                mount.fs().update(wanted);
                updated = true;
            } finally {
                mount.setFlags(updated ? wanted : before);
            }
        } finally {
            mountLock.exit();
        }
    }

    /** Nobody begins to change anything any more, and everything is written that has been changed. */
    private void makeReadOnly(Mount mount, boolean force) throws ErrnoException {
        if (!force && vnodes.hasWriters(mount)) {
            throw Errno.EBUSY.exception("files on " + mount.on() + " are open for writing");
        }
        mount.syncer().sync(true);
        mount.addFlags(SysMount.MNT_RDONLY);
    }

    /** Unmounts. */
    void unmount(Mount mount, boolean force) throws ErrnoException {
        mountLock.enter();
        try {
            Vnode covered = mount.covered();
            if (covered == null || !mounts.contains(mount)) {
                throw covered == null ? Errno.EBUSY.exception("the root stays") : Errno.EINVAL.exception();
            }
            try {
                mount.syncer().sync(true);
            } catch (ErrnoException e) {
                if (!force) {
                    throw e;
                }
                kernel.log().print(mount + ": cannot be synced: " + e.getMessage());
            }
            vnodes.flush(mount, force);
            covered.lock().enterWrite();
            covered.setMountedHere(null);
            covered.lock().exit();
            vnodes.unmounted();
            mounts.remove(mount);
            names.purge(mount);
            mount.syncer().stop();
            covered.rele();
            kernel.log().verbose("unmounted " + mount);
            mount.fs().unmount();
        } finally {
            mountLock.exit();
        }
    }

    /** The kernel goes down: everything is unmounted, what was mounted last first, and the host's files are closed. */
    void shutdown(boolean sync) {
        if (sync) {
            specialFiles.sync();
        }
        List<Mount> all = mounts();
        for (Mount mount : all.reversed()) {
            if (mount.covered() == null || !sync) {
                continue;
            }
            try {
                unmount(mount, true);
            } catch (ErrnoException e) {
                kernel.log().print(mount + ": cannot be unmounted: " + e.getMessage());
            }
        }
        specialFiles.shutdown();
        pageCache.shutdown();
        try {
            etfs.shutdown();
        } catch (ErrnoException e) {
            kernel.log().print("etfs: " + e.getMessage());
        }
    }

    /** Writes back what is dirty, and waits until it is durable. */
    void sync() {
        for (Mount mount : mounts()) {
            try {
                mount.syncer().sync(true);
            } catch (ErrnoException e) {
                kernel.log().print(mount + ": cannot be synced: " + e.getMessage());
            }
        }
        specialFiles.sync();
    }
}
