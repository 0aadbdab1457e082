package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/**
 * An inode ({@code struct ext4_inode}): what is kept of it in memory, which is all but extended attributes. Guarded by its vnode's
 * lock.
 */
final class Inode {
    static final Le16 MODE = new Le16(0x00);
    static final Le16 UID_LO = new Le16(0x02);
    static final Le32 SIZE_LO = new Le32(0x04);
    static final Le32 ATIME = new Le32(0x08);
    static final Le32 CTIME = new Le32(0x0C);
    static final Le32 MTIME = new Le32(0x10);
    static final Le32 DTIME = new Le32(0x14);
    static final Le16 GID_LO = new Le16(0x18);
    static final Le16 LINKS_COUNT = new Le16(0x1A);
    static final Le32 BLOCKS_LO = new Le32(0x1C);
    static final Le32 FLAGS = new Le32(0x20);

    /** First of fifteen block pointers, or whatever else leads to the data. */
    static final Le32 BLOCK = new Le32(0x28);

    static final Le32 GENERATION = new Le32(0x64);
    static final Le32 FILE_ACL_LO = new Le32(0x68);
    static final Le32 SIZE_HIGH = new Le32(0x6C);
    static final Le16 BLOCKS_HIGH = new Le16(0x74);
    static final Le16 FILE_ACL_HIGH = new Le16(0x76);
    static final Le16 UID_HIGH = new Le16(0x78);
    static final Le16 GID_HIGH = new Le16(0x7A);
    static final Le16 CHECKSUM_LO = new Le16(0x7C);

    // In inodes of more than 128 bytes, as far as EXTRA_ISIZE says.
    static final Le16 EXTRA_ISIZE = new Le16(0x80);
    static final Le16 CHECKSUM_HI = new Le16(0x82);
    static final Le32 CTIME_EXTRA = new Le32(0x84);
    static final Le32 MTIME_EXTRA = new Le32(0x88);
    static final Le32 ATIME_EXTRA = new Le32(0x8C);
    static final Le32 CRTIME = new Le32(0x90);
    static final Le32 CRTIME_EXTRA = new Le32(0x94);

    /** Bytes of revision 0. */
    static final int GOOD_OLD_BYTES = 128;

    /** Bytes with all fields that are known. What follows are extended attributes. */
    static final int KNOWN_BYTES = 0xA0;

    /** Bytes of what BLOCK begins. */
    static final int BLOCK_BYTES = 60;

    // FLAGS, as far as they matter here.
    static final int FL_IMMUTABLE = 0x10;

    static final int FL_APPEND = 0x20;
    static final int FL_NODUMP = 0x40;
    static final int FL_ENCRYPT = 0x800;
    static final int FL_INDEX = 0x1000;
    static final int FL_HUGE_FILE = 0x40000;
    static final int FL_EXTENTS = 0x80000;
    static final int FL_INLINE_DATA = 0x10000000;
    static final int FL_CASEFOLD = 0x40000000;

    private static final int EPOCH_MASK = 0x3;

    /** The last second that fits: in the year 2446. */
    private static final long LAST_SECOND = Integer.MAX_VALUE + ((long) EPOCH_MASK << 32);

    private static final int NSEC_SHIFT = 2;
    private static final int NSEC_LIMIT = 1_000_000_000;
    private static final int STAT_BLOCK_SHIFT = 9;

    /** Its number. */
    final long ino;

    private final Superblock sb;

    /** The first bytes of it, as they are on disk, {@link #KNOWN_BYTES} at the most. */
    private final MemorySegment raw;

    /** What is kept free for it to grow. Guarded by the allocator's lock. */
    Reservations.@Nullable Window window;

    /** @param raw a copy, which becomes this object's */
    Inode(long ino, Superblock sb, MemorySegment raw) {
        this.ino = ino;
        this.sb = sb;
        this.raw = raw;
    }

    /** Its bytes: those of the fields that are known. */
    MemorySegment raw() {
        return raw;
    }

    int mode() {
        return MODE.get(raw, 0);
    }

    boolean isRegular() {
        return (mode() & SysStat.S_IFMT) == SysStat.S_IFREG;
    }

    boolean isDirectory() {
        return (mode() & SysStat.S_IFMT) == SysStat.S_IFDIR;
    }

    boolean isSymlink() {
        return (mode() & SysStat.S_IFMT) == SysStat.S_IFLNK;
    }

