package org.rump4j.fs.ext2fs;

import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.MountedFs.Usage;

/** How much room there is. What the file system needs for itself from the beginning is not counted as room. */
final class SpaceCount {
    private final Superblock sb;
    private final GroupDescriptors groups;

    /** Blocks of a journal on the same device. */
    private final long journalBlocks;

    /** Whether the superblock's counts of what is free are those of the groups together. */
    private final boolean superblockCounts;

    SpaceCount(Superblock sb, GroupDescriptors groups, long journalBlocks, boolean superblockCounts) {
        this.sb = sb;
        this.groups = groups;
        this.journalBlocks = journalBlocks;
        this.superblockCounts = superblockCounts;
    }

    /**
     * All of it.
     *
     * @throws ErrnoException EIO
     */
    Usage usage() throws ErrnoException {
        long freeBlocks = sb.freeBlocks();
        long freeInodes = sb.freeInodes();
        if (!superblockCounts) {
            long clusters = 0;
            freeInodes = 0;
            for (int group = 0; group < sb.groups; group++) {
                GroupDescriptors.Free free = groups.free(group);
                clusters += free.clusters();
                freeInodes += free.inodes();
            }
            freeBlocks = clusters << sb.clusterRatioShift;
        } else {
            freeBlocks <<= sb.clusterRatioShift;
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

    /** Blocks that are no file's and never will be: copies of the superblock, descriptors, bitmaps, inodes, the journal. */
    private long overheadBlocks() {
        long stored = sb.overheadClusters() << sb.clusterRatioShift;
        if (stored > 0 && stored <= sb.blocksCount) {
            return stored;
        }
        long blocks = sb.firstDataBlock + (sb.inodeTableBlocksPerGroup() + 2L) * sb.groups + journalBlocks;
        long descriptorBlocks = (sb.groups + sb.descriptorsPerBlock() - 1L) / sb.descriptorsPerBlock();
        return blocks + descriptorBlocks;
    }
}
