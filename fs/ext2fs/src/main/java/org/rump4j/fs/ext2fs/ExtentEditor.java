package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.ExtentMap.*;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/**
 * Changes blocks by extents ({@link ExtentMap}). A node with room is changed where it is. Entries move between nodes only into new blocks,
 * to which then one entry of the node above leads: a power cut leaves the old tree or the new one.
 */
final class ExtentEditor implements MapEditor {
    private static final int ROOT_ENTRIES = (Inode.BLOCK_BYTES - HEADER_BYTES) / ENTRY_BYTES;

    /** Blocks of an extent that are allocated but not written, at the most. */
    private static final int MAX_UNWRITTEN = MAX_WRITTEN - 1;

    private final Volume volume;
    private final Superblock sb;
    private final Allocator allocator;
    private final Inode inode;
    private final ExtentMap map;

    ExtentEditor(Volume volume, Allocator allocator, Inode inode) throws ErrnoException {
        this.volume = volume;
        this.sb = volume.superblock();
        this.allocator = allocator;
        this.inode = inode;
        this.map = new ExtentMap(volume, inode);
    }

    /** An inode without extents. */
    static void init(Inode inode) {
        MemorySegment raw = inode.raw();
        int at = Inode.BLOCK.offset();
        EH_MAGIC.set(raw, at, MAGIC);
        EH_ENTRIES.set(raw, at, 0);
        EH_MAX.set(raw, at, ROOT_ENTRIES);
        EH_DEPTH.set(raw, at, 0);
    }

    /** Gives an inode without extents its first blocks. */
    static void setOnly(Inode inode, long blkno, int count) {
        Node root = new Node(inode.raw(), Inode.BLOCK.offset(), Inode.BLOCK_BYTES, 0);
        setExtent(root, 0, 0, blkno, count, true);
        setEntries(root, 1);
    }

    @Override
    public long maxBlocks() {
        long counted = sb.has(Feature.HUGE_FILE) ? MAX_BLOCKS : ((1L << 32) - (1L << 24)) >> (sb.blockShift - 9);
        return Math.min(MAX_BLOCKS - 1, counted);
    }

    @Override
    public long end() throws ErrnoException {
        try (Path path = new Path(MAX_BLOCKS - 1)) {
            Node leaf = path.last();
            int last = path.index[path.leaf];
            return last < 0 ? 0 : leaf.first(last) + length(leaf, last);
        }
    }

    /** The way from the root to a leaf. */
    private final class Path implements AutoCloseable {
        final Node[] nodes = new Node[MAX_DEPTH + 1];
        final @Nullable Buf[] bufs = new Buf[MAX_DEPTH + 1];

        /** Of each node the last entry that begins with the block or before it; −1 in a leaf where there is none. */
        final int[] index = new int[MAX_DEPTH + 1];

        /** The level of the leaf. */
        int leaf;

        Path(long lbn) throws ErrnoException {
            boolean whole = false;
            try {
                Node node = map.root();
                nodes[0] = node;
                int depth = EH_DEPTH.get(node.memory(), node.at());
                while (depth > 0) {
                    index[leaf] = Math.max(0, node.find(lbn));
                    Buf buf = map.below(node, depth, index[leaf]);
                    node = new Node(buf.data(), 0, sb.blockBytes, child(node, index[leaf]));
                    leaf++;
                    bufs[leaf] = buf;
                    nodes[leaf] = node;
                    depth--;
                }
                index[leaf] = node.find(lbn);
                whole = true;
            } finally {
                if (!whole) {
                    close();
                }
            }
        }

        Node last() {
            return nodes[leaf];
        }

        /** A node has been changed. */
        void changed(int level) {
            Buf buf = bufs[level];
            if (buf != null) {
                ExtentEditor.this.changed(nodes[level], buf, WriteStage.MAP);
            }
        }

