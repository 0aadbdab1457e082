package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.JournalLayout.*;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le16;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The journal of a file system, as JBD2 writes it: a ring of transactions. Each has descriptor blocks, which say of which blocks the
 * copies are that follow them; revoke blocks, which say of which blocks copies in it and before it count no more; and a commit block, without
 * which it did not happen.
 */
final class Journal {
    private final Volume volume;
    private final Superblock sb;
    private final Inode inode;
    private final FileMap map;

    /** Its first block. */
    private final MemorySegment head;

    /** A block with a header, and one with data. */
    private final MemorySegment block;

    private final MemorySegment data;

    /** The blocks of the ring: from first on, up to last. */
    private final long first;

    private final long last;

    private final int checksumSeed;

    /** The blocks of the journal that have been looked up last. */
    private BlockRun known = BlockRun.hole(0, 1);

    /**
     * The one in an inode.
     *
     * @throws ErrnoException EFTYPE where it has features that the driver does not know; EIO
     */
    Journal(Volume volume, Inode inode) throws ErrnoException {
        this.volume = volume;
        this.sb = volume.superblock();
        this.inode = inode;
        if (!inode.isRegular()) {
            throw damaged("it is no regular file");
        }
        map = FileMap.of(volume, inode);
        head = MemorySegment.ofArray(new byte[sb.blockBytes]);
        block = MemorySegment.ofArray(new byte[sb.blockBytes]);
        data = MemorySegment.ofArray(new byte[sb.blockBytes]);
        read(0, head);
        requireSuperblock();
        first = S_FIRST.getUnsigned(head, 0);
        last = last();
        checksumSeed = Crc32c.update(Crc32c.INITIAL, S_UUID.get(head, 0));
    }

    /** What is done with the blocks of a transaction. */
    private enum Pass {
        /** See whether it is there as a whole. */
        CHECK,
        /** Take the copies. */
        COPY,
        /** Take away those that are revoked. */
        REVOKE
    }

    /** Where the ring ends. */
    private static final long NOWHERE = -1;

    /**
     * What has been found in a journal.
     *
     * @param transactions how many there are as a whole
     * @param next the number of the first that is not
     */
    record Pending(int transactions, int next) {}

    /**
     * Goes through the transactions that are not yet on the device, and collects the copies that count, as {@link OverlaidDevice} wants
     * them.
     *
     * @throws ErrnoException EIO, ENOMEM
     */
    Pending collect(BlockCopies copies) throws ErrnoException {
        if (error() != 0) {
            volume.print("the journal says that there was an error " + error());
        }
        long start = S_START.getUnsigned(head, 0);
        if (start == 0) {
            return new Pending(0, S_SEQUENCE.get(head, 0));
        }
        if (start < first || start >= last) {
            throw damaged("it begins at block " + start + ", not from " + first + " to " + last);
        }
        int sequence = S_SEQUENCE.get(head, 0);
        int transactions = 0;
        long left = last - first;
        while (left > 0) {
            long next = walk(start, sequence, Pass.CHECK, copies);
            if (next == NOWHERE) {
                break;
            }
            walk(start, sequence, Pass.COPY, copies);
            walk(start, sequence, Pass.REVOKE, copies);
            left -= next > start ? next - start : next - start + last - first;
            start = next;
            sequence++;
            transactions++;
        }
        return new Pending(transactions, sequence);
    }

    /**
     * Writes what has been collected to where it belongs, after which there is nothing in the journal any more.
     *
     * @throws ErrnoException EIO
     */
    void playBack(BlockCopies copies, Pending pending) throws ErrnoException {
        BlockDevice device = volume.device();
        copies.forEach((blkno, copy) -> {
            device.read(data, OverlaidDevice.blknoOf(copy) << sb.blockShift);
            if (OverlaidDevice.isEscaped(copy)) {
                H_MAGIC.set(data, 0, MAGIC);
            }
            device.write(data, blkno << sb.blockShift);
        });
        device.flush();
        S_START.set(head, 0, 0);
        // The number of one that was begun and not committed is not used again: something of it may be there.
        S_SEQUENCE.set(head, 0, pending.next + 1);
        if (hasChecksums()) {
            S_CHECKSUM.set(head, 0, headChecksum());
        }
        device.write(head, blknoOf(0) << sb.blockShift);
        device.flush();
    }

