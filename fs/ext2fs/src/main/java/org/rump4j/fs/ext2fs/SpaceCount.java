package org.rump4j.fs.ext2fs;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.MountedFs.Usage;

/**
 * How much room there is. What the file system needs for itself from the beginning is not counted as room: copies of the superblock,
 * group descriptors, bitmaps, inodes and the journal.
 */
final class SpaceCount {
    /** Blocks with bitmaps in a group. */
    private static final int BITMAPS = 2;

    /** Powers of these are the groups with copies, with sparse_super. */
    private static final int[] SPARSE_BASES = {3, 5, 7};

    private final Superblock sb;
    private final GroupDescriptors groups;
    private final InodeTable inodes;

    /** Whether the superblock's counts of what is free are those of the groups together. */
    private final boolean superblockCounts;

    /** What has been counted: with nothing being written it stays as it is. */
    private volatile @Nullable Usage known;

    /** Of a file system that is written: what is free now. */
    private final @Nullable Allocator live;

    /** @param clean whether the superblock was written after everything else */
    SpaceCount(Superblock sb, GroupDescriptors groups, InodeTable inodes, boolean clean, @Nullable Allocator live) {
        this.live = live;
        this.sb = sb;
        this.groups = groups;
        this.inodes = inodes;
        this.superblockCounts = clean;
    }

    /**
     * All of it.
     *
     * @throws ErrnoException EIO
     */
    Usage usage() throws ErrnoException {
        Usage usage = known;
        if (usage == null) {
            known = usage = count();
        }
        if (live == null) {
            return usage;
        }
        long bfree = Math.clamp(live.freeBlocks(), 0, usage.blocks());
        return new Usage(
                usage.bsize(),
                usage.frsize(),
                usage.iosize(),
                usage.blocks(),
                bfree,
                Math.max(0, bfree - sb.blocksReserved()),
                usage.files(),
                Math.min(live.freeInodes(), sb.inodesCount));
    }

    private Usage count() throws ErrnoException {
        long freeBlocks = sb.freeBlocks();
        long freeInodes = sb.freeInodes();
        if (!superblockCounts) {
            freeBlocks = 0;
            freeInodes = 0;
            for (int group = 0; group < sb.groups; group++) {
                GroupDescriptors.Free free = groups.free(group);
                freeBlocks += free.clusters() << sb.clusterRatioShift;
                freeInodes += free.inodes();
            }
        }
        long blocks = sb.blocksCount - Math.min(overheadBlocks(), sb.blocksCount);
        long bfree = Math.clamp(freeBlocks, 0, blocks);
        return new Usage(
                sb.blockBytes,
                sb.blockBytes,
                sb.blockBytes,
                blocks,
                bfree,
                Math.max(0, bfree - sb.blocksReserved()),
                sb.inodesCount,
                Math.min(freeInodes, sb.inodesCount));
    }

    private long overheadBlocks() {
        long stored = sb.overheadClusters() << sb.clusterRatioShift;
        if (stored > 0 && stored <= sb.blocksCount) {
            return stored;
        }
        return sb.firstDataBlock
                + (long) sb.groups * (sb.inodeTableBlocksPerGroup() + BITMAPS)
                + superblocks() * (1 + sb.reservedGdtBlocks())
                + descriptorBlocks()
                + journalBlocks();
    }

    /** Groups with a copy of the superblock. */
    private long superblocks() {
        if (sb.has(Feature.SPARSE_SUPER2)) {
            return 1L + sb.backupGroups();
        }
        if (!sb.has(Feature.SPARSE_SUPER)) {
            return sb.groups;
        }
        long count = Math.min(sb.groups, 2);
        for (int base : SPARSE_BASES) {
            for (long group = base; group < sb.groups; group *= base) {
                count++;
            }
        }
        return count;
    }

    /** Copies of the descriptors: whole ones beside the superblocks, and with meta_bg three of each block. */
    private long descriptorBlocks() {
        long perBlock = sb.descriptorsPerBlock();
        long all = (sb.groups + perBlock - 1) / perBlock;
        long whole = Math.min(all, sb.firstMetaBg());
        long copies = superblocks() * whole;
        if (all > whole) {
            long lastBlocks = (all - whole) * 3;
            long inLast = sb.groups - (all - 1) * perBlock;
            copies += lastBlocks - Math.max(0, 3 - inLast);
        }
        return copies;
    }

    private long journalBlocks() {
        if (!sb.has(Feature.HAS_JOURNAL) || sb.journalInum() == 0) {
            return 0;
        }
        try {
            return inodes.get(sb.journalInum()).size() >> sb.blockShift;
        } catch (ErrnoException e) {
            // A journal that is no good takes no room.
            return 0;
        }
    }
}
