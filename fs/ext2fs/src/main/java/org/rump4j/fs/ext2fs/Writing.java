package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.SuperblockLayout.*;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Clock;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Krwlock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.BufCache;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.WriteStage;

/**
 * What a mount has that is written: transactions, and commits that write what they have changed.
 *
 * <p>A commit writes in stages, so that a power cut leaves what {@code e2fsck} can mend without losing what was durable: data and
 * blocks that nothing points to yet; then inodes, maps and bitmaps; then directories that have got names; then those from which
 * names have been moved elsewhere. Between two stages that both wrote something the device is flushed.
 *
 * <p><b>Locks.</b> A transaction is in between a vnode's lock and the allocator's. Within one, no vnode is locked, looked for or given
 * back.
 */
final class Writing {
    /** Files without names that are taken over at one time, at the most. */
    private static final int MAX_ORPHANS = 1 << 16;

    private final Mount mount;
    private final Volume volume;
    private final Superblock sb;
    private final BufCache bufs;
    private final BlockDevice device;
    private final Clock clock;
    final Allocator allocator;
    private final InodeTable inodes;

    /** What makes a commit all or nothing; null where there is none. */
    private final @Nullable JournalWriter journal;

    /** Files without a name that have not been freed. */
    private final OrphanList orphans;

    /** Shared by transactions, exclusive for a commit. */
    private final Krwlock transactions;

    /** Guards what follows. */
    private final Kmutex lock;

    /** Blocks of directories that have got moved entries since the last commit. */
    private final Set<Long> gained = new HashSet<>();

    /** Inodes without names that are to be freed when the commit is over that makes the name durable that replaced theirs. */
    private List<Inode> doomed = new ArrayList<>();

    /** Files that have been read, when their inodes do not say it yet. */
    private Set<Ext2Node> read = new HashSet<>();

    private int generation;

    /** Whether the next transaction may begin. */
    private volatile boolean open = true;

    private volatile boolean changed;

    /** Counts commits: the one that is going to write what is changed now. */
    private volatile long commit = 1;

    /** Whether the device says that the file system is in use. */
    private boolean marked;

    /** Whether the device says that something was found that makes no sense. */
    private boolean damageRecorded;

    Writing(Mount mount, Volume volume, GroupDescriptors groups, InodeTable inodes, @Nullable JournalWriter journal) {
        Kernel kernel = mount.vfs().kernel();
        this.mount = mount;
        this.volume = volume;
        this.inodes = inodes;
        this.journal = journal;
        this.sb = volume.superblock();
        this.bufs = volume.bufs();
        this.device = volume.device();
        this.clock = kernel.clock();
        this.transactions = kernel.rwlock();
        this.lock = kernel.mutex();
        this.allocator = new Allocator(kernel, volume, groups, inodes);
        this.generation = Long.hashCode(clock.wallNanos());
        this.orphans = new OrphanList(inodes, journal != null);
    }

    /**
     * Why a file system is not written on a device that is; null where it is.
     *
     * @param sb its superblock
     * @throws ErrnoException EROFS where what is there must not be taken for something that is written
     */
    static @Nullable String refusal(Superblock sb, BlockDevice device) throws ErrnoException {
        int unknown = sb.features.unknown(Feature.Kind.RO_COMPAT);
        if (unknown != 0) {
            throw Errno.EROFS.exception("features that this driver can only read with: "
                    + String.join(", ", Feature.names(Feature.Kind.RO_COMPAT, unknown)));
        }
        List<String> features = sb.features.unwritable();
        if (!features.isEmpty()) {
            return "this driver does not write with the features " + String.join(", ", features);
        }
        if (!sb.isKnownRevision()) {
            return "revision " + sb.revision() + " is not known";
        }
        if ((sb.state() & (STATE_VALID | STATE_ERROR)) != STATE_VALID) {
            return "it should be checked first";
        }
        if (sb.has(Feature.HAS_JOURNAL) && sb.journalInum() == 0) {
            return "the journal is on another device (" + sb.journalUuidText() + ")";
        }
        if (sb.has(Feature.RECOVER) && !sb.has(Feature.HAS_JOURNAL)) {
            return "a journal should be played back, but there is none";
        }
        if (sb.blocksCount > device.sizeBytes() >> sb.blockShift) {
            return "the device is too short";
        }
        if (sb.freeBlocks() > sb.blocksCount || sb.freeInodes() > sb.inodesCount) {
            return "the counts of what is free make no sense";
        }
        return null;
    }

    // Transactions