    /** Whether its head says that there is something to be played back. */
    boolean isEmpty() {
        return S_START.get(head, 0) == 0;
    }

    /** Goes through a transaction; gives the block of the ring behind it, or NOWHERE where there is none as a whole. */
    private long walk(long begin, int sequence, Pass pass, BlockCopies copies) throws ErrnoException {
        return new Walk(begin, sequence, pass, copies).toCommit();
    }

    /** A way through one transaction. It ends after as many blocks as the ring has, whatever they say. */
    private final class Walk {
        private final int sequence;
        private final Pass pass;
        private final BlockCopies copies;
        private long at;
        private long left = last - first;

        /** Of all blocks so far, where it is wanted. */
        private int crc = Crc32Be.INITIAL;

        Walk(long begin, int sequence, Pass pass, BlockCopies copies) {
            this.at = begin;
            this.sequence = sequence;
            this.pass = pass;
            this.copies = copies;
        }

        long toCommit() throws ErrnoException {
            while (left > 0) {
                read(at, block);
                if (H_MAGIC.get(block, 0) != MAGIC || H_SEQUENCE.get(block, 0) != sequence) {
                    return NOWHERE;
                }
                advance();
                int type = H_BLOCKTYPE.get(block, 0);
                if (pass == Pass.CHECK && !isRight(type)) {
                    return NOWHERE;
                }
                switch (type) {
                    case DESCRIPTOR -> passCopies();
                    case REVOKE -> passRevocations();
                    case COMMIT -> {
                        return at;
                    }
                    default -> {
                        return NOWHERE;
                    }
                }
            }
            return NOWHERE;
        }

        private void advance() {
            at = after(at);
            left--;
        }

        private boolean isRight(int type) {
            boolean right = type == COMMIT ? isCommitRight(crc) : isTailRight();
            if (!right) {
                volume.print("journal: transaction " + Integer.toUnsignedString(sequence)
                        + " and those behind it do not count: the checksum of block " + at + " is wrong");
            }
            return right;
        }

        private void passCopies() throws ErrnoException {
            boolean sums = pass == Pass.CHECK && checksumsWholeTransactions();
            if (sums) {
                crc = Crc32Be.update(crc, block);
            }
            long tag = HEADER_BYTES;
            boolean more = true;
            while (more && left > 0 && tag + tagBytes() <= sb.blockBytes - tailBytes()) {
                if (pass == Pass.COPY) {
                    copy(at, tag, sequence, copies);
                } else if (sums) {
                    read(at, data);
                    crc = Crc32Be.update(crc, data);
                }
                advance();
                more = (flags(tag) & FLAG_LAST_TAG) == 0;
                tag += tagBytes() + ((flags(tag) & FLAG_SAME_UUID) == 0 ? Fields.Uuid.BYTES : 0);
            }
        }

        private void passRevocations() {
            if (pass == Pass.REVOKE) {
                revoke(copies);
            }
        }
    }

    /** A block of the ring is the copy that a tag of the descriptor block says. */
    private void copy(long at, long tag, int sequence, BlockCopies copies) throws ErrnoException {
        long blkno = T_BLOCKNR.getUnsigned(block, tag);
        if (hasIncompat(INCOMPAT_64BIT)) {
            blkno |= T_BLOCKNR_HIGH.getUnsigned(block, tag) << 32;
        }
        if (blkno < 0 || blkno >= sb.blocksCount) {
            volume.print(
                    "journal: a copy of block " + blkno + " of a file system of " + sb.blocksCount + " is ignored");
            return;
        }
        if (hasChecksums() && !isDataRight(at, tag, sequence)) {
            volume.print("journal: a copy of block " + blkno + " is ignored, its checksum is wrong");
            return;
        }
        copies.put(blkno, OverlaidDevice.copy(blknoOf(at), (flags(tag) & FLAG_ESCAPE) != 0));
    }

