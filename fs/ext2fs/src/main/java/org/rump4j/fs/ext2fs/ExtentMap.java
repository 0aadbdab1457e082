package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;

/**
 * Blocks by extents: a tree whose root is in the inode, and whose leaves say which blocks of the file are where. Each node has a header
 * ({@code struct ext4_extent_header}) and entries of the same length, ordered by the block of the file that they begin with.
 */
final class ExtentMap implements FileMap {
    static final Le16 EH_MAGIC = new Le16(0);
    static final Le16 EH_ENTRIES = new Le16(2);
    static final Le16 EH_MAX = new Le16(4);
    static final Le16 EH_DEPTH = new Le16(6);

    /** Of an index node ({@code struct ext4_extent_idx}). */
    static final Le32 EI_BLOCK = new Le32(0);

    static final Le32 EI_LEAF_LO = new Le32(4);
    static final Le16 EI_LEAF_HI = new Le16(8);

    /** Of a leaf ({@code struct ext4_extent}). */
    static final Le32 EE_BLOCK = new Le32(0);

    static final Le16 EE_LEN = new Le16(4);
    static final Le16 EE_START_HI = new Le16(6);
    static final Le32 EE_START_LO = new Le32(8);

    /** Behind the entries of a node that is a block. */
    static final Le32 ET_CHECKSUM = new Le32(0);

    static final int MAGIC = 0xF30A;
    static final int HEADER_BYTES = 12;
    static final int ENTRY_BYTES = 12;
    static final int MAX_DEPTH = 5;

    /** EE_LEN: up to this many blocks are written; more are that many less, allocated but not written. */
    static final int MAX_WRITTEN = 32768;

    static final long MAX_BLOCKS = 1L << 32;

    private final Volume volume;
    private final Superblock sb;
    private final Inode inode;

    ExtentMap(Volume volume, Inode inode) throws ErrnoException {
        this.volume = volume;
        this.sb = volume.superblock();
        this.inode = inode;
        Node root = root();
        if (EH_DEPTH.get(root.memory, root.at) > MAX_DEPTH) {
            throw damaged(root, "depth " + EH_DEPTH.get(root.memory, root.at));
        }
        check(root, EH_DEPTH.get(root.memory, root.at), 0, MAX_BLOCKS);
    }

    /**
     * A node of the tree.
     *
     * @param at byte of the memory that it begins with
     * @param bytes as long as it is at the most
     * @param blkno the block that it is, or 0 for the one in the inode
     */
    record Node(MemorySegment memory, long at, int bytes, long blkno) {
        int entries() {
            return EH_ENTRIES.get(memory, at);
        }

        long entry(int index) {
            return at + HEADER_BYTES + (long) index * ENTRY_BYTES;
        }

        /** The block of the file that an entry, of whichever kind, begins with. */
        long first(int index) {
            return EE_BLOCK.getUnsigned(memory, entry(index));
        }

        /** The last entry that begins with a block or before it, or −1. */
        int find(long lbn) {
            int low = 0;
            int high = entries();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (first(middle) <= lbn) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }
    }

    Node root() {
        return new Node(inode.raw(), Inode.BLOCK.offset(), Inode.BLOCK_BYTES, 0);
    }

    @Override
    public BlockRun map(long lbn, long limit) throws ErrnoException {
        if (lbn >= MAX_BLOCKS) {
            return BlockRun.hole(lbn, limit);
        }
        Node root = root();
        return map(root, EH_DEPTH.get(root.memory, root.at), lbn, Math.min(limit, MAX_BLOCKS));
    }

    /** Below a node. Its depth gets less with each step. */
    private BlockRun map(Node node, int depth, long lbn, long limit) throws ErrnoException {
        int index = node.find(lbn);
        long end = index + 1 < node.entries() ? node.first(index + 1) : MAX_BLOCKS;
        if (index < 0) {
            return BlockRun.hole(lbn, Math.min(limit, end));
        }
        if (depth == 0) {
            return inLeaf(node, index, lbn, Math.min(limit, end));
        }
        try (Buf buf = below(node, depth, index)) {
            Node below = new Node(buf.data(), 0, sb.blockBytes, child(node, index));
            return map(below, depth - 1, lbn, Math.min(limit, end));
        }
    }

    @Override
    public long before(long lbn) throws ErrnoException {
        Node root = root();
        return before(root, EH_DEPTH.get(root.memory, root.at), lbn);
    }

    private long before(Node node, int depth, long lbn) throws ErrnoException {
        int index = node.find(lbn);
        if (index < 0) {
            return node.blkno;
        }
        if (depth == 0) {
            int length = EE_LEN.get(node.memory, node.entry(index));
            int blocks = length <= MAX_WRITTEN ? length : length - MAX_WRITTEN;
            return start(node, node.entry(index)) + Math.min(blocks, lbn - node.first(index)) - 1;
        }
        try (Buf buf = below(node, depth, index)) {
            return before(new Node(buf.data(), 0, sb.blockBytes, child(node, index)), depth - 1, lbn);
        }
    }

