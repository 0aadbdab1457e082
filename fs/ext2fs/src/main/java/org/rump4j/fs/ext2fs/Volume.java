package org.rump4j.fs.ext2fs;

import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.MessageLog;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.BufCache;

/** A device with a superblock, and the way to blocks on it that keep order. Blocks are as long as the superblock says. */
final class Volume {
    private final String name;
    private final Superblock superblock;
    private final BufCache bufs;
    private final MessageLog log;
    private volatile boolean damaged;

    /** @param name by which messages speak of it */
    Volume(String name, Superblock superblock, BufCache bufs, MessageLog log) {
        this.name = name;
        this.superblock = superblock;
        this.bufs = bufs;
        this.log = log;
    }

    Superblock superblock() {
        return superblock;
    }

    BlockDevice device() {
        return bufs.device();
    }

    /**
     * A block.
     *
     * @param blkno of the device
     * @throws ErrnoException EIO
     */
    Buf bread(long blkno) throws ErrnoException {
        if (blkno < 0 || blkno >= superblock.blocksCount) {
            throw damaged("block " + blkno + " of a file system of " + superblock.blocksCount);
        }
        return bufs.bread(blkno << superblock.blockShift, superblock.blockBytes);
    }

    /**
     * As the other, of which everything is going to be written: it is zeros.
     *
     * @throws ErrnoException EIO
     */
    Buf getblk(long blkno) throws ErrnoException {
        return bufs.getblk(blkno << superblock.blockShift, superblock.blockBytes);
    }

    /** The cache behind it. */
    BufCache bufs() {
        return bufs;
    }

    /** Whether anything was found that makes no sense. */
    boolean isDamaged() {
        return damaged;
    }

    /** Says something to the user. */
    void print(String what) {
        log.print(name + ": " + what);
    }

    /** Says something about the usual course of things. */
    void verbose(String what) {
        log.verbose(name + ": " + what);
    }

    /**
     * An error for what makes no sense. It is written down among the kernel's messages, but not on its console: who made the system
     * call has it.
     *
     * @param what what is wrong, and where
     */
    ErrnoException damaged(String what) {
        damaged = true;
        verbose(what);
        return Errno.EIO.exception(what);
    }

    /** As the other, of an inode. */
    ErrnoException damaged(long ino, String what) {
        return damaged("inode " + ino + ": " + what);
    }

    /** Nothing of it is in use any more; the device stays open. */
    void forget() {
        bufs.clear();
    }

    /** Nothing of it is in use any more. */
    void close() {
        forget();
        bufs.device().close();
    }
}