    private void revoke(BlockCopies copies) {
        int recordBytes = hasIncompat(INCOMPAT_64BIT) ? Long.BYTES : Integer.BYTES;
        long end = Math.min(R_COUNT.getUnsigned(block, 0), sb.blockBytes - tailBytes());
        for (long at = REVOKE_HEADER_BYTES; at + recordBytes <= end; at += recordBytes) {
            long blkno = T_BLOCKNR.getUnsigned(block, at);
            if (recordBytes == Long.BYTES) {
                blkno = blkno << 32 | T_BLOCKNR.getUnsigned(block, at + Integer.BYTES);
            }
            copies.remove(blkno);
        }
    }

    // Its shape, for who writes it

    MemorySegment head() {
        return head;
    }

    long first() {
        return first;
    }

    /** Blocks of the ring. */
    long length() {
        return last - first;
    }

    /** The error that whoever wrote it had, or 0. */
    int error() {
        return S_ERRNO.get(head, 0);
    }

    boolean hasChecksums() {
        return hasIncompat(INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3);
    }

    int checksumSeed() {
        return checksumSeed;
    }

    // Tags

    int tagBytes() {
        if (hasIncompat(INCOMPAT_CSUM_V3)) {
            return TAG3_BYTES;
        }
        int bytes = hasIncompat(INCOMPAT_64BIT) ? TAG_BYTES_64BIT : TAG_BYTES;
        return hasIncompat(INCOMPAT_CSUM_V2) ? bytes + Short.BYTES : bytes;
    }

    private int flags(long tag) {
        return hasIncompat(INCOMPAT_CSUM_V3) ? T3_FLAGS.get(block, tag) : T_FLAGS.get(block, tag);
    }

    // Checksums

    /** Bytes at the end of blocks with a header that are no part of what they say. */
    int tailBytes() {
        return hasChecksums() ? TAIL_BYTES : 0;
    }

    private boolean isTailRight() {
        if (!hasChecksums()) {
            return true;
        }
        int tail = sb.blockBytes - TAIL_BYTES;
        int crc = Crc32c.update(checksumSeed, block, 0, tail);
        return Crc32c.updateLe32(crc, 0) == TAIL_CHECKSUM.get(block, tail);
    }

    private boolean isDataRight(long at, long tag, int sequence) throws ErrnoException {
        read(at, data);
        int crc = Crc32c.update(Crc32c.updateBe32(checksumSeed, sequence), data, 0, sb.blockBytes);
        return hasIncompat(INCOMPAT_CSUM_V3)
                ? crc == T3_CHECKSUM.get(block, tag)
                : (crc & 0xFFFF) == T_CHECKSUM.get(block, tag);
    }

    /** The first kind of checksum, which only commit blocks have. */
    private boolean checksumsWholeTransactions() {
        return !hasChecksums() && (S_FEATURE_COMPAT.get(head, 0) & COMPAT_CHECKSUM) != 0;
    }

    private boolean isCommitRight(int crc) {
        int stored = C_CHKSUM.get(block, 0);
        if (hasChecksums()) {
            int own = Crc32c.update(checksumSeed, block, 0, C_CHKSUM.offset());
            own = Crc32c.updateLe32(own, 0);
            int rest = C_CHKSUM.offset() + Integer.BYTES;
            return Crc32c.update(own, block, rest, sb.blockBytes - (long) rest) == stored;
        }
        if (!checksumsWholeTransactions()) {
            return true;
        }
        int type = C_CHKSUM_TYPE.get(block, 0);
        int size = C_CHKSUM_SIZE.get(block, 0);
        boolean unused = type == 0 && size == 0 && stored == 0;
        return unused || (type == COMMIT_CRC32 && size == Integer.BYTES && stored == crc);
    }

    // The ring

    long after(long at) {
        return at + 1 == last ? first : at + 1;
    }

