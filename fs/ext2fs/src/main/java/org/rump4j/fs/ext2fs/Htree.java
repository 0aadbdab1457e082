package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.fs.ext2fs.Fields.U8;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;

/**
 * The index of a directory: a tree by the hashes of names, whose leaves are blocks of entries as every directory has them. Its nodes are
 * blocks of the directory too, and look as if they had no names but {@code .} and {@code ..}; those who know nothing of the index do
 * not notice it.
 *
 * <p>The index is no more than a short cut: where there is something wrong with it, names are looked for in all blocks.
 */
final class Htree {
    /** Of the first block ({@code struct dx_root}), behind the two entries. */
    static final Le32 ROOT_RESERVED = new Le32(0x18);

    static final U8 ROOT_HASH_VERSION = new U8(0x1C);
    static final U8 ROOT_INFO_LENGTH = new U8(0x1D);
    static final U8 ROOT_INDIRECT_LEVELS = new U8(0x1E);
    static final U8 ROOT_UNUSED_FLAGS = new U8(0x1F);

    /** In the place of the first entry's hash. */
    static final Le16 LIMIT = new Le16(0);

    static final Le16 COUNT = new Le16(2);

    static final Le32 ENTRY_HASH = new Le32(0);
    static final Le32 ENTRY_BLOCK = new Le32(4);

    /** Behind as many entries as fit, where there are checksums ({@code struct dx_tail}). */
    static final Le32 TAIL_RESERVED = new Le32(0);

    static final Le32 TAIL_CHECKSUM = new Le32(4);

    static final int ENTRY_BYTES = 8;
    private static final int TAIL_BYTES = 8;

    /** Where the entries begin: in the first block, and in others, behind one free directory entry. */
    static final int ROOT_ENTRIES = 0x20;

    static final int NODE_ENTRIES = 0x8;

    static final int INFO_BYTES = 8;
    static final int DOT_BYTES = 12;

    /** ENTRY_BLOCK: the rest is reserved. */
    private static final int BLOCK_MASK = 0x0FFFFFFF;

    /** Levels with indexes, the root among them: without large_dir, and with it. */
    static final int MAX_LEVELS = 2;

    static final int MAX_LEVELS_LARGE_DIR = 3;

    /** The answer of {@link #lookup}: the index is of no use. */
    static final long UNUSABLE = -1;

    /** Looks for the name in a block of names. */
    @FunctionalInterface
    interface LeafSearch {
        /**
         * Looks.
         *
         * @return the inode, or 0
         * @throws ErrnoException EIO
         */
        long in(long lbn) throws ErrnoException;
    }

    private static final byte[] NO_NAME = {};

    private final Volume volume;
    private final Superblock sb;
    private final Inode dir;
    private final DirectoryBlocks blocks;

    /** Whether it has been said that the index is damaged. Once is enough. */
    private volatile boolean complained;

