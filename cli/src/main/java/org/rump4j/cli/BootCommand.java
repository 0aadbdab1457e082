package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j boot}: boots a kernel, shows what it says, and halts it. */
final class BootCommand implements Command {
    /** Place of the start in {@code /proc/self/stat}, counted from what comes behind the name. */
    private static final int START_TIME = 19;

    /** Of those times, on every Linux. */
    private static final int TICKS_PER_SECOND = 100;

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
            String since = sinceStart();
            run.out().println("ready after " + millis + " ms" + since);
            run.out().flush();
        }
        kernel.halt();
    }

    /**
     * How long ago the process started, where the host tells: {@code proc(5)}, in hundredths of a second. The JDK knows the time of
     * day of the start, from the time of day at which the machine was booted, which is known to the second.
     */
    private static String sinceStart() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            // The name before it, in parentheses, may be anything.
            String ticks = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[START_TIME];
            String uptime = Files.readString(Path.of("/proc/uptime"));
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            long millis = Math.round(seconds * 1000) - Long.parseLong(ticks) * (1000 / TICKS_PER_SECOND);
            return ", " + millis + " ms after the process has started";
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }
}
