package org.rump4j.fs.ext2fs;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/**
 * Which blocks and inodes are in use: bitmaps, and the counts beside them in group descriptors and the superblock. What is freed is not
 * handed out again before the next commit is over, for what is on the device may still lead to it.
 *
 * <p>All within transactions. Its lock is inside of all vnodes' locks, and outside of the caches'.
 */
final class Allocator {
    /** So many blocks side by side are looked for before fewer are good enough. */
    private static final int GOOD_RUN = 16;

    /** Free blocks that no transaction needs: with fewer, those that wait for the commit must come back first. */
    private static final int LOW_BLOCKS = 4096;

    private static final int LOW_INODES = 4;

    private final Kernel kernel;
    private final Volume volume;
    private final Superblock sb;
    private final GroupDescriptors groups;
    private final Kmutex lock;

    private final Map<Integer, BitSet> pendingBlocks = new HashMap<>();
    private final Map<Integer, BitSet> pendingInodes = new HashMap<>();
    private long pendingBlockCount;
    private long pendingInodeCount;

    /** Counts of the superblock. They include what is pending. Read without the lock. */
    private volatile long freeBlocks;

    private volatile long freeInodes;
    private boolean countsChanged;

    /** Whether blocks have been given to files since the last commit. */
    private boolean allocated;

    Allocator(Kernel kernel, Volume volume, GroupDescriptors groups) {
        this.kernel = kernel;
        this.volume = volume;
        this.sb = volume.superblock();
        this.groups = groups;
        this.lock = kernel.mutex();
        groups.guardedBy(lock);
        this.freeBlocks = sb.freeBlocks();
        this.freeInodes = sb.freeInodes();
    }

    /** Blocks side by side. */
    record Run(long blkno, int count) {}

    long freeBlocks() {
        return freeBlocks;
    }

    long freeInodes() {
        return freeInodes;
    }

    /** Whether what is free waits for a commit, and is needed. */
    boolean needsCommit() {
        lock.enter();
        try {
            return (pendingBlockCount > 0 && freeBlocks - pendingBlockCount < LOW_BLOCKS)
                    || (pendingInodeCount > 0 && freeInodes - pendingInodeCount < LOW_INODES);
        } finally {
            lock.exit();
        }
    }

    /** Data must be on the device before the next commit writes what points to it. */
    void setAllocated() {
        lock.enter();
        allocated = true;
        lock.exit();
    }

    /** With all transactions over: whether {@link #setAllocated} holds. */
    boolean isAllocated() {
        return allocated;
    }

    /** With all transactions over: whether the counts have changed since this was asked last. */
    boolean takeCountsChanged() {
        boolean changed = countsChanged;
        countsChanged = false;
        return changed;
    }

    /** With all transactions over: what was freed can be handed out again. */
    void committed() {
        pendingBlocks.clear();
        pendingInodes.clear();
        pendingBlockCount = 0;
        pendingInodeCount = 0;
        allocated = false;
    }

    private void addFreeBlocks(int more) {
        long now = freeBlocks;
        freeBlocks = now + more;
        countsChanged = true;
    }

    private void addFreeInodes(int more) {
        long now = freeInodes;
        freeInodes = now + more;
        countsChanged = true;
    }

    // Blocks

    /**
     * Takes blocks, as many as are side by side and no more than are wanted.
     *
     * @param goal where the first would be best
     * @param want 1 or more
     * @throws ErrnoException ENOSPC, EIO
     */
    Run allocate(long goal, int want) throws ErrnoException {
        lock.enter();
        try {
            long kept = kernel.curlwp().cred().isSuperuser() ? 0 : sb.blocksReserved();
            long available = freeBlocks - pendingBlockCount - kept;
            if (available <= 0) {
                throw Errno.ENOSPC.exception();
            }
            int most = (int) Math.min(want, available);
            long at = sb.isDataBlock(goal) ? goal : sb.firstDataBlock + 1;
            int first = (int) ((at - sb.firstDataBlock) / sb.blocksPerGroup);
            int bit = (int) ((at - sb.firstDataBlock) % sb.blocksPerGroup);
            for (int least = Math.min(most, GOOD_RUN); ; least = 1) {
                for (int i = 0; i < sb.groups; i++) {
                    int group = (first + i) % sb.groups;
                    Run run = allocateIn(group, i == 0 ? bit : 0, least, most);
                    if (run != null) {
                        return run;
                    }
                }
                if (least == 1) {
                    throw Errno.ENOSPC.exception();
                }
            }
        } finally {
            lock.exit();
        }
    }

