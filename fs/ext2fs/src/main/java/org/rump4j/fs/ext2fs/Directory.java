package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmem;
import org.rump4j.rump.Dirent;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.DirentSink;

/**
 * What names are in a directory that has blocks. A name is looked up by the directory's index; where it has none, and is long, by a {@link
 * NameTable} that is made when names are asked for in no order.
 */
final class Directory implements Names {
    /** Shorter directories are looked through. */
    private static final int TABLE_MIN_BLOCKS = 4;

    private static final byte[] DOTDOT = {'.', '.'};

    /**
     * Cookies by hashes: behind the two names that have none, the hash, and how many with the same hash come before. Cookies by places, which
     * are bytes of the directory, are less, and more than 1.
     */
    private static final long FIRST_HASH_COOKIE = 1L << 62;

    private static final int ORDINAL_BITS = 16;

    private final Volume volume;
    private final Superblock sb;
    private final Inode dir;
    private final DirectoryBlocks blocks;
    private final Htree index;
    private final Kmem kmem;

    /** Whether names may be moved within the directory while it is read. Becomes true with the directory's lock held exclusively. */
    private boolean inOrderOfHashes;

    /**
     * The block in which the last name was found that was looked for without an index. Who asks for many names often does so in the order
     * in which they are.
     */
    private volatile long hint;

    private volatile @Nullable NameTable table;

    /** Whether somebody has made a table, or tried to. */
    private final AtomicBoolean tableTried = new AtomicBoolean();

