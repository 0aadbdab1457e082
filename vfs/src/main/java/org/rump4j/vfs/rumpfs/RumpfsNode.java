package org.rump4j.vfs.rumpfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Uio;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Access;
import org.rump4j.vfs.AttributeChanges;
import org.rump4j.vfs.DirentSink;
import org.rump4j.vfs.FileExtent;
import org.rump4j.vfs.NewFile;
import org.rump4j.vfs.Vnode;
import org.rump4j.vfs.VnodeOps;
import org.rump4j.vfs.VnodeType;

/** A file in memory. It is there whether it has a vnode or not. */
final class RumpfsNode implements VnodeOps {
    private static final int STAT_BLOCK_BYTES = 512;
    private static final int FIRST_ENTRY_COOKIE = 2;
    private static final int DIR_LINKS = 2;
    private static final int LINK_MAX = 32767;

    private final Rumpfs fs;
    private final int fileno;
    private final int generation;
    private final VnodeType type;
    private final long rdev;
    private final @Nullable String target;
    private final int targetBytes;
    private final @Nullable FileContents data;
    private final @Nullable DirectoryContents entries;

    private int mode;
    private int uid;
    private int gid;
    private int flags;

    /** Links but for that of the directory itself ({@code .}). Read without the vnode's lock. */
    private volatile int nlink;

    /** Of a directory: the number of the one above. */
    private long parent;

    private long atimeNanos;
    private long mtimeNanos;
    private long ctimeNanos;
    private final long birthtimeNanos;

    RumpfsNode(Rumpfs fs, int fileno, int generation, NewFile file, long parent) throws ErrnoException {
        this.fs = fs;
        this.fileno = fileno;
        this.generation = generation;
        this.type = file.type();
        this.rdev = file.rdev();
        this.target = file.target();
        this.targetBytes = target == null ? 0 : PathCodec.encodedLength(target);
        this.data = type == VnodeType.VREG ? new FileContents(fs) : null;
        this.entries = type == VnodeType.VDIR ? new DirectoryContents() : null;
        this.mode = Rumpfs.perms(file.mode());
        this.uid = file.uid();
        this.gid = file.gid();
        this.parent = parent;
        birthtimeNanos = atimeNanos = mtimeNanos = ctimeNanos = now();
    }

    long fileno() {
        return fileno;
    }

    VnodeType type() {
        return type;
    }

    long rdev() {
        return rdev;
    }

    /** With the vnode's lock, as all that changes a node. */
    void addLinks(int more) {
        int links = nlink;
        nlink = links + more;
    }

    private long now() {
        return fs.kernel().clock().wallNanos();
    }

    // Every kind of file

    @Override
    public Stat getattr() {
        long size = size();
        long bytes = data == null ? size : data.allocatedBytes();
        return new Stat(
                fs.mount().fsid(),
                type.format() | mode,
                fileno,
                type == VnodeType.VDIR && nlink > 0 ? nlink + 1 : nlink,
                uid,
                gid,
                rdev,
                Timespec.ofNanos(atimeNanos),
                Timespec.ofNanos(mtimeNanos),
                Timespec.ofNanos(ctimeNanos),
                Timespec.ofNanos(birthtimeNanos),
                size,
                (bytes + STAT_BLOCK_BYTES - 1) / STAT_BLOCK_BYTES,
                Rumpfs.IO_BYTES,
                flags,
                generation);
    }

    private long size() {
        if (data != null) {
            return data.size();
        }
        if (entries != null) {
            return (long) (entries.size() + DIR_LINKS) * STAT_BLOCK_BYTES / 16;
        }
        return targetBytes;
    }

    @Override
    public void access(int amode, Cred cred) throws ErrnoException {
        Access.check(type.format() | mode, uid, gid, amode, cred);
    }

    @Override
    public void setattr(AttributeChanges changes) throws ErrnoException {
        if (changes.size() != null) {
            if (data == null) {
                throw Errno.EINVAL.exception("only regular files have a length to set");
            }
            data.setSize(changes.size());
            mtimeNanos = now();
        }
        if (changes.mode() != null) {
            mode = Rumpfs.perms(changes.mode());
        }
        if (changes.uid() != null) {
            uid = changes.uid();
        }
        if (changes.gid() != null) {
            gid = changes.gid();
        }
        if (changes.flags() != null) {
            flags = changes.flags();
        }
        if (changes.atime() != null) {
            atimeNanos = changes.atime().toNanos();
        }
        if (changes.mtime() != null) {
            mtimeNanos = changes.mtime().toNanos();
        }
        ctimeNanos = now();
    }

    @Override
    public boolean hasLinks() {
        return nlink > 0;
    }

    @Override
    public void free() {
        if (data != null) {
            data.clear();
        }
        fs.remove(this);
    }

    private void accessed() {
        int mountFlags = fs.mount().flags();
        boolean kept = (mountFlags & (SysMount.MNT_NOATIME | SysMount.MNT_RDONLY)) == 0;
        boolean newest = atimeNanos > mtimeNanos && atimeNanos > ctimeNanos;
        if (kept && !(newest && (mountFlags & SysMount.MNT_RELATIME) != 0)) {
            atimeNanos = now();
        }
    }

    private void changed() {
        mtimeNanos = ctimeNanos = now();
    }

    // Directories

    private DirectoryContents entries() {
        DirectoryContents e = entries;
        if (e == null) {
            throw new IllegalStateException("file " + fileno + " is no directory");
        }
        return e;
    }

