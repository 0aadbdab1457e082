package org.rump4j.netbsd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A program of the system that a test asks. */
public final class Tool {
    private static final List<String> DIRECTORIES = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin");

    private final String path;

    private Tool(String path) {
        this.path = path;
    }

    /** One by its name; skips the test where it is not installed. */
    public static Tool named(String name) {
        for (String directory : DIRECTORIES) {
            if (Files.isExecutable(Path.of(directory, name))) {
                return new Tool(directory + "/" + name);
            }
        }
        Assumptions.abort(name + " is not installed");
        throw new AssertionError();
    }

    /** Begins to run it. */
    public ProcessBuilder with(String... arguments) {
        List<String> command = new ArrayList<>(List.of(path));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Runs it to its end, which must be a good one, and gives what it printed, but for complaints. */
    public String run(String... arguments) throws IOException {
        return printed(with(arguments).redirectError(ProcessBuilder.Redirect.DISCARD));
    }

    /** As {@link #run}, with its complaints. */
    public String runHearingAll(String... arguments) throws IOException {
        return printed(with(arguments).redirectErrorStream(true));
    }

    private static String printed(ProcessBuilder command) throws IOException {
        Process process = command.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (exitValue(process) != 0) {
            throw new AssertionError(String.join(" ", command.command()) + ": " + process.exitValue() + "\n" + said);
        }
        return said;
    }

    /** Runs it to its end; whether that was a good one. */
    public boolean succeeds(String... arguments) throws IOException {
        Process process = with(arguments)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return exitValue(process) == 0;
    }

    private static int exitValue(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
