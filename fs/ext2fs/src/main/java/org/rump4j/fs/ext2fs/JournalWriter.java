package org.rump4j.fs.ext2fs;

import static org.rump4j.fs.ext2fs.JournalLayout.*;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Buf;

/**
 * Writes transactions to a journal, as JBD2 does and reads them. When one has been committed its blocks are written to their places
 * at once, and are durable there when the next one is committed: so there are never more than two in the ring that count, and where they begin
 * is written along with each commit block, which costs no flush.
 *
 * <p>There are no revocations. They are for blocks that have a copy in the journal, are freed, and become a file's data, which the copy would
 * destroy: but who frees a block does not hand it out again before the transaction is durable that has it freed; that one has no copy
 * of it, and those before it do not count any more by then.
 *
 * <p>With all transactions of the mount over.
 */
final class JournalWriter {
    /** Requests are no longer than this. */
    private static final int STAGING_BYTES = 256 << 10;

    private final Journal journal;
    private final BlockDevice device;
    private final int blockShift;
    private final int blockBytes;
    private final MemorySegment head;

    /** A block with a header that is being made. */
    private final MemorySegment block;

    /** What is going to be written next: so many bytes, side by side on the device from a byte on. */
    private final MemorySegment staging;

    private int staged;
    private long stagedAt;

    /** The number of the next transaction, and its first block. */
    private int sequence;

    private long begin;

    /** The block behind what has been written of it. */
    private long at;

    /** Where the transactions begin that the device's copy of the head leads to. */
    private long tail;

    /** Whether the device's copy of the head leads anywhere. */
    private boolean used;

    /** @param journal one in which nothing is to be played back */
    JournalWriter(Volume volume, Journal journal) {
        Superblock sb = volume.superblock();
        this.journal = journal;
        this.device = volume.device();
        this.blockShift = sb.blockShift;
        this.blockBytes = sb.blockBytes;
        this.head = journal.head();
        this.block = MemorySegment.ofArray(new byte[blockBytes]);
        this.staging = MemorySegment.ofArray(new byte[STAGING_BYTES]);
        this.sequence = S_SEQUENCE.get(head, 0);
        this.begin = tail = at = journal.first();
        setFeatures(sb);
    }

    /**
     * Why a journal is not written; null where it is.
     *
     * @param journal one that can be read
     */
    static @Nullable String refusal(Journal journal) {
        if (H_BLOCKTYPE.get(journal.head(), 0) != SUPERBLOCK_V2) {
            return "the journal is of the first version";
        }
        if (journal.error() != 0) {
            return "the journal says that there was an error, it should be checked first";
        }
        return null;
    }

    private void setFeatures(Superblock sb) {
        int incompat = S_FEATURE_INCOMPAT.get(head, 0) & ~INCOMPAT_ASYNC_COMMIT;
        if (sb.has(Feature.BIT64)) {
            incompat |= INCOMPAT_64BIT;
        }
        if (sb.has(Feature.METADATA_CSUM)) {
            incompat = (incompat & ~INCOMPAT_CSUM_V2) | INCOMPAT_CSUM_V3;
            S_CHECKSUM_TYPE.set(head, 0, CHECKSUM_CRC32C);
        }
        S_FEATURE_INCOMPAT.set(head, 0, incompat);
        S_FEATURE_COMPAT.set(head, 0, S_FEATURE_COMPAT.get(head, 0) & ~COMPAT_CHECKSUM);
    }

    /** Blocks that one transaction can have at the most, those that say what they are not counted. */
    long maxBlocks() {
        long room = journal.length() - 2;
        return room - room / tagsInBlock() - 1;
    }

    private int tagsInBlock() {
        return (blockBytes - HEADER_BYTES - Fields.Uuid.BYTES - journal.tailBytes()) / journal.tagBytes();
    }

    /**
     * Writes a transaction but for its commit block: it is for the caller to flush the device before that.
     *
     * @param bufs its blocks, by place on the device
     * @throws ErrnoException EIO; EFBIG where there is not so much room in the journal
     */
    void write(List<Buf> bufs) throws ErrnoException {
        long need = 1L + bufs.size() + (bufs.size() + tagsInBlock() - 1) / tagsInBlock();
        if (need >= journal.length()) {
            throw Errno.EFBIG.exception("a transaction of " + need + " blocks in a journal of " + journal.length());
        }
        if (need >= room()) {
            // What came before is in its place for good after a flush.
            device.flush();
            writeHead(begin, sequence);
            device.flush();
        }
        at = begin;
        staged = 0;
        for (int i = 0; i < bufs.size(); i += tagsInBlock()) {
            writeCopies(bufs.subList(i, Math.min(bufs.size(), i + tagsInBlock())));
        }
        writeStaged();
    }

    /** Blocks from the next transaction's first on to the tail. */
    private long room() {
        return !used || begin == tail ? journal.length() : (tail - begin + journal.length()) % journal.length();
    }

