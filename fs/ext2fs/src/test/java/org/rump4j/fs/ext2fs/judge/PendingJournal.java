package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Puts transactions into the journal of an image, so that it looks as after a crash.
 *
 * @param blockBytes bytes of a block
 * @param options of debugfs's {@code journal_open}
 */
record PendingJournal(Path image, int blockBytes, String options) {
    private static final int JOURNAL_INODE = 8;

    /** Offsets in the journal's superblock, whose numbers are big-endian. Source: the ext4 disk layout, journal. */
    private static final int S_MAXLEN = 0x10;

    private static final int S_FIRST = 0x14;
    private static final int S_START = 0x1C;
    private static final int S_FEATURE_INCOMPAT = 0x28;
    private static final int S_CHECKSUM = 0xFC;
    private static final int SUPERBLOCK_BYTES = 1024;
    private static final int CHECKSUM_V2_OR_V3 = 0x18;

    /**
     * A transaction.
     *
     * @param blocks contents by number
     * @param revoked numbers of blocks that earlier transactions are not to write
     * @param committed whether it ends as it should
     */
    record Transaction(SortedMap<Long, byte[]> blocks, List<Long> revoked, boolean committed) {
        static Transaction of(SortedMap<Long, byte[]> blocks) {
            return new Transaction(blocks, List.of(), true);
        }
    }

    /** Adds transactions. */
    void write(List<Transaction> transactions) {
        try {
            List<String> commands = new ArrayList<>();
            commands.add("journal_open " + options);
            List<Path> files = new ArrayList<>();
            for (Transaction transaction : transactions) {
                Path file = Files.createTempFile(image.getParent(), "transaction", "");
                files.add(file);
                ByteBuffer contents = ByteBuffer.allocate(transaction.blocks().size() * blockBytes);
                transaction.blocks().values().forEach(contents::put);
                Files.write(file, contents.array());
                commands.add("journal_write"
                        + (transaction.blocks().isEmpty()
                                ? ""
                                : " -b " + ranges(transaction.blocks().keySet()))
                        + (transaction.revoked().isEmpty() ? "" : " -r " + ranges(transaction.revoked()))
                        + (transaction.committed() ? "" : " -c")
                        + (transaction.blocks().isEmpty() ? "" : " " + file));
            }
            commands.add("journal_close");
            E2fsprogs.debugfs(image, commands);
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String ranges(Iterable<Long> numbers) {
        List<long[]> ranges = new ArrayList<>();
        for (long number : numbers) {
            if (!ranges.isEmpty() && ranges.getLast()[1] == number - 1) {
                ranges.getLast()[1] = number;
            } else {
                ranges.add(new long[] {number, number});
            }
        }
        return ranges.stream()
                .map(range -> range[0] == range[1] ? "" + range[0] : range[0] + "-" + range[1])
                .collect(Collectors.joining(","));
    }

    /** Moves what is in the journal so that it begins near the journal's end and goes on at its beginning. */
    void wrapAround() {
        try (Debugfs judge = new Debugfs(image);
                FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            List<Long> physical = new ArrayList<>();
            for (Inode.Run run : judge.stat(JOURNAL_INODE).runs()) {
                for (long i = 0; i < run.count(); i++) {
                    physical.add(run.physical() + i);
                }
            }
            ByteBuffer superblock = read(channel, physical.getFirst());
            int first = superblock.getInt(S_FIRST);
            int length = superblock.getInt(S_MAXLEN) - first;
            int start = superblock.getInt(S_START);
            int shift = length - 2 - (start - first);
            Map<Integer, ByteBuffer> log = new TreeMap<>();
            for (int i = 0; i < length; i++) {
                log.put(first + (i + shift) % length, read(channel, physical.get(first + i)));
            }
            for (Map.Entry<Integer, ByteBuffer> entry : log.entrySet()) {
                channel.write(entry.getValue(), physical.get(entry.getKey()) * blockBytes);
            }
            superblock.putInt(S_START, first + length - 2);
            if ((superblock.getInt(S_FEATURE_INCOMPAT) & CHECKSUM_V2_OR_V3) != 0) {
                superblock.putInt(S_CHECKSUM, 0);
                byte[] bytes = new byte[SUPERBLOCK_BYTES];
                superblock.get(0, bytes);
                superblock.putInt(S_CHECKSUM, Crc.crc32c(-1, bytes));
            }
            channel.write(superblock, physical.getFirst() * blockBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ByteBuffer read(FileChannel channel, long block) throws IOException {
        ByteBuffer buf = ByteBuffer.allocate(blockBytes);
        channel.read(buf, block * blockBytes);
        return buf.flip();
    }

    /** The blocks in which two images of the same size differ, as the second has them. */
    static SortedMap<Long, byte[]> difference(Path before, Path after, int blockBytes) {
        SortedMap<Long, byte[]> blocks = new TreeMap<>();
        try (FileChannel one = FileChannel.open(before);
                FileChannel other = FileChannel.open(after)) {
            ByteBuffer left = ByteBuffer.allocate(blockBytes);
            ByteBuffer right = ByteBuffer.allocate(blockBytes);
            for (long block = 0; block < one.size() / blockBytes; block++) {
                one.read(left.clear(), block * blockBytes);
                other.read(right.clear(), block * blockBytes);
                if (left.flip().mismatch(right.flip()) >= 0) {
                    blocks.put(block, right.array().clone());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return blocks;
    }
}
