package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.SuperblockLayout.*;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What a superblock says, looked at: what is here can be calculated with. */
final class Superblock {
    static final int ROOT_INO = 2;

    private static final int GOOD_OLD_INODE_BYTES = 128;
    private static final int GOOD_OLD_FIRST_INO = 11;
    private static final int MIN_BLOCK_SHIFT = 10;
    private static final int MAX_BLOCK_SHIFT = 16;
    private static final int MAX_CLUSTER_SHIFT = 40;
    private static final int DESC_BYTES = 32;
    private static final int DESC_BYTES_64BIT = 64;
    private static final int MAX_DESC_BYTES = 1024;
    private static final int MAX_REVISION = 1;

    /** As it is on disk. */
    private final MemorySegment raw;

    final Features features;
    final int blockShift;
    final int blockBytes;

    /** Binary logarithm of the blocks in a cluster. */
    final int clusterRatioShift;

    final long blocksCount;
    final long firstDataBlock;
    final long blocksPerGroup;
    final int groups;
    final long inodesCount;
    final int inodesPerGroup;
    final int inodeBytes;
    final int descBytes;

    /** What metadata's checksums begin with. */
    final int checksumSeed;

    private Superblock(MemorySegment raw) throws ErrnoException {
        this.raw = raw;
        features = revision() == 0
                ? Features.NONE
                : new Features(FEATURE_COMPAT.get(raw, 0), FEATURE_INCOMPAT.get(raw, 0), FEATURE_RO_COMPAT.get(raw, 0));
        requireChecksum();
        requireKnownFeatures();
        blockShift = blockShift();
        blockBytes = 1 << blockShift;
        clusterRatioShift = clusterRatioShift();
        blocksCount = split(BLOCKS_COUNT_LO, BLOCKS_COUNT_HI);
        firstDataBlock = FIRST_DATA_BLOCK.getUnsigned(raw, 0);
        blocksPerGroup = BLOCKS_PER_GROUP.getUnsigned(raw, 0);
        groups = groups();
        inodesCount = INODES_COUNT.getUnsigned(raw, 0);
        inodeBytes = inodeBytes();
        inodesPerGroup = inodesPerGroup();
        descBytes = descBytes();
        checksumSeed =
                features.has(Feature.CSUM_SEED) ? CHECKSUM_SEED.get(raw, 0) : Crc32c.update(Crc32c.INITIAL, uuid());
    }

    /**
     * Whether a device has one.
     *
     * @throws ErrnoException EIO
     */
    static boolean probe(BlockDevice device) throws ErrnoException {
        MemorySegment raw = readRaw(device);
        return raw != null
                && MAGIC.get(raw, 0) == EXT2_MAGIC
                && LOG_BLOCK_SIZE.getUnsigned(raw, 0) <= MAX_BLOCK_SHIFT - MIN_BLOCK_SHIFT
                && BLOCKS_PER_GROUP.get(raw, 0) != 0
                && INODES_PER_GROUP.get(raw, 0) != 0;
    }

    /**
     * That of a device.
     *
     * @throws ErrnoException EINVAL where there is none, or it makes no sense; EFTYPE where it has features that the driver
     *     cannot read with; EIO, also where its checksum is wrong
     */
    static Superblock read(BlockDevice device) throws ErrnoException {
        MemorySegment raw = readRaw(device);
        if (raw == null || MAGIC.get(raw, 0) != EXT2_MAGIC) {
            throw Errno.EINVAL.exception(
                    "no ext2 file system: no magic number in a superblock at byte " + DEVICE_OFFSET);
        }
        return new Superblock(raw);
    }

    /**
     * One that has just been written to memory, which becomes this object's.
     *
     * @throws ErrnoException EINVAL where it makes no sense
     */
    static Superblock of(MemorySegment raw) throws ErrnoException {
        return new Superblock(raw);
    }

    private static @Nullable MemorySegment readRaw(BlockDevice device) throws ErrnoException {
        if (device.sizeBytes() < DEVICE_OFFSET + BYTES) {
            return null;
        }
        int sector = device.sectorBytes();
        int begin = DEVICE_OFFSET & -sector;
        long end = Math.min((DEVICE_OFFSET + BYTES + sector - 1L) & -sector, device.sizeBytes());
        MemorySegment sectors = MemorySegment.ofArray(new byte[(int) (end - begin)]);
        device.read(sectors, begin);
        return sectors.asSlice(DEVICE_OFFSET - begin, BYTES);
    }

