package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Inodes that are in use without a name, or are to be truncated: who mounts the file system after a power cut frees them. With a journal
 * they are a list on the device, which the superblock begins and the field of the time of deletion goes on with. Without one nobody would
 * look at it there: a check finds them all the same.
 *
 * <p>In transactions, and guarded by who has it.
 */
final class OrphanList {
    private final InodeTable inodes;
    private boolean onDevice;

    /** The one that the device has first is the last. */
    private final List<Inode> all = new ArrayList<>();

    OrphanList(InodeTable inodes, boolean onDevice) {
        this.inodes = inodes;
        this.onDevice = onDevice;
    }

    /**
     * Takes over the list that a device has.
     *
     * @param first the inode that it begins with; 0 for none
     * @throws ErrnoException EIO where it makes no sense
     */
    void load(Volume volume, long first) throws ErrnoException {
        Set<Long> seen = new HashSet<>();
        for (long ino = first; ino != 0; ) {
            Inode inode = get(volume, ino, seen);
            all.addFirst(inode);
            ino = Inode.DTIME.getUnsigned(inode.raw(), 0);
        }
        onDevice |= first != 0;
    }

    /**
     * Has more of them in the list. In a transaction.
     *
     * @throws ErrnoException EIO where one cannot be
     */
    void load(Volume volume, List<Long> inos) throws ErrnoException {
        Set<Long> seen = new HashSet<>();
        all.forEach(inode -> seen.add(inode.ino));
        onDevice = true;
        for (long ino : inos) {
            Inode inode = get(volume, ino, seen);
            add(inode);
            inodes.store(inode, false);
        }
    }

    private Inode get(Volume volume, long ino, Set<Long> seen) throws ErrnoException {
        Superblock sb = volume.superblock();
        if (!sb.isInode(ino) || ino < sb.firstIno() || sb.isReservedInode(ino) || !seen.add(ino)) {
            throw volume.damaged("the list of files without names leads to inode " + ino);
        }
        try {
            return inodes.getOrphan(ino);
        } catch (ErrnoException e) {
            throw volume.damaged("the list of files without names: " + e.detail());
        }
    }

    /** With nothing in it: whether it is kept on the device. */
    void setOnDevice(boolean kept) {
        onDevice = kept;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** The inode that the device's list begins with; 0 where there is none. */
    long first() {
        return onDevice && !all.isEmpty() ? all.getLast().ino : 0;
    }

    /** The one that the device has first. */
    Inode last() {
        return all.getLast();
    }

    /** One more. Who calls stores it. */
    void add(Inode inode) {
        if (onDevice) {
            Inode.DTIME.set(inode.raw(), 0, (int) first());
        }
        all.add(inode);
    }

    /**
     * One less. Who calls stores it.
     *
     * @throws ErrnoException EIO
     */
    void remove(Inode inode) throws ErrnoException {
        int at = all.lastIndexOf(inode);
        if (at < 0) {
            return;
        }
        if (onDevice && at + 1 < all.size()) {
            inodes.storeNextOrphan(all.get(at + 1), at > 0 ? all.get(at - 1).ino : 0);
        }
        all.remove(at);
        Inode.DTIME.set(inode.raw(), 0, 0);
    }
}
