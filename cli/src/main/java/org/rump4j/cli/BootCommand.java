package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.rump4j.rump.KernelRequest;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j boot}: boots a kernel, shows what it says, and halts it. */
final class BootCommand implements Command {
    /** Place of the start in {@code /proc/self/stat}, counted from what comes behind the name. */
    private static final int START_TIME = 19;

    /** Of those times, on every Linux. */
    private static final int TICKS_PER_SECOND = 100;

    private final Value components = new Value(
            "NAME[,NAME...]", "Components that it is to have, where there is a choice: rumpfs_ffs,rumpnet", "-c");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "boot",
                                "[-v] [-c COMPONENTS]",
                                "Boots a kernel, shows its messages, and halts it.",
                                "With -v, says how long that took, and of a kernel that is put together from components, what"
                                        + " each of them is needed for.")
                        .addOption(components.spec()),
                "rump4j boot -v --ncpu 4",
                "rump4j boot -v --kernel netbsd:/usr/lib -c rumpfs_ffs,rumpnet_netinet");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        long start = System.nanoTime();
        RumpKernel kernel;
        try {
            Settings settings = run.settings();
            List<String> types = settings.kernelType() == null ? List.of() : List.of(settings.kernelType());
            KernelRequest request =
                    new KernelRequest(settings.whichKernel(), Commands.words(components.all()), types, List.of());
            kernel = Session.bootKernel(settings, true, new Console(run.out(), Set.of()), request);
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
