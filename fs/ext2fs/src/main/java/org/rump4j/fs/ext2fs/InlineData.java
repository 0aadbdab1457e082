package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Data that is in the inode itself: the first 60 bytes where otherwise the blocks are pointed to, and what does not fit there in the
 * extended attribute {@code system.data}.
 */
final class InlineData {
    /** Bytes in the place of pointers. */
    static final int FIRST_BYTES = Inode.BLOCK_BYTES;

    private static final byte[] NAME = "data".getBytes(StandardCharsets.US_ASCII);

    private final Volume volume;
    private final InodeTable inodes;
    private final Inode inode;

    InlineData(Volume volume, InodeTable inodes, Inode inode) {
        this.volume = volume;
        this.inodes = inodes;
        this.inode = inode;
    }

    /**
     * All of it that is stored.
     *
     * @throws ErrnoException EIO
     */
    MemorySegment stored() throws ErrnoException {
        return inodes.read(inode.ino, (memory, at) -> {
            ExtendedAttributes.Value rest =
                    ExtendedAttributes.find(volume, inode, memory, at, ExtendedAttributes.INDEX_SYSTEM, NAME);
            byte[] bytes = new byte[FIRST_BYTES + (rest == null ? 0 : rest.bytes())];
            MemorySegment.copy(inode.raw(), ValueLayout.JAVA_BYTE, Inode.BLOCK.offset(), bytes, 0, FIRST_BYTES);
            if (rest != null) {
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, rest.offset(), bytes, FIRST_BYTES, rest.bytes());
            }
            return MemorySegment.ofArray(bytes);
        });
    }

    /**
     * As much of it as the file is long.
     *
     * @throws ErrnoException EIO, also where the file is longer than that
     */
    MemorySegment data() throws ErrnoException {
        MemorySegment stored = stored();
        if (inode.size() > stored.byteSize()) {
            throw volume.damaged(
                    inode.ino, "size " + inode.size() + ", of which " + stored.byteSize() + " bytes are in the inode");
        }
        return stored.asSlice(0, inode.size());
    }
}