        /** The block of the file that the next leaf begins with; {@link ExtentMap#MAX_BLOCKS} where there is none. */
        long next() {
            for (int level = leaf - 1; level >= 0; level--) {
                if (index[level] + 1 < nodes[level].entries()) {
                    return nodes[level].first(index[level] + 1);
                }
            }
            return MAX_BLOCKS;
        }

        /** The first entry of the leaf begins elsewhere: so do those that lead to it. */
        void beginsWith(long lbn) {
            beginsWith(leaf, lbn);
        }

        /** As the other, of a node. */
        void beginsWith(int node, long lbn) {
            for (int level = node - 1; level >= 0 && index[level] >= 0; level--) {
                EI_BLOCK.set(nodes[level].memory(), nodes[level].entry(index[level]), (int) lbn);
                changed(level);
                if (index[level] > 0) {
                    return;
                }
            }
        }

        @Override
        public void close() {
            for (Buf buf : bufs) {
                if (buf != null) {
                    buf.close();
                }
            }
        }
    }

    private static int max(Node node) {
        return EH_MAX.get(node.memory(), node.at());
    }

    private static void setEntries(Node node, int count) {
        EH_ENTRIES.set(node.memory(), node.at(), count);
    }

    private static int length(Node leaf, int index) {
        int length = EE_LEN.get(leaf.memory(), leaf.entry(index));
        return length <= MAX_WRITTEN ? length : length - MAX_WRITTEN;
    }

    private static boolean isWritten(Node leaf, int index) {
        return EE_LEN.get(leaf.memory(), leaf.entry(index)) <= MAX_WRITTEN;
    }

    private static long startOf(Node leaf, int index) {
        return ExtentMap.start(leaf, leaf.entry(index));
    }

    private static void setExtent(Node leaf, int index, long lbn, long blkno, int count, boolean written) {
        long at = leaf.entry(index);
        EE_BLOCK.set(leaf.memory(), at, (int) lbn);
        EE_LEN.set(leaf.memory(), at, written ? count : count + MAX_WRITTEN);
        EE_START_HI.set(leaf.memory(), at, (int) (blkno >>> 32));
        EE_START_LO.set(leaf.memory(), at, (int) blkno);
    }

    private static void setIndex(Node node, int index, long lbn, long blkno) {
        long at = node.entry(index);
        EI_BLOCK.set(node.memory(), at, (int) lbn);
        EI_LEAF_LO.set(node.memory(), at, (int) blkno);
        EI_LEAF_HI.set(node.memory(), at, (int) (blkno >>> 32));
        EI_LEAF_HI.set(node.memory(), at + Short.BYTES, 0);
    }

    /** Makes room for entries before one. */
    private static void insert(Node node, int index, int count) {
        long moved = (long) (node.entries() - index) * ENTRY_BYTES;
        MemorySegment.copy(node.memory(), node.entry(index), node.memory(), node.entry(index + count), moved);
        setEntries(node, node.entries() + count);
    }

    /** Takes entries out, from one on up to another. */
    private static void remove(Node node, int from, int to) {
        long moved = (long) (node.entries() - to) * ENTRY_BYTES;
        MemorySegment.copy(node.memory(), node.entry(to), node.memory(), node.entry(from), moved);
        setEntries(node, node.entries() - (to - from));
    }

    private void changed(Node node, Buf buf, WriteStage stage) {
        if (sb.has(Feature.METADATA_CSUM)) {
            long tail = HEADER_BYTES + (long) max(node) * ENTRY_BYTES;
            ET_CHECKSUM.set(node.memory(), tail, Crc32c.update(inode.checksumSeed(), node.memory(), 0, tail));
        }
        buf.dirty(stage);
    }

    // Filling

    @Override
    public int fill(long lbn, int want, long goal) throws ErrnoException {
        if (lbn + want > maxBlocks()) {
            throw Errno.EFBIG.exception();
        }
        int written = write(lbn, want);
        return written > 0 ? written : insert(lbn, want, goal, true);
    }

