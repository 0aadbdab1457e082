package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.MessageLog;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;
import org.rump4j.vfs.Vnode;

/** What happens while a file system is mounted: what is on the device is looked at, and the user is told. */
final class Mounting {
    private static final String NOT_NEEDED =
            "something is in the journal that is not needed, it should be checked first";

    private final Mount mount;
    private final BlockDevice device;
    /** Whether it should be, and can be, written. */
    private boolean wantsToWrite;

    /** Whether the journal was: counts in the superblock need not be right then. */
    private boolean playedBack;

    private final MessageLog log;

    /** What the journal has newer copies of. Memory, to be given back where there is no mount in the end. */
    private final BlockCopies copies;

    Mounting(Mount mount, BlockDevice device, boolean wantsToWrite) {
        this.mount = mount;
        this.device = device;
        this.wantsToWrite = wantsToWrite;
        this.log = mount.vfs().kernel().log();
        this.copies = new BlockCopies(mount.vfs().kernel().kmem());
    }

    /**
     * Mounts.
     *
     * @throws ErrnoException as {@link org.rump4j.vfs.FilesystemType#mount}
     */
    MountedFs mount() throws ErrnoException {
        Superblock sb = Superblock.read(device);
        String refusal = wantsToWrite ? Writing.refusal(sb, device) : null;
        if (wantsToWrite && device.isReadOnly()) {
            refusal = "the device cannot be written";
        }
        Volume volume = volume(device, sb);
        describe(volume);
        boolean mounted = false;
        try {
            if (wantsToWrite) {
                refuse(volume, refusal);
            }
            Journal journal = null;
            if (wantsToWrite && sb.has(Feature.HAS_JOURNAL)) {
                volume = withJournal(volume);
                journal = wantsToWrite ? journal(volume) : null;
            }
            sb = volume.superblock();
            boolean clean = (sb.state() & SuperblockLayout.STATE_VALID) != 0 && !sb.has(Feature.RECOVER);
            if (sb.has(Feature.RECOVER)) {
                volume = throughJournal(volume);
            }
            GroupDescriptors groups = new GroupDescriptors(volume);
            InodeTable inodes = inodes(volume, groups);
            requireRoot(volume, inodes);
            Ext2fs fs = new Ext2fs(mount, volume, groups, inodes, clean);
            Writing writing = wantsToWrite ? writing(volume, groups, inodes, journal) : null;
            if (writing != null) {
                fs.startWriting(writing);
            }
            mounted = true;
            return fs;
        } finally {
            if (!mounted) {
                volume.forget();
                copies.close();
            }
        }
    }

    /** What it is written with; null where what was left behind cannot be put in order. */
    private @Nullable Writing writing(
            Volume volume, GroupDescriptors groups, InodeTable inodes, @Nullable Journal journal)
            throws ErrnoException {
        JournalWriter writer = journal == null ? null : new JournalWriter(volume, journal);
        Writing writing = new Writing(mount, volume, groups, inodes, writer);
        try {
            if (playedBack) {
                writing.allocator.recount();
            }
            writing.freeOrphans(volume.superblock().lastOrphan());
            return writing;
        } catch (ErrnoException e) {
            // What has been committed is in its place; the rest has not happened.
            volume.forget();
            refuse(volume, e.detail() + ": it should be checked first");
            return null;
        }
    }

    /**
     * What a file system is written with that has only been read so far.
     *
     * @throws ErrnoException EROFS with the reason why it is not written
     */
    static Writing toWrite(Mount mount, Volume volume, GroupDescriptors groups, InodeTable inodes)
            throws ErrnoException {
        Superblock sb = volume.superblock();
        JournalWriter journal = null;
        String refusal = Writing.refusal(sb, volume.device());
        if (refusal == null && (sb.has(Feature.RECOVER) || volume.device() instanceof OverlaidDevice)) {
            refusal = "its journal is played back when it is mounted to be written, and not before";
        } else if (refusal == null && sb.has(Feature.HAS_JOURNAL)) {
            Journal found = new Journal(volume, inodes.get(sb.journalInum()));
            refusal = found.isEmpty() ? JournalWriter.refusal(found) : NOT_NEEDED;
            journal = new JournalWriter(volume, found);
        }
        if (refusal != null) {
            throw Errno.EROFS.exception(refusal);
        }
        mount.vfs().openForWriting(volume.device());
        Writing writing = new Writing(mount, volume, groups, inodes, journal);
        try {
            writing.freeOrphans(sb.lastOrphan());
        } catch (ErrnoException e) {
            volume.forget();
            throw Errno.EROFS.exception(e.detail() + ": it should be checked first");
        }
        return writing;
    }

    /** It is only read, for a reason. */
    private void refuse(Volume volume, @Nullable String why) {
        if (why != null) {
            volume.print("mounted read-only: " + why);
            mount.addFlags(SysMount.MNT_RDONLY);
            wantsToWrite = false;
        }
    }

    private InodeTable inodes(Volume volume, GroupDescriptors groups) {
        return new InodeTable(mount.vfs().kernel(), volume, groups);
    }

    private Journal journal(Volume volume) throws ErrnoException {
        InodeTable inodes = inodes(volume, new GroupDescriptors(volume));
        try {
            return new Journal(volume, inodes.get(volume.superblock().journalInum()));
        } catch (ErrnoException e) {
            throw e.errno() == Errno.ENOENT ? volume.damaged("the journal: " + e.detail()) : e;
        }
    }