    /**
     * Changes a device's superblock, of which nothing is cached.
     *
     * @throws ErrnoException EIO
     */
    static void change(BlockDevice device, Consumer<MemorySegment> changes) throws ErrnoException {
        int sector = device.sectorBytes();
        int begin = DEVICE_OFFSET & -sector;
        int bytes = ((DEVICE_OFFSET + BYTES + sector - 1) & -sector) - begin;
        MemorySegment sectors = MemorySegment.ofArray(new byte[bytes]);
        device.read(sectors, begin);
        MemorySegment raw = sectors.asSlice(DEVICE_OFFSET - begin, BYTES);
        changes.accept(raw);
        if ((FEATURE_RO_COMPAT.get(raw, 0) & Feature.METADATA_CSUM.bit()) != 0) {
            seal(raw, 0);
        }
        device.write(sectors, begin);
        device.flush();
    }

    /** The journal is in use, or is not any more. */
    static void setRecover(MemorySegment raw, boolean recover) {
        int features = FEATURE_INCOMPAT.get(raw, 0) & ~Feature.RECOVER.bit();
        FEATURE_INCOMPAT.set(raw, 0, features | (recover ? Feature.RECOVER.bit() : 0));
    }

    // What it says

    boolean has(Feature feature) {
        return features.has(feature);
    }

    long revision() {
        return REV_LEVEL.getUnsigned(raw, 0);
    }

    /** Whether it is of a revision that the driver knows all of. */
    boolean isKnownRevision() {
        return revision() <= MAX_REVISION;
    }

    int state() {
        return STATE.get(raw, 0);
    }

    /** Whether nothing is to be changed any more when something is found that makes no sense. */
    boolean errorsStopWriting() {
        int errors = ERRORS.get(raw, 0);
        return errors != 0 && errors != ERRORS_CONTINUE;
    }

    /** Why it should be checked although nothing is known to be wrong with it; null where it need not be. */
    @Nullable
    String checkIsDue(long now) {
        int most = MAX_MNT_COUNT.get(raw, 0);
        if (most > 0 && most <= Short.MAX_VALUE && MNT_COUNT.get(raw, 0) >= most) {
            return "it has been mounted " + MNT_COUNT.get(raw, 0) + " times since it was checked";
        }
        long interval = CHECKINTERVAL.getUnsigned(raw, 0);
        return interval > 0 && LASTCHECK.getUnsigned(raw, 0) + interval <= now
                ? "it has not been checked for long"
                : null;
    }

    byte[] uuid() {
        return UUID.get(raw, 0);
    }

    String uuidText() {
        return UUID.text(raw, 0);
    }

    /** The first inode of those without a name that were in use; 0 where there is none. */
    long lastOrphan() {
        return LAST_ORPHAN.getUnsigned(raw, 0);
    }

    /** The inode with a list of inodes without a name beside the one that begins here; 0 where there is none. */
    long orphanFileInum() {
        return has(Feature.ORPHAN_FILE) ? ORPHAN_FILE_INUM.getUnsigned(raw, 0) : 0;
    }

    String volumeName() {
        return VOLUME_NAME.get(raw, 0);
    }

    /** The first inode that is not the file system's own. */
    long firstIno() {
        return revision() == 0 ? GOOD_OLD_FIRST_INO : FIRST_INO.getUnsigned(raw, 0);
    }

    /** Whether an inode holds what the file system needs for itself, and is no file with a name. */
    boolean isReservedInode(long ino) {
        return (ino < firstIno() && ino != ROOT_INO)
                || (has(Feature.QUOTA)
                        && (ino == USR_QUOTA_INUM.getUnsigned(raw, 0) || ino == GRP_QUOTA_INUM.getUnsigned(raw, 0)))
                || (has(Feature.QUOTA) && has(Feature.PROJECT) && ino == PRJ_QUOTA_INUM.getUnsigned(raw, 0))
                || (has(Feature.ORPHAN_FILE) && ino == ORPHAN_FILE_INUM.getUnsigned(raw, 0));
    }

    /** Whether a number is that of an inode. */
    boolean isInode(long ino) {
        return ino >= 1 && ino <= inodesCount;
    }

    /** Whether a number can be that of a block that a file has. */
    boolean isDataBlock(long blkno) {
        return blkno > firstDataBlock && blkno < blocksCount;
    }

