package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.SuperblockLayout.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A file system that is being made. What it looks like is known before anything is written; then come bitmaps and descriptors, group by group, the
 * inodes and directories that there are from the beginning, copies of the superblock, and in the end the superblock.
 */
final class Making implements FilesystemMaker.Plan {
    /** What may have been left at the end of a device by what it was used for before. */
    private static final int END_BYTES = 64 << 10;

    private final NewFilesystem wanted;
    private final Geometry geometry;
    private final MemorySegment raw = MemorySegment.ofArray(new byte[BYTES]);
    private final Superblock sb;

    /** The groups that the first inodes are in, with what these have. */
    private final GroupPlaces home;

    private final FirstFiles files;

    /** Whether descriptors can say that a bitmap has never been written. */
    private final boolean canLeaveOut;

    private long freeBlocks;

    /** @throws ErrnoException EINVAL: the detail says what to change */
    Making(NewFilesystem wanted, Geometry geometry) throws ErrnoException {
        this.wanted = wanted;
        this.geometry = geometry;
        describe();
        seal();
        sb = Superblock.of(raw);
        canLeaveOut = sb.has(Feature.METADATA_CSUM) || sb.has(Feature.GDT_CSUM);
        home = new GroupPlaces(sb, 0);
        long metadata = 0;
        for (int group = 0; group < sb.groups; ) {
            GroupPlaces places = new GroupPlaces(sb, group);
            long free = 0;
            for (int i = 0; i < places.groups; i++) {
                free += places.freeBlocks(group + i);
            }
            metadata += places.endOf(group + places.groups - 1) - sb.firstBlock(group) - free;
            freeBlocks += free;
            group += places.groups;
        }
        files = new FirstFiles(sb, geometry, wanted, home);
        freeBlocks -= files.blocks();
        setSplit(FREE_BLOCKS_COUNT_LO, FREE_BLOCKS_COUNT_HI, freeBlocks);
        FREE_INODES_COUNT.set(raw, 0, (int) freeInodes());
        OVERHEAD_CLUSTERS.set(raw, 0, (int) Math.min(metadata + sb.firstDataBlock, 0xFFFF_FFFFL));
        seal();
    }

    // What it is

    @Override
    public long sizeBytes() {
        return geometry.blocks() << geometry.blockShift();
    }

    @Override
    public int blockBytes() {
        return geometry.blockBytes();
    }

    @Override
    public long freeBlocks() {
        return freeBlocks;
    }

    @Override
    public long freeInodes() {
        return geometry.inodes() - FirstFiles.LAST_INO;
    }