    @Override
    public int reserve(long lbn, int want, long goal) throws ErrnoException {
        if (lbn + want > maxBlocks()) {
            throw Errno.EFBIG.exception();
        }
        int there = unwritten(lbn, want);
        return there > 0 ? there : insert(lbn, want, goal, false);
    }

    private int insert(long lbn, int want, long goal, boolean written) throws ErrnoException {
        Allocator.Run run = allocator.allocate(inode, goal, Math.min(want, most(written)));
        boolean inserted = false;
        try {
            while (!tryInsert(lbn, run, written)) {}
            inserted = true;
        } finally {
            if (!inserted) {
                allocator.free(run.blkno(), run.count());
            }
        }
        inode.addBlocks(run.count());
        return run.count();
    }

    /** Inserts an extent; false where the tree has been changed to make room, and it is to be tried again. */
    private boolean tryInsert(long lbn, Allocator.Run run, boolean written) throws ErrnoException {
        try (Path path = new Path(lbn)) {
            Node leaf = path.last();
            int before = path.index[path.leaf];
            int after = before + 1;
            if (before >= 0 && extend(leaf, before, lbn, run.blkno(), run.count(), written)) {
                path.changed(path.leaf);
                return true;
            }
            if (leaf.entries() < max(leaf)) {
                insert(leaf, after, 1);
                setExtent(leaf, after, lbn, run.blkno(), run.count(), written);
                path.changed(path.leaf);
                if (after == 0) {
                    path.beginsWith(lbn);
                }
                return true;
            }
            if (path.leaf > 0 && after == leaf.entries()) {
                Node above = path.nodes[path.leaf - 1];
                if (above.entries() < max(above)) {
                    appendLeaf(path, lbn, run, written);
                    return true;
                }
                split(path, path.leaf - 1);
                return false;
            }
            split(path, path.leaf);
            return false;
        }
    }

    /** A new leaf behind one that is full: nothing has to move. */
    private void appendLeaf(Path path, long lbn, Allocator.Run run, boolean written) throws ErrnoException {
        long blkno = allocator.allocate(startGoal(), 1).blkno();
        try (Buf buf = volume.getblk(blkno)) {
            Node leaf = newNode(buf, blkno, 0);
            setEntries(leaf, 1);
            setExtent(leaf, 0, lbn, run.blkno(), run.count(), written);
            changed(leaf, buf, WriteStage.FRESH);
        }
        int level = path.leaf - 1;
        Node above = path.nodes[level];
        insert(above, path.index[level] + 1, 1);
        setIndex(above, path.index[level] + 1, lbn, blkno);
        path.changed(level);
        inode.addBlocks(1);
    }

    private Node newNode(Buf buf, long blkno, int depth) {
        EH_MAGIC.set(buf.data(), 0, MAGIC);
        EH_MAX.set(buf.data(), 0, (sb.blockBytes - HEADER_BYTES) / ENTRY_BYTES);
        EH_DEPTH.set(buf.data(), 0, depth);
        buf.setTag(BlockTag.EXTENTS.of(inode));
        return new Node(buf.data(), 0, sb.blockBytes, blkno);
    }

    /** Makes room in a node, or above it where there is none either. */
    private void split(Path path, int level) throws ErrnoException {
        if (level == 0) {
            deepen(path.nodes[0]);
            return;
        }
        Node above = path.nodes[level - 1];
        if (above.entries() == max(above)) {
            split(path, level - 1);
            return;
        }
        Node node = path.nodes[level];
        int half = node.entries() / 2;
        long left = copy(node, 0, half);
        long right = 0;
        try {
            right = copy(node, half, node.entries() - half);
        } finally {
            if (right == 0) {
                allocator.freeBuf(left);
            }
        }
        int index = path.index[level - 1];
        insert(above, index + 1, 1);
        setIndex(above, index, above.first(index), left);
        setIndex(above, index + 1, node.first(half), right);
        path.changed(level - 1);
        inode.addBlocks(1);
        allocator.freeBuf(node.blkno());
    }

