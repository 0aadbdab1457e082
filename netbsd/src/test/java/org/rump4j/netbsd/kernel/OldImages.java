package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Empty images of file systems that no tool of today makes. Sources: NetBSD's {@code sysvbfs/bfs.h} and {@code v7fs/v7fs.h}; filsys(5) of
 * the Seventh Edition.
 */
final class OldImages {
    private static final int SECTOR = 512;
    private static final int SECTORS = 1024;
    private static final int INODE_BYTES = 64;
    private static final int ROOT_INODE = 2;
    private static final int DIRECTORY = 0040755;

    private OldImages() {}

    /** System V's boot file system: one directory, and files in one piece each. */
    static void sysvbfs(Path image) throws IOException {
        int directory = 5;
        int directorySectors = 4;
        ByteBuffer out = ByteBuffer.allocate(SECTORS * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x1badface).putInt(directory * SECTOR).putInt(SECTORS * SECTOR - 1);
        out.putInt(-1).putInt(-1).putInt(-1).putInt(-1);
        int last = directory + directorySectors - 1;
        out.position(SECTOR);
        out.putShort((short) ROOT_INODE).putShort((short) 0).putInt(directory).putInt(last);
        out.putInt(directory * SECTOR + 2 * 16 - 1);
        int vdir = 2;
        out.putInt(vdir).putInt(DIRECTORY).putInt(0).putInt(0).putInt(2);
        out.position(directory * SECTOR);
        entry(out, ".");
        entry(out, "..");
        Files.write(image, out.array());
    }

    private static void entry(ByteBuffer out, String name) {
        int nameBytes = 14;
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        out.putShort((short) ROOT_INODE).put(bytes).position(out.position() + nameBytes - bytes.length);
    }

    /** The Seventh Edition's. */
    static void v7fs(Path image, ByteOrder order) throws IOException {
        int ilist = 2;
        int data = 18;
        int cached = 50;
        ByteBuffer out = ByteBuffer.allocate(SECTORS * SECTOR).order(order);

        // Free blocks: as many as the superblock has room for, of which the first has as many again, and so on.
        int[] free = new int[cached];
        int frees = 1;
        for (int block = SECTORS - 1; block > data; block--) {
            if (frees == cached) {
                freeBlocks(out.position(block * SECTOR), frees, free);
                frees = 0;
            }
            free[frees++] = block;
        }
        out.position(SECTOR);
        out.putShort((short) data).putInt(SECTORS);
        freeBlocks(out, frees, free);
        int cachedInodes = 100;
        out.putShort((short) 0).position(out.position() + 2 * cachedInodes + 4);
        out.putInt(1_000_000).putInt(SECTORS - data - 1);
        out.putShort((short) ((data - ilist) * SECTOR / INODE_BYTES - ROOT_INODE));

        out.position(ilist * SECTOR);
        out.putShort((short) 0100000);
        out.position(ilist * SECTOR + (ROOT_INODE - 1) * INODE_BYTES);
        out.putShort((short) DIRECTORY)
                .putShort((short) 2)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(2 * 16);
        byte low = (byte) data;
        out.put(order == ByteOrder.LITTLE_ENDIAN ? new byte[] {low, 0, 0} : new byte[] {0, 0, low});
        out.position(data * SECTOR);
        entry(out, ".");
        entry(out, "..");
        Files.write(image, out.array());
    }

    private static void freeBlocks(ByteBuffer out, int frees, int[] free) {
        out.putShort((short) frees);
        for (int i = 0; i < free.length; i++) {
            out.putInt(i < frees ? free[i] : 0);
        }
    }
}
