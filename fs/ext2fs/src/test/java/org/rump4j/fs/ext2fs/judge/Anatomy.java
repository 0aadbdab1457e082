package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where in a sound image its structures are, as debugfs says, and how their checksums are made, so that they can be damaged and
 * made to look sound again. Source of offsets and checksums: the ext4 disk layout.
 */
final class Anatomy {
    enum Kind {
        SUPERBLOCK,
        GROUP_DESCRIPTOR,
        BITMAP,
        INODE,
        DIRECTORY_BLOCK,
        MAP_BLOCK,
        ATTRIBUTE_BLOCK,
        LINK_BLOCK,
        JOURNAL_SUPERBLOCK,
        JOURNAL_BLOCK
    }

    /**
     * A structure.
     *
     * @param number of the group, inode or block; with blocks of files: the inode's
     */
    record Region(Kind kind, int offset, int length, int number) {}

    /**
     * What a file holds.
     *
     * @param number of the inode
     */
    record Piece(int offset, int length, int number) {}

    private static final int SUPERBLOCK_OFFSET = 1024;
    private static final int SUPERBLOCK_BYTES = 1024;
    private static final int S_LOG_BLOCK_SIZE = 0x18;
    private static final int S_INODE_SIZE = 0x58;
    private static final int S_FEATURE_RO_COMPAT = 0x64;
    private static final int S_FEATURE_INCOMPAT = 0x60;
    private static final int S_UUID = 0x68;
    private static final int S_DESC_SIZE = 0xFE;
    private static final int S_CHECKSUM_SEED = 0x270;
    private static final int S_CHECKSUM = 0x3FC;
    private static final int RO_COMPAT_GDT_CSUM = 0x10;
    private static final int RO_COMPAT_METADATA_CSUM = 0x400;
    private static final int INCOMPAT_64BIT = 0x80;
    private static final int INCOMPAT_CSUM_SEED = 0x2000;

    private static final int BG_CHECKSUM = 0x1E;
    private static final int I_GENERATION = 0x64;
    private static final int I_CHECKSUM_LO = 0x7C;
    private static final int I_EXTRA_ISIZE = 0x80;
    private static final int I_CHECKSUM_HI = 0x82;
    private static final int OLD_INODE_BYTES = 128;
    private static final int DIRENT_TAIL_BYTES = 12;
    private static final int DX_ROOT_COUNT = 0x20;
    private static final int DX_NODE_COUNT = 0x8;
    private static final int ENTRY_BYTES = 8;
    private static final int EXTENT_BYTES = 12;
    private static final int EH_MAX = 4;
    private static final int H_CHECKSUM = 0x10;
    private static final int FT_DIR_CSUM = 0xDE;
    private static final int JOURNAL_INODE = 8;
    private static final int FIRST_INODE_OF_USERS = 11;

    private static final Pattern IMAP = Pattern.compile("located at block (\\d+), offset 0x([0-9a-f]+)");
    private static final Pattern DESCRIPTORS = Pattern.compile("Group descriptors at (\\d+)-(\\d+)");
    private static final Pattern BITMAP = Pattern.compile("(?:Block|Inode) bitmap at (\\d+)");
    private static final Pattern GROUP = Pattern.compile("(?m)^Group (\\d+):");

    private final byte[] sound;
    private final int blockBytes;
    private final int inodeBytes;
    private final int descriptorBytes;
    private final boolean metadataChecksums;
    private final boolean descriptorChecksums;
    private final List<Region> regions = new ArrayList<>();
    private final List<Piece> contents = new ArrayList<>();