    private int blocksIn(int group) {
        return (int) Math.min(sb.blocksPerGroup, sb.blocksCount - sb.firstBlock(group));
    }

    private @Nullable Run allocateIn(int number, int from, int least, int most) throws ErrnoException {
        try (GroupDescriptors.Group group = groups.open(number)) {
            if (group.freeBlocks() < least) {
                return null;
            }
            try (Buf buf = blockBitmap(group)) {
                Bitmap bitmap = new Bitmap(buf.data(), blocksIn(number));
                BitSet pending = pendingBlocks.getOrDefault(number, new BitSet());
                int bit = find(bitmap, pending, from, least);
                if (bit == bitmap.bits() && from > 0) {
                    bit = find(bitmap, pending, 0, least);
                }
                if (bit == bitmap.bits()) {
                    return null;
                }
                int count = Math.min(Math.min(most, runEnd(bitmap, pending, bit) - bit), group.freeBlocks());
                for (int i = 0; i < count; i++) {
                    bitmap.set(bit + i);
                }
                group.setFreeBlocks(group.freeBlocks() - count);
                blockBitmapChanged(group, buf);
                addFreeBlocks(-count);
                allocated = true;
                return new Run(sb.firstBlock(number) + bit, count);
            }
        }
    }

    /** So many bits that can be taken, from one on. */
    private static int find(Bitmap bitmap, BitSet pending, int from, int least) {
        int bit = bitmap.nextClear(from);
        while (bit < bitmap.bits()) {
            if (pending.get(bit)) {
                bit = bitmap.nextClear(pending.nextClearBit(bit));
                continue;
            }
            int end = runEnd(bitmap, pending, bit);
            if (end - bit >= least) {
                return bit;
            }
            bit = bitmap.nextClear(end);
        }
        return bitmap.bits();
    }

    private static int runEnd(Bitmap bitmap, BitSet pending, int bit) {
        int end = bitmap.nextSet(bit);
        int waiting = pending.nextSetBit(bit);
        return waiting < 0 ? end : Math.min(end, waiting);
    }

    /**
     * Gives blocks of data back.
     *
     * @throws ErrnoException EIO where they are not in use
     */
    void free(long blkno, long count) throws ErrnoException {
        if (!sb.areDataBlocks(blkno, count)) {
            throw volume.damaged(count + " blocks at " + blkno + " to be freed");
        }
        lock.enter();
        try {
            for (long at = blkno; at < blkno + count; ) {
                int group = (int) ((at - sb.firstDataBlock) / sb.blocksPerGroup);
                long end = Math.min(blkno + count, sb.firstBlock(group + 1L));
                freeIn(group, (int) (at - sb.firstBlock(group)), (int) (end - at));
                at = end;
            }
        } finally {
            lock.exit();
        }
    }

    /** As the other, of one that was read or made as a buffer. */
    void freeBuf(long blkno) throws ErrnoException {
        free(blkno, 1);
        volume.bufs().discard(blkno << sb.blockShift);
    }

    private void freeIn(int number, int bit, int count) throws ErrnoException {
        try (GroupDescriptors.Group group = groups.open(number);
                Buf buf = blockBitmap(group)) {
            Bitmap bitmap = new Bitmap(buf.data(), blocksIn(number));
            if (bitmap.nextClear(bit) < bit + count) {
                throw volume.damaged("group " + number + ": a block that is to be freed is free");
            }
            for (int i = 0; i < count; i++) {
                bitmap.clear(bit + i);
            }
            pendingBlocks.computeIfAbsent(number, _ -> new BitSet()).set(bit, bit + count);
            pendingBlockCount += count;
            group.setFreeBlocks(group.freeBlocks() + count);
            blockBitmapChanged(group, buf);
            addFreeBlocks(count);
        }
    }

    private void blockBitmapChanged(GroupDescriptors.Group group, Buf buf) {
        if (sb.has(Feature.METADATA_CSUM)) {
            group.setBlockBitmapChecksum(checksum(buf, sb.blocksPerGroup));
        }
        group.changed();
        buf.dirty(WriteStage.MAP);
    }

    private int checksum(Buf buf, long bits) {
        return Crc32c.update(sb.checksumSeed, buf.data(), 0, bits / Byte.SIZE);
    }