    private void writeCopies(List<Buf> bufs) throws ErrnoException {
        startBlock(DESCRIPTOR);
        long tag = HEADER_BYTES;
        for (int i = 0; i < bufs.size(); i++) {
            setTag(tag, bufs.get(i), i == 0, i == bufs.size() - 1);
            tag += journal.tagBytes();
            if (i == 0) {
                MemorySegment.copy(MemorySegment.ofArray(S_UUID.get(head, 0)), 0, block, tag, Fields.Uuid.BYTES);
                tag += Fields.Uuid.BYTES;
            }
        }
        finishBlock();
        for (Buf buf : bufs) {
            MemorySegment copy = stage(buf.data());
            if (isEscaped(buf)) {
                H_MAGIC.set(copy, 0, 0);
            }
        }
    }

    private static boolean isEscaped(Buf buf) {
        return H_MAGIC.get(buf.data(), 0) == MAGIC;
    }

    private void setTag(long tag, Buf buf, boolean isFirst, boolean isLast) {
        long blkno = buf.offset() >> blockShift;
        int flags = (isEscaped(buf) ? FLAG_ESCAPE : 0) | (isFirst ? 0 : FLAG_SAME_UUID) | (isLast ? FLAG_LAST_TAG : 0);
        T_BLOCKNR.set(block, tag, (int) blkno);
        if (journal.hasIncompat(INCOMPAT_64BIT)) {
            T_BLOCKNR_HIGH.set(block, tag, (int) (blkno >>> 32));
        }
        if (journal.hasIncompat(INCOMPAT_CSUM_V3)) {
            T3_FLAGS.set(block, tag, flags);
            T3_CHECKSUM.set(block, tag, checksum(buf));
        } else {
            T_FLAGS.set(block, tag, flags);
            T_CHECKSUM.set(block, tag, journal.hasChecksums() ? checksum(buf) : 0);
        }
    }

    /** Of a copy, as it is in the journal. */
    private int checksum(Buf buf) {
        int crc = Crc32c.updateBe32(journal.checksumSeed(), sequence);
        if (!isEscaped(buf)) {
            return Crc32c.update(crc, buf.data(), 0, blockBytes);
        }
        crc = Crc32c.updateLe32(crc, 0);
        return Crc32c.update(crc, buf.data(), Integer.BYTES, blockBytes - Integer.BYTES);
    }

    /**
     * Commits what has been written: it counts, and what came before it does not any more, after the next flush.
     *
     * @throws ErrnoException EIO; it may count or not
     */
    void commit(Timespec now) throws ErrnoException {
        startBlock(COMMIT);
        C_COMMIT_SEC_HI.set(block, 0, (int) (now.sec() >>> 32));
        C_COMMIT_SEC_LO.set(block, 0, (int) now.sec());
        C_COMMIT_NSEC.set(block, 0, now.nsec());
        if (journal.hasChecksums()) {
            C_CHKSUM.set(block, 0, Crc32c.update(journal.checksumSeed(), block, 0, blockBytes));
        }
        long first = begin;
        int number = sequence;
        stage(block);
        // Should it fail, who tries again must not write over what may count.
        begin = at;
        sequence++;
        writeStaged();
        writeHead(first, number);
    }

    /**
     * Everything is in its place for good: there is nothing to be played back any more.
     *
     * @throws ErrnoException EIO
     */
    void empty() throws ErrnoException {
        writeHead(0, sequence);
        begin = tail = journal.first();
    }

    /**
     * Says where what counts begins.
     *
     * @param start its first block; 0 where nothing does
     * @param number of the transaction there
     */
    private void writeHead(long start, int number) throws ErrnoException {
        S_START.set(head, 0, (int) start);
        S_SEQUENCE.set(head, 0, number);
        if (journal.hasChecksums()) {
            S_CHECKSUM.set(head, 0, journal.headChecksum());
        }
        device.write(head, journal.blknoOf(0) << blockShift);
        tail = start;
        used = start != 0;
    }

    // Blocks

    private void startBlock(int type) {
        block.fill((byte) 0);
        H_MAGIC.set(block, 0, MAGIC);
        H_BLOCKTYPE.set(block, 0, type);
        H_SEQUENCE.set(block, 0, sequence);
    }

    private void finishBlock() throws ErrnoException {
        if (journal.hasChecksums()) {
            int tailAt = blockBytes - TAIL_BYTES;
            TAIL_CHECKSUM.set(block, tailAt, Crc32c.update(journal.checksumSeed(), block, 0, blockBytes));
        }
        stage(block);
    }

    /** The next block of the ring has this in it. Where it is until it is written. */
    private MemorySegment stage(MemorySegment data) throws ErrnoException {
        long place = journal.blknoOf(at) << blockShift;
        if (staged == STAGING_BYTES || (staged > 0 && place != stagedAt + staged)) {
            writeStaged();
        }
        if (staged == 0) {
            stagedAt = place;
        }
        MemorySegment copy = staging.asSlice(staged, blockBytes);
        copy.copyFrom(data);
        staged += blockBytes;
        at = journal.after(at);
        return copy;
    }

    private void writeStaged() throws ErrnoException {
        int bytes = staged;
        staged = 0;
        if (bytes > 0) {
            device.write(staging.asSlice(0, bytes), stagedAt);
        }
    }
}