    @Override
    public List<String> description() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s (%d blocks), block size %d".formatted(size(sizeBytes()), geometry.blocks(), geometry.blockBytes()));
        lines.add("using %d block group%s of %s, %d blks, %d inodes of %d bytes."
                .formatted(
                        sb.groups,
                        sb.groups == 1 ? "" : "s",
                        size((long) geometry.blocksPerGroup() << geometry.blockShift()),
                        geometry.blocksPerGroup(),
                        geometry.inodesPerGroup(),
                        geometry.inodeBytes()));
        lines.add("%d blocks and %d inodes are free, %d blocks are kept for the superuser."
                .formatted(freeBlocks, freeInodes(), geometry.reservedBlocks()));
        lines.add("features: " + geometry.features());
        lines.add("uuid: " + sb.uuidText());
        return lines;
    }

    /** As newfs(8) writes it: in MiB, to a tenth. */
    private static String size(long bytes) {
        long tenths = (bytes * 10) >> 20;
        return tenths / 10 + "." + tenths % 10 + "MB";
    }

    @Override
    public String backupsTitle() {
        return "superblock backups (for e2fsck -B " + geometry.blockBytes() + " -b #) at:";
    }

    @Override
    public List<Long> backups() {
        List<Long> blocks = new ArrayList<>();
        for (int group = 1; group < sb.groups; group++) {
            if (sb.hasSuperblock(group)) {
                blocks.add(sb.firstBlock(group));
            }
        }
        return blocks;
    }

    private void describe() throws ErrnoException {
        Geometry g = geometry;
        long now = wanted.time().sec();
        INODES_COUNT.set(raw, 0, (int) g.inodes());
        setSplit(BLOCKS_COUNT_LO, BLOCKS_COUNT_HI, g.blocks());
        setSplit(R_BLOCKS_COUNT_LO, R_BLOCKS_COUNT_HI, g.reservedBlocks());
        FIRST_DATA_BLOCK.set(raw, 0, g.firstDataBlock());
        LOG_BLOCK_SIZE.set(raw, 0, g.blockShift() - 10);
        LOG_CLUSTER_SIZE.set(raw, 0, g.blockShift() - 10);
        BLOCKS_PER_GROUP.set(raw, 0, g.blocksPerGroup());
        CLUSTERS_PER_GROUP.set(raw, 0, g.blocksPerGroup());
        INODES_PER_GROUP.set(raw, 0, g.inodesPerGroup());
        setTime(WTIME, WTIME_HI, now);
        setTime(MKFS_TIME, MKFS_TIME_HI, now);
        setTime(LASTCHECK, LASTCHECK_HI, now);
        MAX_MNT_COUNT.set(raw, 0, -1);
        MAGIC.set(raw, 0, EXT2_MAGIC);
        STATE.set(raw, 0, STATE_VALID);
        ERRORS.set(raw, 0, ERRORS_CONTINUE);
        REV_LEVEL.set(raw, 0, 1);
        FIRST_INO.set(raw, 0, Geometry.FIRST_INO);
        INODE_SIZE.set(raw, 0, g.inodeBytes());
        FEATURE_COMPAT.set(raw, 0, g.features().compat());
        FEATURE_INCOMPAT.set(raw, 0, g.features().incompat());
        FEATURE_RO_COMPAT.set(raw, 0, g.features().roCompat());
        UUID.set(raw, 0, wanted.uuid());
        VOLUME_NAME.set(raw, 0, label());
        RESERVED_GDT_BLOCKS.set(raw, 0, g.reservedGdtBlocks());
        MemorySegment.copy(wanted.hashSeed(), 0, raw, ValueLayout.JAVA_BYTE, HASH_SEED.offset(), Fields.Uuid.BYTES);
        DEF_HASH_VERSION.set(raw, 0, NameHash.HALF_MD4);
        FLAGS.set(raw, 0, FLAG_SIGNED_HASH);
        DEFAULT_MOUNT_OPTS.set(raw, 0, DEFAULT_XATTR_USER | DEFAULT_ACL);
        if (g.has(Feature.BIT64)) {
            DESC_SIZE.set(raw, 0, g.descBytes());
        }
        if (g.inodeBytes() > Inode.GOOD_OLD_BYTES) {
            MIN_EXTRA_ISIZE.set(raw, 0, Inode.KNOWN_BYTES - Inode.GOOD_OLD_BYTES);
            WANT_EXTRA_ISIZE.set(raw, 0, Inode.KNOWN_BYTES - Inode.GOOD_OLD_BYTES);
        }
        if (g.has(Feature.FLEX_BG)) {
            LOG_GROUPS_PER_FLEX.set(raw, 0, GroupPlaces.FLEX_SHIFT);
        }
        if (g.has(Feature.METADATA_CSUM)) {
            CHECKSUM_TYPE.set(raw, 0, CHECKSUM_CRC32C);
        }
        if (g.has(Feature.CSUM_SEED)) {
            CHECKSUM_SEED.set(raw, 0, Crc32c.update(Crc32c.INITIAL, wanted.uuid()));
        }
    }

    private byte[] label() throws ErrnoException {
        byte[] label = PathCodec.encode(wanted.label());
        if (label.length > VOLUME_NAME.length()) {
            throw Errno.EINVAL.exception(
                    "-L: the label has " + label.length + " bytes, there is room for " + VOLUME_NAME.length());
        }
        return label;
    }

    private void setSplit(Le32 low, Le32 high, long value) {
        low.set(raw, 0, (int) value);
        high.set(raw, 0, (int) (value >>> 32));
    }

    private void setTime(Le32 low, Fields.U8 high, long seconds) {
        low.set(raw, 0, (int) seconds);
        high.set(raw, 0, (int) (seconds >>> 32));
    }

    private void seal() {
        if (geometry.has(Feature.METADATA_CSUM)) {
            SuperblockLayout.seal(raw, 0);
        }
    }

    // Writing it

    @Override
    public void write(FilesystemMaker.Sink sink) throws ErrnoException {
        BlockWriter blocks = new BlockWriter(sink, sb.blockShift);
        DescriptorWriter descriptors = new DescriptorWriter(sb, sink);
        sink.zero(0, (long) DEVICE_OFFSET + BYTES);
        long end = sizeBytes();
        sink.zero(Math.max(DEVICE_OFFSET + BYTES, end - END_BYTES), Math.min(END_BYTES, end - DEVICE_OFFSET - BYTES));
        for (int first = 0; first < sb.groups; ) {
            GroupPlaces places = first == 0 ? home : new GroupPlaces(sb, first);
            writeGroups(sink, blocks, descriptors, places);
            first += places.groups;
        }
        files.write(sink, blocks);
        blocks.flush();
        descriptors.flush();
        writeSuperblocks(sink);
    }

    private void writeGroups(
            FilesystemMaker.Sink sink, BlockWriter blocks, DescriptorWriter descriptors, GroupPlaces places)
            throws ErrnoException {
        int first = places.firstGroup;
        int[] blockChecksums = new int[places.groups];
        int[] inodeChecksums = new int[places.groups];
        for (int i = 0; i < places.groups; i++) {
            sink.zero(
                    places.inodeTable(first + i) << sb.blockShift,
                    (long) sb.inodeTableBlocksPerGroup() << sb.blockShift);
        }
        // In the order in which they are on the device.
        for (int i = 0; i < places.groups; i++) {
            blockChecksums[i] = writeBlockBitmap(blocks, places, first + i);
            if (places.groups == 1) {
                inodeChecksums[i] = writeInodeBitmap(blocks, places, first + i);
            }
        }
        for (int i = 0; i < places.groups; i++) {
            if (places.groups > 1) {
                inodeChecksums[i] = writeInodeBitmap(blocks, places, first + i);
            }
            int freeInodes = sb.inodesPerGroup - files.inodesIn(first + i);
            descriptors.add(
                    places,
                    first + i,
                    new DescriptorWriter.Contents(
                            freeInodes,
                            files.directoriesIn(first + i),
                            flags(places, first + i),
                            canLeaveOut ? freeInodes : 0,
                            blockChecksums[i],
                            inodeChecksums[i]));
        }
    }

    private int flags(GroupPlaces places, int group) {
        if (!canLeaveOut) {
            return 0;
        }
        return GroupDescriptors.FL_INODE_ZEROED
                | (leavesInodeBitmapOut(group) ? GroupDescriptors.FL_INODE_UNINIT : 0)
                | (leavesBlockBitmapOut(places, group) ? GroupDescriptors.FL_BLOCK_UNINIT : 0);
    }

    /** Whether the block bitmap is one that each driver can make by itself. */
    private boolean leavesBlockBitmapOut(GroupPlaces places, int group) {
        return canLeaveOut && group != sb.groups - 1 && places.isPlain(group);
    }

    private boolean leavesInodeBitmapOut(int group) {
        return canLeaveOut && files.inodesIn(group) == 0;
    }

    /** Writes it, and gives its checksum. */
    private int writeBlockBitmap(BlockWriter blocks, GroupPlaces places, int group) throws ErrnoException {
        if (leavesBlockBitmapOut(places, group)) {
            return 0;
        }
        MemorySegment block = blocks.add(places.blockBitmap(group));
        int count = (int) (places.endOf(group) - sb.firstBlock(group));
        places.used.mark(new Bitmap(block, count), sb.firstBlock(group));
        return fillUp(block, count, geometry.blocksPerGroup());
    }

    private int writeInodeBitmap(BlockWriter blocks, GroupPlaces places, int group) throws ErrnoException {
        if (leavesInodeBitmapOut(group)) {
            return 0;
        }
        MemorySegment block = blocks.add(places.inodeBitmap(group));
        new Bitmap(block, sb.inodesPerGroup).set(0, files.inodesIn(group));
        return fillUp(block, sb.inodesPerGroup, sb.inodesPerGroup);
    }

    /** What is behind the end of a bitmap is in use. Gives the checksum of so many bits. */
    private int fillUp(MemorySegment block, int bits, int checked) {
        int all = sb.blockBytes * Byte.SIZE;
        new Bitmap(block, all).set(bits, all);
        return sb.has(Feature.METADATA_CSUM) ? Crc32c.update(sb.checksumSeed, block, 0, checked / Byte.SIZE) : 0;
    }

    private void writeSuperblocks(FilesystemMaker.Sink sink) throws ErrnoException {
        // A copy is what is looked at after something has gone wrong: it does not say that nothing has.
        MemorySegment copy = MemorySegment.ofArray(new byte[sb.blockBytes]);
        for (int group = 1; group < sb.groups; group++) {
            if (sb.hasSuperblock(group)) {
                MemorySegment.copy(raw, 0, copy, 0, BYTES);
                STATE.set(copy, 0, 0);
                BLOCK_GROUP_NR.set(copy, 0, group);
                if (sb.has(Feature.METADATA_CSUM)) {
                    SuperblockLayout.seal(copy, 0);
                }
                sink.write(copy, sb.firstBlock(group) << sb.blockShift);
            }
        }
        sink.write(raw, DEVICE_OFFSET);
    }
}
