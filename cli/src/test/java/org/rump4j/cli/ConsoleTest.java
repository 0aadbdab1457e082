package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What comes through of what a kernel says. */
final class ConsoleTest {
    private static final String SAID = """
            rump kernel halting...
            Kernel RNG "kernel" runs test FAILURE: too few runs of 1 1s (2304 <= 2315)
            cprng kernel: failed statistical RNG test
            /dev-0: file system not clean
            halted
            """;

    private static String through(Set<String> unsaid) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Console console = new Console(new Output(Channels.newChannel(out), false, true), unsaid)) {
            console.write(SAID.getBytes(StandardCharsets.UTF_8));
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatMeansNothingIsLeftOutUnlessItIsAskedFor() throws IOException {
        assertEquals("/dev-0: file system not clean\n", through(Console.CHATTER));
        assertEquals(SAID, through(Set.of()));
    }
}