    /**
     * Begins to change something. Not within another one.
     *
     * @throws ErrnoException EROFS where that is no longer allowed; EIO where a commit was due and has failed
     */
    void begin() throws ErrnoException {
        if (allocator.needsCommit() || isCommitDue()) {
            commit();
        }
        transactions.enterRead();
        if (!open || isStopped()) {
            transactions.exit();
            throw Errno.EROFS.exception();
        }
        if (!changed) {
            changed = true;
        }
    }

    /**
     * Whether too much is dirty, for the kernel's memory or for the journal: what is changed by those who are at it must find room there
     * too.
     */
    private boolean isCommitDue() {
        return bufs.needsCommit() || (journal != null && bufs.dirtyBytes() >> sb.blockShift > journal.maxBlocks() / 4);
    }

    /** What was begun is whole. */
    void end() {
        transactions.exit();
    }

    /** The commit that is going to write what is changed now. */
    long commitNumber() {
        return commit;
    }

    /** A number for a new inode that differs from the last one it had. */
    int nextGeneration() {
        lock.enter();
        int next = generation++;
        lock.exit();
        return next;
    }

    /** A directory's block has got an entry that was moved. */
    void gained(long blkno) {
        lock.enter();
        gained.add(blkno);
        lock.exit();
    }

    /** Whether a block has got an entry that was moved, and must not give one away before the next commit. */
    boolean hasGained(long blkno) {
        lock.enter();
        try {
            return gained.contains(blkno);
        } finally {
            lock.exit();
        }
    }

    /** Whether a commit is all or nothing, so that nothing depends on the order in which it is written. */
    boolean isAtomic() {
        return journal != null;
    }

    /**
     * A file has lost its last name. Who calls stores the inode.
     *
     * @throws ErrnoException EIO
     */
    void addOrphan(Inode inode) throws ErrnoException {
        lock.enter();
        try (Buf buf = superblock()) {
            orphans.add(inode);
            storeOrphans(buf);
        } finally {
            lock.exit();
        }
    }

    /** One that had lost its last name is free. Who calls stores the inode. */
    private void removeOrphan(Inode inode) throws ErrnoException {
        lock.enter();
        try (Buf buf = superblock()) {
            orphans.remove(inode);
            storeOrphans(buf);
        } finally {
            lock.exit();
        }
    }

    /**
     * Frees what was in use without a name when the power went, and cuts off what was to be cut off. Before anybody else changes anything.
     *
     * @param first where the device's list of them begins
     * @throws ErrnoException EIO where something of it makes no sense
     */
    void freeOrphans(long first) throws ErrnoException {
        orphans.load(volume, first);
        if (sb.has(Feature.ORPHAN_PRESENT)) {
            takeOrphanFile();
        }
        boolean any = !orphans.isEmpty();
        int freed = 0;
        int truncated = 0;
        while (!orphans.isEmpty()) {
            Inode inode = orphans.last();
            if (inode.links() == 0) {
                freeInode(inode);
                freed++;
            } else {
                finishTruncation(inode);
                truncated++;
            }
        }
        orphans.setOnDevice(journal != null);
        if (any) {
            commit();
            volume.print(freed + " files without names have been freed, " + truncated + " truncated");
        }
    }

    /** What is in the file of orphans goes into the list, at one time. */
    private void takeOrphanFile() throws ErrnoException {
        long most =
                Math.min(bufs.dirtyLimitBytes() >> sb.blockShift, journal == null ? MAX_ORPHANS : journal.maxBlocks())
                        / 4;
        begin();
        try (Buf buf = superblock()) {
            orphans.load(volume, new OrphanFile(volume, inodes).takeAll(most));
            int features = FEATURE_RO_COMPAT.get(buf.data(), superblockAt());
            FEATURE_RO_COMPAT.set(buf.data(), superblockAt(), features & ~Feature.ORPHAN_PRESENT.bit());
            LAST_ORPHAN.set(buf.data(), superblockAt(), (int) orphans.first());
            checksum(buf.data(), superblockAt());
            buf.dirty(WriteStage.MAP);
        } finally {
            end();
        }
    }

    private void finishTruncation(Inode inode) throws ErrnoException {
        if (inode.isRegular()) {
            truncate(inode, inode.size(), NOTHING_CACHED);
        }
        begin();
        try {
            removeOrphan(inode);
            inodes.store(inode, false);
        } finally {
            end();
        }
    }

    private void storeOrphans(Buf buf) {
        int first = (int) orphans.first();
        if (LAST_ORPHAN.get(buf.data(), superblockAt()) != first) {
            LAST_ORPHAN.set(buf.data(), superblockAt(), first);
            checksum(buf.data(), superblockAt());
            buf.dirty(WriteStage.MAP);
        }
    }

