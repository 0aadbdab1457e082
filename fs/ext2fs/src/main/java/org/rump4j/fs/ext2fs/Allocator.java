package org.rump4j.fs.ext2fs;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Cred;
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

    /** Blocks that are kept for a file at first, for each one that it asks for. */
    private static final int FIRST_WINDOW = 8;

    /** Blocks that are kept for a file at the most. */
    private static final int MAX_WINDOW = 8192;

    /** What lacks this part of the average is as good: a group with a copy of the superblock always has less room. */
    private static final int NEARLY = 8;

    /** Groups that are looked through for a window of some size. */
    private static final int GROUPS_LOOKED_AT = 16;

    private final Kernel kernel;
    private final Volume volume;
    private final Superblock sb;
    private final GroupDescriptors groups;
    private final InodeTable inodes;
    private final Kmutex lock;

    private final Reservations reservations = new Reservations();

    /** What no file can have; null until it is needed first. */
    private @Nullable SystemBlocks system;

    /** By group, a bit of its bitmap of blocks before which none is clear. */
    private final Map<Integer, Integer> firstClear = new HashMap<>();

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

    Allocator(Kernel kernel, Volume volume, GroupDescriptors groups, InodeTable inodes) {
        this.kernel = kernel;
        this.volume = volume;
        this.sb = volume.superblock();
        this.groups = groups;
        this.inodes = inodes;
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

    /** With all transactions over: whether a block has been freed since the last commit. */
    boolean isPending(long blkno) {
        if (pendingBlockCount == 0) {
            return false;
        }
        BitSet pending = pendingBlocks.get((int) ((blkno - sb.firstDataBlock) / sb.blocksPerGroup));
        return pending != null && pending.get((int) ((blkno - sb.firstDataBlock) % sb.blocksPerGroup));
    }

    /** With all transactions over: what was freed can be handed out again. */
    void committed() {
        pendingBlocks.clear();
        pendingInodes.clear();
        pendingBlockCount = 0;
        pendingInodeCount = 0;
        allocated = false;
    }

    /**
     * Has the superblock's counts be those of the groups together.
     *
     * @throws ErrnoException EIO
     */
    void recount() throws ErrnoException {
        long blocks = 0;
        long inodes = 0;
        for (int group = 0; group < sb.groups; group++) {
            GroupDescriptors.Free free = groups.free(group);
            blocks += free.clusters();
            inodes += free.inodes();
        }
        countsChanged |= blocks != freeBlocks || inodes != freeInodes;
        freeBlocks = blocks;
        freeInodes = inodes;
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
     * Takes blocks for a file's data, as many as are side by side and no more than are wanted. They come out of the file's window, or it gets
     * a new one.
     *
     * @param goal where the first would be best
     * @param want 1 or more
     * @throws ErrnoException ENOSPC, EIO
     */
    Run allocate(Inode file, long goal, int want) throws ErrnoException {
        if (!file.isRegular() && (!file.isDirectory() || file.size() == 0)) {
            return allocate(goal, want);
        }
        lock.enter();
        try {
            int most = (int) Math.min(want, available());
            Reservations.Window window = file.window;
            Run run = window != null && window.contains(goal) ? allocateIn(window, goal, most) : null;
            if (run == null) {
                window = file.window = reserve(window, goal, most, file.isDirectory());
                run = window == null ? null : allocateIn(window, window.start(), most);
            }
            return run == null ? allocateAnywhere(goal, most) : run;
        } finally {
            lock.exit();
        }
    }

    /**
     * Takes blocks for what maps a file, or for anything that does not grow.
     *
     * @param goal where the first would be best
     * @param want 1 or more
     * @throws ErrnoException ENOSPC, EIO
     */
    Run allocate(long goal, int want) throws ErrnoException {
        lock.enter();
        try {
            return allocateAnywhere(goal, (int) Math.min(want, available()));
        } finally {
            lock.exit();
        }
    }

    /** A file does not grow any more for now: others can have what was kept for it. */
    void release(Inode file) {
        lock.enter();
        Reservations.Window window = file.window;
        if (window != null) {
            reservations.release(window);
            file.window = null;
        }
        lock.exit();
    }

    /**
     * Blocks that the caller may have. Some are kept for the superuser, or for whom the superblock names.
     *
     * @throws ErrnoException ENOSPC where there are none
     */
    private long available() throws ErrnoException {
        long available = freeBlocks - pendingBlockCount - (mayUseReserved() ? 0 : sb.blocksReserved());
        if (available <= 0) {
            throw Errno.ENOSPC.exception();
        }
        return available;
    }

    private boolean mayUseReserved() {
        Cred cred = kernel.curlwp().cred();
        return cred.isSuperuser()
                || cred.euid() == sb.reservedUid()
                || (sb.reservedGid() != 0 && cred.isMember(sb.reservedGid()));
    }

    // Windows

    /**
     * A window for a file, the larger the more the file grows. Where the goal is free it begins there, so that what is side by side goes
     * on; otherwise where there is enough room, or half of it, and so on.
     *
     * @param old the one that the file has had; null where it had none
     * @return null where there is nothing worth keeping
     */
    private Reservations.@Nullable Window reserve(
            Reservations.@Nullable Window old, long goal, int want, boolean directory) throws ErrnoException {
        int size = FIRST_WINDOW;
        if (!directory) {
            size *= Math.min(want, MAX_WINDOW);
            if (old != null && goal == old.end()) {
                size = Math.max(size, old.wanted() * 2);
            }
            size = Math.min(size, maxWindow());
        }
        long at = place(goal);
        Run run = findIn(groupOf(at), bitOf(at), 1, size, old, true);
        for (int enough = size; run == null && enough >= FIRST_WINDOW; enough /= 4) {
            for (int i = 0; run == null && i < Math.min(sb.groups, GROUPS_LOOKED_AT); i++) {
                int group = (groupOf(at) + i) % sb.groups;
                run = findIn(group, i == 0 ? bitOf(at) : 0, enough, size, old, false);
                if (run == null && i == 0 && bitOf(at) > 0) {
                    run = findIn(group, 0, enough, size, old, false);
                }
            }
        }
        if (run == null) {
            if (old != null) {
                reservations.release(old);
            }
            return null;
        }
        return reservations.reserve(old, run.blkno(), run.blkno() + run.count(), size);
    }

    private int maxWindow() {
        return Math.clamp(sb.blocksPerGroup / 4, FIRST_WINDOW, MAX_WINDOW);
    }

    /** Takes blocks out of a window from one on; null where there are none any more. */
    private @Nullable Run allocateIn(Reservations.Window window, long from, int most) throws ErrnoException {
        Run run = findIn(groupOf(from), bitOf(from), 1, most, window, false);
        if (run == null || !window.contains(run.blkno())) {
            return null;
        }
        return take(new Run(run.blkno(), (int) Math.min(run.count(), window.end() - run.blkno())));
    }

    // Runs

    private Run allocateAnywhere(long goal, int most) throws ErrnoException {
        long at = place(goal);
        int first = groupOf(at);
        int bit = bitOf(at);
        for (int least = Math.min(most, GOOD_RUN); ; least = 1) {
            for (int i = 0; i < sb.groups; i++) {
                int group = (first + i) % sb.groups;
                Run run = findIn(group, i == 0 ? bit : 0, least, most, null, false);
                if (run == null && i == 0 && bit > 0) {
                    run = findIn(group, 0, least, most, null, false);
                }
                if (run != null) {
                    return take(run);
                }
            }
            if (least == 1) {
                if (reservations.isEmpty()) {
                    throw Errno.ENOSPC.exception();
                }
                // What was kept for files that grow is all that there is.
                reservations.clear();
            }
        }
    }

    /** A block of data beside a goal that may make no sense. */
    private long place(long goal) {
        return sb.isDataBlock(goal) ? goal : sb.firstDataBlock + 1;
    }

    private int groupOf(long blkno) {
        return (int) ((blkno - sb.firstDataBlock) / sb.blocksPerGroup);
    }

    private int bitOf(long blkno) {
        return (int) ((blkno - sb.firstDataBlock) % sb.blocksPerGroup);
    }

    private int blocksIn(int group) {
        return (int) Math.min(sb.blocksPerGroup, sb.blocksCount - sb.firstBlock(group));
    }

    /**
     * Blocks of a group that can be taken.
     *
     * @param own a window that they may be in
     * @param exactly whether they have to begin with the first that is looked at
     * @return null where there are none
     */
    private @Nullable Run findIn(
            int number, int from, int least, int most, Reservations.@Nullable Window own, boolean exactly)
            throws ErrnoException {
        try (GroupDescriptors.Group group = groups.open(number)) {
            if (group.freeBlocks() < least) {
                return null;
            }
            try (Buf buf = blockBitmap(group)) {
                Bitmap bitmap = new Bitmap(buf.data(), blocksIn(number));
                BitSet pending = pendingBlocks.get(number);
                long base = sb.firstBlock(number);
                int bit = nextFree(bitmap, pending, base, skipUsed(number, bitmap, from), own);
                while (bit < bitmap.bits() && (!exactly || bit == from)) {
                    int end = (int) Math.min(
                            runEnd(bitmap, pending, bit, Math.max(least, most)),
                            reservations.limit(base + bit, own) - base);
                    if (end - bit >= least) {
                        return new Run(base + bit, Math.min(Math.min(most, end - bit), group.freeBlocks()));
                    }
                    bit = nextFree(bitmap, pending, base, end, own);
                }
                return null;
            }
        }
    }

    /** What lies before the first clear bit of a group is not looked through again and again. */
    private int skipUsed(int number, Bitmap bitmap, int from) {
        int known = firstClear.getOrDefault(number, 0);
        if (from > known) {
            return from;
        }
        int first = bitmap.nextClear(known);
        firstClear.put(number, first);
        return first;
    }

    private int nextFree(
            Bitmap bitmap, @Nullable BitSet pending, long base, int from, Reservations.@Nullable Window own) {
        int bit = nextFree(bitmap, pending, from);
        while (bit < bitmap.bits()) {
            int behind = (int) Math.min(reservations.skip(base + bit, own) - base, bitmap.bits());
            if (behind == bit) {
                return bit;
            }
            bit = nextFree(bitmap, pending, behind);
        }
        return bit;
    }

    private static int nextFree(Bitmap bitmap, @Nullable BitSet pending, int from) {
        int bit = bitmap.nextClear(from);
        while (pending != null && bit < bitmap.bits() && pending.get(bit)) {
            bit = bitmap.nextClear(pending.nextClearBit(bit));
        }
        return bit;
    }

    /** Where a run of what can be taken ends; no more of it is looked at than so many bits, for it may be very long. */
    private static int runEnd(Bitmap bitmap, @Nullable BitSet pending, int bit, int most) {
        Bitmap within = new Bitmap(bitmap.memory(), (int) Math.min(bitmap.bits(), (long) bit + most));
        int end = within.nextSet(bit);
        int waiting = pending == null ? -1 : pending.nextSetBit(bit);
        return waiting < 0 ? end : Math.min(end, waiting);
    }

    /** Takes blocks that have been found. */
    private Run take(Run run) throws ErrnoException {
        int number = groupOf(run.blkno());
        try (GroupDescriptors.Group group = groups.open(number);
                Buf buf = blockBitmap(group)) {
            Bitmap bitmap = new Bitmap(buf.data(), blocksIn(number));
            int bit = bitOf(run.blkno());
            bitmap.set(bit, bit + run.count());
            group.setFreeBlocks(group.freeBlocks() - run.count());
            blockBitmapChanged(group, buf);
            addFreeBlocks(-run.count());
            allocated = true;
            return run;
        }
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
            if (system().overlap(blkno, count)) {
                throw volume.damaged(count + " blocks at " + blkno
                        + " to be freed, among which are some that the file system keeps for itself");
            }
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
            firstClear.computeIfPresent(number, (_, known) -> Math.min(known, bit));
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
            requireBitmap(group, buf, right);
            requireSystemUsed(group, buf);
            buf.setTag(tag);
        }
        return buf;
    }

    /** Otherwise inode tables, bitmaps and the like would be handed out as data. */
    private void requireSystemUsed(GroupDescriptors.Group group, Buf buf) throws ErrnoException {
        boolean used = false;
        try {
            Bitmap bitmap = new Bitmap(buf.data(), blocksIn(group.number));
            long free = system().firstFree(bitmap, sb.firstBlock(group.number));
            if (free >= 0) {
                throw volume.damaged("group " + group.number + ": its bitmap has block " + free
                        + " as free, which the file system keeps for itself");
            }
            used = true;
        } finally {
            if (!used) {
                buf.close();
            }
        }
    }

    private SystemBlocks system() throws ErrnoException {
        SystemBlocks known = system;
        if (known == null) {
            system = known = SystemBlocks.of(volume, groups, inodes);
        }
        return known;
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
        requireSystemUsed(group, buf);
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
                if (group.freeInodes() >= Math.max(1, inodes - inodes / NEARLY)
                        && group.freeBlocks() >= blocks - blocks / NEARLY
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
                int bit = nextFree(bitmap, pendingInodes.get(number), 0);
                long ino = (long) number * sb.inodesPerGroup + bit + 1;
                if (bit == bitmap.bits()) {
                    return 0;
                }
                if (!sb.isInode(ino) || ino < sb.firstIno()) {
                    throw volume.damaged("group " + number + ": inode " + ino + " is free");
                }
                // Of a table that is not used whole, the rest is anything.
                boolean counted = sb.has(Feature.METADATA_CSUM) || sb.has(Feature.GDT_CSUM);
                boolean tableKnown = !counted || bit < sb.inodesPerGroup - group.inodeTableUnused();
                boolean inUse = tableKnown && inodes.isInUse(ino);
                bitmap.set(bit);
                group.setFreeInodes(group.freeInodes() - 1);
                group.setUsedDirs(group.usedDirs() + (directory && !inUse ? 1 : 0));
                if (counted) {
                    group.setInodeTableUnused(Math.min(group.inodeTableUnused(), sb.inodesPerGroup - bit - 1));
                }
                inodeBitmapChanged(group, buf);
                addFreeInodes(-1);
                if (inUse) {
                    throw volume.damaged(
                            ino, "it is in use, but the bitmap of group " + number + " said that it is free");
                }
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
