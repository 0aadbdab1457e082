package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.rump.FilesystemMaker.Sink;
import org.rump4j.rumpuser.ErrnoException;

/** Blocks on their way to a sink: those that come in order and are side by side go together. */
final class BlockWriter {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Sink sink;
    private final int blockShift;
    private final MemorySegment buffer = MemorySegment.ofArray(new byte[BUFFER_BYTES]);
    private long firstBlock;
    private int bytes;

    BlockWriter(Sink sink, int blockShift) {
        this.sink = sink;
        this.blockShift = blockShift;
    }

    /** A block of zeros, to be filled before the next is asked for. */
    MemorySegment add(long blkno) throws ErrnoException {
        int blockBytes = 1 << blockShift;
        if (blkno != firstBlock + (bytes >> blockShift) || bytes + blockBytes > BUFFER_BYTES) {
            flush();
            firstBlock = blkno;
        }
        MemorySegment block = buffer.asSlice(bytes, blockBytes);
        block.fill((byte) 0);
        bytes += blockBytes;
        return block;
    }

    /** Writes what has come so far. */
    void flush() throws ErrnoException {
        if (bytes > 0) {
            sink.write(buffer.asSlice(0, bytes), firstBlock << blockShift);
            bytes = 0;
        }
    }
}