    /** The node that an entry of an index leads to, looked at. */
    Buf below(Node node, int depth, int index) throws ErrnoException {
        long end = index + 1 < node.entries() ? node.first(index + 1) : MAX_BLOCKS;
        long child = child(node, index);
        Buf buf = volume.bread(child);
        boolean good = false;
        try {
            Node below = new Node(buf.data(), 0, sb.blockBytes, child);
            long tag = BlockTag.EXTENTS.of(inode);
            if (buf.tag() != tag) {
                requireChecksum(below);
                check(below, depth - 1, node.first(index), end);
                buf.setTag(tag);
            } else if (EH_DEPTH.get(below.memory, 0) != depth - 1) {
                throw damaged(below, "depth " + EH_DEPTH.get(below.memory, 0) + " in the place of " + (depth - 1));
            }
            good = true;
            return buf;
        } finally {
            if (!good) {
                buf.close();
            }
        }
    }

    private BlockRun inLeaf(Node leaf, int index, long lbn, long limit) {
        long at = leaf.entry(index);
        int length = EE_LEN.get(leaf.memory, at);
        boolean written = length <= MAX_WRITTEN;
        long first = leaf.first(index);
        long end = first + (written ? length : length - MAX_WRITTEN);
        if (lbn >= end) {
            return BlockRun.hole(lbn, limit);
        }
        long count = Math.min(limit, end) - lbn;
        return new BlockRun(lbn, count, written ? start(leaf, at) + (lbn - first) : BlockRun.HOLE);
    }

    static long start(Node leaf, long entry) {
        return EE_START_LO.getUnsigned(leaf.memory, entry) | (long) EE_START_HI.get(leaf.memory, entry) << 32;
    }

    static long child(Node node, int index) {
        long at = node.entry(index);
        return EI_LEAF_LO.getUnsigned(node.memory, at) | (long) EI_LEAF_HI.get(node.memory, at) << 32;
    }

    /** Looks at all of a node whose entries are for the blocks from low to high. */
    private void check(Node node, int depth, long low, long high) throws ErrnoException {
        MemorySegment memory = node.memory;
        if (EH_MAGIC.get(memory, node.at) != MAGIC) {
            throw damaged(node, "magic number 0x" + Integer.toHexString(EH_MAGIC.get(memory, node.at)));
        }
        if (EH_DEPTH.get(memory, node.at) != depth) {
            throw damaged(node, "depth " + EH_DEPTH.get(memory, node.at) + " in the place of " + depth);
        }
        int room = (node.bytes - HEADER_BYTES) / ENTRY_BYTES;
        int max = EH_MAX.get(memory, node.at);
        if (max > room || node.entries() > max) {
            throw damaged(node, node.entries() + " of " + max + " entries where " + room + " fit");
        }
        if (depth > 0 && node.entries() == 0) {
            throw damaged(node, "an index without entries");
        }
        long from = low;
        for (int i = 0; i < node.entries(); i++) {
            long first = node.first(i);
            if (first < from || first >= high) {
                throw damaged(
                        node, "entry " + i + " is for block " + first + ", not for one of " + from + " to " + high);
            }
            from = depth > 0 ? first + 1 : checkExtent(node, i);
            if (depth > 0 && !sb.isDataBlock(child(node, i))) {
                throw damaged(node, "entry " + i + " is at block " + child(node, i));
            }
        }
    }

    /** Looks at an extent, and gives the block of the file behind it. */
    private long checkExtent(Node leaf, int index) throws ErrnoException {
        long at = leaf.entry(index);
        int length = EE_LEN.get(leaf.memory, at);
        int blocks = length <= MAX_WRITTEN ? length : length - MAX_WRITTEN;
        if (blocks == 0 || leaf.first(index) + blocks > MAX_BLOCKS || !sb.areDataBlocks(start(leaf, at), blocks)) {
            throw damaged(leaf, "extent " + index + " is of " + blocks + " blocks at block " + start(leaf, at));
        }
        return leaf.first(index) + blocks;
    }

    private void requireChecksum(Node node) throws ErrnoException {
        if (!sb.has(Feature.METADATA_CSUM)) {
            return;
        }
        long tail = HEADER_BYTES + (long) EH_MAX.get(node.memory, 0) * ENTRY_BYTES;
        if (tail + Integer.BYTES > node.bytes
                || Crc32c.update(inode.checksumSeed(), node.memory, 0, tail) != ET_CHECKSUM.get(node.memory, tail)) {
            throw damaged(node, "the checksum is wrong");
        }
    }

    private ErrnoException damaged(Node node, String what) {
        return volume.damaged(
                inode.ino,
                (node.blkno == 0 ? "root of its extents: " : "extents in block " + node.blkno + ": ") + what);
    }
}
