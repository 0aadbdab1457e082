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

    /**
     * The umask, where the host tells.
     *
     * @param wanted whether anything is going to be made; otherwise the host need not be asked
     */
    static int get(boolean wanted) {
        if (!wanted) {
            return DEFAULT;
        }
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