    /** A new node with entries of another one. Its block. */
    private long copy(Node from, int index, int count) throws ErrnoException {
        long blkno = allocator.allocate(from.blkno(), 1).blkno();
        try (Buf buf = volume.getblk(blkno)) {
            Node to = newNode(buf, blkno, EH_DEPTH.get(from.memory(), from.at()));
            MemorySegment.copy(from.memory(), from.entry(index), to.memory(), to.entry(0), (long) count * ENTRY_BYTES);
            setEntries(to, count);
            changed(to, buf, WriteStage.FRESH);
        }
        return blkno;
    }

    /** What is in the root goes into a block, to which the root leads. */
    private void deepen(Node root) throws ErrnoException {
        int depth = EH_DEPTH.get(root.memory(), root.at());
        if (depth == MAX_DEPTH) {
            throw Errno.EFBIG.exception("the tree of extents is as deep as it can be");
        }
        long first = root.first(0);
        long blkno = allocator.allocate(startGoal(), 1).blkno();
        try (Buf buf = volume.getblk(blkno)) {
            Node to = newNode(buf, blkno, depth);
            MemorySegment.copy(
                    root.memory(), root.entry(0), to.memory(), to.entry(0), (long) root.entries() * ENTRY_BYTES);
            setEntries(to, root.entries());
            changed(to, buf, WriteStage.FRESH);
        }
        EH_DEPTH.set(root.memory(), root.at(), depth + 1);
        setEntries(root, 1);
        setIndex(root, 0, first, blkno);
        inode.addBlocks(1);
    }

    private long startGoal() {
        return sb.firstBlock((inode.ino - 1) / sb.inodesPerGroup);
    }

    /** An extent is to go on with blocks; false where they do not fit to it. */
    private static boolean extend(Node leaf, int index, long lbn, long blkno, int count, boolean written) {
        int length = length(leaf, index);
        if (isWritten(leaf, index) != written
                || leaf.first(index) + length != lbn
                || startOf(leaf, index) + length != blkno
                || length + count > most(written)) {
            return false;
        }
        setExtent(leaf, index, leaf.first(index), startOf(leaf, index), length + count, written);
        return true;
    }

    private static int most(boolean written) {
        return written ? MAX_WRITTEN : MAX_UNWRITTEN;
    }

    /** How many blocks from one on are allocated but not written; 0 where it is not one of those. */
    private int unwritten(long lbn, int want) throws ErrnoException {
        try (Path path = new Path(lbn)) {
            Node leaf = path.last();
            int index = path.index[path.leaf];
            if (index < 0 || isWritten(leaf, index)) {
                return 0;
            }
            return Math.clamp(leaf.first(index) + length(leaf, index) - lbn, 0, want);
        }
    }

    /**
     * Blocks that are allocated but not written are written from now on.
     *
     * @return how many, from one on; 0 where it is not one of those
     */
    private int write(long lbn, int want) throws ErrnoException {
        while (true) {
            try (Path path = new Path(lbn)) {
                Node leaf = path.last();
                int index = path.index[path.leaf];
                if (index < 0 || isWritten(leaf, index) || lbn >= leaf.first(index) + length(leaf, index)) {
                    return 0;
                }
                int count = Math.min(want, (int) (leaf.first(index) + length(leaf, index) - lbn));
                if (!write(leaf, index, lbn, count)) {
                    split(path, path.leaf);
                    continue;
                }
                path.changed(path.leaf);
                allocator.setAllocated();
                return count;
            }
        }
    }

