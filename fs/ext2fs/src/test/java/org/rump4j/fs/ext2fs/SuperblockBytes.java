package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;

/** The superblock in the bytes of an image, to be changed. */
final class SuperblockBytes {
    private final MemorySegment memory;

    SuperblockBytes(byte[] image) {
        memory = MemorySegment.ofArray(image).asSlice(SuperblockLayout.DEVICE_OFFSET, SuperblockLayout.BYTES);
    }

    void set(Fields.Le32 field, int value) {
        field.set(memory, 0, value);
    }

    void set(Fields.Le16 field, int value) {
        field.set(memory, 0, value);
    }

    void or(Fields.Le32 field, int bits) {
        field.set(memory, 0, field.get(memory, 0) | bits);
    }

    /** Makes the checksum right again. */
    void seal() {
        int crc = Crc32c.update(Crc32c.INITIAL, memory, 0, SuperblockLayout.CHECKSUM.offset());
        SuperblockLayout.CHECKSUM.set(memory, 0, crc);
    }
}
