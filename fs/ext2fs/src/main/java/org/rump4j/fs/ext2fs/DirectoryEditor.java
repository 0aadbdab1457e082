package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.rump4j.rump.Dirent;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/**
 * Changes the names in a directory that has blocks, and its index with them. Within a transaction, with the directory's lock held
 * exclusively; who calls stores the inode afterwards.
 */
final class DirectoryEditor {
    private static final byte[] DOT = {'.'};
    private static final byte[] DOTDOT = {'.', '.'};
    private static final byte[] NO_NAME = {};

    private final Volume volume;
    private final Superblock sb;
    private final Writing writing;
    private final Inode dir;
    private final Directory directory;
    private final DirectoryBlocks blocks;
    private final Htree index;

    /** Blocks before this one have been found full. */
    private long firstWithRoom;

    DirectoryEditor(Volume volume, Writing writing, Inode dir, Directory directory) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.writing = writing;
        this.dir = dir;
        this.directory = directory;
        this.blocks = directory.blocks();
        this.index = directory.index();
    }

    /**
     * The first block of a new directory.
     *
     * @throws ErrnoException ENOSPC, EIO
     */
    static void init(Volume volume, Writing writing, Inode dir, long parent) throws ErrnoException {
        Superblock sb = volume.superblock();
        FileMap map = FileMap.of(volume, dir);
        DirectoryBlocks blocks = new DirectoryBlocks(volume, dir, map);
        writing.editor(dir).fill(0, 1, sb.firstBlock((dir.ino - 1) / sb.inodesPerGroup));
        dir.setSize(sb.blockBytes);
        try (Buf buf = volume.getblk(map.map(0, 1).blkno())) {
            int type = Dirents.fileType(Dirent.DT_DIR);
            Dirents.write(sb, buf.data(), 0, Htree.DOT_BYTES, dir.ino, DOT, type);
            Dirents.write(sb, buf.data(), Htree.DOT_BYTES, blocks.leafBytes() - Htree.DOT_BYTES, parent, DOTDOT, type);
            blocks.leafChanged(buf, WriteStage.FRESH);
        }
    }

    /** Where a name is: the block of the directory, that of the device. */
    record Place(long lbn, long blkno) {}

    /** Where a name is that is there. */
    Place find(byte[] name) throws ErrnoException {
        Directory.Search search = directory.find(name);
        if (search.ino == 0) {
            throw volume.damaged(dir.ino, "a name that was there is not there any more");
        }
        long lbn = search.start >> sb.blockShift;
        return new Place(lbn, blocks.map(lbn, lbn + 1).blkno());
    }

    /** Whether there are no names but {@code .} and {@code ..}. */
    boolean isEmpty() throws ErrnoException {
        boolean[] empty = {true};
        directory.readdir(0, (_, _, name, _) -> empty[0] = name.equals(".") || name.equals(".."));
        return empty[0];
    }

    /**
     * Adds a name that is not there.
     *
     * @param direntType of what it leads to
     * @param moved whether it has been moved, and must be durable here before it goes elsewhere
     * @return false where it can be added only after a commit
     * @throws ErrnoException ENOSPC, EIO
     */
    boolean add(byte[] name, long ino, int direntType, boolean moved) throws ErrnoException {
        int type = Dirents.fileType(direntType);
        if (directory.isIndexed()) {
            return addIndexed(name, ino, type, moved);
        }
        dir.setFlag(Inode.FL_INDEX, false);
        long count = blocks.count();
        for (long lbn = firstWithRoom; lbn < count; lbn++) {
            BlockRun run = blocks.map(lbn, count);
            if (run.isHole()) {
                lbn = run.end() - 1;
                continue;
            }
            try (Buf buf = blocks.bread(lbn, run.blkno())) {
                boolean blocked = moved && buf.stage() == WriteStage.LOSE;
                if (!blocked && insert(buf, lbn, run.blkno(), name, ino, type, moved)) {
                    firstWithRoom = lbn;
                    return true;
                }
            }
        }
        if (count == 1 && makeIndex()) {
            return addIndexed(name, ino, type, moved);
        }
        try (Appended last = append()) {
            if (!insert(last.buf, last.lbn, last.buf.offset() >> sb.blockShift, name, ino, type, moved)) {
                throw new IllegalStateException("a name of " + name.length + " bytes in an empty block");
            }
            firstWithRoom = last.lbn;
        }
        return true;
    }

    /** Removes a name that is there; moved as for {@link #add}. */
    void remove(byte[] name, Place place, boolean moved) throws ErrnoException {
        try (Buf buf = blocks.bread(place.lbn, place.blkno)) {
            Dirents entry = entries(buf, place.lbn, place.blkno);
            long before = -1;
            while (entry.next()) {
                if (entry.is(name)) {
                    if (before >= 0) {
                        Dirents previous = new Dirents(
                                volume, dir, buf.data(), before, blocks.leafBytes(), place.lbn, place.blkno);
                        previous.next();
                        previous.resize(previous.bytes() + entry.bytes());
                    } else {
                        Dirents.INODE.set(buf.data(), entry.at(), 0);
                    }
                    blocks.leafChanged(buf, moved ? WriteStage.LOSE : WriteStage.GAIN);
                    firstWithRoom = Math.min(firstWithRoom, place.lbn);
                    directory.removed(name, place.lbn, entry.at());
                    return;
                }
                before = entry.at();
            }
        }
        throw volume.damaged(dir.ino, "a name that was there is not there any more");
    }

    /** Has a name that is there lead to another file. */
    void replace(byte[] name, Place place, long ino, int direntType) throws ErrnoException {
        try (Buf buf = blocks.bread(place.lbn, place.blkno)) {
            boolean node = Htree.isNode(sb, dir, place.lbn, buf.data());
            Dirents entry = new Dirents(
                    volume, dir, buf.data(), 0, node ? sb.blockBytes : blocks.leafBytes(), place.lbn, place.blkno);
            while (entry.next()) {
                if (entry.is(name)) {
                    Dirents.write(sb, buf.data(), entry.at(), entry.bytes(), ino, name, Dirents.fileType(direntType));
                    if (node) {
                        blocks.nodeChanged(buf, WriteStage.GAIN);
                    } else {
                        blocks.leafChanged(buf, WriteStage.GAIN);
                    }
                    return;
                }
            }
        }
        throw volume.damaged(dir.ino, "a name that was there is not there any more");
    }

    /** Whether a block loses names that have been moved, and must not get any before the next commit. */
    boolean isLosing(Place place) throws ErrnoException {
        try (Buf buf = blocks.bread(place.lbn, place.blkno)) {
            return buf.stage() == WriteStage.LOSE;
        }
    }

    private Dirents entries(Buf buf, long lbn, long blkno) {
        return new Dirents(volume, dir, buf.data(), 0, blocks.leafBytes(), lbn, blkno);
    }

    /** Puts a name into a block with room; false where there is none. */
    private boolean insert(Buf buf, long lbn, long blkno, byte[] name, long ino, int type, boolean moved)
            throws ErrnoException {
        int need = Dirents.bytesFor(name.length);
        Dirents entry = entries(buf, lbn, blkno);
        while (entry.next()) {
            int used = entry.usedBytes();
            int room = entry.bytes() - used;
            if (room >= need) {
                long at = entry.at() + used;
                if (used > 0) {
                    entry.resize(used);
                }
                Dirents.write(sb, buf.data(), at, room, ino, name, type);
                blocks.leafChanged(buf, WriteStage.GAIN);
                if (moved) {
                    writing.gained(blkno);
                }
                directory.added(name, lbn, at);
                return true;
            }
        }
        return false;
    }

    /** A block that the directory has got. */
    private record Appended(long lbn, Buf buf) implements AutoCloseable {
        @Override
        public void close() {
            buf.close();
        }
    }

    /** Makes the directory longer by a block without names. */
    private Appended append() throws ErrnoException {
        long lbn = blocks.count();
        if (lbn + 1 > 0xFFFFFFFFL >> sb.blockShift) {
            throw Errno.ENOSPC.exception("the directory is as long as it can be");
        }
        BlockRun before = blocks.map(lbn - 1, lbn);
        writing.editor(dir).fill(lbn, 1, before.isHole() ? 0 : before.blkno() + 1);
        dir.setSize((lbn + 1) << sb.blockShift);
        Buf buf = volume.getblk(blocks.map(lbn, lbn + 1).blkno());
        Dirents.write(sb, buf.data(), 0, blocks.leafBytes(), 0, NO_NAME, 0);
        blocks.leafChanged(buf, WriteStage.FRESH);
        return new Appended(lbn, buf);
    }

    // The index

    private boolean addIndexed(byte[] name, long ino, int type, boolean moved) throws ErrnoException {
        while (true) {
            try (Htree.Path path = new Htree.Path()) {
                if (!index.descend(name, path)) {
                    throw volume.damaged(dir.ino, "the index of the directory is of no use, no name can be added");
                }
                long lbn = path.last().block();
                BlockRun run = lbn > 0 && lbn < blocks.count() ? blocks.map(lbn, lbn + 1) : BlockRun.hole(lbn, lbn + 1);
                if (run.isHole()) {
                    throw volume.damaged(dir.ino, "the index leads to block " + lbn + ", which is not there");
                }
                try (Buf leaf = blocks.bread(lbn, run.blkno())) {
                    if (moved && leaf.stage() == WriteStage.LOSE) {
                        return false;
                    }
                    if (insert(leaf, lbn, run.blkno(), name, ino, type, moved)) {
                        return true;
                    }
                    if (path.last().isFull()) {
                        growIndex(path);
                    } else {
                        splitLeaf(path, leaf, lbn, run.blkno());
                    }
                }
            }
        }
    }

    /** An entry out of its block. */
    private static final class Entry {
        final int hash;
        final long ino;
        final byte[] name;
        final int type;

        Entry(int hash, long ino, byte[] name, int type) {
            this.hash = hash;
            this.ino = ino;
            this.name = name;
            this.type = type;
        }

        int bytes() {
            return Dirents.bytesFor(name.length);
        }
    }

    /** Fills a block with entries. */
    private void pack(MemorySegment block, List<Entry> entries) {
        int end = blocks.leafBytes();
        int at = 0;
        block.asSlice(0, end).fill((byte) 0);
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            int bytes = i + 1 < entries.size() ? entry.bytes() : end - at;
            Dirents.write(sb, block, at, bytes, entry.ino, entry.name, entry.type);
            at += bytes;
        }
        if (entries.isEmpty()) {
            Dirents.write(sb, block, 0, end, 0, NO_NAME, 0);
        }
    }

    /** The half of a leaf's names that have the higher hashes go into a new one. */
    private void splitLeaf(Htree.Path path, Buf leaf, long lbn, long blkno) throws ErrnoException {
        List<Entry> all = new ArrayList<>();
        int total = 0;
        Dirents entry = entries(leaf, lbn, blkno);
        while (entry.next()) {
            if (entry.ino() != 0) {
                byte[] name = entry.nameBytes();
                int hash = NameHash.hash(name, path.version, sb.hashSeed());
                all.add(new Entry(hash, entry.ino(), name, entry.fileType()));
                total += entry.usedBytes();
            }
        }
        if (all.size() < 2) {
            throw volume.damaged(dir.ino, "directory block " + lbn + " is full with " + all.size() + " names");
        }
        all.sort(Comparator.comparingLong(e -> Integer.toUnsignedLong(e.hash)));
        int half = 0;
        for (int bytes = 0;
                half < all.size() - 1 && (half == 0 || bytes + all.get(half).bytes() <= total / 2);
                half++) {
            bytes += all.get(half).bytes();
        }
        int hash = all.get(half).hash;
        int goesOn = all.get(half - 1).hash == hash ? 1 : 0;
        try (Appended upper = append()) {
            pack(upper.buf.data(), all.subList(half, all.size()));
            blocks.leafChanged(upper.buf, WriteStage.FRESH);
            pack(leaf.data(), all.subList(0, half));
            blocks.leafChanged(leaf, WriteStage.LOSE);
            insertIndex(path.last(), hash | goesOn, upper.lbn);
        }
        directory.moved();
    }

    private void insertIndex(Htree.Frame frame, int hash, long lbn) {
        MemorySegment block = frame.buf.data();
        int count = Htree.COUNT.get(block, frame.entries);
        long at = frame.entry(frame.index + 1);
        MemorySegment.copy(block, at, block, at + Htree.ENTRY_BYTES, frame.entry(count) - at);
        Htree.ENTRY_HASH.set(block, at, hash);
        Htree.ENTRY_BLOCK.set(block, at, (int) lbn);
        Htree.COUNT.set(block, frame.entries, count + 1);
        blocks.nodeChanged(frame.buf, WriteStage.GAIN);
    }

    /** Makes room where the lowest index block of a way is full. */
    private void growIndex(Htree.Path path) throws ErrnoException {
        int level = path.depth - 1;
        while (level >= 0 && path.frames[level].isFull()) {
            level--;
        }
        if (level < 0) {
            deepen(path);
            return;
        }
        Htree.Frame full = path.frames[level + 1];
        int count = Htree.COUNT.get(full.buf.data(), full.entries);
        int half = count / 2;
        int hash = full.hash(half);
        try (Appended upper = append()) {
            makeNode(upper.buf, full, half, count - half);
            Htree.COUNT.set(full.buf.data(), full.entries, half);
            blocks.nodeChanged(full.buf, WriteStage.LOSE);
            insertIndex(path.frames[level], hash, upper.lbn);
        }
    }

    /** One level more: what is in the root goes into a block, to which the root leads. */
    private void deepen(Htree.Path path) throws ErrnoException {
        int most = sb.has(Feature.LARGE_DIR) ? Htree.MAX_LEVELS_LARGE_DIR : Htree.MAX_LEVELS;
        if (path.depth == most) {
            throw Errno.ENOSPC.exception("the index of the directory is full");
        }
        Htree.Frame root = path.frames[0];
        MemorySegment block = root.buf.data();
        try (Appended node = append()) {
            makeNode(node.buf, root, 0, Htree.COUNT.get(block, root.entries));
            Htree.COUNT.set(block, root.entries, 1);
            Htree.ENTRY_BLOCK.set(block, root.entry(0), (int) node.lbn);
            Htree.ROOT_INDIRECT_LEVELS.set(block, 0, path.depth);
            blocks.nodeChanged(root.buf, WriteStage.GAIN);
        }
    }

    /** Makes an index block with entries of another one. */
    private void makeNode(Buf buf, Htree.Frame from, int index, int count) {
        MemorySegment block = buf.data();
        block.fill((byte) 0);
        Dirents.write(sb, block, 0, sb.blockBytes, 0, NO_NAME, 0);
        MemorySegment.copy(
                from.buf.data(), from.entry(index), block, Htree.NODE_ENTRIES, (long) count * Htree.ENTRY_BYTES);
        Htree.LIMIT.set(block, Htree.NODE_ENTRIES, Htree.limit(sb, Htree.NODE_ENTRIES));
        Htree.COUNT.set(block, Htree.NODE_ENTRIES, count);
        blocks.nodeChanged(buf, WriteStage.FRESH);
    }

    /** Gives a directory of one block an index; false where there cannot be one. */
    private boolean makeIndex() throws ErrnoException {
        int version = sb.defaultHash();
        boolean known = version <= NameHash.TEA && (sb.hashesSigned() || sb.hashesUnsigned());
        BlockRun run = blocks.map(0, 1);
        if (!sb.has(Feature.DIR_INDEX) || !known || run.isHole()) {
            return false;
        }
        try (Buf root = blocks.bread(0, run.blkno())) {
            List<Entry> all = new ArrayList<>();
            Dirents entry = entries(root, 0, run.blkno());
            long parent = 0;
            while (entry.next()) {
                boolean expected = entry.at() == 0
                        ? entry.is(DOT) && entry.bytes() == Htree.DOT_BYTES
                        : entry.at() != Htree.DOT_BYTES || entry.is(DOTDOT);
                if (!expected) {
                    return false;
                }
                if (entry.at() == Htree.DOT_BYTES) {
                    parent = entry.ino();
                } else if (entry.at() > 0 && entry.ino() != 0) {
                    all.add(new Entry(0, entry.ino(), entry.nameBytes(), entry.fileType()));
                }
            }
            try (Appended leaf = append()) {
                pack(leaf.buf.data(), all);
                blocks.leafChanged(leaf.buf, WriteStage.FRESH);
                MemorySegment block = root.data();
                int type = Dirents.fileType(Dirent.DT_DIR);
                block.fill((byte) 0);
                Dirents.write(sb, block, 0, Htree.DOT_BYTES, dir.ino, DOT, type);
                Dirents.write(sb, block, Htree.DOT_BYTES, sb.blockBytes - Htree.DOT_BYTES, parent, DOTDOT, type);
                Htree.ROOT_HASH_VERSION.set(block, 0, version);
                Htree.ROOT_INFO_LENGTH.set(block, 0, Htree.INFO_BYTES);
                Htree.LIMIT.set(block, Htree.ROOT_ENTRIES, Htree.limit(sb, Htree.ROOT_ENTRIES));
                Htree.COUNT.set(block, Htree.ROOT_ENTRIES, 1);
                Htree.ENTRY_BLOCK.set(block, Htree.ROOT_ENTRIES, (int) leaf.lbn);
                dir.setFlag(Inode.FL_INDEX, true);
                blocks.nodeChanged(root, WriteStage.LOSE);
            }
        }
        directory.moved();
        return true;
    }
}
