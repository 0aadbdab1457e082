package org.rump4j.netbsd.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The file that perf(1) looks into for names of code which is in no file that it can see through: {@code /tmp/perf-PID.map}, a line a
 * function. Source of the facts: {@code tools/perf/Documentation/jit-interface.txt} of Linux.
 */
public final class PerfMap {
    private PerfMap() {}

    /** The file of this process, which perf finds by its name and only if it belongs to the same user. */
    public static Path ofThisProcess() {
        return Path.of("/tmp", "perf-" + ProcessHandle.current().pid() + ".map");
    }

    /**
     * Adds the functions of a kernel to a map, which is made where there is none; a symbolic link is not followed. Lines of kernels that
     * are gone stay: where addresses are used again, perf takes the line that comes last.
     *
     * @throws IOException where that fails
     */
    public static void append(Path map, Symbolizer symbolizer) throws IOException {
        StringBuilder lines = new StringBuilder();
        symbolizer.forEach(symbol -> {
            if (symbol.isCode()) {
                lines.append(Long.toHexString(symbol.address()))
                        .append(' ')
                        .append(Long.toHexString(symbol.bytes()))
                        .append(' ')
                        .append(symbol.name())
                        .append('\n');
            }
        });
        Set<OpenOption> options = Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel out = Files.newByteChannel(map, options)) {
            ByteBuffer text = StandardCharsets.UTF_8.encode(lines.toString());
            while (text.hasRemaining()) {
                out.write(text);
            }
        }
    }
}
