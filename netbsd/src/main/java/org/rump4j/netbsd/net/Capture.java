package org.rump4j.netbsd.net;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames down in a file that Wireshark and its like read: pcapng, in the byte order of the machine. It may have frames of several
 * links. Source of the format: draft-ietf-opsawg-pcapng, sections 3 and 4.
 *
 * <pre>{@code
 * try (Capture capture = Capture.to(Path.of("traffic.pcapng"))) {
 *     Link wire = new Wire(capture.link("wire"));
 *     ...
 * }
 * }</pre>
 */
public final class Capture implements AutoCloseable {
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;

    private static final short OPTION_END = 0;
    private static final short SHB_USERAPPL = 4;
    private static final short IF_NAME = 2;
    private static final short IF_TSRESOL = 9;

    private static final short LINKTYPE_ETHERNET = 1;

    /** As a power of ten. */
    private static final byte NANOSECONDS = 9;

    private static final int ALIGN = 4;

    /** Type and length in front, the length behind. */
    private static final int BLOCK_BYTES = 12;

    private static final int OPTION_BYTES = 4;
    private static final int SECTION_BYTES = 16;
    private static final int LINK_BYTES = 8;
    private static final int PACKET_BYTES = 20;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long NANOS = 1_000_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final FileChannel file;
    private final LongSupplier clock;

    /** Guarded by {@link #lock}, as the rest is. */
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());

    private int links;
    private boolean closed;
    private @Nullable IOException error;

    private Capture(FileChannel file, LongSupplier clock) {
        this.file = file;
        this.clock = clock;
    }

    /**
     * Begins a file; in place of one that is there.
     *
     * @throws IOException where it cannot be written
     */
    public static Capture to(Path path) throws IOException {
        return to(path, () -> {
            Instant now = Instant.now();
            return now.getEpochSecond() * NANOS + now.getNano();
        });
    }

    /** As the other, with a clock of the time of day, in nanoseconds since 1970. */
    static Capture to(Path path, LongSupplier clock) throws IOException {
        FileChannel file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        Capture out = new Capture(file, clock);
        out.beginSection();
        return out;
    }

    private void beginSection() {
        byte[] name = "rump4j".getBytes(StandardCharsets.US_ASCII);
        int body = SECTION_BYTES + option(name.length) + OPTION_BYTES;
        begin(SECTION_HEADER, body);
        buffer.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0);
        // How long the section is, is not known.
        buffer.putLong(-1);
        putOption(SHB_USERAPPL, name);
        endOptions();
        end(body);
    }

    /**
     * Takes a link in. What is written to a file that cannot be written any more is lost, which {@link #close} reports.
     *
     * @param name for who reads the file
     */
    public FrameLog link(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int body = LINK_BYTES + option(bytes.length) + option(1) + OPTION_BYTES;
        lock.lock();
        try {
            begin(INTERFACE_DESCRIPTION, body);
            buffer.putShort(LINKTYPE_ETHERNET).putShort((short) 0).putInt(0);
            putOption(IF_NAME, bytes);
            putOption(IF_TSRESOL, new byte[] {NANOSECONDS});
            endOptions();
            end(body);
            int number = links++;
            return frame -> write(number, frame);
        } finally {
            lock.unlock();
        }
    }

    private void write(int link, MemorySegment[] frame) {
        long bytes = 0;
        for (MemorySegment piece : frame) {
            bytes += piece.byteSize();
        }
        if (bytes > Link.MAX_FRAME_BYTES) {
            return;
        }
        int body = PACKET_BYTES + align((int) bytes);
        lock.lock();
        try {
            if (closed) {
                return;
            }
            // Read under the lock: times in the file only grow as the clock does.
            long now = clock.getAsLong();
            begin(ENHANCED_PACKET, body);
            buffer.putInt(link).putInt((int) (now >>> Integer.SIZE)).putInt((int) now);
            buffer.putInt((int) bytes).putInt((int) bytes);
            for (MemorySegment piece : frame) {
                buffer.put(piece.asByteBuffer());
            }
            pad((int) bytes);
            end(body);
        } finally {
            lock.unlock();
        }
    }

    private void begin(int type, int body) {
        if (buffer.remaining() < BLOCK_BYTES + body) {
            flush();
        }
        buffer.putInt(type).putInt(BLOCK_BYTES + body);
    }

    private void end(int body) {
        buffer.putInt(BLOCK_BYTES + body);
    }

    private static int align(int bytes) {
        return bytes + ALIGN - 1 & -ALIGN;
    }

    private static int option(int bytes) {
        return OPTION_BYTES + align(bytes);
    }

    private void putOption(short code, byte[] value) {
        buffer.putShort(code).putShort((short) value.length).put(value);
        pad(value.length);
    }

    private void pad(int bytes) {
        for (int i = bytes; i < align(bytes); i++) {
            buffer.put((byte) 0);
        }
    }

    private void endOptions() {
        buffer.putShort(OPTION_END).putShort((short) 0);
    }

    /** Writes out what has been gathered. After an error nothing is written any more. */
    private void flush() {
        buffer.flip();
        try {
            while (buffer.hasRemaining() && error == null) {
                int _ = file.write(buffer);
            }
        } catch (IOException e) {
            error = e;
        }
        buffer.clear();
    }

    /**
     * Ends the file. Frames that pass later are not written.
     *
     * @throws IOException where something could not be written
     */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                flush();
                file.close();
            }
            if (error != null) {
                throw error;
            }
        } finally {
            lock.unlock();
        }
    }
}
