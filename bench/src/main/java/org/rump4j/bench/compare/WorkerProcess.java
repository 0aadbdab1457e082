package org.rump4j.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A side that is a process of its own and talks as {@link Worker} does. It waits for its next round without doing anything. */
final class WorkerProcess implements Sampler {
    private static final byte[] GO = {'\n'};

    private final Process process;
    private final BufferedReader from;
    private final OutputStream to;
    private final String command;

    /** Starts it, and waits until it is ready. */
    WorkerProcess(ProcessBuilder builder) throws IOException {
        command = String.join(" ", builder.command());
        process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        from = process.inputReader(StandardCharsets.US_ASCII);
        to = process.getOutputStream();
        while (!answer().equals("ready")) {
            // What a kernel says while it boots.
        }
    }

    @Override
    public double sample() throws IOException {
        to.write(GO);
        to.flush();
        while (true) {
            String line = answer();
            try {
                return Double.parseDouble(line);
            } catch (NumberFormatException e) {
                // The reference's kernels print to standard output, too.
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private String answer() throws IOException {
        String line = from.readLine();
        if (line == null) {
            throw new IOException(command + ": ended without an answer");
        }
        return line;
    }
}
