package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Which type of file system is on a device or in an image, by what tells them apart. Sources: NetBSD's {@code ufs/ffs/fs.h} and {@code
 * fs/cd9660/iso.h}; the ext2 documentation of the Linux kernel.
 */
final class Probe {
    /** Room for any of the words, and what block devices are read by. */
    private static final int BLOCK_BYTES = 2048;

    private static final ValueLayout.OfShort LE_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int EXT2_SUPERBLOCK = 1024;
    private static final int EXT2_MAGIC_AT = 56;
    private static final int EXT2_MAGIC = 0xef53;

    /** Where superblocks of UFS2 and UFS1 are, in the order in which the kernel looks. */
    private static final int[] FFS_SUPERBLOCKS = {65536, 8192, 0, 262144};

    private static final int FFS_MAGIC_AT = 1372;
    private static final int UFS1_MAGIC = 0x00011954;
    private static final int UFS2_MAGIC = 0x19540119;

    private static final int CD9660_DESCRIPTOR = 32768;
    private static final int CD9660_ID_AT = 1;
    private static final byte[] CD9660_ID = {'C', 'D', '0', '0', '1'};

    private Probe() {}

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
            return type((block, offset) -> {
                try {
                    int _ = sys.pread(fd, block, offset);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EINVAL) {
                        throw e;
                    }
                }
            });
        } finally {
            sys.close(fd);
        }
    }

    /** The same of an image that no kernel has seen yet; null also where it cannot be read. */
    static @Nullable String type(Path image) {
        try (FileChannel channel = FileChannel.open(image)) {
            return type((block, offset) -> {
                try {
                    int _ = channel.read(ByteBuffer.wrap(block), offset);
                } catch (IOException e) {
                    throw Errno.EIO.exception(String.valueOf(e.getMessage()));
                }
            });
        } catch (IOException | ErrnoException e) {
            return null;
        }
    }

    private static @Nullable String type(Disk disk) throws ErrnoException {
        MemorySegment block = read(disk, EXT2_SUPERBLOCK);
        if (Short.toUnsignedInt(block.get(LE_SHORT, EXT2_MAGIC_AT)) == EXT2_MAGIC) {
            return "ext2fs";
        }
        block = read(disk, CD9660_DESCRIPTOR);
        if (block.asSlice(CD9660_ID_AT, CD9660_ID.length).mismatch(MemorySegment.ofArray(CD9660_ID)) < 0) {
            return "cd9660";
        }
        for (int at : FFS_SUPERBLOCKS) {
            int magic = read(disk, at).get(LE_INT, FFS_MAGIC_AT);
            if (isFfs(magic) || isFfs(Integer.reverseBytes(magic))) {
                return "ffs";
            }
        }
        return null;
    }

    private static boolean isFfs(int magic) {
        return magic == UFS1_MAGIC || magic == UFS2_MAGIC;
    }

    /** What is behind the end is zeros. */
    private static MemorySegment read(Disk disk, int offset) throws ErrnoException {
        byte[] block = new byte[BLOCK_BYTES];
        disk.read(block, offset);
        return MemorySegment.ofArray(block);
    }
}