    /** An inode is to be freed when the commit is over. */
    void doom(Inode inode) {
        lock.enter();
        doomed.add(inode);
        lock.exit();
        mount.dirtied();
    }

    /** A file has been read: {@link #sync} is to write when. */
    void read(Ext2Node node) {
        lock.enter();
        read.add(node);
        lock.exit();
    }

    /** It says so itself by now. */
    void forget(Ext2Node node) {
        lock.enter();
        read.remove(node);
        lock.exit();
    }

    // Commits

    /**
     * Makes everything durable that has been changed but for when files were read.
     *
     * @throws ErrnoException EIO, ENOSPC of the host
     */
    void commit() throws ErrnoException {
        commit(false);
    }

    /** As the other, with the times too. */
    void commitAll() throws ErrnoException {
        commit(true);
    }

    private void commit(boolean times) throws ErrnoException {
        if (!isStopped()) {
            mount.flushPages();
        }
        List<Inode> free;
        transactions.enterWrite();
        try {
            if (times) {
                storeTimes();
            }
            commitLocked();
            free = doomed;
            doomed = new ArrayList<>();
        } finally {
            transactions.exit();
        }
        for (Inode inode : free) {
            freeInode(inode);
        }
    }

    /** With all transactions over, so that nobody changes an inode. */
    private void storeTimes() throws ErrnoException {
        lock.enter();
        Set<Ext2Node> nodes = read;
        read = new HashSet<>();
        lock.exit();
        for (Ext2Node node : nodes) {
            if (isCommitDue()) {
                commitLocked();
            }
            changed |= node.storeReadTime();
        }
    }

    /** Whether nothing is changed any more because of what was found. What has not been committed by then never is. */
    private boolean isStopped() {
        return volume.isDamaged() && sb.errorsStopWriting();
    }

    /**
     * As {@link #commit}, for whoever does so now and then: where nothing is written any more there is nothing to be said about it.
     *
     * @param times whether it is to be durable, too, when files were read
     * @throws ErrnoException EIO, ENOSPC of the host
     */
    void sync(boolean times) throws ErrnoException {
        if (isStopped()) {
            stop();
        } else {
            commit(times);
        }
    }

    private void stop() throws ErrnoException {
        transactions.enterWrite();
        try {
            open = false;
            recordDamage();
        } finally {
            transactions.exit();
        }
    }

    private void commitLocked() throws ErrnoException {
        recordDamage();
        if (isStopped()) {
            throw Errno.EROFS.exception("the file system has errors");
        }
        mount.flushPages();
        if (!changed) {
            device.flush();
            return;
        }
        if (journal != null) {
            writeByJournal(journal);
        } else {
            writeByStages();
        }
        allocator.committed();
        gained.clear();
        changed = false;
        long done = commit;
        commit = done + 1;
    }

    /** The device is to know at once that something makes no sense: it is checked then, whatever becomes of this mount. */
    private void recordDamage() throws ErrnoException {
        if (!volume.isDamaged() || damageRecorded) {
            return;
        }
        if (isStopped()) {
            volume.print("errors were found: nothing is written any more, and what was not yet durable is lost");
        }
        Superblock.change(device, raw -> STATE.set(raw, 0, STATE.get(raw, 0) | STATE_ERROR));
        try (Buf buf = superblock()) {
            STATE.set(buf.data(), superblockAt(), STATE.get(buf.data(), superblockAt()) | STATE_ERROR);
            checksum(buf.data(), superblockAt());
        }
        damageRecorded = true;
    }

    private void writeByStages() throws ErrnoException {
        boolean fresh = bufs.writeStage(WriteStage.FRESH);
        if (!marked) {
            mark();
        } else if (fresh || allocator.isAllocated()) {
            device.flush();
        }
        if (allocator.takeCountsChanged()) {
            updateSuperblock(false);
        }
        bufs.writeStage(WriteStage.MAP);
        for (WriteStage stage : new WriteStage[] {WriteStage.GAIN, WriteStage.LOSE}) {
            device.flush();
            bufs.writeStage(stage);
        }
        device.flush();
    }

    /**
     * The first flush makes durable what the transaction consists of, data that its blocks lead to, and the blocks of the one before it in
     * their places; the second the commit block.
     */
    private void writeByJournal(JournalWriter to) throws ErrnoException {
        if (!marked) {
            mark();
        }
        if (allocator.takeCountsChanged()) {
            updateSuperblock(false);
        }
        List<Buf> dirty = bufs.dirty();
        try {
            // What has been freed is nobody's metadata any more.
            dirty.removeIf(this::isFreed);
            to.write(dirty);
        } finally {
            dirty.forEach(Buf::close);
        }
        device.flush();
        to.commit(clock.now());
        device.flush();
        for (WriteStage stage : WriteStage.values()) {
            bufs.writeStage(stage);
        }
    }

