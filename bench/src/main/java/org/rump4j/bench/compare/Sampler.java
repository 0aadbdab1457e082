package org.rump4j.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One side of a row, made ready: does a round whenever it is asked. */
interface Sampler extends AutoCloseable {
    /** Does a round, and tells how fast, in the row's unit. */
    double sample() throws IOException, InterruptedException;

    @Override
    void close();

    /**
     * A command that is run once a round.
     *
     * @param made what it makes, perhaps: it is not there when the command begins, and what was written before is on the disk
     */
    static Sampler ofCommand(ProcessBuilder command, Path made) {
        return new Sampler() {
            @Override
            public double sample() throws IOException, InterruptedException {
                if (Files.deleteIfExists(made)) {
                    new ProcessBuilder("sync").start().waitFor();
                }
                long begin = System.nanoTime();
                Process process = command.redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                int status = process.waitFor();
                double millis = (System.nanoTime() - begin) / 1e6;
                if (status != 0) {
                    throw new IOException(String.join(" ", command.command()) + ": exit status " + status);
                }
                return millis;
            }

            @Override
            public void close() {
                // Each round has a process of its own, which has ended.
            }
        };
    }
}