    /** Whether so many blocks from one on can be a file's. */
    boolean areDataBlocks(long blkno, long count) {
        return isDataBlock(blkno) && count <= blocksCount - blkno;
    }

    long blocksReserved() {
        return split(R_BLOCKS_COUNT_LO, R_BLOCKS_COUNT_HI);
    }

    /** Who may use them beside the superuser: a user. */
    int reservedUid() {
        return DEF_RESUID.get(raw, 0);
    }

    /** A group of such users; 0 where there is none. */
    int reservedGid() {
        return DEF_RESGID.get(raw, 0);
    }

    /** As of the last time when it was cleanly unmounted. */
    long freeBlocks() {
        return split(FREE_BLOCKS_COUNT_LO, FREE_BLOCKS_COUNT_HI);
    }

    long freeInodes() {
        return FREE_INODES_COUNT.getUnsigned(raw, 0);
    }

    /** Blocks of a group's part of the inode table. */
    int inodeTableBlocksPerGroup() {
        return (int) (((long) inodesPerGroup * inodeBytes + blockBytes - 1) >> blockShift);
    }

    long reservedGdtBlocks() {
        return RESERVED_GDT_BLOCKS.get(raw, 0);
    }

    /** Clusters that are no file's, or 0 where that has not been written down. */
    long overheadClusters() {
        return OVERHEAD_CLUSTERS.getUnsigned(raw, 0);
    }

    /** The inode that the journal is in; 0 where it is not on this device. */
    long journalInum() {
        return JOURNAL_INUM.getUnsigned(raw, 0);
    }

    String journalUuidText() {
        return JOURNAL_UUID.text(raw, 0);
    }

    /** The four words that hashes of names begin with. */
    int[] hashSeed() {
        int[] seed = new int[4];
        for (int i = 0; i < seed.length; i++) {
            seed[i] = HASH_SEED.get(raw, (long) i * Integer.BYTES);
        }
        return seed;
    }

    /** The function for new indexes. */
    int defaultHash() {
        return DEF_HASH_VERSION.get(raw, 0);
    }

    boolean hashesSigned() {
        return (FLAGS.get(raw, 0) & FLAG_SIGNED_HASH) != 0;
    }

    boolean hashesUnsigned() {
        return (FLAGS.get(raw, 0) & FLAG_UNSIGNED_HASH) != 0;
    }

    /** First group whose descriptors are beside it rather than behind the superblock. */
    long firstMetaBg() {
        return has(Feature.META_BG) ? FIRST_META_BG.getUnsigned(raw, 0) : Long.MAX_VALUE;
    }

    int descriptorsPerBlock() {
        return blockBytes / descBytes;
    }

    /** The first block of a group. */
    long firstBlock(long group) {
        return firstDataBlock + group * blocksPerGroup;
    }

    /** Whether a group begins with a copy of the superblock. */
    boolean hasSuperblock(long group) {
        if (group == 0) {
            return true;
        }
        if (has(Feature.SPARSE_SUPER2)) {
            return group == BACKUP_BGS.getUnsigned(raw, 0) || group == BACKUP_BGS.getUnsigned(raw, Integer.BYTES);
        }
        return !has(Feature.SPARSE_SUPER) || isOddPower(group);
    }

    /** Whether a group beside the first has copies where most have none: 1, and powers of 3, 5 and 7. */
    static boolean isOddPower(long group) {
        return group == 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
    }

    /** Groups beside the first that have a copy of the superblock, with sparse_super2. */
    int backupGroups() {
        return (BACKUP_BGS.get(raw, 0) != 0 ? 1 : 0) + (BACKUP_BGS.get(raw, Integer.BYTES) != 0 ? 1 : 0);
    }

    private static boolean isPower(long number, int base) {
        long power = base;
        while (power < number) {
            power *= base;
        }
        return power == number;
    }

    // Looking at it

    private long split(Fields.Le32 low, Fields.Le32 high) {
        return low.getUnsigned(raw, 0) | (features.has(Feature.BIT64) ? high.getUnsigned(raw, 0) << 32 : 0);
    }

    private void requireChecksum() throws ErrnoException {
        if (!features.has(Feature.METADATA_CSUM)) {
            return;
        }
        if (CHECKSUM_TYPE.get(raw, 0) != CHECKSUM_CRC32C) {
            throw Errno.EFTYPE.exception("checksums are of the unknown type " + CHECKSUM_TYPE.get(raw, 0));
        }
        int checksum = Crc32c.update(Crc32c.INITIAL, raw, 0, CHECKSUM.offset());
        if (checksum != CHECKSUM.get(raw, 0)) {
            throw Errno.EIO.exception(
                    "superblock: the checksum is 0x%08x, but says 0x%08x".formatted(checksum, CHECKSUM.get(raw, 0)));
        }
    }