    /** Whether a symbolic link says where it leads in the place of pointers. */
    boolean isFastSymlink() {
        long attributeBlocks = hasAttributeBlock() ? (long) sb.blockBytes << sb.clusterRatioShift >> 9 : 0;
        return !hasFlag(FL_EXTENTS) && size() < BLOCK_BYTES && statBlocks() <= attributeBlocks;
    }

    int uid() {
        return UID_LO.get(raw, 0) | UID_HIGH.get(raw, 0) << 16;
    }

    int gid() {
        return GID_LO.get(raw, 0) | GID_HIGH.get(raw, 0) << 16;
    }

    int links() {
        return LINKS_COUNT.get(raw, 0);
    }

    /** Bytes; negative where it makes no sense. The upper half of a directory's means something with large_dir only. */
    long size() {
        long low = SIZE_LO.getUnsigned(raw, 0);
        boolean wide = isRegular() || (isDirectory() && sb.has(Feature.LARGE_DIR));
        return wide ? low | SIZE_HIGH.getUnsigned(raw, 0) << 32 : low;
    }

    boolean hasFlag(int flag) {
        return (FLAGS.get(raw, 0) & flag) != 0;
    }

    int generation() {
        return GENERATION.get(raw, 0);
    }

    /** Blocks of 512 bytes that it takes on its device. */
    long statBlocks() {
        long count = BLOCKS_LO.getUnsigned(raw, 0);
        if (!sb.has(Feature.HUGE_FILE)) {
            return count;
        }
        count |= (long) BLOCKS_HIGH.get(raw, 0) << 32;
        return hasFlag(FL_HUGE_FILE) ? count << (sb.blockShift - STAT_BLOCK_SHIFT) : count;
    }

    /** Whether it has a block of extended attributes. */
    boolean hasAttributeBlock() {
        return FILE_ACL_LO.get(raw, 0) != 0 || FILE_ACL_HIGH.get(raw, 0) != 0;
    }

    /** Bytes behind the first 128 that are fields. */
    int extraBytes() {
        return sb.inodeBytes > GOOD_OLD_BYTES ? EXTRA_ISIZE.get(raw, 0) : 0;
    }

    Timespec atime() {
        return time(ATIME, ATIME_EXTRA);
    }

    Timespec ctime() {
        return time(CTIME, CTIME_EXTRA);
    }

    Timespec mtime() {
        return time(MTIME, MTIME_EXTRA);
    }

    /** When it was made; the beginning of 1970 where that is not stored. */
    Timespec birthtime() {
        return hasExtra(CRTIME) ? time(CRTIME, CRTIME_EXTRA) : Timespec.ZERO;
    }

    /** Two bits more of the seconds, which are signed otherwise, and nanoseconds, where there is room for them. */
    private Timespec time(Le32 seconds, Le32 extra) {
        long sec = seconds.get(raw, 0);
        if (!hasExtra(extra)) {
            return new Timespec(sec, 0);
        }
        int more = extra.get(raw, 0);
        int nsec = more >>> NSEC_SHIFT;
        return new Timespec(sec + ((long) (more & EPOCH_MASK) << 32), nsec < NSEC_LIMIT ? nsec : 0);
    }

    private boolean hasExtra(Le32 field) {
        return field.offset() + Integer.BYTES <= Math.min(GOOD_OLD_BYTES + extraBytes(), raw.byteSize());
    }

    // Changes

    void setMode(int mode) {
        MODE.set(raw, 0, mode);
    }

    void setUid(int uid) {
        UID_LO.set(raw, 0, uid);
        UID_HIGH.set(raw, 0, uid >>> 16);
    }

    void setGid(int gid) {
        GID_LO.set(raw, 0, gid);
        GID_HIGH.set(raw, 0, gid >>> 16);
    }

    void setLinks(int links) {
        LINKS_COUNT.set(raw, 0, links);
    }

    void setSize(long size) {
        SIZE_LO.set(raw, 0, (int) size);
        if (isRegular() || (isDirectory() && sb.has(Feature.LARGE_DIR))) {
            SIZE_HIGH.set(raw, 0, (int) (size >>> 32));
        }
    }

    void setFlag(int flag, boolean on) {
        int flags = FLAGS.get(raw, 0);
        FLAGS.set(raw, 0, on ? flags | flag : flags & ~flag);
    }

    void setGeneration(int generation) {
        GENERATION.set(raw, 0, generation);
    }

