package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.FilesystemMaker.Sink;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** What a file system has in it from the beginning: the root, {@code lost+found}, and the inode that keeps room for descriptors of more groups. */
final class FirstFiles {
    /** The last inode that is in use. */
    static final int LAST_INO = Geometry.FIRST_INO;

    private static final int LOST_AND_FOUND_INO = LAST_INO;
    private static final String LOST_AND_FOUND = "lost+found";
    private static final int RESIZE_INO = 7;

    private static final int ROOT_MODE = SysStat.S_IFDIR | 0755;
    private static final int LOST_AND_FOUND_MODE = SysStat.S_IFDIR | 0700;
    private static final int RESIZE_MODE = SysStat.S_IFREG | 0600;

    /** Block pointers in an inode: those to blocks of the file, and the place of the one to a block that leads to blocks that lead to some. */
    private static final int DIRECT_BLOCKS = 12;

    private static final int DOUBLE_INDIRECT = 13;

    private static final Le32 POINTER = new Le32(0);
    private static final byte[] SELF = {'.'};
    private static final byte[] PARENT = {'.', '.'};

    private final Superblock sb;
    private final Geometry geometry;
    private final NewFilesystem wanted;
    private final GroupPlaces home;
    private final long rootBlock;
    private final long lostAndFoundBlock;

    /** 0 where there is no such inode. */
    private final long resizeBlock;

    /**
     * Takes blocks for them.
     *
     * @param home the first groups
     * @throws ErrnoException EINVAL where there is no room
     */
    FirstFiles(Superblock sb, Geometry geometry, NewFilesystem wanted, GroupPlaces home) throws ErrnoException {
        this.sb = sb;
        this.geometry = geometry;
        this.wanted = wanted;
        this.home = home;
        rootBlock = home.take(sb.firstBlock(0), 1);
        lostAndFoundBlock = home.take(rootBlock, geometry.lostAndFoundBlocks());
        resizeBlock = geometry.has(Feature.RESIZE_INODE) ? home.take(rootBlock, 1) : 0;
    }

    /** Blocks that they take. */
    int blocks() {
        return 1 + geometry.lostAndFoundBlocks() + (resizeBlock == 0 ? 0 : 1);
    }

    /** How many of the inodes in use are in a group. */
    int inodesIn(int group) {
        return Math.clamp(LAST_INO - (long) group * sb.inodesPerGroup, 0, sb.inodesPerGroup);
    }

    /** How many of the directories are in a group. */
    int directoriesIn(int group) {
        return (isIn(group, Superblock.ROOT_INO) ? 1 : 0) + (isIn(group, LOST_AND_FOUND_INO) ? 1 : 0);
    }

    private boolean isIn(int group, int ino) {
        return (ino - 1) / sb.inodesPerGroup == group;
    }

    void write(Sink sink, BlockWriter blocks) throws ErrnoException {
        writeRoot(blocks);
        writeLostAndFound(blocks);
        if (resizeBlock != 0) {
            writeResizeBlocks(sink, blocks);
        }
        writeInodes(blocks);
    }

    private void writeRoot(BlockWriter blocks) throws ErrnoException {
        MemorySegment block = blocks.add(rootBlock);
        int name = writeDots(block, Superblock.ROOT_INO, Dirents.bytesFor(PARENT.length));
        int left = DirectoryBlocks.leafBytes(sb) - name;
        Dirents.write(sb, block, name, left, LOST_AND_FOUND_INO, PathCodec.encode(LOST_AND_FOUND), type());
        DirectoryBlocks.seal(sb, root(), block);
    }

    private void writeLostAndFound(BlockWriter blocks) throws ErrnoException {
        int leaf = DirectoryBlocks.leafBytes(sb);
        Inode directory = lostAndFound();
        for (int i = 0; i < geometry.lostAndFoundBlocks(); i++) {
            MemorySegment block = blocks.add(lostAndFoundBlock + i);
            if (i == 0) {
                writeDots(block, LOST_AND_FOUND_INO, leaf - Dirents.bytesFor(SELF.length));
            } else {
                Dirents.write(sb, block, 0, leaf, 0, new byte[0], 0);
            }
            DirectoryBlocks.seal(sb, directory, block);
        }
    }

    /**
     * The names that a directory begins with: both are below the root.
     *
     * @param parentBytes of the second entry
     * @return the byte behind them
     */
    private int writeDots(MemorySegment block, int ino, int parentBytes) {
        int parent = Dirents.bytesFor(SELF.length);
        Dirents.write(sb, block, 0, parent, ino, SELF, type());
        Dirents.write(sb, block, parent, parentBytes, Superblock.ROOT_INO, PARENT, type());
        return parent + parentBytes;
    }

