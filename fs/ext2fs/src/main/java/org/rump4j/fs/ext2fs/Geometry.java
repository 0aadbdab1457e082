package org.rump4j.fs.ext2fs;

import org.jspecify.annotations.Nullable;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * How many blocks, groups and inodes a file system has that is to be made. The rules are those of {@code mke2fs(8)}: where a number is rounded or
 * a group left out, the outcome is the same.
 *
 * @param blocks all of them, the one before the first group included
 * @param tableBlocks blocks of a group's part of the inode table
 * @param descriptorBlocks blocks that the descriptors of all groups take
 * @param reservedGdtBlocks blocks kept for descriptors of groups that there are not yet
 * @param reservedBlocks blocks that only the superuser may have
 */
record Geometry(
        Features features,
        int blockShift,
        long blocks,
        int blocksPerGroup,
        int groups,
        int inodesPerGroup,
        int inodeBytes,
        int tableBlocks,
        int descriptorBlocks,
        int reservedGdtBlocks,
        long reservedBlocks) {
    /** The first inode that a file can have. */
    static final int FIRST_INO = 11;

    static final int DESC_BYTES = 32;
    static final int DESC_BYTES_64BIT = 64;

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;

    /** Sizes from which on the next kind of default counts: blocks of 4 KiB, fewer inodes. */
    private static final long FLOPPY_BYTES = 3 * MIB;

    private static final long SMALL_BYTES = 512 * MIB;
    private static final long BIG_BYTES = 4 * TIB;
    private static final long HUGE_BYTES = 16 * TIB;

    private static final int MIN_BLOCK_BYTES = 1 << 10;
    private static final int MAX_BLOCK_BYTES = 1 << 16;
    private static final int DEFAULT_BLOCK_BYTES = 4096;
    private static final int DEFAULT_INODE_BYTES = 256;
    private static final long MAX_BYTES_PER_INODE = (long) MAX_BLOCK_BYTES << 10;
    private static final double DEFAULT_RESERVED_PERCENT = 5;
    private static final double MAX_RESERVED_PERCENT = 50;

    /** In a descriptor's counts of 16 bits. */
    private static final int MAX_BLOCKS_PER_GROUP = (1 << 16) - 8;

    private static final int MIN_BLOCKS_PER_GROUP = 256;

    /** A last group with fewer blocks than these, beside what it needs for itself, is left out. */
    private static final int USEFUL_BLOCKS = 50;

    /** Room is kept to grow so many times. */
    private static final int GROWTH = 1024;

    private static final long MAX_32 = 0xFFFF_FFFFL;

    /** Descriptors of all groups must fit in memory. */
    private static final long MAX_GROUPS = 1L << 24;

    /** {@code lost+found} is made so long: it must not have to grow while a file system is being repaired. */
    private static final int LOST_AND_FOUND_BYTES = 16 << 10;

    private static final int DIRECT_BLOCKS = 12;

    /**
     * Works it out.
     *
     * @throws ErrnoException EINVAL: the detail says what to change
     */
    static Geometry of(NewFilesystem wanted) throws ErrnoException {
        Fitting fitting = new Fitting(wanted);
        Geometry geometry = fitting.fit(wanted.sizeBytes());
        if (geometry == null) {
            throw Errno.EINVAL.exception("-s " + wanted.sizeBytes() + ": too small, such a file system needs "
                    + fitting.leastBytes(wanted.sizeBytes()) + " bytes at least");
        }
        return geometry;
    }

    int blockBytes() {
        return 1 << blockShift;
    }

    boolean has(Feature feature) {
        return features.has(feature);
    }

    int firstDataBlock() {
        return blockShift == 10 ? 1 : 0;
    }

    long inodes() {
        return (long) inodesPerGroup * groups;
    }

    int descBytes() {
        return has(Feature.BIT64) ? DESC_BYTES_64BIT : DESC_BYTES;
    }

    /** Blocks that {@code lost+found} has: few where there are few. */
    int lostAndFoundBlocks() {
        return lostAndFoundBlocks(blockShift, blocks);
    }

    private static int lostAndFoundBlocks(int blockShift, long blocks) {
        int most = Math.clamp(LOST_AND_FOUND_BYTES >> blockShift, 2, DIRECT_BLOCKS);
        return Math.clamp(blocks / 32, 1, most);
    }

    /** The search for numbers that go together. */
    private static final class Fitting {
        private final NewFilesystem wanted;
        private final FeatureChoice features;
        private final int blockShift;
        private final int blockBytes;
        private final int inodeBytes;
        private final double reservedPercent;

        Fitting(NewFilesystem wanted) throws ErrnoException {
            this.wanted = wanted;
            features = FeatureChoice.of(wanted.type(), wanted.features());
            blockBytes = chooseBlockBytes();
            blockShift = Integer.numberOfTrailingZeros(blockBytes);
            inodeBytes = chooseInodeBytes();
            reservedPercent = wanted.reservedPercent() < 0 ? DEFAULT_RESERVED_PERCENT : wanted.reservedPercent();
            if (!(reservedPercent <= MAX_RESERVED_PERCENT)) {
                throw Errno.EINVAL.exception("-m " + reservedPercent + ": more than 50 per cent");
            }
        }

        private int chooseBlockBytes() throws ErrnoException {
            int bytes = wanted.blockBytes();
            if (bytes == 0) {
                return Math.max(
                        wanted.sectorBytes(), wanted.sizeBytes() < SMALL_BYTES ? MIN_BLOCK_BYTES : DEFAULT_BLOCK_BYTES);
            }
            if (bytes < MIN_BLOCK_BYTES || bytes > MAX_BLOCK_BYTES || Integer.bitCount(bytes) != 1) {
                throw Errno.EINVAL.exception("-b " + bytes + ": blocks have 1024, 2048, 4096, ... or 65536 bytes");
            }
            if (bytes < wanted.sectorBytes()) {
                throw Errno.EINVAL.exception("-b " + bytes + ": a sector of the device has " + wanted.sectorBytes());
            }
            return bytes;
        }

        private int chooseInodeBytes() throws ErrnoException {
            int bytes = wanted.inodeBytes() == 0 ? DEFAULT_INODE_BYTES : wanted.inodeBytes();
            if (bytes < Inode.GOOD_OLD_BYTES || bytes > blockBytes || Integer.bitCount(bytes) != 1) {
                throw Errno.EINVAL.exception("-I " + bytes
                        + ": inodes have 128, 256, ... bytes, up to those of a block (" + blockBytes + ")");
            }
            return bytes;
        }

        private long bytesPerInode(long size) throws ErrnoException {
            long bytes = wanted.bytesPerInode();
            if (bytes != 0) {
                if (bytes < MIN_BLOCK_BYTES || bytes > MAX_BYTES_PER_INODE) {
                    throw Errno.EINVAL.exception(
                            "-i " + bytes + ": from " + MIN_BLOCK_BYTES + " to " + MAX_BYTES_PER_INODE + " bytes");
                }
                return bytes;
            }
            long usual = 16 * KIB;
            if (size < FLOPPY_BYTES) {
                usual = 8 * KIB;
            } else if (size < SMALL_BYTES) {
                usual = 4 * KIB;
            } else if (size >= HUGE_BYTES) {
                usual = 64 * KIB;
            } else if (size >= BIG_BYTES) {
                usual = 32 * KIB;
            }
            return Math.max(usual, blockBytes);
        }

        private long inodes(long size, long blocks) throws ErrnoException {
            long count = wanted.inodes();
            if (count == 0) {
                long bytesPerInode = bytesPerInode(size);
                count = (blocks << blockShift) / bytesPerInode;
                if (count > MAX_32 && !features.has(Feature.BIT64)) {
                    throw Errno.EINVAL.exception("-i " + bytesPerInode + ": too many inodes (" + count
                            + "), fewer than 4294967296 can be: more bytes an inode");
                }
                count = Math.min(count, MAX_32);
            } else if (count > MAX_32) {
                throw Errno.EINVAL.exception("-N " + count + ": too many inodes, fewer than 4294967296 can be");
            }
            if (Math.multiplyHigh(count, inodeBytes) != 0 || count * inodeBytes >= blocks << blockShift) {
                throw tooManyInodes(count);
            }
            return count;
        }

        private ErrnoException tooManyInodes(long count) {
            String option = wanted.inodes() != 0 ? "-N " + count : "-i " + wanted.bytesPerInode();
            return Errno.EINVAL.exception(
                    option + ": " + count + " inodes of " + inodeBytes
                            + " bytes leave no room for files: fewer inodes (-N), more bytes for each (-i), or smaller ones (-I)");
        }

        private long blocks(long size) throws ErrnoException {
            long blocks = size >> blockShift;
            if (blocks == MAX_32 + 1 && !features.has(Feature.BIT64)) {
                return MAX_32;
            }
            if (blocks > MAX_32 && !features.has(Feature.BIT64)) {
                String larger =
                        blockBytes < MAX_BLOCK_BYTES && blocks >> 1 <= MAX_32 ? "-b " + 2 * blockBytes + ", or " : "";
                throw Errno.EINVAL.exception("-s " + size + ": " + blocks + " blocks of " + blockBytes
                        + " bytes are more than 32 bits can count: " + larger + "-O 64bit,extent (as -t ext4 has)");
            }
            if (blocks > MAX_32) {
                features.number64();
            }
            if (blocks / Math.min(blockBytes * Byte.SIZE, MAX_BLOCKS_PER_GROUP) >= MAX_GROUPS) {
                throw Errno.EINVAL.exception("-s " + size + ": too large for blocks of " + blockBytes + " bytes");
            }
            return blocks;
        }

        /** The least size that is enough. */
        long leastBytes(long tooFew) throws ErrnoException {
            long size = Math.max(tooFew, 0) & -blockBytes;
            do {
                size += blockBytes;
            } while (fitUnlessSmall(size) == null);
            return size;
        }

        private @Nullable Geometry fitUnlessSmall(long size) {
            try {
                return fit(size);
            } catch (ErrnoException e) {
                // What would be inodes alone takes more.
                return null;
            }
        }

        /**
         * The numbers for a size.
         *
         * @return null where it is too small
         */
        @Nullable
        Geometry fit(long size) throws ErrnoException {
            long wantedBlocks = blocks(size);
            int first = blockShift == 10 ? 1 : 0;
            if (wantedBlocks <= first) {
                return null;
            }
            long wantedInodes = inodes(size, wantedBlocks);
            long reserved = (long) (reservedPercent * wantedBlocks / 100);
            int perGroup = Math.min(blockBytes * Byte.SIZE, MAX_BLOCKS_PER_GROUP);
            long blocks = wantedBlocks;
            while (blocks > first) {
                int groups = (int) Math.ceilDiv(blocks - first, perGroup);
                long least = Math.ceilDiv(wantedInodes, groups);
                if (least > (long) blockBytes * Byte.SIZE) {
                    // More inodes than a bitmap has bits: with smaller groups there are more of these.
                    if (perGroup < MIN_BLOCKS_PER_GROUP) {
                        throw tooManyInodes(wantedInodes);
                    }
                    perGroup -= Byte.SIZE;
                    blocks = wantedBlocks;
                    continue;
                }
                int inodesPerGroup = inodesPerGroup((int) least, groups);
                int tableBlocks = Math.ceilDiv(inodesPerGroup * inodeBytes, blockBytes);
                int perBlock = blockBytes / (features.has(Feature.BIT64) ? DESC_BYTES_64BIT : DESC_BYTES);
                int descriptorBlocks = Math.ceilDiv(groups, perBlock);
                int reservedGdt = reservedGdtBlocks(blocks, perGroup, perBlock, descriptorBlocks);
                if (descriptorBlocks + reservedGdt > perGroup / 4 * 3 && !features.has(Feature.META_BG)) {
                    features.describeInGroups();
                    continue;
                }
                int described = features.has(Feature.META_BG) ? 1 : descriptorBlocks;
                if (3 + tableBlocks + described + reservedGdt > perGroup) {
                    throw tooManyInodes(wantedInodes);
                }
                boolean copy = !features.has(Feature.SPARSE_SUPER) || groups == 1 || Superblock.isOddPower(groups - 1L);
                int overhead = 2 + tableBlocks + (copy ? 1 + descriptorBlocks + reservedGdt : 0);
                int rest = (int) ((blocks - first) % perGroup);
                if (groups == 1) {
                    int files = 1 + lostAndFoundBlocks(blockShift, blocks) + (reservedGdtInode() ? 1 : 0);
                    if (rest != 0 && rest < overhead + files) {
                        return null;
                    }
                } else if (rest != 0 && rest < overhead + USEFUL_BLOCKS) {
                    blocks -= rest;
                    reserved = (long) (reservedPercent * blocks / 100);
                    continue;
                }
                return new Geometry(
                        features.features(),
                        blockShift,
                        blocks,
                        perGroup,
                        groups,
                        inodesPerGroup,
                        inodeBytes,
                        tableBlocks,
                        descriptorBlocks,
                        reservedGdt,
                        reserved);
            }
            return null;
        }

        private boolean reservedGdtInode() {
            return features.has(Feature.RESIZE_INODE);
        }

        /** Rounded up, so that blocks of the table are full, and to a multiple of eight. */
        private int inodesPerGroup(int least, int groups) {
            int inBlock = blockBytes / inodeBytes;
            int count = Math.min(least, (1 << 16) - inBlock);
            count = Math.max((int) Math.ceilDiv(FIRST_INO + 1L, groups), count);
            count = wholeBlocks(Math.ceilDiv(count, inBlock));
            while ((long) count * groups < FIRST_INO + 1) {
                count += Byte.SIZE;
            }
            if ((long) count * groups > MAX_32) {
                count = wholeBlocks((int) (MAX_32 / groups / inBlock));
            }
            return count;
        }

        private int wholeBlocks(int tableBlocks) {
            return Math.max(Byte.SIZE, tableBlocks * blockBytes / inodeBytes & -Byte.SIZE);
        }

        /** For as many descriptors more as a resize inode leads to, or as many blocks as there can be need. */
        private int reservedGdtBlocks(long blocks, int perGroup, int perBlock, int descriptorBlocks) {
            if (!features.has(Feature.RESIZE_INODE)) {
                return 0;
            }
            long most = blocks < MAX_32 / GROWTH ? blocks * GROWTH : MAX_32;
            long groups = Math.ceilDiv(most - (blockShift == 10 ? 1 : 0), perGroup);
            return Math.clamp(Math.ceilDiv(groups, perBlock) - descriptorBlocks, 0, blockBytes / Integer.BYTES);
        }
    }
}
