package org.rump4j.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** One of the things that rump4j can do. Made for one run; its options are fields that picocli sets. */
interface Command {
    /** Its description, options and operands. */
    CommandSpec spec();

    /** Whether {@code -v} makes it say what it does to files, as such commands do elsewhere, and not what the kernel says. */
    default boolean tellsFiles() {
        return false;
    }

    /** Whether an operand without a path in an image is a file of the host, and not an image. */
    default boolean knowsHostFiles() {
        return false;
    }

    /**
     * Does it. What goes wrong with one operand is told {@link Run#fail} and does not stop the others.
     *
     * @throws IOException where the output cannot be written
     * @throws UsageException where the options do not go together
     */
    void run(Run run) throws IOException, UsageException;
}
