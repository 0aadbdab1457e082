package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Text and bytes on their way out, by the buffer. Names come out as the bytes that they are, unless a terminal would take
 * harm.
 */
final class Output {
    private static final int BUFFER_BYTES = 32 << 10;

    private final WritableByteChannel channel;
    private final boolean terminal;
    private final boolean utf8;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** Whether an attempt to write has failed: what is in the buffer is not to be tried again. */
    private boolean broken;

    Output(WritableByteChannel channel, boolean terminal, boolean utf8) {
        this.channel = channel;
        this.terminal = terminal;
        this.utf8 = utf8;
    }

    /** Whether it is a terminal that shows this. */
    boolean isTerminal() {
        return terminal;
    }

    /** Text of ours, in which there are no names. */
    Output print(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return encode(text);
            }
        }
        int done = 0;
        while (done < text.length()) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int n = Math.min(buffer.remaining(), text.length() - done);
            for (int i = 0; i < n; i++) {
                buffer.put((byte) text.charAt(done + i));
            }
            done += n;
        }
        return this;
    }

    /** A name or something else that is not ours; on a terminal, with question marks for what it could not show. */
    Output name(String name) throws IOException {
        return print(shown(name));
    }

    /** A name as {@link #name} prints it. */
    String shown(String name) {
        return terminal ? Names.printable(name, utf8) : name;
    }

    Output println(String text) throws IOException {
        print(text);
        return println();
    }

    Output println() throws IOException {
        print("\n");
        if (terminal) {
            flush();
        }
        return this;
    }

    /** Bytes, past the buffer. */
    void write(ByteBuffer bytes) throws IOException {
        flush();
        writeFully(bytes);
    }

    void flush() throws IOException {
        buffer.flip();
        try {
            writeFully(buffer);
        } finally {
            buffer.clear();
        }
    }

    private Output encode(String text) throws IOException {
        byte[] bytes;
        try {
            bytes = PathCodec.encode(text);
        } catch (ErrnoException e) {
            throw new IllegalArgumentException(e);
        }
        int done = 0;
        while (done < bytes.length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int n = Math.min(buffer.remaining(), bytes.length - done);
            buffer.put(bytes, done, n);
            done += n;
        }
        return this;
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        if (broken) {
            return;
        }
        broken = true;
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        broken = false;
    }
}
