package org.rump4j.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a disk or a file begins with, by the bytes that each kind of file system, and some else, is known by. */
final class Signatures {
    /** Places, bytes and names; what is more telling comes first. Those of {@code libblkid} and {@code file(1)}, as the formats define them. */
    private static final Signature[] KNOWN = {
        new Signature(0x438, "\123\357", "an ext2, ext3 or ext4 file system"),
        new Signature(0x1055C, "\031\001\124\031", "an FFSv2 file system"),
        new Signature(0x255C, "\124\031\001\000", "an FFS file system"),
        new Signature(0x10040, "_BHRfS_M", "a btrfs file system"),
        new Signature(0, "XFSB", "an XFS file system"),
        new Signature(3, "NTFS    ", "an NTFS file system"),
        new Signature(3, "EXFAT   ", "an exFAT file system"),
        new Signature(54, "FAT1", "a FAT file system"),
        new Signature(82, "FAT32", "a FAT file system"),
        new Signature(0x8001, "CD001", "an ISO 9660 file system"),
        new Signature(0, "hsqs", "a squashfs file system"),
        new Signature(0x400, "\020\040\365\362", "an f2fs file system"),
        new Signature(0, "LUKS\272\276", "an encrypted volume (LUKS)"),
        new Signature(0x218, "LVM2 001", "a volume of LVM"),
        new Signature(4086, "SWAPSPACE2", "a swap area"),
        new Signature(512, "EFI PART", "a partition table (GPT)"),
        new Signature(510, "\125\252", "a boot sector or a partition table (MBR)"),
    };

    private Signatures() {}

    private record Signature(int offset, String bytes, String name) {
        boolean isIn(ByteBuffer head) {
            byte[] wanted = bytes.getBytes(StandardCharsets.ISO_8859_1);
            return head.limit() >= offset + wanted.length
                    && head.slice(offset, wanted.length).equals(ByteBuffer.wrap(wanted));
        }
    }

    /** What it is that begins so; null where there is nothing but zeros. */
    static @Nullable String of(ByteBuffer head) {
        for (Signature signature : KNOWN) {
            if (signature.isIn(head)) {
                return signature.name;
            }
        }
        for (int i = 0; i < head.limit(); i++) {
            if (head.get(i) != 0) {
                return "data that is no file system";
            }
        }
        return null;
    }
}
