package org.rump4j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.channels.WritableByteChannel;
import java.util.Locale;
import java.util.Map;

/**
 * Standard output and error, and what is known of them.
 *
 * @param out standard output
 * @param err standard error
 * @param outIsTerminal whether output is shown on a terminal
 * @param errIsTerminal likewise
 * @param columns width of the terminal
 * @param environment variables of the process
 */
record Stdio(
        WritableByteChannel out,
        WritableByteChannel err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        int columns,
        Map<String, String> environment) {
    private static final int DEFAULT_COLUMNS = 80;

    /**
     * Those of the process. Only the launcher can ask cheaply what is a terminal and how wide; it says so in the property
     * {@code rump4j.terminals}: the descriptors that are, a colon, and what {@code stty size} prints.
     */
    static Stdio ofProcess() {
        String terminals = System.getProperty("rump4j.terminals", ":");
        int colon = terminals.indexOf(':');
        String descriptors = terminals.substring(0, colon);
        Map<String, String> environment = System.getenv();
        return new Stdio(
                new FileOutputStream(FileDescriptor.out).getChannel(),
                new FileOutputStream(FileDescriptor.err).getChannel(),
                descriptors.contains("1"),
                descriptors.contains("2"),
                columns(terminals.substring(colon + 1), environment.getOrDefault("COLUMNS", "")),
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

    /** Whether the locale's character set is UTF-8. */
    boolean utf8() {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String locale = variable(name).toUpperCase(Locale.ROOT);
            if (!locale.isEmpty()) {
                return locale.contains("UTF-8") || locale.contains("UTF8");
            }
        }
        return false;
    }
}