    private static int type() {
        return Dirents.fileType(Dirent.DT_DIR);
    }

    /**
     * What is kept for descriptors: a block leads to the blocks kept behind the first copy of the superblock, and each of these to those
     * behind the others.
     */
    private void writeResizeBlocks(Sink sink, BlockWriter blocks) throws ErrnoException {
        int described = geometry.descriptorBlocks();
        int count = geometry.reservedGdtBlocks();
        long kept = sb.firstBlock(0) + 1 + described;
        MemorySegment block = blocks.add(resizeBlock);
        for (int i = 0; i < count; i++) {
            setPointer(block, (described + i) % (sb.blockBytes / Integer.BYTES), kept + i);
        }
        for (int i = 0; i < count; i++) {
            block = blocks.add(kept + i);
            int copies = 0;
            for (int group = 1; group < sb.groups; group++) {
                if (sb.hasSuperblock(group)) {
                    setPointer(block, copies++, sb.firstBlock(group) + 1 + described + i);
                }
            }
        }
        for (int group = 1; group < sb.groups; group++) {
            if (sb.hasSuperblock(group)) {
                sink.zero((sb.firstBlock(group) + 1 + described) << sb.blockShift, (long) count << sb.blockShift);
            }
        }
    }

    private static void setPointer(MemorySegment memory, int index, long blkno) {
        POINTER.set(memory, (long) index * Integer.BYTES, (int) blkno);
    }

    /** All that are not free, those without a use too: they have checksums. */
    private void writeInodes(BlockWriter blocks) throws ErrnoException {
        int perBlock = sb.blockBytes / sb.inodeBytes;
        MemorySegment block = MemorySegment.NULL;
        for (int ino = 1; ino <= LAST_INO; ino++) {
            int group = (ino - 1) / sb.inodesPerGroup;
            int within = (ino - 1) % sb.inodesPerGroup;
            if (within % perBlock == 0) {
                GroupPlaces places = group < home.groups ? home : new GroupPlaces(sb, group);
                block = blocks.add(places.inodeTable(group) + within / perBlock);
            }
            InodeTable.put(sb, inode(ino), block, (long) (within % perBlock) * sb.inodeBytes);
        }
    }

    private Inode inode(int ino) {
        return switch (ino) {
            case Superblock.ROOT_INO -> root();
            case RESIZE_INO -> resizeBlock == 0 ? InodeTable.make(sb, ino) : resize();
            case LOST_AND_FOUND_INO -> lostAndFound();
            default -> InodeTable.make(sb, ino);
        };
    }

    private Inode root() {
        Inode inode = directory(Superblock.ROOT_INO, ROOT_MODE, 3, rootBlock, 1);
        inode.setUid(wanted.rootUid());
        inode.setGid(wanted.rootGid());
        return inode;
    }

    private Inode lostAndFound() {
        return directory(LOST_AND_FOUND_INO, LOST_AND_FOUND_MODE, 2, lostAndFoundBlock, geometry.lostAndFoundBlocks());
    }

    private Inode directory(long ino, int mode, int links, long blkno, int count) {
        Inode inode = dated(ino, mode, links);
        inode.setSize((long) count << sb.blockShift);
        inode.addBlocks(count);
        if (sb.has(Feature.EXTENTS)) {
            inode.setFlag(Inode.FL_EXTENTS, true);
            ExtentEditor.init(inode);
            ExtentEditor.setOnly(inode, blkno, count);
        } else {
            for (int i = 0; i < count; i++) {
                Inode.BLOCK.set(inode.raw(), (long) i * Integer.BYTES, (int) (blkno + i));
            }
        }
        return inode;
    }

    /** As large as a file is that has all the blocks that its double indirect pointer can lead to. */
    private Inode resize() {
        Inode inode = dated(RESIZE_INO, RESIZE_MODE, 1);
        long pointers = sb.blockBytes / Integer.BYTES;
        inode.setSize((pointers * pointers + pointers + DIRECT_BLOCKS) << sb.blockShift);
        long copies = 1;
        for (int group = 1; group < sb.groups; group++) {
            copies += sb.hasSuperblock(group) ? 1 : 0;
        }
        inode.addBlocks(1 + copies * geometry.reservedGdtBlocks());
        Inode.BLOCK.set(inode.raw(), (long) DOUBLE_INDIRECT * Integer.BYTES, (int) resizeBlock);
        return inode;
    }

    private Inode dated(long ino, int mode, int links) {
        Inode inode = InodeTable.make(sb, ino);
        Timespec now = new Timespec(wanted.time().sec(), 0);
        inode.setMode(mode);
        inode.setLinks(links);
        inode.setAtime(now);
        inode.setCtime(now);
        inode.setMtime(now);
        inode.setBirthtime(now);
        return inode;
    }
}
