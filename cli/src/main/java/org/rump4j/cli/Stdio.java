package org.rump4j.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Locale;
import java.util.Map;

/**
 * Standard input, output and error, and what is known of them.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 * @param outIsTerminal whether output is shown on a terminal
 * @param errIsTerminal likewise
 * @param columns width of the terminal
 * @param locale the user's, for characters
 * @param environment variables of the process
 */
record Stdio(
        ReadableByteChannel in,
        WritableByteChannel out,
        WritableByteChannel err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        int columns,
        String locale,
        Map<String, String> environment) {
    private static final int DEFAULT_COLUMNS = 80;

    /**
     * Those of the process. Only the launcher can ask cheaply what is a terminal and how wide; it says so in the property
     * {@code rump4j.terminals}: the descriptors that are, a colon, and what {@code stty size} prints. The locale that the
     * JVM has is not the user's, which is in {@code rump4j.locale}.
     */
    static Stdio ofProcess() {
        String terminals = System.getProperty("rump4j.terminals", ":");
        int colon = terminals.indexOf(':');
        String descriptors = terminals.substring(0, colon);
        Map<String, String> environment = System.getenv();
        return new Stdio(
                new FileInputStream(FileDescriptor.in).getChannel(),
                new FileOutputStream(FileDescriptor.out).getChannel(),
                new FileOutputStream(FileDescriptor.err).getChannel(),
                descriptors.contains("1"),
                descriptors.contains("2"),
                columns(terminals.substring(colon + 1), environment.getOrDefault("COLUMNS", "")),
                System.getProperty("rump4j.locale", ""),
                environment);
    }

    private static int columns(String sttySize, String variable) {
        for (String candidate : new String[] {variable, sttySize.substring(sttySize.indexOf(' ') + 1)}) {
            try {
                int columns = Integer.parseInt(candidate);
                if (columns > 0) {
                    return columns;
                }
            } catch (NumberFormatException e) {
                // The next one may know.
            }
        }
        return DEFAULT_COLUMNS;
    }

    /** A variable of the environment, empty where it is not set. */
    String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    /** Whether output may be coloured: on a terminal, or where CLICOLOR_FORCE asks for it, unless NO_COLOR forbids it. */
    boolean colours() {
        if (!variable("NO_COLOR").isEmpty()) {
            return false;
        }
        String force = variable("CLICOLOR_FORCE");
        if (!force.isEmpty() && !force.equals("0")) {
            return true;
        }
        return outIsTerminal
                && !variable("CLICOLOR").equals("0")
                && !variable("TERM").equals("dumb");
    }

    /** Whether the character set of the user's locale is UTF-8. */
    boolean utf8() {
        String upper = locale.toUpperCase(Locale.ROOT);
        return upper.contains("UTF-8") || upper.contains("UTF8");
    }
}