    private Buf blockBitmap(GroupDescriptors.Group group) throws ErrnoException {
        long blkno = group.blockBitmap();
        requirePlace(group, blkno);
        if (group.has(GroupDescriptors.FL_BLOCK_UNINIT)) {
            return makeBlockBitmap(group, blkno);
        }
        Buf buf = volume.bread(blkno);
        long tag = BlockTag.BLOCK_BITMAP.of(group.number);
        if (buf.tag() != tag) {
            boolean right = !sb.has(Feature.METADATA_CSUM)
                    || group.stored(checksum(buf, sb.blocksPerGroup)) == group.blockBitmapChecksum();
            requireBitmap(group, buf, right && isOwnBlockUsed(group, buf, blkno));
            buf.setTag(tag);
        }
        return buf;
    }

    /** A bitmap that says of itself that it is free is none. */
    private boolean isOwnBlockUsed(GroupDescriptors.Group group, Buf buf, long blkno) {
        long bit = blkno - sb.firstBlock(group.number);
        return bit < 0
                || bit >= blocksIn(group.number)
                || new Bitmap(buf.data(), blocksIn(group.number)).get((int) bit);
    }

    private void requirePlace(GroupDescriptors.Group group, long blkno) throws ErrnoException {
        if (!sb.isDataBlock(blkno)) {
            throw volume.damaged("group " + group.number + ": bitmap at block " + blkno);
        }
    }

    private void requireBitmap(GroupDescriptors.Group group, Buf buf, boolean right) throws ErrnoException {
        if (!right) {
            buf.close();
            throw volume.damaged("group " + group.number + ": a bitmap is damaged");
        }
    }

    private Buf makeBlockBitmap(GroupDescriptors.Group group, long blkno) throws ErrnoException {
        Buf buf = volume.getblk(blkno);
        int blocks = blocksIn(group.number);
        Bitmap whole = new Bitmap(buf.data(), sb.blockBytes * Byte.SIZE);
        Bitmap bitmap = new Bitmap(buf.data(), blocks);
        long first = sb.firstBlock(group.number);
        mark(bitmap, 0, groups.headBlocks(group.number));
        mark(bitmap, group.blockBitmap() - first, 1);
        mark(bitmap, group.inodeBitmap() - first, 1);
        mark(bitmap, group.inodeTable() - first, sb.inodeTableBlocksPerGroup());
        int free = bitmap.countClear();
        mark(whole, blocks, whole.bits() - blocks);
        requireBitmap(group, buf, free == group.freeBlocks());
        group.clear(GroupDescriptors.FL_BLOCK_UNINIT);
        buf.setTag(BlockTag.BLOCK_BITMAP.of(group.number));
        blockBitmapChanged(group, buf);
        return buf;
    }

    /** Sets bits, those of them that are in the bitmap. */
    private static void mark(Bitmap bitmap, long from, long count) {
        for (long bit = Math.max(0, from); bit < Math.min(from + count, bitmap.bits()); bit++) {
            bitmap.set((int) bit);
        }
    }

    // Inodes

    /**
     * Takes an inode.
     *
     * @param parent the directory that its name is going to be in
     * @throws ErrnoException ENOSPC, EIO
     */
    long allocateInode(long parent, boolean directory) throws ErrnoException {
        lock.enter();
        try {
            if (freeInodes - pendingInodeCount <= 0) {
                throw Errno.ENOSPC.exception("no inodes are left");
            }
            int parentGroup = (int) ((parent - 1) / sb.inodesPerGroup);
            int first = directory ? groupForDirectory(parent, parentGroup) : parentGroup;
            for (int i = 0; i < sb.groups; i++) {
                long ino = allocateInodeIn((first + i) % sb.groups, directory);
                if (ino != 0) {
                    return ino;
                }
            }
            throw Errno.ENOSPC.exception("no inodes are left");
        } finally {
            lock.exit();
        }
    }

    /**
     * Directories of the root are spread over the groups, those below stay with the one above while there is room: what is used
     * together is side by side then (Orlov's idea).
     */
    private int groupForDirectory(long parent, int parentGroup) throws ErrnoException {
        long inodes = freeInodes / sb.groups;
        long blocks = freeBlocks / sb.groups;
        if (parent != Superblock.ROOT_INO) {
            for (int i = 0; i < sb.groups; i++) {
                int number = (parentGroup + i) % sb.groups;
                try (GroupDescriptors.Group group = groups.open(number)) {
                    if (group.freeInodes() > sb.inodesPerGroup / 16 && group.freeBlocks() >= blocks / 4) {
                        return number;
                    }
                }
            }
            return parentGroup;
        }
        int best = parentGroup;
        int fewest = Integer.MAX_VALUE;
        for (int number = 0; number < sb.groups; number++) {
            try (GroupDescriptors.Group group = groups.open(number)) {
                if (group.freeInodes() >= Math.max(1, inodes)
                        && group.freeBlocks() >= blocks
                        && group.usedDirs() < fewest) {
                    fewest = group.usedDirs();
                    best = number;
                }
            }
        }
        return best;
    }