    void setAtime(Timespec time) {
        setTime(ATIME, ATIME_EXTRA, time);
    }

    void setCtime(Timespec time) {
        setTime(CTIME, CTIME_EXTRA, time);
    }

    void setMtime(Timespec time) {
        setTime(MTIME, MTIME_EXTRA, time);
    }

    void setBirthtime(Timespec time) {
        if (hasExtra(CRTIME)) {
            setTime(CRTIME, CRTIME_EXTRA, time);
        }
    }

    /** A time that is too early or too late for the field becomes the first or last second that it can say. */
    private void setTime(Le32 seconds, Le32 extra, Timespec time) {
        boolean wide = hasExtra(extra);
        long sec = Math.clamp(time.sec(), Integer.MIN_VALUE, wide ? LAST_SECOND : Integer.MAX_VALUE);
        int low = (int) sec;
        seconds.set(raw, 0, low);
        if (wide) {
            extra.set(raw, 0, (int) ((sec - low) >> 32) | (time.nsec() << NSEC_SHIFT));
        }
    }

    /** Takes so many blocks of the file system more, or fewer. */
    void addBlocks(long count) {
        boolean inBlocks = sb.has(Feature.HUGE_FILE) && hasFlag(FL_HUGE_FILE);
        long more = inBlocks ? count : count << (sb.blockShift - STAT_BLOCK_SHIFT);
        long now = BLOCKS_LO.getUnsigned(raw, 0);
        if (sb.has(Feature.HUGE_FILE)) {
            now |= (long) BLOCKS_HIGH.get(raw, 0) << 32;
        }
        now = Math.max(0, now + more);
        BLOCKS_LO.set(raw, 0, (int) now);
        if (sb.has(Feature.HUGE_FILE)) {
            BLOCKS_HIGH.set(raw, 0, (int) (now >>> 32));
        }
    }

    /** The block of extended attributes; 0 where there is none. */
    long attributeBlock() {
        return FILE_ACL_LO.getUnsigned(raw, 0) | (sb.has(Feature.BIT64) ? (long) FILE_ACL_HIGH.get(raw, 0) << 32 : 0);
    }

    void setRdev(long rdev) {
        int major = SysStat.major(rdev);
        int minor = SysStat.minor(rdev);
        if (major < 256 && minor < 256) {
            BLOCK.set(raw, 0, (major << 8) | minor);
        } else {
            BLOCK.set(raw, Integer.BYTES, (minor & 0xFF) | ((major & 0xFFF) << 8) | ((minor & 0xFFF00) << 12));
        }
    }

    /** File flags as {@code stat(2)} has them; false where one of them cannot be stored. */
    boolean setFileFlags(int flags) {
        if ((flags & ~(SysStat.UF_NODUMP | SysStat.SF_IMMUTABLE | SysStat.SF_APPEND)) != 0) {
            return false;
        }
        setFlag(FL_NODUMP, (flags & SysStat.UF_NODUMP) != 0);
        setFlag(FL_IMMUTABLE, (flags & SysStat.SF_IMMUTABLE) != 0);
        setFlag(FL_APPEND, (flags & SysStat.SF_APPEND) != 0);
        return true;
    }

    /** The device of a device node: in the first word by 8 and 8 bits, or in the second by 12 and 20. */
    long rdev() {
        int old = BLOCK.get(raw, 0);
        if (old != 0) {
            return SysStat.makedev((old >> 8) & 0xFF, old & 0xFF);
        }
        int dev = BLOCK.get(raw, Integer.BYTES);
        return SysStat.makedev((dev & 0xFFF00) >> 8, (dev & 0xFF) | ((dev >>> 12) & 0xFFF00));
    }

    /** File flags as {@code stat(2)} has them. */
    int fileFlags() {
        return (hasFlag(FL_NODUMP) ? SysStat.UF_NODUMP : 0)
                | (hasFlag(FL_IMMUTABLE) ? SysStat.SF_IMMUTABLE : 0)
                | (hasFlag(FL_APPEND) ? SysStat.SF_APPEND : 0);
    }

    /** What the checksums of blocks begin with that are the inode's. */
    int checksumSeed() {
        return checksumSeed(sb, ino, generation());
    }

    static int checksumSeed(Superblock sb, long ino, int generation) {
        return Crc32c.updateLe32(Crc32c.updateLe32(sb.checksumSeed, (int) ino), generation);
    }
}