    /** Blocks of an extent are written; false where the leaf has no room for what becomes of it. */
    private static boolean write(Node leaf, int index, long lbn, int count) {
        long first = leaf.first(index);
        long start = startOf(leaf, index);
        int before = (int) (lbn - first);
        int after = length(leaf, index) - before - count;
        if (before == 0 && index > 0 && extend(leaf, index - 1, lbn, start, count, true)) {
            if (after > 0) {
                setExtent(leaf, index, lbn + count, start + count, after, false);
            } else {
                remove(leaf, index, index + 1);
            }
            return true;
        }
        int more = (before > 0 ? 1 : 0) + (after > 0 ? 1 : 0);
        if (leaf.entries() + more > max(leaf)) {
            return false;
        }
        int at = index;
        insert(leaf, index + 1, more);
        if (before > 0) {
            setExtent(leaf, at++, first, start, before, false);
        }
        setExtent(leaf, at++, lbn, start + before, count, true);
        if (after > 0) {
            setExtent(leaf, at, lbn + count, start + before + count, after, false);
        }
        return true;
    }

    // Freeing

    @Override
    public void truncate(long lbn) throws ErrnoException {
        Node root = map.root();
        cut(root, EH_DEPTH.get(root.memory(), root.at()), null, lbn);
        settle(root);
    }

    @Override
    public void punch(long lbn, long end) throws ErrnoException {
        for (long at = lbn; at < end; ) {
            at = punchLeaf(at, end);
        }
        settle(map.root());
    }

    /** A tree that has lost entries is no deeper than it must be. */
    private void settle(Node root) throws ErrnoException {
        if (root.entries() == 0) {
            init(inode);
        }
        while (shorten(root)) {}
    }

    /**
     * Frees blocks, as far as one leaf is concerned.
     *
     * @return where to go on
     */
    private long punchLeaf(long lbn, long end) throws ErrnoException {
        try (Path path = new Path(lbn)) {
            Node leaf = path.last();
            int index = Math.max(0, path.index[path.leaf]);
            long next = path.next();
            if (index < leaf.entries() && isWithin(leaf, index, lbn, end)) {
                if (leaf.entries() == max(leaf)) {
                    split(path, path.leaf);
                    return lbn;
                }
                punchWithin(leaf, index, lbn, end);
                path.changed(path.leaf);
                return end;
            }
            long began = leaf.entries() == 0 ? 0 : leaf.first(0);
            int removed = index;
            boolean changed = false;
            int at = index;
            for (; at < leaf.entries() && leaf.first(at) < end; at++) {
                changed |= trim(leaf, at, lbn, end);
                if (length(leaf, at) > 0) {
                    if (removed < at) {
                        remove(leaf, removed, at);
                        at = removed;
                    }
                    removed = at + 1;
                }
            }
            if (removed < at) {
                remove(leaf, removed, at);
            }
            if (!changed) {
                return next;
            }
            if (leaf.entries() == 0) {
                removeLeaf(path);
            } else {
                path.changed(path.leaf);
                if (leaf.first(0) != began) {
                    path.beginsWith(leaf.first(0));
                }
            }
            return next;
        }
    }

    /** Whether an extent goes on at both ends of a hole that is to be. */
    private static boolean isWithin(Node leaf, int index, long lbn, long end) {
        return leaf.first(index) < lbn && end < leaf.first(index) + length(leaf, index);
    }

    /** Makes a hole in an extent, which becomes two. */
    private void punchWithin(Node leaf, int index, long lbn, long end) throws ErrnoException {
        long first = leaf.first(index);
        long start = startOf(leaf, index);
        boolean written = isWritten(leaf, index);
        int count = length(leaf, index);
        int before = (int) (lbn - first);
        int hole = (int) (end - lbn);
        allocator.free(start + before, hole);
        inode.addBlocks(-hole);
        insert(leaf, index + 1, 1);
        setExtent(leaf, index, first, start, before, written);
        setExtent(leaf, index + 1, end, start + before + hole, count - before - hole, written);
    }

