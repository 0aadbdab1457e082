package org.rump4j.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where it was measured. */
final class Machine {
    private Machine() {}

    /** In one line, for below the table. */
    static String describe() throws IOException {
        return String.join(
                " · ",
                cpuModel(),
                Runtime.getRuntime().availableProcessors() + " processors",
                "JDK " + Runtime.version(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "load " + load());
    }

    private static String cpuModel() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.exists(info)) {
            return System.getProperty("os.arch", "");
        }
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch", ""));
        }
    }

    private static String load() throws IOException {
        Path loadavg = Path.of("/proc/loadavg");
        return Files.exists(loadavg) ? Files.readString(loadavg).split(" ", 2)[0] : "unknown";
    }
}