    /** The block of the device that one of the journal is. */
    long blknoOf(long at) throws ErrnoException {
        if (known.isHole() || at < known.lbn() || at >= known.end()) {
            known = map.map(at, Math.max(at + 1, (inode.size() + sb.blockBytes - 1) >> sb.blockShift));
            if (known.isHole()) {
                throw damaged("it has no block " + at);
            }
        }
        return known.blknoOf(at);
    }

    private void read(long at, MemorySegment into) throws ErrnoException {
        volume.device().read(into, blknoOf(at) << sb.blockShift);
    }

    // The first block

    boolean hasIncompat(int features) {
        return H_BLOCKTYPE.get(head, 0) == SUPERBLOCK_V2 && (S_FEATURE_INCOMPAT.get(head, 0) & features) != 0;
    }

    private void requireSuperblock() throws ErrnoException {
        int type = H_BLOCKTYPE.get(head, 0);
        if (H_MAGIC.get(head, 0) != MAGIC || (type != SUPERBLOCK_V1 && type != SUPERBLOCK_V2)) {
            throw damaged("it has no superblock");
        }
        if (S_BLOCKSIZE.getUnsigned(head, 0) != sb.blockBytes) {
            throw damaged("its blocks are of " + S_BLOCKSIZE.getUnsigned(head, 0) + " bytes");
        }
        int unknown = type == SUPERBLOCK_V2 ? S_FEATURE_INCOMPAT.get(head, 0) & ~INCOMPAT_KNOWN : 0;
        if (unknown != 0) {
            throw Errno.EFTYPE.exception(
                    "features of the journal that this driver cannot read: 0x" + Integer.toHexString(unknown));
        }
        if (hasIncompat(INCOMPAT_CSUM_V2) && hasIncompat(INCOMPAT_CSUM_V3)) {
            throw damaged("it has checksums of two kinds");
        }
        if (hasIncompat(INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3)) {
            requireChecksum();
        }
    }

    private void requireChecksum() throws ErrnoException {
        if (S_CHECKSUM_TYPE.get(head, 0) != CHECKSUM_CRC32C) {
            throw damaged("its checksums are of the unknown type " + S_CHECKSUM_TYPE.get(head, 0));
        }
        if (headChecksum() != S_CHECKSUM.get(head, 0)) {
            throw damaged("the checksum of its superblock is wrong");
        }
    }

    int headChecksum() {
        int crc = Crc32c.update(Crc32c.INITIAL, head, 0, S_CHECKSUM.offset());
        crc = Crc32c.updateLe32(crc, 0);
        int rest = S_CHECKSUM.offset() + Integer.BYTES;
        return Crc32c.update(crc, head, rest, SUPERBLOCK_BYTES - (long) rest);
    }

    private long last() throws ErrnoException {
        long length = S_MAXLEN.getUnsigned(head, 0);
        long end = length;
        if (hasIncompat(INCOMPAT_FAST_COMMIT)) {
            long fastCommits = S_NUM_FC_BLOCKS.getUnsigned(head, 0);
            end -= fastCommits == 0 ? DEFAULT_FC_BLOCKS : fastCommits;
        }
        if (length > sb.blocksCount || first < 1 || first >= end) {
            throw damaged("its ring is from block " + first + " to " + end + " of " + length);
        }
        return end;
    }

    // Fast commits

    private static final Le16 FC_TAG = new Le16(0);
    private static final Le32 FC_HEAD_TID = new Le32(8);
    private static final int FC_TAG_HEAD = 9;

    /** Whether what was synced after the last commit is behind the ring, in a form that this driver does not read. */
    boolean hasFastCommits(Pending pending) throws ErrnoException {
        if (!hasIncompat(INCOMPAT_FAST_COMMIT)) {
            return false;
        }
        read(last, data);
        return FC_TAG.get(data, 0) == FC_TAG_HEAD && FC_HEAD_TID.get(data, 0) == pending.next;
    }

    private ErrnoException damaged(String what) {
        return volume.damaged(inode.ino, "journal: " + what);
    }
}
