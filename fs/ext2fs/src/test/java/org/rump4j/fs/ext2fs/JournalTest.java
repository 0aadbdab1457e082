package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;

/** A journal that was not played back is read through. Journals are written by debugfs; e2fsck says what playing them back gives. */
final class JournalTest {
    private static final int BLOCK = 1024;
    private static final int FILE_BLOCKS = 64;

    @TempDir
    Path dir;

    private Path image;
    private Path content;
    private byte[] original;

    @BeforeEach
    void makeContent() throws Exception {
        image = dir.resolve("image");
        content = dir.resolve("file");
        original = new byte[FILE_BLOCKS * BLOCK];
        new Random(1).nextBytes(original);
        Files.write(content, original);
    }

    private void makeImage(String features) throws IOException {
        Tools.mke2fs(image, "8M", "-t", "ext4", "-b", String.valueOf(BLOCK), "-O", features, "-J", "size=1");
        Tools.debugfs(image, "write " + content + " file");
    }

    /** The blocks that the file is in. */
    private long[] blocks() throws IOException {
        List<String> lines = Tools.debugfs(image, "blocks /file").lines().toList();
        return Pattern.compile(" +")
                .splitAsStream(lines.getLast().trim())
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private String data(String name, byte[] bytes) throws IOException {
        return Files.write(dir.resolve(name), bytes).toString();
    }

    private byte[] random(int seed, int blocks) {
        byte[] bytes = new byte[blocks * BLOCK];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] withBlock(byte[] file, int number, byte[] block) {
        byte[] changed = file.clone();
        System.arraycopy(block, 0, changed, number * BLOCK, BLOCK);
        return changed;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "^metadata_csum,^64bit | jo",
                "^metadata_csum,64bit  | jo",
                "metadata_csum,^64bit  | jo -c -v 2",
                "metadata_csum,64bit   | jo -c -v 2",
                "metadata_csum,^64bit  | jo -c -v 3",
                "metadata_csum,64bit   | jo -c -v 3"
            })
    void blocksOfCommittedTransactionsAreReadFromTheJournal(String features, String open) throws Exception {
        makeImage(features);
        long[] blocks = blocks();
        byte[] first = random(2, 2);
        byte[] second = random(3, 1);
        Tools.debugfs(
                image,
                open,
                "jw -b " + blocks[3] + "," + blocks[7] + " " + data("first", first),
                "jw -b " + blocks[7] + " " + data("second", second),
                "jc");
        byte[] before = Files.readAllBytes(image);

        byte[] expected = withBlock(original, 3, Arrays.copyOf(first, BLOCK));
        expected = withBlock(expected, 7, second);
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(expected, mounted.read("/file"));
            assertTrue(mounted.console().contains("2 transactions"), mounted.console());
        }
        assertArrayEquals(before, Files.readAllBytes(image), "the image has been changed");
    }

    @Test
    void aTransactionWithoutACommitDidNotHappen() throws Exception {
        makeImage("metadata_csum");
        long[] blocks = blocks();
        byte[] committed = random(4, 1);
        Tools.debugfs(
                image,
                "jo -c -v 3",
                "jw -b " + blocks[0] + " " + data("committed", committed),
                "jw -c -b " + blocks[1] + " " + data("not", random(5, 1)),
                "jc");
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(withBlock(original, 0, committed), mounted.read("/file"));
        }
    }

    @Test
    void revokedCopiesDoNotCountButLaterOnesDo() throws Exception {
        makeImage("^metadata_csum");
        long[] blocks = blocks();
        byte[] later = random(7, 1);
        Tools.debugfs(
                image,
                "jo",
                "jw -b " + blocks[5] + "," + blocks[6] + " " + data("revoked", random(6, 2)),
                "jw -r " + blocks[5] + "," + blocks[6],
                "jw -b " + blocks[6] + " " + data("later", later),
                "jc");
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(withBlock(original, 6, later), mounted.read("/file"));
        }
    }

    @Test
    void dataThatLooksLikeAJournalHeaderIsUnescaped() throws Exception {
        makeImage("metadata_csum");
        long[] blocks = blocks();
        byte[] escaped = random(8, 1);
        byte[] magic = {(byte) 0xC0, 0x3B, 0x39, (byte) 0x98};
        System.arraycopy(magic, 0, escaped, 0, magic.length);
        Tools.debugfs(image, "jo -c -v 3", "jw -b " + blocks[9] + " " + data("escaped", escaped), "jc");
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(withBlock(original, 9, escaped), mounted.read("/file"));
        }
    }

    @Test
    void aCopyWhoseChecksumIsWrongIsIgnoredAndSaid() throws Exception {
        makeImage("metadata_csum");
        long[] blocks = blocks();
        byte[] copy = random(9, 1);
        Tools.debugfs(image, "jo -c -v 3", "jw -b " + blocks[2] + " " + data("copy", copy), "jc");
        byte[] bytes = Files.readAllBytes(image);
        int at = find(bytes, copy);
        bytes[at + 100] ^= 1;
        Files.write(image, bytes);
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(original, mounted.read("/file"));
            assertTrue(mounted.console().contains("copy of block " + blocks[2]), mounted.console());
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aTransactionOfWhichABlockIsMissingDidNotHappenByTheFirstKindOfChecksum(boolean whole) throws Exception {
        makeImage("^metadata_csum,^64bit");
        long[] blocks = blocks();
        byte[] copies = random(10, 2);
        Tools.debugfs(image, "jo", "jw -b " + blocks[2] + "," + blocks[3] + " " + data("copies", copies), "jc");
        // What JBD2 does where it has been told to write checksums and not to wait before the commit.
        MemorySegment all = MemorySegment.ofArray(Files.readAllBytes(image));
        long head = journalBlock(0);
        int features = JournalLayout.S_FEATURE_COMPAT.get(all, head) | JournalLayout.COMPAT_CHECKSUM;
        JournalLayout.S_FEATURE_COMPAT.set(all, head, features);
        JournalLayout.S_FEATURE_INCOMPAT.set(
                all, head, JournalLayout.S_FEATURE_INCOMPAT.get(all, head) | JournalLayout.INCOMPAT_ASYNC_COMMIT);
        int crc = Crc32Be.INITIAL;
        for (int i = 1; i <= 3; i++) {
            crc = Crc32Be.update(crc, all.asSlice(journalBlock(i), BLOCK));
        }
        long commit = journalBlock(4);
        assertEquals(JournalLayout.COMMIT, JournalLayout.H_BLOCKTYPE.get(all, commit));
        JournalLayout.C_CHKSUM_TYPE.set(all, commit, JournalLayout.COMMIT_CRC32);
        JournalLayout.C_CHKSUM_SIZE.set(all, commit, Integer.BYTES);
        JournalLayout.C_CHKSUM.set(all, commit, crc);
        if (!whole) {
            all.asSlice(journalBlock(3), BLOCK).fill((byte) 0);
        }
        Files.write(image, (byte[]) all.heapBase().orElseThrow());

        byte[] expected = original;
        if (whole) {
            expected = withBlock(expected, 2, Arrays.copyOf(copies, BLOCK));
            expected = withBlock(expected, 3, Arrays.copyOfRange(copies, BLOCK, 2 * BLOCK));
        }
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(expected, mounted.read("/file"));
        }
        Tools.run("e2fsck", "-fy", "-E", "journal_only", image.toString());
        Path dumped = dir.resolve("dumped");
        Tools.debugfs(image, "dump /file " + dumped);
        assertArrayEquals(expected, Files.readAllBytes(dumped), "e2fsck sees it in another way");
    }

    /** Byte of the image that a block of the journal begins with. */
    private long journalBlock(int number) throws IOException {
        String answer = Tools.debugfs(image, "bmap <8> " + number);
        return Long.parseLong(answer.lines().toList().getLast().trim()) * BLOCK;
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6"})
    void whatIsReadIsWhatE2fsckPlaysBack(int seed) throws Exception {
        Random random = new Random(seed);
        makeImage(random.nextBoolean() ? "metadata_csum,64bit" : "^metadata_csum,^64bit");
        long[] blocks = blocks();
        List<String> commands = new ArrayList<>();
        commands.add(random.nextBoolean() ? "jo -c -v " + (2 + random.nextInt(2)) : "jo");
        for (int i = 0; i < 12; i++) {
            int count = 1 + random.nextInt(5);
            StringBuilder list = new StringBuilder();
            int at = random.nextInt(FILE_BLOCKS);
            for (int k = 0; k < count; k++) {
                list.append(k == 0 ? "" : ",").append(blocks[(at + k * 7) % FILE_BLOCKS]);
            }
            boolean revoke = random.nextInt(3) == 0;
            commands.add(
                    revoke
                            ? "jw -r " + list
                            : "jw -b " + list + " " + data("data" + i, random(random.nextInt(), count)));
        }
        commands.add("jc");
        Tools.debugfs(image, commands.toArray(String[]::new));

        Path played = Files.copy(image, dir.resolve("played"));
        Tools.run("e2fsck", "-fy", "-E", "journal_only", played.toString());
        Path dumped = dir.resolve("dumped");
        Tools.debugfs(played, "dump /file " + dumped);
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(Files.readAllBytes(dumped), mounted.read("/file"), "seed " + seed);
        }
    }

    @Test
    void aJournalOnAnotherDeviceIsNamed() throws Exception {
        Path external = dir.resolve("journal");
        Tools.mke2fs(
                external,
                "4M",
                "-b",
                String.valueOf(BLOCK),
                "-O",
                "journal_dev",
                "-U",
                "12345678-1234-1234-1234-123456789abc");
        Tools.mke2fs(image, "8M", "-t", "ext4", "-b", String.valueOf(BLOCK), "-O", "^has_journal");
        Tools.debugfs(image, "write " + content + " file");
        byte[] bytes = Files.readAllBytes(image);
        // What tune2fs -J device= would write.
        SuperblockBytes sb = new SuperblockBytes(bytes);
        sb.or(SuperblockLayout.FEATURE_COMPAT, Feature.HAS_JOURNAL.bit());
        sb.or(SuperblockLayout.FEATURE_INCOMPAT, Feature.RECOVER.bit());
        System.arraycopy(
                bytes(0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x12, 0x34, 0x12, 0x34, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc),
                0,
                bytes,
                1024 + SuperblockLayout.JOURNAL_UUID.offset(),
                16);
        sb.seal();
        Files.write(image, bytes);
        try (MountedImage mounted = new MountedImage(image)) {
            assertArrayEquals(original, mounted.read("/file"));
            assertTrue(mounted.console().contains("12345678-1234-1234-1234-123456789abc"), mounted.console());
        }
        Refusal refusal = Refusal.of(external, SysMount.MNT_RDONLY);
        assertEquals(Errno.EFTYPE, refusal.errno());
        assertTrue(refusal.detail().contains("journal_dev"), refusal.detail());
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static int find(byte[] all, byte[] piece) {
        for (int i = 0; i + piece.length <= all.length; i += BLOCK) {
            if (Arrays.equals(all, i, i + piece.length, piece, 0, piece.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }
}