    /**
     * Takes from an extent what lies in a hole that is to be, which may leave it with no blocks.
     *
     * @return whether that was anything
     */
    private boolean trim(Node leaf, int index, long lbn, long end) throws ErrnoException {
        long first = leaf.first(index);
        int count = length(leaf, index);
        int from = Math.clamp(lbn - first, 0, count);
        int to = Math.clamp(end - first, 0, count);
        if (from == to) {
            return false;
        }
        long start = startOf(leaf, index);
        boolean written = isWritten(leaf, index);
        allocator.free(start + from, to - from);
        inode.addBlocks(from - to);
        if (from > 0) {
            setExtent(leaf, index, first, start, from, written);
        } else {
            setExtent(leaf, index, first + to, start + to, count - to, written || to == count);
        }
        return true;
    }

    /** A leaf has no entries any more: it goes, and what leads to nothing else. */
    private void removeLeaf(Path path) throws ErrnoException {
        for (int level = path.leaf; level > 0; level--) {
            allocator.freeBuf(path.nodes[level].blkno());
            inode.addBlocks(-1);
            Node above = path.nodes[level - 1];
            int index = path.index[level - 1];
            remove(above, index, index + 1);
            if (above.entries() > 0) {
                path.changed(level - 1);
                if (index == 0) {
                    path.beginsWith(level - 1, above.first(0));
                }
                return;
            }
        }
    }

    /** Takes what the root's only child has into the root, where it fits; false where it does not. */
    private boolean shorten(Node root) throws ErrnoException {
        int depth = EH_DEPTH.get(root.memory(), root.at());
        if (depth == 0 || root.entries() != 1) {
            return false;
        }
        long blkno = child(root, 0);
        try (Buf buf = map.below(root, depth, 0)) {
            Node below = new Node(buf.data(), 0, sb.blockBytes, blkno);
            if (below.entries() > ROOT_ENTRIES) {
                return false;
            }
            MemorySegment.copy(
                    below.memory(), below.entry(0), root.memory(), root.entry(0), (long) below.entries() * ENTRY_BYTES);
            setEntries(root, below.entries());
            EH_DEPTH.set(root.memory(), root.at(), depth - 1);
        }
        allocator.freeBuf(blkno);
        inode.addBlocks(-1);
        return true;
    }

    /** Frees what is below a node from a block on. */
    private void cut(Node node, int depth, @Nullable Buf buf, long from) throws ErrnoException {
        boolean changed = false;
        for (int i = node.entries() - 1; i >= 0; i--) {
            boolean whole = depth > 0 ? cutBelow(node, depth, i, from) : cutExtent(node, i, from);
            if (!whole) {
                changed |= depth == 0;
                break;
            }
            setEntries(node, i);
            changed = true;
        }
        if (changed && buf != null && node.entries() > 0) {
            changed(node, buf, WriteStage.MAP);
        }
    }

    /** Whether nothing of an extent is left. */
    private boolean cutExtent(Node leaf, int index, long from) throws ErrnoException {
        long first = leaf.first(index);
        int length = length(leaf, index);
        int kept = Math.clamp(from - first, 0, length);
        if (kept < length) {
            allocator.free(startOf(leaf, index) + kept, length - kept);
            inode.addBlocks(kept - length);
            if (kept > 0) {
                setExtent(leaf, index, first, startOf(leaf, index), kept, isWritten(leaf, index));
            }
        }
        return kept == 0;
    }

    private boolean cutBelow(Node node, int depth, int index, long from) throws ErrnoException {
        long blkno = child(node, index);
        try (Buf buf = map.below(node, depth, index)) {
            Node below = new Node(buf.data(), 0, sb.blockBytes, blkno);
            cut(below, depth - 1, buf, from);
            if (below.entries() > 0) {
                return false;
            }
        }
        allocator.freeBuf(blkno);
        inode.addBlocks(-1);
        return true;
    }
}