    Htree(Volume volume, Inode dir, DirectoryBlocks blocks) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.dir = dir;
        this.blocks = blocks;
    }

    /** An index block on the way to a leaf, and the entry that the way takes. */
    static final class Frame {
        final Buf buf;
        final int entries;
        final int count;
        int index;

        Frame(Buf buf, int entries, int count) {
            this.buf = buf;
            this.entries = entries;
            this.count = count;
        }

        /** Whether nothing more fits. */
        boolean isFull() {
            return COUNT.get(buf.data(), entries) == LIMIT.get(buf.data(), entries);
        }

        long entry(int i) {
            return entries + (long) i * ENTRY_BYTES;
        }

        /** The first entry has none: it is for all that come before the second. */
        int hash(int i) {
            return i == 0 ? 0 : ENTRY_HASH.get(buf.data(), entry(i));
        }

        long block() {
            return ENTRY_BLOCK.get(buf.data(), entry(index)) & BLOCK_MASK;
        }

        /** To the last entry whose hash is not above one. */
        void seek(int hash) {
            int low = 1;
            int high = count;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Integer.compareUnsigned(hash(middle), hash) <= 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            index = low - 1;
        }
    }

    /**
     * Looks a name up.
     *
     * @return the inode; 0 where there is none; {@link #UNUSABLE} where it must be looked for in all blocks
     * @throws ErrnoException EIO
     */
    long lookup(byte[] name, LeafSearch leaf) throws ErrnoException {
        try (Path path = new Path()) {
            if (!descend(name, path)) {
                return UNUSABLE;
            }
            return searchLeaves(path.frames, path.depth, path.hash, leaf);
        }
    }

    /** The way from the root to a leaf. */
    static final class Path implements AutoCloseable {
        final Frame[] frames = new Frame[MAX_LEVELS_LARGE_DIR];

        /** Frames in use. */
        int depth;

        /** The function, and the hash of the name. */
        int version;

        int hash;

        Frame last() {
            return frames[depth - 1];
        }

        /** The hash that the next leaf begins with; 0 where this is the last. */
        int nextHash() {
            for (int level = depth - 1; level >= 0; level--) {
                if (frames[level].index + 1 < frames[level].count) {
                    return frames[level].hash(frames[level].index + 1);
                }
            }
            return 0;
        }

        @Override
        public void close() {
            while (depth > 0) {
                frames[--depth].buf.close();
            }
        }
    }

    /**
     * Goes to the leaf that a name belongs in.
     *
     * @param path empty; the way, as far as it goes
     * @return false where the index is of no use
     * @throws ErrnoException EIO
     */
    boolean descend(byte[] name, Path path) throws ErrnoException {
        return descend(name, 0, path);
    }

    /** As the other, to the first leaf that a hash belongs in. */
    boolean descend(int hash, Path path) throws ErrnoException {
        return descend(null, hash, path);
    }

    private boolean descend(byte @Nullable [] name, int from, Path path) throws ErrnoException {
        Buf buf = blocks.bread(0);
        if (buf == null) {
            unusable("it has no first block");
            return false;
        }
        int version = hashVersion(buf.data());
        int levels = ROOT_INDIRECT_LEVELS.get(buf.data(), 0) + 1;
        Frame root = frame(buf, ROOT_ENTRIES);
        if (root == null) {
            return false;
        }
        path.frames[path.depth++] = root;
        if (!isRootUsable(buf.data(), levels) || !isHashUsable(name == null ? NO_NAME : name, version)) {
            return false;
        }
        path.version = version;
        path.hash = name == null ? from : NameHash.hash(name, version, sb.hashSeed());
        root.seek(path.hash);
        while (path.depth < levels) {
            Frame below = below(path.last());
            if (below == null) {
                return false;
            }
            path.frames[path.depth++] = below;
            below.seek(path.hash);
        }
        return true;
    }

    /** In the leaf that the path leads to, and in those behind it for as long as they begin with the same hash. */
    private long searchLeaves(Frame[] path, int depth, int hash, LeafSearch leaf) throws ErrnoException {
        long left = blocks.count();
        while (left-- > 0) {
            long lbn = path[depth - 1].block();
            if (lbn >= blocks.count()) {
                return unusable("it leads to block " + lbn + " of " + blocks.count());
            }
            long ino = leaf.in(lbn);
            if (ino != 0) {
                return ino;
            }
            int level = depth - 1;
            while (level >= 0 && path[level].index + 1 >= path[level].count) {
                level--;
            }
            if (level < 0) {
                return 0;
            }
            Frame forked = path[level];
            forked.index++;
            if ((forked.hash(forked.index) & ~1) != hash) {
                return 0;
            }
            for (int below = level + 1; below < depth; below++) {
                Frame next = below(path[below - 1]);
                if (next == null) {
                    return UNUSABLE;
                }
                path[below].buf.close();
                path[below] = next;
            }
        }
        return unusable("it leads in circles");
    }

    private @Nullable Frame below(Frame above) throws ErrnoException {
        long lbn = above.block();
        Buf buf = lbn > 0 && lbn < blocks.count() ? blocks.bread(lbn) : null;
        if (buf == null) {
            unusable("it leads to block " + lbn + " of " + blocks.count());
            return null;
        }
        return frame(buf, NODE_ENTRIES);
    }

    /** A frame for a block, which is closed where it cannot be one. */
    private @Nullable Frame frame(Buf buf, int entries) throws ErrnoException {
        int limit = LIMIT.get(buf.data(), entries);
        int count = COUNT.get(buf.data(), entries);
        if (limit != limit(sb, entries) || count < 1 || count > limit) {
            unusable(count + " of " + limit + " entries where " + limit(sb, entries) + " fit");
            buf.close();
            return null;
        }
        return new Frame(buf, entries, count);
    }

    private int hashVersion(MemorySegment root) {
        int version = ROOT_HASH_VERSION.get(root, 0);
        return version <= NameHash.TEA && sb.hashesUnsigned() ? version + NameHash.UNSIGNED : version;
    }

    private boolean isRootUsable(MemorySegment root, int levels) {
        int most = sb.has(Feature.LARGE_DIR) ? MAX_LEVELS_LARGE_DIR : MAX_LEVELS;
        if (ROOT_RESERVED.get(root, 0) != 0
                || ROOT_INFO_LENGTH.get(root, 0) != INFO_BYTES
                || (ROOT_UNUSED_FLAGS.get(root, 0) & 1) != 0) {
            unusable("its root is none");
            return false;
        }
        if (levels > most) {
            unusable(levels + " levels, of " + most + " at the most");
            return false;
        }
        return true;
    }

    /** A function that is not known here, or of which it is not known whether characters have a sign where that matters. */
    private boolean isHashUsable(byte[] name, int version) {
        if (!NameHash.isKnown(version)) {
            return false;
        }
        if (sb.hashesSigned() || sb.hashesUnsigned()) {
            return true;
        }
        for (byte b : name) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private long unusable(String why) {
        if (!complained) {
            complained = true;
            volume.print("inode " + dir.ino + ": the index of the directory is damaged (" + why
                    + "), names are looked for without it");
        }
        return UNUSABLE;
    }

    /** Entries that fit into an index block. */
    static int limit(Superblock sb, int entries) {
        int room = sb.blockBytes - entries - (sb.has(Feature.METADATA_CSUM) ? TAIL_BYTES : 0);
        return room / ENTRY_BYTES;
    }

    /** Whether a block of a directory is one of its index: the first, or one that begins with a free entry as long as itself. */
    static boolean isNode(Superblock sb, Inode dir, long lbn, MemorySegment block) {
        return dir.hasFlag(Inode.FL_INDEX)
                && sb.has(Feature.DIR_INDEX)
                && (lbn == 0 || (Dirents.INODE.get(block, 0) == 0 && Dirents.recLen(sb, block, 0) == sb.blockBytes));
    }

    /** Puts the checksum of an index block right. */
    static void setChecksum(Superblock sb, Inode dir, MemorySegment block) {
        int entries = Dirents.recLen(sb, block, 0) == DOT_BYTES ? ROOT_ENTRIES : NODE_ENTRIES;
        long tail = entries + (long) LIMIT.get(block, entries) * ENTRY_BYTES;
        TAIL_RESERVED.set(block, tail, 0);
        TAIL_CHECKSUM.set(block, tail, checksum(dir, block, entries, COUNT.get(block, entries), tail));
    }

    private static int checksum(Inode dir, MemorySegment block, int entries, int count, long tail) {
        int crc = Crc32c.update(dir.checksumSeed(), block, 0, entries + (long) count * ENTRY_BYTES);
        crc = Crc32c.updateLe32(crc, TAIL_RESERVED.get(block, tail));
        return Crc32c.updateLe32(crc, 0);
    }

    /** Whether the checksum of an index block is right. */
    static boolean isChecksumRight(Superblock sb, Inode dir, MemorySegment block) {
        int entries = Dirents.recLen(sb, block, 0) == DOT_BYTES ? ROOT_ENTRIES : NODE_ENTRIES;
        int limit = LIMIT.get(block, entries);
        int count = COUNT.get(block, entries);
        long tail = entries + (long) limit * ENTRY_BYTES;
        if (count > limit || tail + TAIL_BYTES > sb.blockBytes) {
            return false;
        }
        return checksum(dir, block, entries, count, tail) == TAIL_CHECKSUM.get(block, tail);
    }
}
