package org.rump4j.fs.ext2fs;

import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Where bitmaps and inode tables are of one new group, or with {@code flex_bg} of some groups side by side: then those of each kind are
 * together. Copies of the superblock and descriptors, which a group begins with, are in the way.
 */
final class GroupPlaces {
    /** Binary logarithm of the groups whose tables are together, with {@code flex_bg}. */
    static final int FLEX_SHIFT = 4;

    final int firstGroup;
    final int groups;

    /** Blocks that are taken. */
    final UsedBlocks used = new UsedBlocks();

    private final Superblock sb;
    private final long[] blockBitmaps;
    private final long[] inodeBitmaps;
    private final long[] tables;

    /** @throws ErrnoException EINVAL where the tables do not fit */
    GroupPlaces(Superblock sb, int firstGroup) throws ErrnoException {
        this.sb = sb;
        this.firstGroup = firstGroup;
        groups = groupsFrom(sb, firstGroup);
        blockBitmaps = new long[groups];
        inodeBitmaps = new long[groups];
        tables = new long[groups];
        for (int i = 0; i < groups; i++) {
            used.add(sb.firstBlock(firstGroup + i), GroupDescriptors.headBlocks(sb, firstGroup + i));
        }
        long at = sb.firstBlock(firstGroup);
        at = place(blockBitmaps, at, 1);
        at = place(inodeBitmaps, at, 1);
        place(tables, at, sb.inodeTableBlocksPerGroup());
    }

    /** How many groups there are in one, from its first on. */
    static int groupsFrom(Superblock sb, int firstGroup) {
        int together = sb.has(Feature.FLEX_BG) ? 1 << FLEX_SHIFT : 1;
        return Math.min(together, sb.groups - firstGroup);
    }

    private long place(long[] places, long from, int blocks) throws ErrnoException {
        long at = from;
        for (int i = 0; i < groups; i++) {
            places[i] = take(at, blocks);
            at = places[i] + blocks;
        }
        return at;
    }

    /**
     * Takes so many free blocks side by side, at or behind one.
     *
     * @throws ErrnoException EINVAL where there are none
     */
    long take(long from, int blocks) throws ErrnoException {
        long found = used.find(from, blocks, end());
        if (found < 0) {
            throw Errno.EINVAL.exception("there is no room for " + blocks + " blocks side by side in group "
                    + firstGroup + ": fewer inodes (-N), more bytes for each (-i), or a larger size (-s)");
        }
        used.add(found, blocks);
        return found;
    }

    private long end() {
        return Math.min(sb.firstBlock(firstGroup + (long) groups), sb.blocksCount);
    }

    /** The block behind the last of a group. */
    long endOf(int group) {
        return Math.min(sb.firstBlock(group + 1L), sb.blocksCount);
    }

    long blockBitmap(int group) {
        return blockBitmaps[group - firstGroup];
    }

    long inodeBitmap(int group) {
        return inodeBitmaps[group - firstGroup];
    }

    long inodeTable(int group) {
        return tables[group - firstGroup];
    }

    /** Free blocks of a group. */
    int freeBlocks(int group) {
        long begin = sb.firstBlock(group);
        return (int) (endOf(group) - begin - used.count(begin, endOf(group)));
    }

    /** Whether what is taken in a group is what each driver knows to be: its head, its own bitmaps and its own table. */
    boolean isPlain(int group) {
        long begin = sb.firstBlock(group);
        long own = GroupDescriptors.headBlocks(sb, group)
                + own(blockBitmap(group), 1, begin, endOf(group))
                + own(inodeBitmap(group), 1, begin, endOf(group))
                + own(inodeTable(group), sb.inodeTableBlocksPerGroup(), begin, endOf(group));
        return own == used.count(begin, endOf(group));
    }

    private static long own(long place, long blocks, long begin, long end) {
        return Math.max(0, Math.min(end, place + blocks) - Math.max(begin, place));
    }
}
