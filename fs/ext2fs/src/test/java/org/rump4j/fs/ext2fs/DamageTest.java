package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What makes no sense is EIO, with a detail that says what and where. */
final class DamageTest {
    private static final int BLOCK = 1024;

    @TempDir
    Path dir;

    private Path image;

    /** The image's bytes, between {@link #load} and {@link #store}. */
    private MemorySegment bytes = MemorySegment.NULL;

    @BeforeEach
    void nameImage() {
        image = dir.resolve("image");
    }

    private void make(String... options) throws Exception {
        byte[] content = new byte[100 * BLOCK];
        Arrays.fill(content, (byte) 1);
        Path file = Files.write(dir.resolve("file"), content);
        Tools.mke2fs(image, "4M", options);
        Tools.debugfs(
                image, "write " + file + " file", "mkdir sub", "symlink link target", "write " + file + " sub/file");
    }

    private void load() throws Exception {
        bytes = MemorySegment.ofArray(Files.readAllBytes(image));
    }

    private void store() throws Exception {
        Files.write(image, (byte[]) bytes.heapBase().orElseThrow());
    }

    private long block(String file, int lbn) throws Exception {
        return Long.parseLong(Tools.debugfs(image, "bmap " + file + " " + lbn)
                .lines()
                .toList()
                .getLast()
                .trim());
    }

    private long ino(String file) throws Exception {
        return Long.parseLong(Tools.debugfs(image, "stat " + file).replaceAll("(?s).*Inode: ([0-9]+) .*", "$1"));
    }

    /** Byte of the image that an inode begins with. */
    private long inode(String file) throws Exception {
        String where = Tools.debugfs(image, "imap " + file);
        return Long.parseLong(where.replaceAll("(?s).*located at block ([0-9]+), .*", "$1")) * BLOCK
                + Long.decode(where.replaceAll("(?s).*offset (0x[0-9a-f]+).*", "$1"));
    }

    private interface Attempt {
        void on(MountedImage mounted) throws ErrnoException;
    }

    private void assertDamage(Attempt attempt, String... words) throws Exception {
        store();
        try (MountedImage mounted = new MountedImage(image)) {
            ErrnoException e = assertThrows(ErrnoException.class, () -> attempt.on(mounted));
            assertEquals(Errno.EIO, e.errno());
            for (String word : List.of(words)) {
                assertTrue(String.valueOf(e.detail()).contains(word), word + " is not in: " + e.detail());
            }
            assertTrue(mounted.messages().contains(String.valueOf(e.detail())), "the kernel has not written it down");
        }
    }

