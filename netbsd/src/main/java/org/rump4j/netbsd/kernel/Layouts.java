package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Flock;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.Timespec;

/** Structures of a 64-bit NetBSD 6 to 9: where their members are, in bytes. */
final class Layouts {
    static final int TIMESPEC_BYTES = 16;
    static final int IOVEC_BYTES = 16;
    static final int FLOCK_BYTES = 24;
    static final int RLIMIT_BYTES = 16;
    static final int POLLFD_BYTES = 8;
    static final int POLLFD_EVENTS = 4;
    static final int POLLFD_REVENTS = 6;

    // struct stat, sys/stat.h
    static final int STAT_BYTES = 152;
    private static final int ST_DEV = 0;
    private static final int ST_MODE = 8;
    private static final int ST_INO = 16;
    private static final int ST_NLINK = 24;
    private static final int ST_UID = 28;
    private static final int ST_GID = 32;
    private static final int ST_RDEV = 40;
    private static final int ST_ATIM = 48;
    private static final int ST_MTIM = 64;
    private static final int ST_CTIM = 80;
    private static final int ST_BIRTHTIM = 96;
    private static final int ST_SIZE = 112;
    private static final int ST_BLOCKS = 120;
    private static final int ST_BLKSIZE = 128;
    private static final int ST_FLAGS = 132;
    private static final int ST_GEN = 136;

    // struct statvfs, sys/statvfs.h
    static final int STATVFS_BYTES = 2256;
    private static final int F_FLAG = 0;
    private static final int F_BSIZE = 8;
    private static final int F_FRSIZE = 16;
    private static final int F_IOSIZE = 24;
    private static final int F_BLOCKS = 32;
    private static final int F_BFREE = 40;
    private static final int F_BAVAIL = 48;
    private static final int F_FILES = 64;
    private static final int F_FFREE = 72;
    private static final int F_FAVAIL = 80;
    private static final int F_FSID = 136;
    private static final int F_NAMEMAX = 144;
    private static final int F_OWNER = 152;
    private static final int F_FSTYPENAME = 172;
    private static final int F_MNTONNAME = 204;
    private static final int F_MNTFROMNAME = 1228;
    private static final int TYPE_NAME_BYTES = 32;
    private static final int MOUNT_NAME_BYTES = 1024;

    // struct dirent, sys/dirent.h
    private static final int D_FILENO = 0;
    static final int D_RECLEN = 8;
    static final int D_NAMLEN = 10;
    private static final int D_TYPE = 12;
    static final int D_NAME = 13;

    // struct flock, sys/fcntl.h
    private static final int L_START = 0;
    private static final int L_LEN = 8;
    private static final int L_PID = 16;
    private static final int L_TYPE = 20;
    private static final int L_WHENCE = 22;

    private Layouts() {}

    static Timespec timespec(MemorySegment at, long offset) {
        return new Timespec(at.get(JAVA_LONG, offset), (int) at.get(JAVA_LONG, offset + Long.BYTES));
    }

    static void put(MemorySegment at, long offset, Timespec time) {
        at.set(JAVA_LONG, offset, time.sec());
        at.set(JAVA_LONG, offset + Long.BYTES, time.nsec());
    }

    static Stat stat(MemorySegment s) {
        return new Stat(
                s.get(JAVA_LONG, ST_DEV),
                s.get(JAVA_INT, ST_MODE),
                s.get(JAVA_LONG, ST_INO),
                s.get(JAVA_INT, ST_NLINK),
                s.get(JAVA_INT, ST_UID),
                s.get(JAVA_INT, ST_GID),
                s.get(JAVA_LONG, ST_RDEV),
                timespec(s, ST_ATIM),
                timespec(s, ST_MTIM),
                timespec(s, ST_CTIM),
                timespec(s, ST_BIRTHTIM),
                s.get(JAVA_LONG, ST_SIZE),
                s.get(JAVA_LONG, ST_BLOCKS),
                s.get(JAVA_INT, ST_BLKSIZE),
                s.get(JAVA_INT, ST_FLAGS),
                s.get(JAVA_INT, ST_GEN));
    }

    static Statvfs statvfs(MemorySegment s) {
        return new Statvfs(
                (int) s.get(JAVA_LONG, F_FLAG),
                s.get(JAVA_LONG, F_BSIZE),
                s.get(JAVA_LONG, F_FRSIZE),
                s.get(JAVA_LONG, F_IOSIZE),
                s.get(JAVA_LONG, F_BLOCKS),
                s.get(JAVA_LONG, F_BFREE),
                s.get(JAVA_LONG, F_BAVAIL),
                s.get(JAVA_LONG, F_FILES),
                s.get(JAVA_LONG, F_FFREE),
                s.get(JAVA_LONG, F_FAVAIL),
                s.get(JAVA_LONG, F_FSID),
                (int) s.get(JAVA_LONG, F_NAMEMAX),
                s.get(JAVA_INT, F_OWNER),
                name(s, F_FSTYPENAME, TYPE_NAME_BYTES),
                name(s, F_MNTONNAME, MOUNT_NAME_BYTES),
                name(s, F_MNTFROMNAME, MOUNT_NAME_BYTES));
    }

    /** A string in a field that it need not fill. */
    static String name(MemorySegment s, long offset, int most) {
        int length = 0;
        while (length < most && s.get(JAVA_BYTE, offset + length) != 0) {
            length++;
        }
        return PathCodec.decode(s.asSlice(offset, length).toArray(JAVA_BYTE));
    }

    /** Adds the entries of some records to others. Those without a file have been removed. */
    static void dirents(MemorySegment records, List<Dirent> to) {
        long at = 0;
        while (at + D_NAME < records.byteSize()) {
            long fileno = records.get(JAVA_LONG, at + D_FILENO);
            int length = Short.toUnsignedInt(records.get(JAVA_SHORT, at + D_RECLEN));
            int name = Short.toUnsignedInt(records.get(JAVA_SHORT, at + D_NAMLEN));
            if (fileno != 0) {
                byte[] bytes = records.asSlice(at + D_NAME, name).toArray(JAVA_BYTE);
                to.add(new Dirent(
                        fileno, Byte.toUnsignedInt(records.get(JAVA_BYTE, at + D_TYPE)), PathCodec.decode(bytes)));
            }
            if (length == 0) {
                throw new IllegalStateException("the kernel gave a directory record of no length");
            }
            at += length;
        }
    }

    static void put(MemorySegment at, Flock lock) {
        at.set(JAVA_LONG, L_START, lock.start());
        at.set(JAVA_LONG, L_LEN, lock.len());
        at.set(JAVA_INT, L_PID, lock.pid());
        at.set(JAVA_SHORT, L_TYPE, (short) lock.type());
        at.set(JAVA_SHORT, L_WHENCE, (short) lock.whence());
    }

    static Flock flock(MemorySegment at) {
        return new Flock(
                at.get(JAVA_LONG, L_START),
                at.get(JAVA_LONG, L_LEN),
                at.get(JAVA_INT, L_PID),
                at.get(JAVA_SHORT, L_TYPE),
                at.get(JAVA_SHORT, L_WHENCE));
    }

    static Rlimit rlimit(MemorySegment at) {
        return new Rlimit(at.get(JAVA_LONG, 0), at.get(JAVA_LONG, Long.BYTES));
    }
}
