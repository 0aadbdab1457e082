package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.List;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;
import org.rump4j.vfs.WriteStage;

/**
 * The file in which other kernels keep the numbers of inodes without a name, so that they need not wait for one another as with {@link
 * OrphanList}. This one takes over what is in it, and then leaves it alone.
 */
final class OrphanFile {
    private static final Le32 INO = new Le32(0);

    // At the end of each block (struct ext4_orphan_block_tail).
    private static final int TAIL_BYTES = 8;
    private static final Le32 TAIL_MAGIC = new Le32(0);
    private static final Le32 TAIL_CHECKSUM = new Le32(4);
    private static final int MAGIC = 0x0B10CA04;

    private final Volume volume;
    private final Superblock sb;
    private final Inode inode;
    private final FileMap map;

    /** @throws ErrnoException EIO where there is none, or it makes no sense */
    OrphanFile(Volume volume, InodeTable inodes) throws ErrnoException {
        this.volume = volume;
        this.sb = volume.superblock();
        try {
            this.inode = inodes.get(sb.orphanFileInum());
            this.map = FileMap.of(volume, inode);
        } catch (ErrnoException e) {
            throw volume.damaged("the file of files without names: " + e.detail());
        }
    }

    /**
     * Takes all numbers out, in a transaction.
     *
     * @param most as many at the most
     * @throws ErrnoException EIO, also where there are more
     */
    List<Long> takeAll(long most) throws ErrnoException {
        List<Long> all = new ArrayList<>();
        long blocks = (inode.size() + sb.blockBytes - 1) >> sb.blockShift;
        for (long lbn = 0; lbn < blocks; ) {
            BlockRun run = map.map(lbn, blocks);
            if (run.isHole()) {
                throw volume.damaged(inode.ino, "a hole among files without names");
            }
            for (; lbn < run.end(); lbn++) {
                take(run.blknoOf(lbn), all);
                if (all.size() > most) {
                    throw volume.damaged(inode.ino, "too many files without names");
                }
            }
        }
        return all;
    }

    private void take(long blkno, List<Long> all) throws ErrnoException {
        int tail = sb.blockBytes - TAIL_BYTES;
        try (Buf buf = volume.bread(blkno)) {
            boolean right = TAIL_MAGIC.get(buf.data(), tail) == MAGIC
                    && (!sb.has(Feature.METADATA_CSUM)
                            || TAIL_CHECKSUM.get(buf.data(), tail) == checksum(blkno, buf, tail));
            if (!right) {
                throw volume.damaged(inode.ino, "block " + blkno + " with files without names is damaged");
            }
            int before = all.size();
            for (int at = 0; at < tail; at += Integer.BYTES) {
                long ino = INO.getUnsigned(buf.data(), at);
                if (ino != 0) {
                    all.add(ino);
                    INO.set(buf.data(), at, 0);
                }
            }
            if (all.size() > before) {
                if (sb.has(Feature.METADATA_CSUM)) {
                    TAIL_CHECKSUM.set(buf.data(), tail, checksum(blkno, buf, tail));
                }
                buf.dirty(WriteStage.MAP);
            }
        }
    }

    private int checksum(long blkno, Buf buf, int bytes) {
        int crc = Crc32c.updateLe32(inode.checksumSeed(), (int) blkno);
        crc = Crc32c.updateLe32(crc, (int) (blkno >>> 32));
        return Crc32c.update(crc, buf.data(), 0, bytes);
    }
}
