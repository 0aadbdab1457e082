package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Cred;
import org.rump4j.kern.Uio;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Access;
import org.rump4j.vfs.AttributeChanges;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.DirentSink;
import org.rump4j.vfs.FileExtent;
import org.rump4j.vfs.NewFile;
import org.rump4j.vfs.Vnode;
import org.rump4j.vfs.VnodeOps;
import org.rump4j.vfs.VnodeType;
import org.rump4j.vfs.WriteStage;

/** A file as the file system faction sees it. */
final class Ext2Node implements VnodeOps {
    private static final byte[] DOTDOT = {'.', '.'};
    private static final int MAX_LINKS = 32000;
    private static final int MAX_LINKS_EXT4 = 65000;

    /** Bytes that one transaction writes at the most. */
    private static final long WRITE_PIECE = 1 << 20;

    /** Blocks that one transaction gives to a hole at the most. */
    private static final int RESERVE_BLOCKS = 1 << 15;

    private final Ext2fs fs;
    private final Volume volume;
    private final Superblock sb;
    private final Vnode vp;
    private final Inode inode;

    /** Where its blocks are; null where its data is in the inode, or it has none. */
    private final @Nullable FileMap map;

    /** Of a file whose data is in its inode. */
    private final @Nullable InlineData inline;

    /** Of a directory. */
    private final @Nullable Names names;

    /** Of a directory that is written. Made with its lock held exclusively. */
    private @Nullable DirectoryEditor editor;

    /** Whether it has a name. */
    private volatile boolean linked = true;

    /** The commit that will write what was changed last, and what but for times. */
    private volatile long changedIn;

    private volatile long mapChangedIn;

    /** The commit before which the device must not learn that the file has no name any more; 0 where there is none. */
    private long nameKeptUntil;

    /** When it was read last, where the inode does not say it yet. */
    private volatile @Nullable Timespec readAt;

    /** The block behind the last one that was given a place, of a file. */
    private long allocatedEnd;

    Ext2Node(Ext2fs fs, Vnode vp, Inode inode) throws ErrnoException {
        this.fs = fs;
        this.volume = fs.volume();
        this.sb = volume.superblock();
        this.vp = vp;
        this.inode = inode;
        inline = inode.hasFlag(Inode.FL_INLINE_DATA) ? new InlineData(volume, fs.inodes(), inode) : null;
        boolean hasBlocks = inode.isRegular() || inode.isDirectory() || (inode.isSymlink() && !inode.isFastSymlink());
        map = inline == null && hasBlocks ? FileMap.of(volume, inode) : null;
        Writing writing = fs.writingIfAny();
        if (writing != null) {
            // It may have been made just now, or changed when it was in use before.
            changedIn = mapChangedIn = writing.commitNumber();
        }
        if (!inode.isDirectory()) {
            names = null;
            editor = null;
        } else if (inline != null) {
            editor = null;
            names = new InlineDirectory(volume, inode, inline);
        } else {
            Directory directory = new Directory(
                    volume,
                    inode,
                    Objects.requireNonNull(map),
                    fs.mount().vfs().kernel().kmem(),
                    writing != null);
            names = directory;
            editor = writing == null ? null : new DirectoryEditor(volume, writing, inode, directory);
        }
    }

    @Override
    public Stat getattr() {
        Timespec read = readAt;
        return new Stat(
                fs.mount().fsid(),
                inode.mode(),
                inode.ino,
                inode.links(),
                inode.uid(),
                inode.gid(),
                vp.rdev(),
                read == null ? inode.atime() : read,
                inode.mtime(),
                inode.ctime(),
                inode.birthtime(),
                inode.size(),
                inode.statBlocks(),
                sb.blockBytes,
                inode.fileFlags(),
                inode.generation());
    }

    @Override
    public void access(int amode, Cred cred) throws ErrnoException {
        Access.check(inode.mode(), inode.uid(), inode.gid(), amode, cred);
    }

    /** What is encrypted is of no use without its key, and this kernel has none. */
    private void requirePlain() throws ErrnoException {
        if (inode.hasFlag(Inode.FL_ENCRYPT)) {
            throw Errno.EOPNOTSUPP.exception("inode " + inode.ino + " is encrypted");
        }
    }