    Anatomy(Path image) {
        try {
            sound = Files.readAllBytes(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuffer sb = superblock(sound);
        blockBytes = 1024 << sb.getInt(S_LOG_BLOCK_SIZE);
        inodeBytes = sb.getShort(S_INODE_SIZE) == 0 ? OLD_INODE_BYTES : sb.getShort(S_INODE_SIZE);
        descriptorBytes = (sb.getInt(S_FEATURE_INCOMPAT) & INCOMPAT_64BIT) != 0 ? sb.getShort(S_DESC_SIZE) : 32;
        metadataChecksums = (sb.getInt(S_FEATURE_RO_COMPAT) & RO_COMPAT_METADATA_CSUM) != 0;
        descriptorChecksums = (sb.getInt(S_FEATURE_RO_COMPAT) & RO_COMPAT_GDT_CSUM) != 0;
        regions.add(new Region(Kind.SUPERBLOCK, SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES, 0));
        groups(E2fsprogs.run("dumpe2fs", image.toString()).require(0).text());
        try (Debugfs judge = new Debugfs(image)) {
            files(judge);
        }
    }

    /** A copy of the image's bytes. */
    byte[] bytes() {
        return sound.clone();
    }

    int blockBytes() {
        return blockBytes;
    }

    /** All structures, always in the same order. */
    List<Region> regions() {
        return regions;
    }

    /** What regular files and symbolic links hold in blocks. That is not to be damaged: nothing would come of it. */
    List<Piece> contents() {
        return contents;
    }

    private void groups(String text) {
        Matcher groups = GROUP.matcher(text);
        int count = 0;
        while (groups.find()) {
            count++;
        }
        Matcher descriptors = DESCRIPTORS.matcher(text);
        if (descriptors.find()) {
            int perBlock = blockBytes / descriptorBytes;
            int first = Integer.parseInt(descriptors.group(1));
            int last = Integer.parseInt(descriptors.group(2));
            for (int group = 0; group < Math.min(count, perBlock * (last - first + 1)); group++) {
                int offset = first * blockBytes + group * descriptorBytes;
                regions.add(new Region(Kind.GROUP_DESCRIPTOR, offset, descriptorBytes, group));
            }
        }
        Matcher bitmaps = BITMAP.matcher(text);
        while (bitmaps.find()) {
            block(Kind.BITMAP, Long.parseLong(bitmaps.group(1)), 0);
        }
    }

    private void block(Kind kind, long block, int number) {
        regions.add(new Region(kind, Math.toIntExact(block * blockBytes), blockBytes, number));
    }

    private void files(Debugfs judge) {
        Inode journal = judge.stat(JOURNAL_INODE);
        if (journal.isRegular()) {
            inode(judge, JOURNAL_INODE);
            boolean first = true;
            for (Inode.Run run : journal.runs()) {
                // What comes later is not in use.
                for (long i = 0; i < Math.min(run.count(), first ? 64 : 0); i++) {
                    block(first && i == 0 ? Kind.JOURNAL_SUPERBLOCK : Kind.JOURNAL_BLOCK, run.physical() + i, 0);
                }
                first = false;
            }
        }
        Set<Long> seen = new HashSet<>(List.of(2L));
        Deque<Long> directories = new ArrayDeque<>(seen);
        inode(judge, 2);
        while (!directories.isEmpty()) {
            long directory = directories.remove();
            blocks(judge.stat(directory), Kind.DIRECTORY_BLOCK);
            for (Debugfs.Entry entry : judge.ls(directory)) {
                if (seen.add(entry.ino()) && entry.ino() >= FIRST_INODE_OF_USERS) {
                    inode(judge, entry.ino());
                    Inode inode = judge.stat(entry.ino());
                    if (inode.isDirectory()) {
                        directories.add(entry.ino());
                    } else {
                        blocks(inode, inode.isSymlink() ? Kind.LINK_BLOCK : null);
                    }
                }
            }
        }
    }

    private void inode(Debugfs judge, long ino) {
        Matcher matcher = IMAP.matcher(new String(judge.ask("imap <" + ino + ">"), StandardCharsets.ISO_8859_1));
        if (matcher.find()) {
            int offset = Integer.parseInt(matcher.group(1)) * blockBytes + Integer.parseInt(matcher.group(2), 16);
            regions.add(new Region(Kind.INODE, offset, inodeBytes, (int) ino));
        }
    }

    private void blocks(Inode inode, @Nullable Kind data) {
        int ino = (int) inode.ino();
        if (data != null) {
            for (Inode.Run run : inode.runs()) {
                for (long i = 0; i < run.count(); i++) {
                    block(data, run.physical() + i, ino);
                }
            }
        }
        if (!inode.isDirectory()) {
            for (Inode.Run run : inode.runs()) {
                for (long i = 0; i < run.count(); i++) {
                    contents.add(new Piece(Math.toIntExact((run.physical() + i) * blockBytes), blockBytes, ino));
                }
            }
        }
        inode.mapBlocks().forEach(block -> block(Kind.MAP_BLOCK, block, ino));
        if (inode.fileAcl() != 0) {
            block(Kind.ATTRIBUTE_BLOCK, inode.fileAcl(), ino);
        }
    }

    // Checksums

    /** Makes the checksum of a structure right, if it has one, whatever else is wrong with it. */
    void fix(byte[] image, Region region) {
        if (region.offset() + region.length() > image.length) {
            return;
        }
        ByteBuffer it =
                ByteBuffer.wrap(image, region.offset(), region.length()).slice().order(ByteOrder.LITTLE_ENDIAN);
        if (!metadataChecksums) {
            if (descriptorChecksums && region.kind() == Kind.GROUP_DESCRIPTOR) {
                it.putShort(BG_CHECKSUM, (short) descriptorCrc16(image, region, it));
            }
            return;
        }
        switch (region.kind()) {
            case SUPERBLOCK -> it.putInt(S_CHECKSUM, Crc.crc32c(-1, image, region.offset(), S_CHECKSUM));
            case GROUP_DESCRIPTOR -> {
                it.putShort(BG_CHECKSUM, (short) 0);
                int crc = Crc.crc32c(seed(), region.number());
                it.putShort(BG_CHECKSUM, (short) Crc.crc32c(crc, image, region.offset(), region.length()));
            }
            case INODE -> fixInode(image, region, it);
            case DIRECTORY_BLOCK -> fixDirectory(image, region, it);
            case MAP_BLOCK -> {
                int tail = EXTENT_BYTES + Short.toUnsignedInt(it.getShort(EH_MAX)) * EXTENT_BYTES;
                if (tail + Integer.BYTES <= blockBytes) {
                    it.putInt(tail, Crc.crc32c(inodeSeed(image, region.number()), image, region.offset(), tail));
                }
            }
            case ATTRIBUTE_BLOCK -> {
                it.putInt(H_CHECKSUM, 0);
                long block = region.offset() / blockBytes;
                int crc = Crc.crc32c(Crc.crc32c(seed(), (int) block), (int) (block >>> Integer.SIZE));
                it.putInt(H_CHECKSUM, Crc.crc32c(crc, image, region.offset(), region.length()));
            }
            case BITMAP, LINK_BLOCK, JOURNAL_SUPERBLOCK, JOURNAL_BLOCK -> {}
        }
    }

    private int seed() {
        ByteBuffer sb = superblock(sound);
        if ((sb.getInt(S_FEATURE_INCOMPAT) & INCOMPAT_CSUM_SEED) != 0) {
            return sb.getInt(S_CHECKSUM_SEED);
        }
        return Crc.crc32c(-1, sound, SUPERBLOCK_OFFSET + S_UUID, 16);
    }

    /** The sound image's where the damaged one ends before the inode. */
    private int inodeSeed(byte[] image, int ino) {
        for (Region region : regions) {
            if (region.kind() == Kind.INODE && region.number() == ino) {
                int at = region.offset() + I_GENERATION;
                byte[] from = at + Integer.BYTES <= image.length ? image : sound;
                int generation =
                        ByteBuffer.wrap(from).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
                return Crc.crc32c(Crc.crc32c(seed(), ino), generation);
            }
        }
        throw new IllegalStateException("inode " + ino + " is nowhere");
    }

    private void fixInode(byte[] image, Region region, ByteBuffer it) {
        boolean high = inodeBytes > OLD_INODE_BYTES
                && Short.toUnsignedInt(it.getShort(I_EXTRA_ISIZE)) >= I_CHECKSUM_HI + 2 - OLD_INODE_BYTES;
        it.putShort(I_CHECKSUM_LO, (short) 0);
        if (high) {
            it.putShort(I_CHECKSUM_HI, (short) 0);
        }
        int crc = Crc.crc32c(inodeSeed(image, region.number()), image, region.offset(), region.length());
        it.putShort(I_CHECKSUM_LO, (short) crc);
        if (high) {
            it.putShort(I_CHECKSUM_HI, (short) (crc >>> Short.SIZE));
        }
    }

    /** Whether a block is an index or a leaf shows in the sound image. */
    private void fixDirectory(byte[] image, Region region, ByteBuffer it) {
        ByteBuffer before =
                ByteBuffer.wrap(sound, region.offset(), region.length()).slice().order(ByteOrder.LITTLE_ENDIAN);
        int seed = inodeSeed(image, region.number());
        int tail = blockBytes - DIRENT_TAIL_BYTES;
        if ((before.get(tail + 7) & 0xFF) == FT_DIR_CSUM && before.getShort(tail + 4) == DIRENT_TAIL_BYTES) {
            it.putInt(tail + ENTRY_BYTES, Crc.crc32c(seed, image, region.offset(), tail));
            return;
        }
        boolean root = before.getInt(0) != 0;
        int counts = root ? DX_ROOT_COUNT : DX_NODE_COUNT;
        int limit = Short.toUnsignedInt(it.getShort(counts));
        int count = Short.toUnsignedInt(it.getShort(counts + 2));
        int at = counts + limit * ENTRY_BYTES;
        if (at + ENTRY_BYTES <= blockBytes && count <= limit) {
            int crc = Crc.crc32c(seed, image, region.offset(), counts + count * ENTRY_BYTES);
            crc = Crc.crc32c(crc, image, region.offset() + at, Integer.BYTES);
            it.putInt(at + Integer.BYTES, Crc.crc32c(crc, 0));
        }
    }

    private static int descriptorCrc16(byte[] image, Region region, ByteBuffer it) {
        int crc = 0xFFFF;
        for (int i = 0; i < 16; i++) {
            crc = crc16(crc, image[SUPERBLOCK_OFFSET + S_UUID + i]);
        }
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            crc = crc16(crc, (byte) (region.number() >> shift));
        }
        for (int i = 0; i < region.length(); i++) {
            if (i != BG_CHECKSUM && i != BG_CHECKSUM + 1) {
                crc = crc16(crc, it.get(i));
            }
        }
        return crc;
    }

    /** CRC-16 with the polynomial 0x8005, bits reversed. */
    private static int crc16(int crc, byte next) {
        int result = crc ^ (next & 0xFF);
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            result = (result & 1) != 0 ? result >>> 1 ^ 0xA001 : result >>> 1;
        }
        return result;
    }

    private static ByteBuffer superblock(byte[] image) {
        return ByteBuffer.wrap(image, SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
