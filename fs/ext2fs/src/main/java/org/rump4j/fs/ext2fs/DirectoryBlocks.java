package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/** The blocks of one directory, with what their checksums say looked at. */
final class DirectoryBlocks {
    /** At the end of a block with names, where there are checksums: what looks like a free entry with a name's length of 0. */
    static final int TAIL_BYTES = 12;

    static final Le32 TAIL_INODE = new Le32(0);
    static final Le32 TAIL_HEADER = new Le32(4);
    static final Le32 TAIL_CHECKSUM = new Le32(8);

    /** TAIL_HEADER: an entry of 12 bytes of the type 0xDE. */
    static final int TAIL_HEADER_VALUE = 0xDE00000C;

    private final Volume volume;
    private final Superblock sb;
    private final Inode dir;
    private final FileMap map;

    DirectoryBlocks(Volume volume, Inode dir, FileMap map) {
        this.volume = volume;
        this.sb = volume.superblock();
        this.dir = dir;
        this.map = map;
    }

    /**
     * How many there are.
     *
     * @throws ErrnoException EIO where there are more than the file system has
     */
    long count() throws ErrnoException {
        long count = (dir.size() + sb.blockBytes - 1) >> sb.blockShift;
        if (count > sb.blocksCount) {
            throw volume.damaged(dir.ino, "directory of " + count + " blocks on a file system of " + sb.blocksCount);
        }
        return count;
    }

    /** As {@link FileMap#map}. */
    BlockRun map(long lbn, long limit) throws ErrnoException {
        return map.map(lbn, limit);
    }

    /**
     * A block of names or of the index.
     *
     * @return null where it is a hole
     * @throws ErrnoException EIO
     */
    @Nullable
    Buf bread(long lbn) throws ErrnoException {
        BlockRun run = map.map(lbn, lbn + 1);
        return run.isHole() ? null : bread(lbn, run.blkno());
    }

    /** As the other, of which it is known where it is. */
    Buf bread(long lbn, long blkno) throws ErrnoException {
        Buf buf = volume.bread(blkno);
        if (!sb.has(Feature.METADATA_CSUM) || buf.tag() == BlockTag.DIRECTORY.of(dir)) {
            return buf;
        }
        MemorySegment block = buf.data();
        boolean right = Htree.isNode(sb, dir, lbn, block) ? Htree.isChecksumRight(sb, dir, block) : isTailRight(block);
        if (!right) {
            buf.close();
            throw volume.damaged(
                    dir.ino, "directory block " + lbn + " (block " + blkno + "): the checksum is missing or wrong");
        }
        buf.setTag(BlockTag.DIRECTORY.of(dir));
        return buf;
    }

    /** Where entries end in a block of names. */
    int leafBytes() {
        return leafBytes(sb);
    }

    static int leafBytes(Superblock sb) {
        return sb.blockBytes - (sb.has(Feature.METADATA_CSUM) ? TAIL_BYTES : 0);
    }

    /** A block of names has been changed. */
    void leafChanged(Buf buf, WriteStage stage) {
        seal(sb, dir, buf.data());
        changed(buf, stage);
    }

    /** Makes the checksum of a block of names right, where there is one. */
    static void seal(Superblock sb, Inode dir, MemorySegment block) {
        if (sb.has(Feature.METADATA_CSUM)) {
            int tail = leafBytes(sb);
            TAIL_INODE.set(block, tail, 0);
            TAIL_HEADER.set(block, tail, TAIL_HEADER_VALUE);
            TAIL_CHECKSUM.set(block, tail, Crc32c.update(dir.checksumSeed(), block, 0, tail));
        }
    }

    /** A block of the index has been changed. */
    void nodeChanged(Buf buf, WriteStage stage) {
        if (sb.has(Feature.METADATA_CSUM)) {
            Htree.setChecksum(sb, dir, buf.data());
        }
        changed(buf, stage);
    }

    private void changed(Buf buf, WriteStage stage) {
        buf.setTag(BlockTag.DIRECTORY.of(dir));
        buf.dirty(stage);
    }

    private boolean isTailRight(MemorySegment block) {
        int tail = sb.blockBytes - TAIL_BYTES;
        return TAIL_INODE.get(block, tail) == 0
                && TAIL_HEADER.get(block, tail) == TAIL_HEADER_VALUE
                && Crc32c.update(dir.checksumSeed(), block, 0, tail) == TAIL_CHECKSUM.get(block, tail);
    }
}
