package org.rump4j.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.rump4j.rump.PathCodec;

/** Runs rump4j in this process. */
final class Shell {
    /** The image that the project ships. */
    static final String HELLO = "../examples/hello.ext2";

    private final boolean terminal;
    private final int columns;
    private final String locale;
    private final Map<String, String> environment;
    private final byte[] input;

    private Shell(boolean terminal, int columns, String locale, Map<String, String> environment) {
        this(terminal, columns, locale, environment, new byte[0]);
    }

    private Shell(boolean terminal, int columns, String locale, Map<String, String> environment, byte[] input) {
        this.terminal = terminal;
        this.columns = columns;
        this.locale = locale;
        this.environment = environment;
        this.input = input;
    }

    /** What a run has come to. */
    record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    /** With its output in a file. */
    static Shell piped() {
        return new Shell(false, 80, "C.UTF-8", Map.of());
    }

    static Shell piped(Map<String, String> environment) {
        return new Shell(false, 80, "C.UTF-8", environment);
    }

    /** The same with something to read on standard input. */
    Shell reading(byte[] bytes) {
        return new Shell(terminal, columns, locale, environment, bytes);
    }

    /** The same with text to read on standard input. */
    Shell reading(String text) {
        return reading(text.getBytes(StandardCharsets.UTF_8));
    }

    /** On a terminal. */
    static Shell onTerminal(int columns, String locale, Map<String, String> environment) {
        return new Shell(true, columns, locale, environment);
    }

    /** Runs a command of which nothing goes wrong, and gives its output. */
    static String out(String... args) {
        Result result = piped().run(args);
        if (result.status != 0 || !result.err.isEmpty()) {
            throw new AssertionError(result.toString());
        }
        return result.out;
    }

    Result run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Stdio stdio = new Stdio(
                Channels.newChannel(new ByteArrayInputStream(input)),
                Channels.newChannel(out),
                Channels.newChannel(err),
                terminal,
                terminal,
                columns,
                locale,
                environment);
        int status = Rump4j.on(stdio).run(args);
        return new Result(status, PathCodec.decode(out.toByteArray()), PathCodec.decode(err.toByteArray()));
    }
}
