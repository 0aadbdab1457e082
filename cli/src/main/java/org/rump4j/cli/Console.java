package org.rump4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;

/**
 * The console of a kernel: each line goes out when it is complete, but why an image is not mounted for writing is kept for whoever
 * wants to write. Several threads may print.
 */
final class Console extends OutputStream {
    /** What the kernel says before the reason why it cannot write to what it should mount for writing. */
    private static final String READ_ONLY = ": mounted read-only: ";

    /** What kernels say although nothing is wrong and nobody has asked: java's when it halts, and NetBSD's when it boots and halts. */
    static final Set<String> CHATTER = Set.of(
            "halted",
            "rn_init: radix functions require max_keylen be set",
            "rump kernel halting...",
            "syncing disks... done",
            "unmounting file systems...",
            "unmounting done");

    private final Output to;
    private final Set<String> unsaid;
    private @Nullable String whyReadOnly;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /**
     * A console.
     *
     * @param to where lines go
     * @param unsaid lines that do not
     */
    Console(Output to, Set<String> unsaid) {
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
        int refusal = text.indexOf(READ_ONLY);
        if (refusal >= 0) {
            whyReadOnly = text.substring(refusal + READ_ONLY.length());
        } else if (!isUnsaid(text)) {
            to.name(text).println();
            to.flush();
        }
    }

    /**
     * NetBSD tests its random numbers by their statistics at each boot. Good ones fail that now and then, which means nothing: it
     * draws others then.
     */
    private boolean isUnsaid(String text) {
        return unsaid.contains(text)
                || (!unsaid.isEmpty() && (text.startsWith("Kernel RNG \"") || text.startsWith("cprng ")));
    }

    /** Why the last image that could not be mounted for writing could not, or null where the kernel has not said. */
    synchronized @Nullable String whyReadOnly() {
        return whyReadOnly;
    }
}