    private void requireKnownFeatures() throws ErrnoException {
        int unknown = features.unknown(Feature.Kind.INCOMPAT);
        if ((unknown & Feature.JOURNAL_DEV.bit()) != 0) {
            throw Errno.EFTYPE.exception("this is the journal of another file system (journal_dev), not a file system");
        }
        if (unknown != 0) {
            throw Errno.EFTYPE.exception("features that this driver cannot read: "
                    + String.join(", ", Feature.names(Feature.Kind.INCOMPAT, unknown)));
        }
    }

    private int blockShift() throws ErrnoException {
        long log = LOG_BLOCK_SIZE.getUnsigned(raw, 0);
        if (log > MAX_BLOCK_SHIFT - MIN_BLOCK_SHIFT) {
            throw nonsense("blocks of 2^" + (log + MIN_BLOCK_SHIFT) + " bytes");
        }
        return (int) log + MIN_BLOCK_SHIFT;
    }

    private int clusterRatioShift() throws ErrnoException {
        if (!features.has(Feature.BIGALLOC)) {
            return 0;
        }
        long shift = LOG_CLUSTER_SIZE.getUnsigned(raw, 0) + MIN_BLOCK_SHIFT;
        if (shift < blockShift || shift > MAX_CLUSTER_SHIFT) {
            throw nonsense("clusters of 2^" + shift + " bytes with blocks of " + blockBytes);
        }
        return (int) shift - blockShift;
    }

    private int groups() throws ErrnoException {
        long perBitmap = (long) blockBytes * Byte.SIZE;
        long unitsPerGroup = features.has(Feature.BIGALLOC) ? CLUSTERS_PER_GROUP.getUnsigned(raw, 0) : blocksPerGroup;
        if (blocksPerGroup == 0
                || unitsPerGroup == 0
                || unitsPerGroup > perBitmap
                || blocksPerGroup != unitsPerGroup << clusterRatioShift) {
            throw nonsense(blocksPerGroup + " blocks in a group");
        }
        if (firstDataBlock >= blocksCount || blocksCount < 0 || blocksCount > Long.MAX_VALUE >> blockShift) {
            throw nonsense(blocksCount + " blocks, of which " + firstDataBlock + " is the first");
        }
        long count = (blocksCount - firstDataBlock + blocksPerGroup - 1) / blocksPerGroup;
        if (count > Integer.MAX_VALUE) {
            throw nonsense(count + " groups");
        }
        return (int) count;
    }

    private int inodeBytes() throws ErrnoException {
        if (revision() == 0) {
            return GOOD_OLD_INODE_BYTES;
        }
        int bytes = INODE_SIZE.get(raw, 0);
        if (bytes < GOOD_OLD_INODE_BYTES || bytes > blockBytes || Integer.bitCount(bytes) != 1) {
            throw nonsense("inodes of " + bytes + " bytes");
        }
        if (FIRST_INO.getUnsigned(raw, 0) < GOOD_OLD_FIRST_INO) {
            throw nonsense("first inode " + FIRST_INO.getUnsigned(raw, 0));
        }
        return bytes;
    }

    private int inodesPerGroup() throws ErrnoException {
        long perGroup = INODES_PER_GROUP.getUnsigned(raw, 0);
        if (perGroup == 0 || perGroup > (long) blockBytes * Byte.SIZE) {
            throw nonsense(perGroup + " inodes in a group");
        }
        if (inodesCount > perGroup * groups || inodesCount < ROOT_INO) {
            throw nonsense(inodesCount + " inodes in " + groups + " groups of " + perGroup);
        }
        return (int) perGroup;
    }

    private int descBytes() throws ErrnoException {
        if (!features.has(Feature.BIT64)) {
            return DESC_BYTES;
        }
        int bytes = DESC_SIZE.get(raw, 0);
        if (bytes < DESC_BYTES_64BIT || bytes > MAX_DESC_BYTES || Integer.bitCount(bytes) != 1) {
            throw nonsense("group descriptors of " + bytes + " bytes");
        }
        return bytes;
    }

    private static ErrnoException nonsense(String what) {
        return Errno.EINVAL.exception("superblock: " + what);
    }
}