    Directory(Volume volume, Inode dir, FileMap map, Kmem kmem, boolean written) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.dir = dir;
        this.kmem = kmem;
        this.blocks = new DirectoryBlocks(volume, dir, map);
        this.index = new Htree(volume, dir, blocks);
        if (written) {
            startWriting();
        }
    }

    /** It is going to be written. A listing that is under way goes on as it has begun. */
    void startWriting() {
        inOrderOfHashes = sb.has(Feature.DIR_INDEX)
                && sb.defaultHash() <= NameHash.TEA
                && (sb.hashesSigned() || sb.hashesUnsigned());
    }

    @Override
    public long lookup(byte[] name) throws ErrnoException {
        return find(name).ino;
    }

    /** Looks a name up: where it is, too. */
    Search find(byte[] name) throws ErrnoException {
        Search search = new Search(name);
        if (isDotOrDotdot(name)) {
            scan(search, 0, blocks.count());
        } else if (!isIndexed() || index.lookup(name, lbn -> scan(search, lbn, lbn + 1)) == Htree.UNUSABLE) {
            lookupWithoutIndex(search);
        }
        return search;
    }

    DirectoryBlocks blocks() {
        return blocks;
    }

    Htree index() {
        return index;
    }

    /** With the directory's lock held exclusively: a name has been added. */
    void added(byte[] name, long lbn, long at) {
        NameTable known = table;
        if (known != null && !known.add(NameTable.hash(name), (lbn << sb.blockShift) + at)) {
            moved();
        }
    }

    /** With the directory's lock held exclusively: a name has gone. */
    void removed(byte[] name, long lbn, long at) {
        NameTable known = table;
        if (known != null && !known.remove(NameTable.hash(name), (lbn << sb.blockShift) + at)) {
            moved();
        }
    }

    /** With the directory's lock held exclusively: many names are elsewhere. */
    void moved() {
        NameTable known = table;
        if (known != null) {
            table = null;
            known.close();
        }
        tableTried.set(false);
    }

    @Override
    public void close() {
        NameTable made = table;
        if (made != null) {
            made.close();
        }
    }

    private static boolean isDotOrDotdot(byte[] name) {
        return name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
    }

    /** Hashes in a directory that folds cases are those of folded names, which this driver does not make. */
    boolean isIndexed() {
        return sb.has(Feature.DIR_INDEX) && dir.hasFlag(Inode.FL_INDEX) && !dir.hasFlag(Inode.FL_CASEFOLD);
    }

    /** What is done with entries, free ones among them. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Does it.
         *
         * @param entry the current one
         * @param start byte of the directory that its block begins with
         * @return false where that is enough
         * @throws ErrnoException EIO
         */
        boolean visit(Dirents entry, long start) throws ErrnoException;
    }

    /** Looks for a name. */
    static final class Search implements Visitor {
        private final byte[] name;

        /** The inode, once it is found. */
        long ino;

        /** Byte of the directory that its block begins with. */
        long start;

        Search(byte[] name) {
            this.name = name;
        }

        @Override
        public boolean visit(Dirents entry, long start) {
            if (!entry.is(name)) {
                return true;
            }
            ino = entry.ino();
            this.start = start;
            return false;
        }
    }

    /** Visits the entries of blocks from one on, up to another; false where it was enough before. */
    private boolean visitBlocks(long from, long end, Visitor visitor) throws ErrnoException {
        for (long lbn = from; lbn < end; ) {
            BlockRun run = blocks.map(lbn, end);
            for (long block = lbn; !run.isHole() && block < run.end(); block++) {
                if (!visitBlock(block, run.blknoOf(block), 0, visitor)) {
                    hint = block;
                    return false;
                }
            }
            lbn = run.end();
        }
        return true;
    }

    /** As the other, of one block, from a byte of it on that an entry begins with. */
    private boolean visitBlock(long lbn, long blkno, long from, Visitor visitor) throws ErrnoException {
        try (Buf buf = blocks.bread(lbn, blkno)) {
            Dirents entries = new Dirents(volume, dir, buf.data(), from, sb.blockBytes, lbn, blkno);
            while (entries.next()) {
                if (!visitor.visit(entries, lbn << sb.blockShift)) {
                    return false;
                }
            }
            return true;
        }
    }

    private long scan(Search search, long from, long end) throws ErrnoException {
        visitBlocks(from, end, search);
        return search.ino;
    }

    private void lookupWithoutIndex(Search search) throws ErrnoException {
        NameTable known = table;
        if (known != null) {
            lookup(search, known);
            return;
        }
        long from = Math.min(hint, blocks.count());
        long end = Math.min(from + 2, blocks.count());
        if (scan(search, from, end) != 0 || (from == 0 && end == blocks.count())) {
            return;
        }
        if (blocks.count() >= TABLE_MIN_BLOCKS && tableTried.compareAndSet(false, true)) {
            table = known = makeTable();
            if (known != null) {
                lookup(search, known);
                return;
            }
        }
        scan(search, 0, blocks.count());
    }

    private void lookup(Search search, NameTable in) throws ErrnoException {
        int hash = NameTable.hash(search.name);
        int slot = in.begin(hash);
        while (search.ino == 0 && (slot = in.next(hash, slot)) != NameTable.NONE) {
            long place = in.placeOf(slot);
            long lbn = place >> sb.blockShift;
            BlockRun run = blocks.map(lbn, lbn + 1);
            visitBlock(lbn, run.blkno(), place & (sb.blockBytes - 1), (entry, start) -> {
                search.visit(entry, start);
                return false;
            });
            slot++;
        }
    }

    /** A table of all names; null where there is something wrong with the directory, or there is no memory. */
    private @Nullable NameTable makeTable() {
        NameTable made = new NameTable(kmem);
        boolean whole = false;
        try {
            whole = dir.size() <= NameTable.MAX_DIRECTORY_BYTES
                    && visitBlocks(
                            0,
                            blocks.count(),
                            (entry, start) -> entry.ino() == 0
                                    || made.add(NameTable.hash(entry.nameBytes()), start + entry.at()));
        } catch (ErrnoException e) {
            // Who looks for a name in the part that is right finds it nevertheless.
        }
        if (!whole) {
            made.close();
            return null;
        }
        return made;
    }

    /**
     * The cookies are bytes of the directory. Where names may be moved about meanwhile by the index becoming larger, names come in the order
     * of their hashes, which does not change, and the cookies say these.
     */
    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        boolean begunByPlace = cookie > 1 && cookie < FIRST_HASH_COOKIE;
        if (inOrderOfHashes && !begunByPlace && (isIndexed() || blocks.count() == 1)) {
            readdirByHash(cookie, sink);
            return;
        }
        long begin = Math.max(cookie, 0);
        visitBlocks(
                begin >> sb.blockShift,
                blocks.count(),
                (entry, start) -> entry.ino() == 0
                        || start + entry.at() < begin
                        || sink.accept(entry.ino(), entry.type(), entry.name(), start + entry.nextAt()));
    }

    /** What is passed on of an entry, and the hash by which it is ordered. */
    private record Hashed(long hash, long ino, int type, String name) {}

    private void readdirByHash(long cookie, DirentSink sink) throws ErrnoException {
        if (cookie <= 0 && !sink.accept(dir.ino, Dirent.DT_DIR, ".", 1)) {
            return;
        }
        if (cookie <= 1) {
            long parent = lookup(DOTDOT);
            if (parent != 0 && !sink.accept(parent, Dirent.DT_DIR, "..", FIRST_HASH_COOKIE)) {
                return;
            }
        }
        long from = Math.max(cookie - FIRST_HASH_COOKIE, 0);
        long[] last = {-1};
        if (!isIndexed()) {
            int version = sb.defaultHash() + (sb.hashesUnsigned() ? NameHash.UNSIGNED : 0);
            passOn(0, version, from, last, sink);
            return;
        }
        int hash = (int) (from >>> ORDINAL_BITS);
        long left = blocks.count();
        do {
            try (Htree.Path path = new Htree.Path()) {
                if (!index.descend(hash, path) || left-- == 0) {
                    throw volume.damaged(dir.ino, "the index of the directory is of no use");
                }
                if (!passOn(path.last().block(), path.version, from, last, sink)) {
                    return;
                }
                hash = path.nextHash();
            }
        } while (hash != 0);
    }

    /**
     * Passes the names of a block on.
     *
     * @param last the place of the name before: its hash, and how many with the same hash come before it
     */
    private boolean passOn(long lbn, int version, long from, long[] last, DirentSink sink) throws ErrnoException {
        BlockRun run = blocks.map(lbn, lbn + 1);
        if (run.isHole()) {
            return true;
        }
        List<Hashed> names = new ArrayList<>();
        visitBlock(lbn, run.blkno(), 0, (entry, _) -> {
            if (entry.ino() != 0) {
                String name = entry.name();
                byte[] bytes = entry.nameBytes();
                if (!isDotOrDotdot(bytes)) {
                    long hash = Integer.toUnsignedLong(NameHash.hash(bytes, version, sb.hashSeed()));
                    names.add(new Hashed(hash, entry.ino(), entry.type(), name));
                }
            }
            return true;
        });
        names.sort(Comparator.comparingLong(Hashed::hash));
        for (Hashed name : names) {
            long first = name.hash << ORDINAL_BITS;
            long place = last[0] >= first ? last[0] + 1 : first;
            last[0] = place;
            if (place >= from && !sink.accept(name.ino, name.type, name.name, place + 1 + FIRST_HASH_COOKIE)) {
                return false;
            }
        }
        return true;
    }
}
