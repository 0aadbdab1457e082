package org.rump4j.fs.ext2fs;

import java.util.Arrays;
import java.util.List;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The blocks that the file system keeps for itself, and that no file can have: copies of the superblock and of descriptors, bitmaps, inode
 * tables, the journal. A bitmap that has one of them as free is damaged, whatever its checksum says.
 *
 * <p>Runs by number, neither overlapping nor touching: with {@code flex_bg} those of many groups lie together.
 */
final class SystemBlocks {
    /** Where a run begins, and where it ends. */
    private final long[] begins;

    private final long[] ends;

    private SystemBlocks(long[] begins, long[] ends) {
        this.begins = begins;
        this.ends = ends;
    }

    /**
     * Those of a file system. Of groups whose descriptors are damaged, and of a journal that is, nothing is known.
     *
     * @throws ErrnoException ENOMEM
     */
    static SystemBlocks of(Volume volume, GroupDescriptors groups, InodeTable inodes) throws ErrnoException {
        Superblock sb = volume.superblock();
        Collector collector = new Collector(sb);
        groups.forEachSound(group -> {
            collector.add(collector.heads, sb.firstBlock(group.number), groups.headBlocks(group.number));
            collector.add(collector.blockBitmaps, group.blockBitmap(), 1);
            collector.add(collector.inodeBitmaps, group.inodeBitmap(), 1);
            collector.add(collector.inodeTables, group.inodeTable(), sb.inodeTableBlocksPerGroup());
        });
        if (sb.has(Feature.HAS_JOURNAL) && sb.journalInum() != 0) {
            collector.addJournal(volume, inodes);
        }
        return collector.collected();
    }

    /** Whether any of so many blocks from one on is among them. */
    boolean overlap(long blkno, long count) {
        int at = firstEndingBehind(blkno);
        return at < begins.length && begins[at] < blkno + count;
    }

    /**
     * The first of them that a bitmap has as free; −1 where there is none.
     *
     * @param first the block that the first bit is of
     */
    long firstFree(Bitmap bitmap, long first) {
        long end = first + bitmap.bits();
        for (int at = firstEndingBehind(first); at < begins.length && begins[at] < end; at++) {
            int bit = bitmap.nextClear((int) (Math.max(begins[at], first) - first));
            if (first + bit < Math.min(ends[at], end)) {
                return first + bit;
            }
        }
        return -1;
    }

    /** The first run that ends behind a block. */
    private int firstEndingBehind(long blkno) {
        int at = Arrays.binarySearch(ends, blkno + 1);
        return at < 0 ? -at - 1 : at;
    }

    /** Collects runs in any order; those of a damaged file system may overlap. */
    private static final class Collector {
        private final Superblock sb;

        /** The last run of each kind, which may go on: often the next group's begins where it ends. */
        private static final class Open {
            private long begin;
            private long end;
        }

        private final Open heads = new Open();
        private final Open blockBitmaps = new Open();
        private final Open inodeBitmaps = new Open();
        private final Open inodeTables = new Open();
        private final Open journal = new Open();
        private final List<Open> all = List.of(heads, blockBitmaps, inodeBitmaps, inodeTables, journal);

        /** Ends of runs, both: a block times two, and one more where a run ends there. */
        private long[] edges = new long[256];

        private int count;

        Collector(Superblock sb) {
            this.sb = sb;
        }

        /** What makes no sense is left out: who needs it will say so. */
        void add(Open kind, long begin, long blocks) {
            if (blocks == 0 || begin < sb.firstDataBlock || begin >= sb.blocksCount) {
                return;
            }
            long end = Math.min(begin + blocks, sb.blocksCount);
            for (Open open : all) {
                if (open.end == begin) {
                    open.end = end;
                    return;
                }
            }
            close(kind);
            kind.begin = begin;
            kind.end = end;
        }

        void addJournal(Volume volume, InodeTable inodes) {
            try {
                Inode inode = inodes.get(sb.journalInum());
                FileMap map = FileMap.of(volume, inode);
                long end = (inode.size() + sb.blockBytes - 1) >> sb.blockShift;
                for (long lbn = 0; lbn < end; ) {
                    BlockRun run = map.map(lbn, end);
                    if (!run.isHole()) {
                        add(journal, run.blkno(), run.count());
                    }
                    lbn = run.end();
                }
            } catch (ErrnoException e) {
                // It has been said already that it is damaged.
            }
        }

        private void close(Open run) {
            if (run.begin < run.end) {
                if (count == edges.length) {
                    edges = Arrays.copyOf(edges, 2 * count);
                }
                edges[count++] = run.begin << 1;
                edges[count++] = run.end << 1 | 1;
            }
        }

        SystemBlocks collected() {
            all.forEach(this::close);
            // Where one ends and another begins the beginning comes first: they become one.
            Arrays.sort(edges, 0, count);
            long[] begins = new long[count / 2];
            long[] ends = new long[count / 2];
            int runs = 0;
            int depth = 0;
            for (int i = 0; i < count; i++) {
                boolean isEnd = (edges[i] & 1) != 0;
                if (!isEnd && depth == 0) {
                    begins[runs] = edges[i] >> 1;
                }
                depth += isEnd ? -1 : 1;
                if (isEnd && depth == 0) {
                    ends[runs++] = edges[i] >> 1;
                }
            }
            return new SystemBlocks(Arrays.copyOf(begins, runs), Arrays.copyOf(ends, runs));
        }
    }
}
