package org.rump4j.cli;

import java.io.IOException;
import java.time.Instant;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j boot}: boots a kernel, shows what it says, and halts it. */
final class BootCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                        this,
                        "boot",
                        "[-v]",
                        "Boots a kernel, shows its messages, and halts it.",
                        "With -v, says how long that took."),
                "rump4j boot -v --ncpu 4");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        long start = System.nanoTime();
        RumpKernel kernel;
        try {
            kernel = Session.bootKernel(run.settings(), true, new Console(run.out(), null));
        } catch (ErrnoException e) {
            run.fail("cannot boot the kernel: " + e.getMessage());
            return;
        }
        if (run.settings().verbose()) {
            long millis = (System.nanoTime() - start) / 1_000_000;
            String since = ProcessHandle.current()
                    .info()
                    .startInstant()
                    .map(begin -> ", " + (Instant.now().toEpochMilli() - begin.toEpochMilli())
                            + " ms after the process has started")
                    .orElse("");
            run.out().println("ready after " + millis + " ms" + since);
            run.out().flush();
        }
        kernel.halt();
    }
}
