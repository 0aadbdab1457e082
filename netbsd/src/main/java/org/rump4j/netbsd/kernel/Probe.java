package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Which type of file system is on a device or in an image, by what tells them apart. Sources: the ext2 documentation of the Linux kernel; NetBSD's {@code
 * ufs/ffs/fs.h} and {@code ufs/lfs/lfs.h}; ECMA-119 and ECMA-167, volume descriptors; Microsoft's FAT specification; the documentation of
 * Linux-NTFS; Apple's technical note 1150; the nilfs2 documentation of the Linux kernel; SGI's {@code efs_sb.h}; the System V boot file
 * system's superblock as NetBSD's {@code sysvbfs/bfs.h} has it.
 *
 * <p>Seventh Edition's has nothing that tells it apart: the driver says whether it makes sense of an image.
 */
final class Probe {
    /** What is read at once; a multiple of what block devices are read by. */
    private static final int BLOCK_BYTES = 2048;

    private static final ValueLayout.OfShort LE_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * A word that a type has at some place.
     *
     * @param at byte of the device
     * @param word its bytes, each a character
     */
    private record Magic(String type, int at, String word) {
        static Magic hex(String type, int at, String hex) {
            return new Magic(type, at, new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1));
        }
    }

    private static final int SUPERBLOCK = 1024;
    private static final int ECMA_DESCRIPTORS = 32768;
    private static final int ECMA_ID = ECMA_DESCRIPTORS + 1;

    /** Those at fixed places, the surest first. */
    private static final List<Magic> MAGICS = List.of(
            Magic.hex("ext2fs", SUPERBLOCK + 56, "53ef"),
            new Magic("cd9660", ECMA_ID, "CD001"),
            Magic.hex("nilfs", SUPERBLOCK + 6, "3434"),
            new Magic("hfs", SUPERBLOCK, "H+"),
            new Magic("hfs", SUPERBLOCK, "HX"),
            new Magic("ntfs", 3, "NTFS    "),
            Magic.hex("efs", 512 + 28, "00072959"),
            Magic.hex("efs", 512 + 28, "0007295a"),
            Magic.hex("lfs", 8192, "62010700"),
            Magic.hex("lfs", 8192, "00070162"),
            Magic.hex("sysvbfs", 0, "cefaad1b"));

    /** Where superblocks of UFS2 and UFS1 are, in the order in which the kernel looks. */
    private static final int[] FFS_SUPERBLOCKS = {65536, 8192, 0, 262144};

    private static final int FFS_MAGIC_AT = 1372;
    private static final int UFS1_MAGIC = 0x00011954;
    private static final int UFS2_MAGIC = 0x19540119;

    /** How many descriptors of a UDF volume are looked at for the one that says so. */
    private static final int ECMA_DESCRIPTORS_MAX = 16;

    private static final int FAT_SIGNATURE_AT = 510;
    private static final int FAT_SIGNATURE = 0xaa55;
    private static final int FAT_SECTOR_BYTES = 11;
    private static final int FAT_CLUSTER_SECTORS = 13;
    private static final int FAT_RESERVED_SECTORS = 14;
    private static final int FAT_COUNT = 16;
    private static final int FAT_MEDIUM = 21;

    private final Disk disk;

    private Probe(Disk disk) {
        this.disk = disk;
    }

    /** What is looked at. */
    @FunctionalInterface
    private interface Disk {
        /** Reads a block, as far as there is one. */
        void read(byte[] block, int offset) throws ErrnoException;
    }

    /** A type for mount(2), or null. */
    static @Nullable String type(Syscalls sys, String fspec) throws ErrnoException {
        int fd = sys.open(fspec, Fcntl.O_RDONLY, 0);
        try {
            String type = new Probe((block, offset) -> {
                        try {
                            int _ = sys.pread(fd, block, offset);
                        } catch (ErrnoException e) {
                            if (e.errno() != Errno.EINVAL) {
                                throw e;
                            }
                        }
                    })
                    .type();
            if (type != null) {
                return type;
            }
        } finally {
            sys.close(fd);
        }
        return isMounted(sys, "v7fs", fspec) ? "v7fs" : null;
    }

    /** The same of an image that no kernel has seen yet; null also where it cannot be read, or only a driver could tell. */
    static @Nullable String type(Path image) {
        try (FileChannel channel = FileChannel.open(image)) {
            return new Probe((block, offset) -> {
                        try {
                            int _ = channel.read(ByteBuffer.wrap(block), offset);
                        } catch (IOException e) {
                            throw Errno.EIO.exception(String.valueOf(e.getMessage()));
                        }
                    })
                    .type();
        } catch (IOException | ErrnoException e) {
            return null;
        }
    }

    private @Nullable String type() throws ErrnoException {
        for (Magic magic : MAGICS) {
            if (has(magic.at, magic.word)) {
                return magic.type;
            }
        }
        for (int at : FFS_SUPERBLOCKS) {
            int magic = read(at).get(LE_INT, FFS_MAGIC_AT);
            if (isFfs(magic) || isFfs(Integer.reverseBytes(magic))) {
                return "ffs";
            }
        }
        if (isUdf()) {
            return "udf";
        }
        return isFat(read(0)) ? "msdos" : null;
    }

    private static boolean isFfs(int magic) {
        return magic == UFS1_MAGIC || magic == UFS2_MAGIC;
    }

    /** One of the descriptors says NSR. They begin with BEA01, and have a sector of 2048 bytes each, or a larger one of the device. */
    private boolean isUdf() throws ErrnoException {
        if (!has(ECMA_ID, "BEA01")) {
            return false;
        }
        for (int i = 1; i < ECMA_DESCRIPTORS_MAX; i++) {
            if (has(ECMA_ID + i * BLOCK_BYTES, "NSR0")) {
                return true;
            }
        }
        return false;
    }

    /** A boot sector that says how long sectors and clusters are, in a way that makes sense. */
    private static boolean isFat(MemorySegment boot) {
        int sector = Short.toUnsignedInt(boot.get(LE_SHORT, FAT_SECTOR_BYTES));
        int cluster = Byte.toUnsignedInt(boot.get(ValueLayout.JAVA_BYTE, FAT_CLUSTER_SECTORS));
        int medium = Byte.toUnsignedInt(boot.get(ValueLayout.JAVA_BYTE, FAT_MEDIUM));
        return Short.toUnsignedInt(boot.get(LE_SHORT, FAT_SIGNATURE_AT)) == FAT_SIGNATURE
                && Integer.bitCount(sector) == 1
                && sector >= 512
                && sector <= 4096
                && Integer.bitCount(cluster) == 1
                && boot.get(LE_SHORT, FAT_RESERVED_SECTORS) != 0
                && boot.get(ValueLayout.JAVA_BYTE, FAT_COUNT) > 0
                && (medium == 0xf0 || medium >= 0xf8);
    }

    private boolean has(int at, String word) throws ErrnoException {
        int within = at % BLOCK_BYTES;
        byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
        return read(at - within).asSlice(within, bytes.length).mismatch(MemorySegment.ofArray(bytes)) < 0;
    }

    /** What is behind the end is zeros. */
    private MemorySegment read(int offset) throws ErrnoException {
        byte[] block = new byte[BLOCK_BYTES];
        disk.read(block, offset);
        return MemorySegment.ofArray(block);
    }

    /** Whether a driver takes the device for one of its file systems. It is asked to change nothing. */
    private static boolean isMounted(Syscalls sys, String type, String fspec) throws ErrnoException {
        String dir = "/probe" + sys.getpid();
        try {
            sys.mkdir(dir, 0700);
        } catch (ErrnoException e) {
            return false;
        }
        try {
            sys.mount(type, dir, SysMount.MNT_RDONLY, new MountArgs.Device(fspec));
            sys.unmount(dir, SysMount.MNT_FORCE);
            return true;
        } catch (ErrnoException e) {
            return false;
        } finally {
            sys.rmdir(dir);
        }
    }
}
