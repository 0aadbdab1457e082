package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which permissions new files do not get: the user's umask, so that files in images get what files of the host would. */
final class HostUmask {
    private static final int DEFAULT = 022;
    private static final int OCTAL = 8;

    /** {@code proc(5)}, of the process. */
    private static final Path LINUX_STATUS = Path.of("/proc/self/status");

    private static final String FIELD = "Umask:";

    private HostUmask() {}

    /** The umask, or the usual one where the host does not tell. */
    static int get() {
        try {
            String status = Files.readString(LINUX_STATUS);
            int begin = status.indexOf(FIELD);
            int end = status.indexOf('\n', begin);
            return begin < 0
                    ? DEFAULT
                    : Integer.parseInt(
                            status.substring(begin + FIELD.length(), end).strip(), OCTAL);
        } catch (IOException | RuntimeException e) {
            return DEFAULT;
        }
    }
}
