package org.rump4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;

/** The console of a kernel: each line goes out when it is complete. Several threads may print. */
final class Console extends OutputStream {
    private final Output to;
    private final @Nullable String unsaid;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /**
     * A console.
     *
     * @param to where lines go
     * @param unsaid a line that does not, or null
     */
    Console(Output to, @Nullable String unsaid) {
        this.to = to;
        this.unsaid = unsaid;
    }

    @Override
    public synchronized void write(int b) throws IOException {
        if (b != '\n') {
            line.write(b);
            return;
        }
        String text = PathCodec.decode(line.toByteArray());
        line.reset();
        if (!text.equals(unsaid)) {
            to.name(text).println();
            to.flush();
        }
    }
}
