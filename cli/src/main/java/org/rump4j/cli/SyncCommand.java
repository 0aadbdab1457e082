package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import picocli.CommandLine.Model.CommandSpec;

/** {@code sync(8)}. */
final class SyncCommand implements Command {
    private final Operands images = new Operands("IMAGE", "1..*", "What to write back");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "sync",
                                "IMAGE...",
                                "Makes all that was changed in images durable.",
                                "Every command does so at its end: it is of use between the lines of a script.")
                        .addPositional(images.spec()),
                "rump4j sync disk.img");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        run.change(images.texts(), (image, file) -> {
            Syscalls sys = image.sys();
            sys.sync();
            // Which tells what has gone wrong.
            int fd = sys.open("/", Fcntl.O_RDONLY, 0);
            try {
                sys.fsync(fd);
            } finally {
                sys.close(fd);
            }
        });
    }
}