    private Vnode vnode(RumpfsNode node) throws ErrnoException {
        return fs.mount().vfs().vnode(fs.mount(), node.fileno);
    }

    /** The node behind a vnode of this file system. */
    private static RumpfsNode of(Vnode vp) {
        return (RumpfsNode) vp.ops();
    }

    @Override
    public @Nullable Vnode lookup(String name) throws ErrnoException {
        if (name.equals("..")) {
            return fs.mount().vfs().vnode(fs.mount(), parent);
        }
        RumpfsNode node = entries().get(name);
        return node == null ? null : vnode(node);
    }

    @Override
    public void readdir(long cookie, DirentSink sink) {
        accessed();
        int dirType = VnodeType.VDIR.direntType();
        if (cookie <= 0 && !sink.accept(fileno, dirType, ".", 1)) {
            return;
        }
        if (cookie <= 1 && !sink.accept(parent, dirType, "..", FIRST_ENTRY_COOKIE)) {
            return;
        }
        int place = Math.clamp(cookie - FIRST_ENTRY_COOKIE, 0, Integer.MAX_VALUE);
        DirectoryContents.Entry entry;
        while ((entry = entries().from(place)) != null) {
            place = entry.place() + 1;
            RumpfsNode node = entry.node();
            long next = (long) place + FIRST_ENTRY_COOKIE;
            if (!sink.accept(node.fileno, node.type.direntType(), entry.name(), next)) {
                return;
            }
        }
    }

    @Override
    public Vnode create(String name, NewFile file) throws ErrnoException {
        checkRoomForLink(file.type() == VnodeType.VDIR ? this : null);
        RumpfsNode node = fs.make(file, fileno);
        boolean entered = false;
        try {
            enter(name, node);
            entered = true;
            return vnode(node);
        } finally {
            if (!entered) {
                fs.remove(node);
            }
        }
    }

    @Override
    public void link(String name, Vnode file) throws ErrnoException {
        checkRoomForLink(of(file));
        enter(name, of(file));
        of(file).ctimeNanos = now();
    }

    @Override
    public void remove(String name, Vnode file) {
        leave(name, of(file));
    }

    @Override
    public void rmdir(String name, Vnode dir) throws ErrnoException {
        if (!of(dir).entries().isEmpty()) {
            throw Errno.ENOTEMPTY.exception();
        }
        leave(name, of(dir));
    }

    @Override
    public void rename(String name, Vnode file, Vnode toDir, String toName, @Nullable Vnode replaced)
            throws ErrnoException {
        RumpfsNode node = of(file);
        RumpfsNode to = of(toDir);
        if (replaced != null
                && replaced.isDirectory()
                && !of(replaced).entries().isEmpty()) {
            throw Errno.ENOTEMPTY.exception();
        }
        if (node.type == VnodeType.VDIR && to != this && replaced == null) {
            checkRoomForLink(to);
        }
        if (replaced == null) {
            fs.take(DirectoryContents.entryBytes(toName));
        } else {
            // The entry stays, and with it what it takes.
            to.dropped(of(replaced));
        }
        entries().remove(name);
        fs.give(DirectoryContents.entryBytes(name));
        to.entries().put(toName, node);
        if (node.type == VnodeType.VDIR && to != this) {
            addLinks(-1);
            to.addLinks(1);
            node.parent = to.fileno;
        }
        changed();
        to.changed();
        node.ctimeNanos = now();
    }

    private static void checkRoomForLink(@Nullable RumpfsNode node) throws ErrnoException {
        if (node != null && node.nlink >= LINK_MAX) {
            throw Errno.EMLINK.exception();
        }
    }

    /** A name for a node, and for a directory the link that its .. is. */
    private void enter(String name, RumpfsNode node) throws ErrnoException {
        fs.take(DirectoryContents.entryBytes(name));
        entries().put(name, node);
        node.addLinks(1);
        if (node.type == VnodeType.VDIR) {
            addLinks(1);
        }
        changed();
    }

    private void leave(String name, RumpfsNode node) {
        entries().remove(name);
        fs.give(DirectoryContents.entryBytes(name));
        dropped(node);
        changed();
    }

    /** A node has one name less, here. */
    private void dropped(RumpfsNode node) {
        node.addLinks(-1);
        if (node.type == VnodeType.VDIR) {
            addLinks(-1);
        }
        node.ctimeNanos = now();
    }

    // Files and symbolic links

    private FileContents data() {
        FileContents d = data;
        if (d == null) {
            throw new IllegalStateException("file " + fileno + " is no regular file");
        }
        return d;
    }

    @Override
    public void read(Uio uio) throws ErrnoException {
        data().read(uio);
        accessed();
    }

    @Override
    public void write(Uio uio) throws ErrnoException {
        data().write(uio);
        changed();
    }

    @Override
    public void preallocate(long from, long to) throws ErrnoException {
        data().preallocate(from, to);
        changed();
    }

    @Override
    public void discard(long from, long to) {
        data().discard(from, to);
        changed();
    }

    @Override
    public FileExtent bmap(long offset, long limit) {
        return data().extent(offset);
    }

    @Override
    public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
        Uio uio = Uio.of(offset, dst);
        data().read(uio);
        uio.zeros(uio.resid());
    }

    @Override
    public String readlink() {
        if (target == null) {
            throw new IllegalStateException("file " + fileno + " is no symbolic link");
        }
        accessed();
        return target;
    }
}
