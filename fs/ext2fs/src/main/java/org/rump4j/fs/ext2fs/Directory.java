package org.rump4j.fs.ext2fs;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmem;
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

    private final Volume volume;
    private final Superblock sb;
    private final Inode dir;
    private final DirectoryBlocks blocks;
    private final Htree index;
    private final Kmem kmem;

    /**
     * The block in which the last name was found that was looked for without an index. Who asks for many names often does so in the order
     * in which they are.
     */
    private volatile long hint;

    private volatile @Nullable NameTable table;

    /** Whether somebody has made a table, or tried to. */
    private final AtomicBoolean tableTried = new AtomicBoolean();

    Directory(Volume volume, Inode dir, FileMap map, Kmem kmem) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.dir = dir;
        this.kmem = kmem;
        this.blocks = new DirectoryBlocks(volume, dir, map);
        this.index = new Htree(volume, dir, blocks);
    }

    @Override
    public long lookup(byte[] name) throws ErrnoException {
        if (isDotOrDotdot(name)) {
            return scan(name, 0, blocks.count());
        }
        if (isIndexed()) {
            long ino = index.lookup(name, lbn -> scan(name, lbn, lbn + 1));
            if (ino != Htree.UNUSABLE) {
                return ino;
            }
        }
        return lookupWithoutIndex(name);
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
    private boolean isIndexed() {
        return sb.has(Feature.DIR_INDEX) && dir.hasFlag(Inode.FL_INDEX) && !dir.hasFlag(Inode.FL_CASEFOLD);
    }

    /** What is done with entries, free ones among them. */
    @FunctionalInterface
    private interface Visitor {
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
    private static final class Search implements Visitor {
        private final byte[] name;

        /** The inode, once it is found. */
        long ino;

        Search(byte[] name) {
            this.name = name;
        }

        @Override
        public boolean visit(Dirents entry, long start) {
            if (!entry.is(name)) {
                return true;
            }
            ino = entry.ino();
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

    private long scan(byte[] name, long from, long end) throws ErrnoException {
        Search search = new Search(name);
        visitBlocks(from, end, search);
        return search.ino;
    }

    private long lookupWithoutIndex(byte[] name) throws ErrnoException {
        NameTable known = table;
        if (known != null) {
            return lookup(name, known);
        }
        long from = Math.min(hint, blocks.count());
        long ino = scan(name, from, Math.min(from + 2, blocks.count()));
        if (ino != 0) {
            return ino;
        }
        if (blocks.count() >= TABLE_MIN_BLOCKS && tableTried.compareAndSet(false, true)) {
            table = known = makeTable();
            if (known != null) {
                return lookup(name, known);
            }
        }
        return scan(name, 0, blocks.count());
    }

    private long lookup(byte[] name, NameTable in) throws ErrnoException {
        Search search = new Search(name);
        int hash = NameTable.hash(name);
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
        return search.ino;
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

    /** The cookies are bytes of the directory. */
    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        long begin = Math.max(cookie, 0);
        visitBlocks(
                begin >> sb.blockShift,
                blocks.count(),
                (entry, start) -> entry.ino() == 0
                        || start + entry.at() < begin
                        || sink.accept(entry.ino(), entry.type(), entry.name(), start + entry.nextAt()));
    }
}