    private boolean isFreed(Buf buf) {
        boolean freed = allocator.isPending(buf.offset() >> sb.blockShift);
        if (freed) {
            buf.close();
            bufs.discard(buf.offset());
        }
        return freed;
    }

    /** The first change since the mount: the file system is in use from now on, and the device knows before anything else does. */
    private void mark() throws ErrnoException {
        try (Buf buf = superblock()) {
            // What else has changed in the cached one is for the commit.
            Superblock.change(device, raw -> mark(raw, 0));
            mark(buf.data(), superblockAt());
            checksum(buf.data(), superblockAt());
            buf.dirty(WriteStage.MAP);
        }
        marked = true;
    }

    private void mark(MemorySegment memory, int at) {
        if (journal == null) {
            STATE.set(memory, at, STATE.get(memory, at) & ~STATE_VALID);
        } else {
            Superblock.setRecover(memory.asSlice(at), true);
        }
        MTIME.set(memory, at, seconds());
        WTIME.set(memory, at, seconds());
        MNT_COUNT.set(memory, at, MNT_COUNT.get(memory, at) + 1);
    }

    private void updateSuperblock(boolean clean) throws ErrnoException {
        try (Buf buf = superblock()) {
            MemorySegment memory = buf.data();
            int at = superblockAt();
            long blocks = allocator.freeBlocks();
            FREE_BLOCKS_COUNT_LO.set(memory, at, (int) blocks);
            if (sb.has(Feature.BIT64)) {
                FREE_BLOCKS_COUNT_HI.set(memory, at, (int) (blocks >>> 32));
            }
            FREE_INODES_COUNT.set(memory, at, (int) allocator.freeInodes());
            WTIME.set(memory, at, seconds());
            if (clean && !volume.isDamaged() && (journal != null || orphans.isEmpty())) {
                STATE.set(memory, at, STATE.get(memory, at) | STATE_VALID);
            }
            if (clean && journal != null) {
                Superblock.setRecover(memory.asSlice(at), false);
            }
            checksum(memory, at);
            buf.dirty(WriteStage.MAP);
        }
    }

    /**
     * A file is longer than drivers of old take it to be: they must not read it.
     *
     * @throws ErrnoException EIO; EFBIG where that cannot be said
     */
    void requireLargeFiles() throws ErrnoException {
        lock.enter();
        try (Buf buf = superblock()) {
            int features = FEATURE_RO_COMPAT.get(buf.data(), superblockAt());
            if (sb.revision() == 0) {
                throw Errno.EFBIG.exception("revision 0");
            }
            if ((features & Feature.LARGE_FILE.bit()) == 0) {
                FEATURE_RO_COMPAT.set(buf.data(), superblockAt(), features | Feature.LARGE_FILE.bit());
                checksum(buf.data(), superblockAt());
                buf.dirty(WriteStage.MAP);
            }
        } finally {
            lock.exit();
        }
    }

    private Buf superblock() throws ErrnoException {
        return volume.bread(DEVICE_OFFSET >> sb.blockShift);
    }

    private int superblockAt() {
        return DEVICE_OFFSET & (sb.blockBytes - 1);
    }

    private void checksum(MemorySegment memory, int at) {
        if (sb.has(Feature.METADATA_CSUM)) {
            seal(memory, at);
        }
    }

    private int seconds() {
        return (int) clock.now().sec();
    }

    /**
     * No transaction begins any more, and the device says that the file system is whole.
     *
     * @throws ErrnoException EIO
     */
    void close() throws ErrnoException {
        if (isStopped()) {
            stop();
            return;
        }
        do {
            commit();
        } while (changed || !doomed.isEmpty());
        transactions.enterWrite();
        try {
            open = false;
            commitLocked();
            if (marked) {
                if (journal != null) {
                    device.flush();
                    journal.empty();
                    device.flush();
                }
                updateSuperblock(true);
                bufs.writeStage(WriteStage.MAP);
                device.flush();
                marked = false;
            }
        } finally {
            transactions.exit();
        }
    }

    /** Transactions may begin again. */
    void reopen() {
        open = true;
    }

    // Inodes that go

