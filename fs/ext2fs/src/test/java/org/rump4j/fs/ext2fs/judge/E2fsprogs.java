package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.TestAbortedException;

/** The tools of e2fsprogs, which make the images and judge what becomes of them. Source: their pages of section 8. */
final class E2fsprogs {
    /** What the tools take the time to be, so that they make the same each time. */
    static final String NOW = "1700000000";

    private static final int TIMEOUT_SECONDS = 300;
    private static final List<String> SUPERUSER_DIRECTORIES = List.of("/usr/sbin", "/sbin", "/usr/local/sbin");

    /** {@code e2fsck}: all is well. */
    static final int FSCK_CLEAN = 0;
    /** {@code e2fsck}: errors have been corrected. */
    static final int FSCK_CORRECTED = 1;

    /** What a tool has said, on both of its outputs. */
    record Outcome(List<String> command, int status, String text) {
        Outcome require(int... allowed) {
            for (int each : allowed) {
                if (status == each) {
                    return this;
                }
            }
            throw new IllegalStateException(command + " gives " + status + ":\n" + text);
        }
    }

    private E2fsprogs() {}

    /** Skips the test where they are missing. */
    static void assumeInstalled() {
        for (String tool : List.of("mke2fs", "debugfs", "e2fsck", "dumpe2fs", "tune2fs")) {
            Assumptions.assumeTrue(Files.isExecutable(find(tool)), "e2fsprogs is not installed: there is no " + tool);
        }
    }

    /** The file of a tool; superusers' directories count even where they are not on the path. */
    static Path find(String tool) {
        List<String> directories = new ArrayList<>(List.of(System.getenv("PATH").split(":", -1)));
        directories.addAll(SUPERUSER_DIRECTORIES);
        for (String directory : directories) {
            Path candidate = Path.of(directory, tool);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return Path.of(tool);
    }

    static ProcessBuilder process(List<String> command) {
        List<String> found = new ArrayList<>(command);
        found.set(0, find(command.getFirst()).toString());
        ProcessBuilder builder = new ProcessBuilder(found).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        builder.environment().put("E2FSPROGS_FAKE_TIME", NOW);
        builder.environment().put("E2FSCK_TIME", NOW);
        return builder;
    }

    static Outcome run(String... command) {
        return run(List.of(command));
    }

    static Outcome run(List<String> command) {
        try {
            Process process = process(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " hangs");
            }
            return new Outcome(command, process.exitValue(), new String(output, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command + " was interrupted", e);
        }
    }

    /** Makes an image; skips the test where this version of mke2fs does not know a feature. */
    static void mke2fs(Path image, List<String> options, String size) {
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
        command.addAll(options);
        command.add(image.toString());
        command.add(size);
        Outcome outcome = run(command);
        if (outcome.text().contains("Invalid filesystem option set")) {
            throw new TestAbortedException("this mke2fs does not know all of " + options);
        }
        outcome.require(0);
    }

    /** Changes the configuration of an image, if there is anything to change. */
    static void tune2fs(Path image, List<String> options) {
        if (!options.isEmpty()) {
            List<String> command = new ArrayList<>(List.of("tune2fs"));
            command.addAll(options);
            command.add(image.toString());
            run(command).require(0);
        }
    }

    /** Changes an image by the commands of {@code debugfs(8)}, each of which must work. */
    static void debugfs(Path image, List<String> commands) {
        try {
            Path script = Files.createTempFile(image.toAbsolutePath().getParent(), "debugfs", ".cmd");
            Files.write(script, commands, StandardCharsets.ISO_8859_1);
            Outcome outcome = run("debugfs", "-w", "-f", script.toString(), image.toString())
                    .require(0);
            Files.delete(script);
            for (String line : outcome.text().lines().toList()) {
                boolean harmless = line.isBlank()
                        || line.startsWith("debugfs ")
                        || line.startsWith("debugfs: ")
                        || line.startsWith("Allocated inode: ")
                        || line.startsWith("extent: ")
                        || line.startsWith("Setting csum ");
                if (!harmless || line.contains("Command not found")) {
                    throw new IllegalStateException("debugfs: " + line + "\n" + outcome.text());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails where {@code e2fsck -fn} has anything to say against an image. */
    static void requireClean(Path image) {
        run("e2fsck", "-fn", image.toString()).require(FSCK_CLEAN);
    }

    /** Repairs, replays the journal, and with {@code -D} among the options rebuilds directories. */
    static void repair(Path image, String options) {
        run("e2fsck", options, image.toString()).require(FSCK_CLEAN, FSCK_CORRECTED);
    }

    /** The lines of {@code dumpe2fs -h}, by what is left of the colon. */
    static Map<String, String> dumpe2fs(Path image) {
        Map<String, String> values = new TreeMap<>();
        for (String line : run("dumpe2fs", "-h", image.toString())
                .require(0)
                .text()
                .lines()
                .toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return values;
    }
}