    /** The file system with nothing in its journal. If that cannot be, it is as it was, and not to be written. */
    private Volume withJournal(Volume before) throws ErrnoException {
        Superblock sb = before.superblock();
        Journal journal;
        try {
            journal = journal(before);
        } catch (ErrnoException e) {
            refuse(before, e.detail());
            return before;
        }
        refuse(before, JournalWriter.refusal(journal));
        if (wantsToWrite && !sb.has(Feature.RECOVER) && !journal.isEmpty()) {
            refuse(before, NOT_NEEDED);
        }
        if (!wantsToWrite || !sb.has(Feature.RECOVER)) {
            return before;
        }
        Journal.Pending pending = journal.collect(copies);
        if (journal.hasFastCommits(pending)) {
            refuse(before, "what was written last is in fast commits, which are not played back");
            return before;
        }
        before.print("the journal is played back: " + pending.transactions() + " transactions with " + copies.count()
                + " blocks");
        journal.playBack(copies, pending);
        copies.close();
        before.forget();
        Superblock.change(device, raw -> Superblock.setRecover(raw, false));
        playedBack = true;
        Volume after = volume(device, Superblock.read(device));
        refuse(after, Writing.refusal(after.superblock(), device));
        return after;
    }

    /** The file system as its journal has it. */
    private Volume throughJournal(Volume onDevice) throws ErrnoException {
        Superblock sb = onDevice.superblock();
        if (!sb.has(Feature.HAS_JOURNAL)) {
            onDevice.print("a journal should be played back, but there is none: what was written last may be wrong");
            return onDevice;
        }
        if (sb.journalInum() == 0) {
            onDevice.print("the journal, which has not been played back, is on another device (" + sb.journalUuidText()
                    + "): the file system is shown without it, and what was written last may be missing or wrong");
            return onDevice;
        }
        Journal journal = journal(onDevice);
        Journal.Pending pending = journal.collect(copies);
        if (!journal.isEmpty()) {
            onDevice.print("the journal has not been played back: " + pending.transactions()
                    + " transactions of it, with " + copies.count() + " blocks, are read from there");
        }
        if (journal.hasFastCommits(pending)) {
            onDevice.print(
                    "what was written last is in fast commits, which are not read: the file system is shown as it was"
                            + " before");
        }
        if (copies.count() == 0) {
            copies.close();
            return onDevice;
        }
        BlockDevice overlaid = new OverlaidDevice(device, sb.blockShift, copies);
        Volume volume = volume(overlaid, Superblock.read(overlaid));
        onDevice.forget();
        return volume;
    }

    /** Without a root nothing can be done with it, and it could not be unmounted by its path either. */
    private static void requireRoot(Volume volume, InodeTable inodes) throws ErrnoException {
        try {
            Inode root = inodes.get(Superblock.ROOT_INO);
            if (!root.isDirectory()) {
                throw volume.damaged(Superblock.ROOT_INO, "the root is no directory");
            }
            if (!root.hasFlag(Inode.FL_INLINE_DATA)) {
                FileMap.of(volume, root);
            }
        } catch (ErrnoException e) {
            throw e.errno() == Errno.ENOENT ? volume.damaged(Superblock.ROOT_INO, "the root is not in use") : e;
        }
    }

    private Volume volume(BlockDevice from, Superblock sb) throws ErrnoException {
        int sector = from.sectorBytes();
        if (sector > sb.blockBytes || sector > Vnode.PAGE_BYTES) {
            throw Errno.EINVAL.exception("blocks of " + sb.blockBytes + " bytes on a device with sectors of " + sector);
        }
        return new Volume(mount.from(), sb, mount.vfs().bufCache(mount, from), log);
    }

    private void describe(Volume volume) {
        Superblock sb = volume.superblock();
        String label = sb.volumeName().isEmpty() ? "" : " \"" + sb.volumeName() + "\"";
        volume.verbose("ext2fs" + label + " " + sb.uuidText() + ", revision " + sb.revision() + ": " + sb.blocksCount
                + " blocks of " + sb.blockBytes + " bytes, " + sb.inodesCount + " inodes of " + sb.inodeBytes + ", "
                + sb.groups + " groups");
        volume.verbose("features: " + sb.features);
        for (String warning : warnings(sb)) {
            volume.print(warning);
        }
    }

    private List<String> warnings(Superblock sb) {
        List<String> warnings = new ArrayList<>();
        if (!sb.isKnownRevision()) {
            warnings.add("revision " + sb.revision() + " is not known, what is read may be wrong");
        }
        if ((sb.state() & SuperblockLayout.STATE_ERROR) != 0) {
            warnings.add("the file system has errors: it should be checked");
        } else if ((sb.state() & SuperblockLayout.STATE_VALID) == 0 && !sb.has(Feature.RECOVER)) {
            warnings.add("the file system was not unmounted: it should be checked");
        }
        String due = sb.checkIsDue(mount.vfs().kernel().clock().now().sec());
        if (wantsToWrite && due != null) {
            warnings.add(due + ": it should be");
        }
        long deviceBlocks = device.sizeBytes() >> sb.blockShift;
        if (sb.blocksCount > deviceBlocks) {
            warnings.add("the file system has " + sb.blocksCount + " blocks, the device " + deviceBlocks
                    + ": what is in the others cannot be read");
        }
        if (sb.has(Feature.ENCRYPT)) {
            warnings.add("files that are encrypted cannot be read");
        }
        if (sb.has(Feature.CASEFOLD)) {
            warnings.add("names in directories that fold cases are found only as they are written");
        }
        return warnings;
    }
}