    private long allocateInodeIn(int number, boolean directory) throws ErrnoException {
        try (GroupDescriptors.Group group = groups.open(number)) {
            if (group.freeInodes() == 0) {
                return 0;
            }
            // A group with inodes has bitmaps of both kinds.
            blockBitmap(group).close();
            try (Buf buf = inodeBitmap(group)) {
                Bitmap bitmap = new Bitmap(buf.data(), sb.inodesPerGroup);
                int bit = find(bitmap, pendingInodes.getOrDefault(number, new BitSet()), 0, 1);
                long ino = (long) number * sb.inodesPerGroup + bit + 1;
                if (bit == bitmap.bits()) {
                    return 0;
                }
                if (!sb.isInode(ino) || ino < sb.firstIno()) {
                    throw volume.damaged("group " + number + ": inode " + ino + " is free");
                }
                bitmap.set(bit);
                group.setFreeInodes(group.freeInodes() - 1);
                group.setUsedDirs(group.usedDirs() + (directory ? 1 : 0));
                if (sb.has(Feature.METADATA_CSUM) || sb.has(Feature.GDT_CSUM)) {
                    group.setInodeTableUnused(Math.min(group.inodeTableUnused(), sb.inodesPerGroup - bit - 1));
                }
                inodeBitmapChanged(group, buf);
                addFreeInodes(-1);
                return ino;
            }
        }
    }

    /**
     * Gives an inode back.
     *
     * @throws ErrnoException EIO where it is not in use
     */
    void freeInode(long ino, boolean directory) throws ErrnoException {
        int number = (int) ((ino - 1) / sb.inodesPerGroup);
        int bit = (int) ((ino - 1) % sb.inodesPerGroup);
        lock.enter();
        try (GroupDescriptors.Group group = groups.open(number);
                Buf buf = inodeBitmap(group)) {
            Bitmap bitmap = new Bitmap(buf.data(), sb.inodesPerGroup);
            if (!bitmap.get(bit)) {
                throw volume.damaged(ino, "it is to be freed, but is free");
            }
            bitmap.clear(bit);
            pendingInodes.computeIfAbsent(number, _ -> new BitSet()).set(bit);
            pendingInodeCount++;
            group.setFreeInodes(group.freeInodes() + 1);
            group.setUsedDirs(Math.max(0, group.usedDirs() - (directory ? 1 : 0)));
            inodeBitmapChanged(group, buf);
            addFreeInodes(1);
        } finally {
            lock.exit();
        }
    }

    private void inodeBitmapChanged(GroupDescriptors.Group group, Buf buf) {
        if (sb.has(Feature.METADATA_CSUM)) {
            group.setInodeBitmapChecksum(checksum(buf, sb.inodesPerGroup));
        }
        group.changed();
        buf.dirty(WriteStage.MAP);
    }

    private Buf inodeBitmap(GroupDescriptors.Group group) throws ErrnoException {
        long blkno = group.inodeBitmap();
        requirePlace(group, blkno);
        long tag = BlockTag.INODE_BITMAP.of(group.number);
        if (group.has(GroupDescriptors.FL_INODE_UNINIT)) {
            Buf buf = volume.getblk(blkno);
            mark(
                    new Bitmap(buf.data(), sb.blockBytes * Byte.SIZE),
                    sb.inodesPerGroup,
                    (long) sb.blockBytes * Byte.SIZE - sb.inodesPerGroup);
            group.clear(GroupDescriptors.FL_INODE_UNINIT);
            buf.setTag(tag);
            inodeBitmapChanged(group, buf);
            return buf;
        }
        Buf buf = volume.bread(blkno);
        if (buf.tag() != tag) {
            boolean right = !sb.has(Feature.METADATA_CSUM)
                    || group.stored(checksum(buf, sb.inodesPerGroup)) == group.inodeBitmapChecksum();
            requireBitmap(group, buf, right);
            buf.setTag(tag);
        }
        return buf;
    }
}
