package org.rump4j.fs.ext2fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The tools of e2fsprogs, that make images and look into them. Tests that need them are skipped where they are not installed. */
final class Tools {
    private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin");

    private Tools() {}

    /** Makes an image by {@code mke2fs}; size as it takes it. */
    static void mke2fs(Path image, String size, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
        command.addAll(List.of(options));
        command.addAll(List.of(image.toString(), size));
        run(command.toArray(String[]::new));
    }

    /** What {@code debugfs} says to commands, each a line of its input; it may write to the image. */
    static String debugfs(Path image, String... commands) throws IOException {
        Path script = Files.createTempFile(image.toAbsolutePath().getParent(), "debugfs", ".cmd");
        Files.write(script, List.of(commands));
        return run("debugfs", "-w", "-f", script.toString(), image.toString());
    }

    /** What a tool says, standard error included. It must exit with 0, or with 1 where e2fsck has changed something. */
    static String run(String... command) throws IOException {
        List<String> full = new ArrayList<>(List.of(command));
        full.set(0, find(command[0]).toString());
        ProcessBuilder builder = new ProcessBuilder(full).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        try {
            int status = process.waitFor();
            boolean changed = status == 1 && command[0].equals("e2fsck");
            if (status != 0 && !changed) {
                throw new IOException(full + " exits with " + status + ": " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return output;
    }

    private static Path find(String tool) {
        for (String directory : DIRECTORIES) {
            Path path = Path.of(directory, tool);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        Assumptions.abort(tool + " is not installed");
        throw new AssertionError();
    }
}