    @Override
    public void reclaim() {
        if (readAt != null) {
            if (linked && !fs.mount().isReadOnly()) {
                try (Change change = new Change()) {
                    change.store(this);
                } catch (ErrnoException e) {
                    // It is no more than a time.
                }
            }
            readAt = null;
        }
        Writing written = fs.writingIfAny();
        if (written != null) {
            written.forget(this);
        }
        closedByWriters();
        if (names != null) {
            names.close();
        }
    }

    @Override
    public void closedByWriters() {
        Writing writing = fs.writingIfAny();
        if (writing != null) {
            writing.allocator.release(inode);
        }
    }

    // Directories

    @Override
    public @Nullable Vnode lookup(String name) throws ErrnoException {
        if (names == null) {
            throw Errno.ENOTDIR.exception();
        }
        if (!name.equals("..")) {
            requirePlain();
        }
        long ino = names.lookup(PathCodec.encode(name));
        if (ino == 0) {
            if (name.equals("..")) {
                throw volume.damaged(inode.ino, "a directory without an entry for the one above");
            }
            return null;
        }
        if (sb.isReservedInode(ino)) {
            throw volume.damaged(inode.ino, "the name " + name + " leads to inode " + ino + ", which is not a file's");
        }
        try {
            return fs.mount().vfs().vnode(fs.mount(), ino);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                throw volume.damaged(
                        inode.ino, "the name " + name + " leads to inode " + ino + ", which is not in use");
            }
            throw e;
        }
    }

    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        if (names == null) {
            throw Errno.ENOTDIR.exception();
        }
        requirePlain();
        names.readdir(cookie, sink);
        accessed();
    }

    // Regular files

    @Override
    public void read(Uio uio) throws ErrnoException {
        requirePlain();
        if (inline == null) {
            vp.pages().read(uio, inode.size());
            accessed();
            return;
        }
        // mke2fs -d leaves a hole that a file ends with out of the inode: it is in the size only.
        MemorySegment stored = inline.stored();
        long bytes = Math.min(uio.resid(), inode.size() - uio.offset());
        if (bytes > 0) {
            long there = Math.clamp(stored.byteSize() - uio.offset(), 0, bytes);
            if (there > 0) {
                uio.toUser(stored, uio.offset(), there);
            }
            uio.zeros(bytes - there);
        }
    }

    @Override
    public FileExtent bmap(long offset, long limit) throws ErrnoException {
        if (inline != null) {
            return new FileExtent(0, Math.max(limit, inode.size()), fs.inodes().deviceOffset(inode.ino));
        }
        if (map == null) {
            throw Errno.EOPNOTSUPP.exception("inode " + inode.ino + " has no blocks");
        }
        int shift = sb.blockShift;
        BlockRun run = map.map(offset >> shift, ((limit - 1) >> shift) + 1);
        return new FileExtent(
                run.lbn() << shift, run.count() << shift, run.isHole() ? FileExtent.HOLE : run.blkno() << shift);
    }

    @Override
    public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
        long size = inode.size();
        long wanted = offset + dst.byteSize();
        long end = Math.min(wanted, (size + sb.blockBytes - 1) & -sb.blockBytes);
        long at = offset;
        while (at < end) {
            FileExtent extent = bmap(at, end);
            long next = Math.min(extent.end(), end);
            MemorySegment part = dst.asSlice(at - offset, next - at);
            if (extent.isHole()) {
                part.fill((byte) 0);
            } else {
                readDevice(part, extent.deviceOffset() + (at - extent.offset()));
            }
            at = next;
        }
        long dataEnd = Math.max(offset, Math.min(size, wanted));
        dst.asSlice(dataEnd - offset).fill((byte) 0);
    }

    private void readDevice(MemorySegment dst, long deviceOffset) throws ErrnoException {
        long end = deviceOffset + dst.byteSize();
        if (end > volume.device().sizeBytes()) {
            throw volume.damaged(
                    inode.ino,
                    "blocks %d to %d, but the device ends at byte %d"
                            .formatted(
                                    deviceOffset >> sb.blockShift,
                                    (end - 1) >> sb.blockShift,
                                    volume.device().sizeBytes()));
        }
        volume.device().read(dst, deviceOffset);
    }

    @Override
    public BlockDevice device() {
        return volume.device();
    }

    // Symbolic links

    @Override
    public String readlink() throws ErrnoException {
        requirePlain();
        long size = inode.size();
        if (!inode.isSymlink()) {
            throw Errno.EINVAL.exception();
        }
        if (size == 0 || size > sb.blockBytes) {
            throw volume.damaged(inode.ino, "symbolic link of " + size + " bytes");
        }
        byte[] bytes = new byte[(int) size];
        MemorySegment target = MemorySegment.ofArray(bytes);
        if (inline != null) {
            target.copyFrom(inline.data());
        } else if (map == null) {
            MemorySegment.copy(inode.raw(), ValueLayout.JAVA_BYTE, Inode.BLOCK.offset(), bytes, 0, bytes.length);
        } else {
            BlockRun run = map.map(0, 1);
            if (run.isHole()) {
                throw volume.damaged(inode.ino, "symbolic link without a block");
            }
            try (var buf = volume.bread(run.blkno())) {
                target.copyFrom(buf.data().asSlice(0, size));
            }
        }
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return PathCodec.decode(bytes, 0, length);
    }

    // Changes

    private Timespec now() {
        return fs.mount().vfs().kernel().clock().now();
    }

    private static Ext2Node of(Vnode vnode) {
        return (Ext2Node) vnode.ops();
    }

    private DirectoryEditor editor() throws ErrnoException {
        DirectoryEditor known = editor;
        if (known == null) {
            // Where it is not a directory of names in blocks it is of a file system that is not written.
            if (!(names instanceof Directory directory)) {
                throw Errno.EROFS.exception();
            }
            known = editor = new DirectoryEditor(volume, fs.writing(), inode, directory);
            directory.startWriting();
        }
        return known;
    }

    /** A transaction, from its making to its close. */
    private final class Change implements AutoCloseable {
        final Writing writing;

        Change() throws ErrnoException {
            writing = fs.writing();
            writing.begin();
        }

        /** Stores an inode whose times alone may have changed. */
        void store(Ext2Node node) throws ErrnoException {
            Timespec read = node.readAt;
            if (read != null) {
                node.inode.setAtime(read);
                node.readAt = null;
            }
            long commit = writing.commitNumber();
            node.changedIn = commit;
            if (node.nameKeptUntil != commit) {
                fs.inodes().store(node.inode, false);
            }
        }

        /** Stores an inode of which more has changed. */
        void storeAll(Ext2Node node) throws ErrnoException {
            node.mapChangedIn = writing.commitNumber();
            store(node);
        }

        /** The same of a directory whose names have changed. */
        void storeNames(Ext2Node directory, Timespec now) throws ErrnoException {
            directory.inode.setMtime(now);
            directory.inode.setCtime(now);
            storeAll(directory);
        }

        @Override
        public void close() {
            writing.end();
        }
    }

    private void accessed() {
        int flags = fs.mount().flags();
        Writing writing = fs.writingIfAny();
        if ((flags & (SysMount.MNT_NOATIME | SysMount.MNT_RDONLY)) != 0 || writing == null) {
            return;
        }
        Timespec last = readAt;
        Timespec atime = last == null ? inode.atime() : last;
        boolean newest = atime.compareTo(inode.mtime()) > 0 && atime.compareTo(inode.ctime()) > 0;
        if (!newest || (flags & SysMount.MNT_RELATIME) == 0) {
            readAt = now();
            if (last == null) {
                writing.read(this);
            }
        }
    }

    /**
     * With all transactions over: has the inode say when the file was read last.
     *
     * @return whether it did not
     * @throws ErrnoException EIO
     */
    boolean storeReadTime() throws ErrnoException {
        Timespec read = readAt;
        if (read == null || !linked) {
            return false;
        }
        inode.setAtime(read);
        fs.inodes().store(inode, false);
        readAt = null;
        return true;
    }

    @Override
    public void setattr(AttributeChanges changes) throws ErrnoException {
        if (changes.size() != null) {
            setSize(changes.size());
        }
        try (Change change = new Change()) {
            if (changes.flags() != null && !inode.setFileFlags(changes.flags())) {
                throw Errno.EOPNOTSUPP.exception("flags 0x" + Integer.toHexString(changes.flags()));
            }
            if (changes.mode() != null) {
                inode.setMode((inode.mode() & SysStat.S_IFMT) | (changes.mode() & ~SysStat.S_IFMT));
            }
            if (changes.uid() != null) {
                inode.setUid(changes.uid());
            }
            if (changes.gid() != null) {
                inode.setGid(changes.gid());
            }
            if (changes.atime() != null) {
                readAt = null;
                inode.setAtime(changes.atime());
            }
            if (changes.mtime() != null) {
                inode.setMtime(changes.mtime());
            }
            inode.setCtime(now());
            change.storeAll(this);
        }
    }

    private void setSize(long size) throws ErrnoException {
        if (!inode.isRegular()) {
            throw Errno.EINVAL.exception("only regular files have a length to set");
        }
        Writing writing = fs.writing();
        long before = inode.size();
        if (size > maxSize(writing)) {
            throw Errno.EFBIG.exception();
        }
        if (size < before) {
            writing.truncate(inode, size, this::dropBehind);
        } else {
            vp.pages().truncate(before, size);
        }
        try (Change change = new Change()) {
            setLength(change, size);
            inode.setMtime(now());
            change.storeAll(this);
        }
    }

    /** As {@link Writing.Cached}, where the file becomes shorter. */
    private void dropBehind(long size, long before) throws ErrnoException {
        vp.pages().truncate(before, size);
    }

    private void setLength(Change change, long size) throws ErrnoException {
        if (size > Integer.MAX_VALUE && inode.size() <= Integer.MAX_VALUE) {
            change.writing.requireLargeFiles();
        }
        inode.setSize(size);
    }

    private long maxSize(Writing writing) throws ErrnoException {
        long most = writing.editor(inode).maxBlocks() << sb.blockShift;
        return sb.revision() == 0 ? Math.min(most, Integer.MAX_VALUE) : most;
    }

    @Override
    public void write(Uio uio) throws ErrnoException {
        requirePlain();
        Writing writing = fs.writing();
        long most = maxSize(writing);
        if (uio.offset() >= most) {
            throw Errno.EFBIG.exception();
        }
        // What fits is written, of more than that.
        while (uio.resid() > 0 && uio.offset() < most) {
            vp.pages().throttle();
            long begin = uio.offset();
            boolean stored = false;
            try (Change change = new Change()) {
                allocatedEnd = 0;
                long size = inode.size();
                try {
                    vp.pages().write(uio, size, Math.min(WRITE_PIECE, most - uio.offset()));
                    setLength(change, Math.max(size, uio.offset()));
                    Timespec now = now();
                    inode.setMtime(now);
                    inode.setCtime(now);
                } finally {
                    freeBehindEnd(change);
                    if (allocatedEnd > 0 || inode.size() != size) {
                        change.storeAll(this);
                    } else {
                        change.store(this);
                    }
                }
                stored = true;
            } finally {
                if (!stored) {
                    uio.takeBack(uio.offset() - begin);
                }
            }
        }
    }

    @Override
    public void discard(long from, long to) throws ErrnoException {
        requirePlain();
        Writing writing = fs.writing();
        long size = inode.size();
        // Behind the end there is nothing to be kept of the last block.
        long end = to < size ? to : blockEnd(size);
        try {
            writing.punch(inode, from, end, (at, next) -> vp.pages().punch(size, at, next));
        } finally {
            try (Change change = new Change()) {
                Timespec now = now();
                inode.setMtime(now);
                inode.setCtime(now);
                change.storeAll(this);
            }
        }
    }

    @Override
    public void preallocate(long from, long to) throws ErrnoException {
        requirePlain();
        Writing writing = fs.writing();
        if (to > maxSize(writing)) {
            throw Errno.EFBIG.exception();
        }
        long size = inode.size();
        boolean whole = false;
        try {
            fillHoles(writing, from, to);
            if (to > inode.size()) {
                vp.pages().truncate(inode.size(), to);
            }
            try (Change change = new Change()) {
                setLength(change, Math.max(size, to));
                Timespec now = now();
                inode.setMtime(now);
                inode.setCtime(now);
                change.storeAll(this);
            }
            whole = true;
        } finally {
            if (!whole) {
                writing.truncate(inode, size, this::dropBehind);
            }
        }
    }

    private void fillHoles(Writing writing, long from, long to) throws ErrnoException {
        FileMap where = Objects.requireNonNull(map);
        int shift = sb.blockShift;
        long end = blockEnd(to) >> shift;
        for (long lbn = from >> shift; lbn < end; ) {
            BlockRun run = where.map(lbn, end);
            if (!run.isHole()) {
                lbn = run.end();
                continue;
            }
            int want = (int) Math.min(Math.min(run.end(), end) - lbn, RESERVE_BLOCKS);
            try (Change change = new Change()) {
                int got = 0;
                try {
                    got = writing.editor(inode).reserve(lbn, want, goal(where, lbn));
                } finally {
                    change.storeAll(this);
                }
                if (got > 0) {
                    lbn += got;
                    continue;
                }
            }
            // Zeros are the only blocks that read as zeros here.
            long at = Math.max(from, lbn << shift);
            long piece = Math.min(Math.min((lbn + want) << shift, to) - at, WRITE_PIECE);
            write(Uio.of(at, MemorySegment.ofArray(new byte[(int) piece])));
            lbn = blockEnd(at + piece) >> shift;
        }
    }

    private long blockEnd(long offset) {
        return (offset + sb.blockBytes - 1) & -sb.blockBytes;
    }

    /** What was given a place and was not written after all goes again. */
    private void freeBehindEnd(Change change) throws ErrnoException {
        long blocks = (inode.size() + sb.blockBytes - 1) >> sb.blockShift;
        if (allocatedEnd > blocks) {
            vp.pages().truncate(inode.size(), inode.size());
            change.writing.editor(inode).truncate(blocks);
        }
    }

    @Override
    public int blockBytes() {
        return sb.blockBytes;
    }

    @Override
    public long allocate(long offset, long bytes) throws ErrnoException {
        int shift = sb.blockShift;
        long first = offset >> shift;
        long end = ((offset + bytes - 1) >> shift) + 1;
        FileMap where = Objects.requireNonNull(map);
        MapEditor places = fs.writing().editor(inode);
        long lbn = first;
        try {
            while (lbn < end) {
                BlockRun run = where.map(lbn, end);
                if (!run.isHole()) {
                    lbn = Math.min(run.end(), end);
                    continue;
                }
                lbn += places.fill(lbn, (int) (Math.min(run.end(), end) - lbn), goal(where, lbn));
                allocatedEnd = Math.max(allocatedEnd, lbn);
            }
        } catch (ErrnoException e) {
            if (lbn == first) {
                throw e;
            }
            return (lbn << shift) - offset;
        }
        return bytes;
    }

    /** Behind the last block before, also where holes are between, or in the group of the inode. */
    private long goal(FileMap where, long lbn) throws ErrnoException {
        long before = where.before(lbn);
        return before == 0 ? sb.firstBlock(fs.inodes().groupOf(inode.ino)) : before + 1;
    }

    @Override
    public void fsync(boolean dataOnly) throws ErrnoException {
        Writing writing = fs.writingIfAny();
        if (writing == null) {
            return;
        }
        if (!dataOnly && readAt != null) {
            writing.commitAll();
        } else if ((dataOnly ? mapChangedIn : changedIn) == writing.commitNumber()) {
            writing.commit();
        } else {
            volume.device().flush();
        }
    }

    // Names

    @Override
    public boolean hasLinks() {
        return linked;
    }

    private void setLinks(int links) {
        inode.setLinks(links);
        linked = links > 0;
    }

    @Override
    public void free() throws ErrnoException {
        Writing writing = fs.writing();
        if (nameKeptUntil == writing.commitNumber()) {
            writing.doom(inode);
        } else {
            writing.freeInode(inode);
        }
    }

    private int maxLinks() {
        return sb.has(Feature.EXTENTS) ? MAX_LINKS_EXT4 : MAX_LINKS;
    }

    /** A directory has one more in it, or one fewer. One that has had too many to count stays with a count of 1. */
    private void addLink(int more) {
        if (!inode.isDirectory() || inode.links() != 1) {
            int links = inode.links() + more;
            setLinks(inode.isDirectory() && links > maxLinks() ? 1 : links);
        }
    }

    private void requireRoomForLink() throws ErrnoException {
        boolean countless = inode.isDirectory() && sb.has(Feature.DIR_NLINK);
        if (inode.links() >= maxLinks() && !countless) {
            throw Errno.EMLINK.exception();
        }
    }

    @Override
    public Vnode create(String name, NewFile file) throws ErrnoException {
        boolean directory = file.type() == VnodeType.VDIR;
        if (directory) {
            requireRoomForLink();
        }
        long ino;
        try (Change change = new Change()) {
            ino = change.writing.allocator.allocateInode(inode.ino, directory);
            Inode made = null;
            boolean entered = false;
            try {
                made = make(change.writing, ino, file);
                if (directory) {
                    DirectoryEditor.init(volume, change.writing, made, inode.ino);
                }
                if (file.target() != null) {
                    setTarget(change.writing, made, PathCodec.encode(file.target()));
                }
                fs.inodes().store(made, true);
                editor().add(PathCodec.encode(name), ino, file.type().direntType(), false);
                entered = true;
            } finally {
                if (!entered) {
                    unmake(change.writing, ino, made, directory);
                }
                if (directory && entered) {
                    addLink(1);
                }
                change.storeNames(this, now());
            }
        }
        return fs.mount().vfs().vnode(fs.mount(), ino);
    }

    private Inode make(Writing writing, long ino, NewFile file) {
        Inode made = fs.inodes().make(ino);
        made.setMode(file.type().format() | (file.mode() & ~SysStat.S_IFMT));
        made.setUid(file.uid());
        made.setGid(file.gid());
        made.setLinks(file.type() == VnodeType.VDIR ? 2 : 1);
        made.setGeneration(writing.nextGeneration());
        Timespec now = now();
        made.setAtime(now);
        made.setMtime(now);
        made.setCtime(now);
        made.setBirthtime(now);
        if (file.type() == VnodeType.VBLK || file.type() == VnodeType.VCHR) {
            made.setRdev(file.rdev());
        } else if (sb.has(Feature.EXTENTS) && (file.type() == VnodeType.VREG || file.type() == VnodeType.VDIR)) {
            useExtents(made);
        }
        return made;
    }

    private static void useExtents(Inode made) {
        made.setFlag(Inode.FL_EXTENTS, true);
        ExtentEditor.init(made);
    }

    /** Where a symbolic link leads: in the place of pointers, or in a block. */
    private void setTarget(Writing writing, Inode made, byte[] target) throws ErrnoException {
        if (target.length < Inode.BLOCK_BYTES) {
            MemorySegment.copy(target, 0, made.raw(), ValueLayout.JAVA_BYTE, Inode.BLOCK.offset(), target.length);
            made.setSize(target.length);
            return;
        }
        if (target.length >= sb.blockBytes) {
            throw Errno.ENAMETOOLONG.exception("symbolic links say less than " + sb.blockBytes + " bytes here");
        }
        if (sb.has(Feature.EXTENTS)) {
            useExtents(made);
        }
        writing.editor(made).fill(0, 1, sb.firstBlock(fs.inodes().groupOf(made.ino)));
        made.setSize(target.length);
        try (Buf buf = volume.getblk(FileMap.of(volume, made).map(0, 1).blkno())) {
            MemorySegment.copy(target, 0, buf.data(), ValueLayout.JAVA_BYTE, 0, target.length);
            buf.dirty(WriteStage.FRESH);
        }
    }

    /** A new file that could not be made whole goes again. */
    private void unmake(Writing writing, long ino, @Nullable Inode made, boolean directory) throws ErrnoException {
        if (made != null) {
            boolean blocks = made.isDirectory() || (made.isSymlink() && !made.isFastSymlink());
            if (blocks) {
                writing.editor(made).truncate(0);
            }
            made.setLinks(0);
            made.setSize(0);
            Inode.DTIME.set(made.raw(), 0, (int) now().sec());
            fs.inodes().store(made, true);
        }
        writing.allocator.freeInode(ino, directory);
    }

    @Override
    public void link(String name, Vnode file) throws ErrnoException {
        Ext2Node node = of(file);
        node.requireRoomForLink();
        try (Change change = new Change()) {
            try {
                editor().add(PathCodec.encode(name), node.inode.ino, file.type().direntType(), false);
                Timespec now = now();
                node.addLink(1);
                node.inode.setCtime(now);
                change.storeAll(node);
            } finally {
                change.storeNames(this, now());
            }
        }
    }

    @Override
    public void remove(String name, Vnode file) throws ErrnoException {
        byte[] bytes = PathCodec.encode(name);
        try (Change change = new Change()) {
            editor().remove(bytes, editor().find(bytes), false);
            change.storeNames(this, now());
            dropped(change, of(file));
        }
    }

    /** A file has one name less. */
    private void dropped(Change change, Ext2Node node) throws ErrnoException {
        node.addLink(-1);
        node.inode.setCtime(now());
        if (!node.linked) {
            change.writing.addOrphan(node.inode);
        }
        change.storeAll(node);
    }

    /** A directory has no name any more. */
    private void droppedDirectory(Change change, Ext2Node node) throws ErrnoException {
        node.setLinks(0);
        node.inode.setCtime(now());
        change.writing.addOrphan(node.inode);
        change.storeAll(node);
    }

    @Override
    public void rmdir(String name, Vnode dir) throws ErrnoException {
        Ext2Node node = of(dir);
        if (!node.editor().isEmpty()) {
            throw Errno.ENOTEMPTY.exception();
        }
        byte[] bytes = PathCodec.encode(name);
        try (Change change = new Change()) {
            editor().remove(bytes, editor().find(bytes), false);
            addLink(-1);
            change.storeNames(this, now());
            droppedDirectory(change, node);
        }
    }

    @Override
    public void rename(String name, Vnode file, Vnode toDir, String toName, @Nullable Vnode replaced)
            throws ErrnoException {
        Ext2Node node = of(file);
        Ext2Node to = of(toDir);
        Ext2Node old = replaced == null ? null : of(replaced);
        if (old != null && old.inode.isDirectory() && !old.editor().isEmpty()) {
            throw Errno.ENOTEMPTY.exception();
        }
        boolean directoryMoves = node.inode.isDirectory() && to != this;
        if (directoryMoves && old == null) {
            to.requireRoomForLink();
        }
        if (old != null
                && old.inode.isRegular()
                && old.inode.links() == 1
                && !fs.writing().isAtomic()) {
            // The device has its name, with all blocks that it has been given, until the name leads elsewhere there.
            old.vp.pages().flush();
        }
        while (!tryRename(PathCodec.encode(name), node, to, PathCodec.encode(toName), old, directoryMoves)) {
            fs.writing().commit();
        }
    }

    /** Renames; false where a commit must be over first, so that at any time one of the two names is durable. */
    private boolean tryRename(
            byte[] name, Ext2Node node, Ext2Node to, byte[] toName, @Nullable Ext2Node old, boolean directoryMoves)
            throws ErrnoException {
        int type = node.vp.type().direntType();
        try (Change change = new Change()) {
            Writing writing = change.writing;
            boolean ordered = !writing.isAtomic();
            DirectoryEditor.Place from = editor().find(name);
            if (writing.hasGained(from.blkno())) {
                return false;
            }
            if (old == null) {
                boolean added = false;
                try {
                    added = to.editor().add(toName, node.inode.ino, type, ordered);
                } finally {
                    change.storeNames(to, now());
                }
                if (!added) {
                    return false;
                }
                // A leaf may have been split: the old name can be elsewhere.
                from = editor().find(name);
            } else {
                DirectoryEditor.Place place = to.editor().find(toName);
                if (ordered && place.blkno() != from.blkno()) {
                    if (to.editor().isLosing(place)) {
                        return false;
                    }
                    writing.gained(place.blkno());
                }
                to.editor().replace(toName, place, node.inode.ino, type);
            }
            Timespec now = now();
            editor().remove(name, from, true);
            if (old != null) {
                droppedByRename(change, to, old);
            }
            if (directoryMoves) {
                addLink(-1);
                to.addLink(1);
                node.editor().replace(DOTDOT, node.editor().find(DOTDOT), to.inode.ino, type);
            }
            node.inode.setCtime(now);
            change.storeAll(node);
            change.storeNames(to, now);
            change.storeNames(this, now);
            return true;
        }
    }

    /** What had the new name goes, but on the device only after the name leads elsewhere there. */
    private void droppedByRename(Change change, Ext2Node to, Ext2Node old) throws ErrnoException {
        boolean last = old.inode.isDirectory() || old.inode.links() == 1;
        if (last && !change.writing.isAtomic()) {
            old.nameKeptUntil = change.writing.commitNumber();
        }
        if (old.inode.isDirectory()) {
            to.addLink(-1);
            droppedDirectory(change, old);
        } else {
            dropped(change, old);
        }
    }
}
