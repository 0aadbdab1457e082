package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.DirentSink;

/** What names are in a directory that has blocks. */
final class Directory implements Names {
    private static final byte[] DOT = {'.'};
    private static final byte[] DOTDOT = {'.', '.'};

    private final Volume volume;
    private final Superblock sb;
    private final Inode dir;
    private final DirectoryBlocks blocks;
    private final Htree index;

    /**
     * The block in which the last name was found that was looked for without an index. Who asks for many names often does so in the order
     * in which they are.
     */
    private volatile long hint;

    Directory(Volume volume, Inode dir, FileMap map) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.dir = dir;
        this.blocks = new DirectoryBlocks(volume, dir, map);
        this.index = new Htree(volume, dir, blocks);
    }

    @Override
    public long lookup(byte[] name) throws ErrnoException {
        if (isIndexed() && !Arrays.equals(name, DOTDOT) && !Arrays.equals(name, DOT)) {
            long ino = index.lookup(name, lbn -> searchLeaf(name, lbn));
            if (ino != Htree.UNUSABLE) {
                return ino;
            }
        }
        return scan(name);
    }

    /** Hashes in a directory that folds cases are those of folded names, which this driver does not make. */
    private boolean isIndexed() {
        return sb.has(Feature.DIR_INDEX) && dir.hasFlag(Inode.FL_INDEX) && !dir.hasFlag(Inode.FL_CASEFOLD);
    }

    private long searchLeaf(byte[] name, long lbn) throws ErrnoException {
        BlockRun run = blocks.map(lbn, lbn + 1);
        return run.isHole() ? 0 : searchBlock(name, lbn, run.blkno());
    }

    private long scan(byte[] name) throws ErrnoException {
        long from = name.length <= DOTDOT.length ? 0 : Math.min(hint, blocks.count());
        long ino = scan(name, from, blocks.count());
        return ino != 0 ? ino : scan(name, 0, from);
    }

    private long scan(byte[] name, long from, long end) throws ErrnoException {
        for (long lbn = from; lbn < end; ) {
            BlockRun run = blocks.map(lbn, end);
            if (!run.isHole()) {
                for (long block = lbn; block < run.end(); block++) {
                    long ino = searchBlock(name, block, run.blknoOf(block));
                    if (ino != 0) {
                        hint = block;
                        return ino;
                    }
                }
            }
            lbn = run.end();
        }
        return 0;
    }

    private long searchBlock(byte[] name, long lbn, long blkno) throws ErrnoException {
        try (Buf buf = blocks.bread(lbn, blkno)) {
            Dirents entries = entries(buf.data(), lbn, blkno);
            while (entries.next()) {
                if (entries.is(name)) {
                    return entries.ino();
                }
            }
            return 0;
        }
    }

    private Dirents entries(MemorySegment block, long lbn, long blkno) {
        return new Dirents(volume, dir, block, 0, sb.blockBytes, lbn, blkno);
    }

    /** The cookies are bytes of the directory. */
    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        long end = blocks.count();
        long begin = Math.max(cookie, 0);
        for (long lbn = begin >> sb.blockShift; lbn < end; ) {
            BlockRun run = blocks.map(lbn, end);
            if (!run.isHole()) {
                for (long block = lbn; block < run.end(); block++) {
                    long start = block << sb.blockShift;
                    if (!readBlock(block, run.blknoOf(block), Math.max(begin - start, 0), sink)) {
                        return;
                    }
                }
            }
            lbn = run.end();
        }
    }

    /** Passes the entries of a block on from a byte of it; false where no more will be taken. */
    private boolean readBlock(long lbn, long blkno, long from, DirentSink sink) throws ErrnoException {
        long start = lbn << sb.blockShift;
        try (Buf buf = blocks.bread(lbn, blkno)) {
            Dirents entries = entries(buf.data(), lbn, blkno);
            while (entries.next()) {
                if (entries.ino() != 0
                        && entries.at() >= from
                        && !sink.accept(entries.ino(), entries.type(), entries.name(), start + entries.nextAt())) {
                    return false;
                }
            }
            return true;
        }
    }
}