    @Test
    void anEntryWithoutLength() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long blkno = block("/", 0);
        load();
        Dirents.REC_LEN.set(bytes, blkno * BLOCK + 24, 0);
        assertDamage(m -> m.list("/"), "inode 2", "block 0 (block " + blkno + ")", "byte 24", "length 0");
    }

    @Test
    void anEntryThatLeadsOutOfTheDirectory() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long blkno = block("/", 0);
        load();
        bytes.set(ValueLayout.JAVA_BYTE, blkno * BLOCK + 24 + 8, (byte) '/');
        assertDamage(m -> m.list("/"), "inode 2", "block " + blkno, "byte 24", "name");
    }

    @Test
    void anEntryForAnInodeThatThereIsNot() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long blkno = block("/sub", 0);
        load();
        Dirents.INODE.set(bytes, blkno * BLOCK + 24, 0x7FFFFFFF);
        assertDamage(m -> m.sys.stat("/mnt/sub/file"), "inode " + ino("/sub"), "block " + blkno, "inode 2147483647");
    }

    @Test
    void anEntryForAnInodeThatIsNotInUse() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long blkno = block("/sub", 0);
        load();
        Dirents.INODE.set(bytes, blkno * BLOCK + 24, 100);
        assertDamage(m -> m.sys.stat("/mnt/sub/file"), "inode " + ino("/sub"), "name file", "inode 100");
    }

    @Test
    void anEntryForAnInodeOfTheFileSystemsOwn() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long blkno = block("/sub", 0);
        load();
        Dirents.INODE.set(bytes, blkno * BLOCK + 24, 7);
        assertDamage(m -> m.sys.stat("/mnt/sub/file"), "inode " + ino("/sub"), "name file", "inode 7");
    }

    @Test
    void anIndirectBlockOutsideOfTheFileSystem() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long at = inode("/file");
        load();
        Inode.BLOCK.set(bytes, at + 12 * 4, 5000);
        assertDamage(m -> m.read("/file"), "inode " + ino("/file"), "indirect block 5000");
    }

    @Test
    void aBlockOutsideOfTheFileSystem() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long at = inode("/file");
        load();
        Inode.BLOCK.set(bytes, at + 4, -1);
        assertDamage(m -> m.read("/file"), "inode " + ino("/file"), "block 1 is at block 4294967295");
    }

    @Test
    void aDirectoryThatIsLargerThanTheFileSystem() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long at = inode("/sub");
        load();
        Inode.SIZE_LO.set(bytes, at, -1);
        assertDamage(m -> m.list("/sub"), "inode " + ino("/sub"), "4096");
    }

    @Test
    void extentsThatAreTheirOwnParent() throws Exception {
        make("-t", "ext4", "-b", "1024", "-O", "^metadata_csum");
        long at = inode("/file") + Inode.BLOCK.offset();
        long leaf = block("/file", 0);
        load();
        ExtentMap.EH_DEPTH.set(bytes, at, 3);
        ExtentMap.EI_LEAF_LO.set(bytes, at + 12, (int) leaf);
        ExtentMap.EI_LEAF_HI.set(bytes, at + 12, 0);
        MemorySegment.copy(bytes, at, bytes, leaf * BLOCK, 60);
        ExtentMap.EH_DEPTH.set(bytes, leaf * BLOCK, 2);
        assertDamage(m -> m.read("/file"), "inode " + ino("/file"), "block " + leaf, "depth 2 in the place of 1");
    }

    @Test
    void extentsThatAreNone() throws Exception {
        make("-t", "ext4", "-b", "1024", "-O", "^metadata_csum");
        long at = inode("/file") + Inode.BLOCK.offset();
        load();
        ExtentMap.EH_MAGIC.set(bytes, at, 1);
        assertDamage(m -> m.read("/file"), "inode " + ino("/file"), "magic number 0x1");
    }

    @Test
    void anInodeWhoseChecksumIsWrong() throws Exception {
        make("-t", "ext4", "-b", "1024", "-O", "metadata_csum");
        long at = inode("/sub/file");
        load();
        Inode.MTIME.set(bytes, at, 1);
        assertDamage(m -> m.sys.stat("/mnt/sub/file"), "inode " + ino("/sub/file"), "checksum");
    }

    @Test
    void aDirectoryBlockWhoseChecksumIsWrong() throws Exception {
        make("-t", "ext4", "-b", "1024", "-O", "metadata_csum");
        long blkno = block("/sub", 0);
        load();
        DirectoryBlocks.TAIL_CHECKSUM.set(bytes, (blkno + 1) * BLOCK - DirectoryBlocks.TAIL_BYTES, 0);
        assertDamage(m -> m.list("/sub"), "inode " + ino("/sub"), "block " + blkno, "checksum");
    }

    @Test
    void aGroupDescriptorWhoseChecksumIsWrong() throws Exception {
        for (String features : List.of("metadata_csum", "^metadata_csum,uninit_bg")) {
            make("-t", "ext4", "-b", "1024", "-O", features);
            load();
            GroupDescriptors.FREE_BLOCKS_COUNT_LO.set(bytes, 2 * BLOCK, 1);
            store();
            // The root is in that group: it cannot even be mounted.
            ErrnoException e = assertThrows(ErrnoException.class, () -> new MountedImage(image).close());
            assertEquals(Errno.EIO, e.errno());
            assertTrue(e.getMessage().contains("group 0: the checksum"), e.getMessage());
        }
    }

    @Test
    void aRootThatIsNoDirectory() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long at = inode("/");
        load();
        Inode.MODE.set(bytes, at, 0100644);
        store();
        ErrnoException e = assertThrows(ErrnoException.class, () -> new MountedImage(image).close());
        assertEquals(Errno.EIO, e.errno());
        assertTrue(e.getMessage().contains("inode 2: the root is no directory"), e.getMessage());
    }

    @Test
    void aSymbolicLinkThatIsTooLong() throws Exception {
        make("-t", "ext2", "-b", "1024");
        long at = inode("/link");
        load();
        Inode.SIZE_LO.set(bytes, at, 100_000);
        assertDamage(m -> m.sys.readlink("/mnt/link"), "inode " + ino("/link"), "100000 bytes");
    }
}