    /** What maps an inode's blocks, to be changed. */
    MapEditor editor(Inode inode) throws ErrnoException {
        return inode.hasFlag(Inode.FL_EXTENTS)
                ? new ExtentEditor(volume, allocator, inode)
                : new IndirectEditor(volume, allocator, inode);
    }

    /** Bytes of a file that one transaction frees at the most, so that it does not change too many bitmaps. */
    long truncateStep() {
        return sb.blocksPerGroup << sb.blockShift << 5;
    }

    /**
     * Frees an inode without names, and all that it has.
     *
     * @throws ErrnoException EIO
     */
    void freeInode(Inode inode) throws ErrnoException {
        boolean blocks = inode.isRegular() || inode.isDirectory() || (inode.isSymlink() && !inode.isFastSymlink());
        if (blocks) {
            truncate(inode, 0, NOTHING_CACHED);
        }
        begin();
        try {
            if (inode.hasAttributeBlock()) {
                freeAttributes(inode);
            }
            inode.setLinks(0);
            inode.setSize(0);
            removeOrphan(inode);
            Inode.DTIME.set(inode.raw(), 0, seconds());
            inodes.store(inode, false);
            allocator.freeInode(inode.ino, inode.isDirectory());
        } finally {
            end();
        }
    }

    /**
     * What is cached of a file's data. It goes in the transaction that its blocks go in: a commit between the two would have the device show
     * blocks that were never written.
     */
    @FunctionalInterface
    interface Cached {
        /**
         * Drops what is cached of a piece, which ends where the file does or is a hole from now on.
         *
         * @throws ErrnoException EIO: nothing has been dropped
         */
        void drop(long from, long end) throws ErrnoException;
    }

    private static final Cached NOTHING_CACHED = (_, _) -> {};

    /**
     * Frees the blocks of a file behind a length, and makes it that long, in as many transactions as it takes.
     *
     * @throws ErrnoException EIO
     */
    void truncate(Inode inode, long size, Cached cached) throws ErrnoException {
        long at = Math.max(Math.min(inode.size(), editor(inode).end() << sb.blockShift), size);
        do {
            at = Math.max(size, at - truncateStep());
            begin();
            try {
                cached.drop(at, inode.size());
                editor(inode).truncate((at + sb.blockBytes - 1) >> sb.blockShift);
                inode.setSize(at);
                inodes.store(inode, false);
            } finally {
                end();
            }
        } while (at > size);
    }

    /**
     * Makes a hole, in as many transactions as it takes.
     *
     * @param from byte of the file
     * @param end the one behind the last
     * @throws ErrnoException ENOSPC where what maps the file becomes larger, EIO
     */
    void punch(Inode inode, long from, long end, Cached cached) throws ErrnoException {
        long next;
        for (long at = from; at < end; at = next) {
            next = Math.min(end, (at + truncateStep()) & -sb.blockBytes);
            long first = (at + sb.blockBytes - 1) >> sb.blockShift;
            begin();
            try {
                cached.drop(at, next);
                if (first < next >> sb.blockShift) {
                    editor(inode).punch(first, next >> sb.blockShift);
                }
            } finally {
                inodes.store(inode, false);
                end();
            }
        }
    }

    private void freeAttributes(Inode inode) throws ErrnoException {
        long blkno = inode.attributeBlock();
        try (Buf buf = volume.bread(blkno)) {
            if (ExtendedAttributes.MAGIC.get(buf.data(), 0) != ExtendedAttributes.MAGIC_VALUE) {
                throw volume.damaged(inode.ino, "block " + blkno + " with its extended attributes is none");
            }
            int users = ExtendedAttributes.BLOCK_REFCOUNT.get(buf.data(), 0);
            if (users > 1) {
                ExtendedAttributes.BLOCK_REFCOUNT.set(buf.data(), 0, users - 1);
                if (sb.has(Feature.METADATA_CSUM)) {
                    ExtendedAttributes.BLOCK_CHECKSUM.set(buf.data(), 0, 0);
                    int crc = Crc32c.updateLe32(Crc32c.updateLe32(sb.checksumSeed, (int) blkno), (int) (blkno >>> 32));
                    crc = Crc32c.update(crc, buf.data(), 0, sb.blockBytes);
                    ExtendedAttributes.BLOCK_CHECKSUM.set(buf.data(), 0, crc);
                }
                buf.dirty(WriteStage.MAP);
            }
            inode.addBlocks(-1);
            Inode.FILE_ACL_LO.set(inode.raw(), 0, 0);
            Inode.FILE_ACL_HIGH.set(inode.raw(), 0, 0);
            if (users > 1) {
                return;
            }
        }
        allocator.freeBuf(blkno);
    }
}
