package org.rump4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.SysMount;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that every command has: which kernel, and how images are mounted in it. */
final class Settings {
    /** What a command reads it mostly reads once: more cache than this makes nothing faster. */
    static final String DEFAULT_MEMORY = "128m";

    private final Value kernel = new Value(
            "NAME",
            "Kernel to run the command on: java (default), netbsd, or netbsd:DIR for the one in a folder of librump*.so",
            "--kernel");
    private final Value ncpu =
            new Value("N", "Virtual CPUs of the kernel (default: 2); host for as many as there are", "--ncpu");
    private final Value memory =
            new Value("SIZE", "Memory of the kernel, such as 64m (default: " + DEFAULT_MEMORY + ")", "--memory");
    private final Value type = new Value("TYPE", "Type of the file system (default: found out)", "-t", "--type");
    private final Value mountOptions = new Value(
            "OPTIONS", "Mount options, with commas between: ro, noatime, nodev, sync, ...", "-o", "--options");
    private final Flag verbose = new Flag("Show what the kernel says", "-v", "--verbose");
    private final Flag tells = new Flag("Say what is done", "-v");
    private final Flag help = Flag.help();
    private final Flag version = Flag.version();
    private @Nullable Long time;

    /** Adds the options to a command that says what it does to files. */
    void addToTelling(CommandSpec command) {
        command.addOption(tells.spec());
        addTo(command);
    }

    /** Adds the options to a command. Those that have a name of their own for something else leave it to them. */
    void addTo(CommandSpec command) {
        for (OptionSpec option : List.of(
                kernel.spec(),
                ncpu.spec(),
                memory.spec(),
                type.spec(),
                mountOptions.spec(),
                verbose.spec(),
                help.spec(),
                version.spec())) {
            List<String> names = new ArrayList<>(List.of(option.names()));
            names.removeIf(command.optionsMap()::containsKey);
            command.addOption(
                    option.toBuilder().names(names.toArray(String[]::new)).build());
        }
    }

    /** Whether there are options about the kernel or its images among those that were given. */
    boolean aboutKernel() {
        return kernel.text() != null
                || ncpu.text() != null
                || memory.text() != null
                || type.text() != null
                || mountOptions.text() != null;
    }

    /** Name of the kernel's provider. */
    String kernel() {
        String name = kernel.text();
        int colon = name == null ? -1 : name.indexOf(':');
        return name == null ? "java" : colon < 0 ? name : name.substring(0, colon);
    }

    /** Whether the user has said which kernel. */
    boolean saysKernel() {
        return kernel.text() != null;
    }

    /** Which one of that provider, or null where the user has not said. */
    @Nullable
    String whichKernel() {
        String name = kernel.text();
        int colon = name == null ? -1 : name.indexOf(':');
        return name == null || colon < 0 ? null : name.substring(colon + 1);
    }

    /** Value of {@code RUMP_NCPU}, or null for the default. */
    @Nullable
    String ncpu() throws UsageException {
        String text = ncpu.text();
        if (text != null && !text.equals("host")) {
            ncpu.number(1, 1);
        }
        return text;
    }

    /** Value of {@code RUMP_MEMLIMIT}, or null for the default. */
    @Nullable
    String memory() throws UsageException {
        String text = memory.text();
        if (text == null) {
            return null;
        }
        String size = text.toLowerCase(Locale.ROOT);
        if (!size.matches("[0-9]{1,15}[kmg]?")) {
            throw new UsageException("--memory " + text + ": not a size such as 64m");
        }
        return size;
    }

    /** The type of file system, or null where it is to be found out. */
    @Nullable
    String type() {
        return type.text();
    }

    /** The same as the kernel calls it: what is ext2, ext3 and ext4 elsewhere is one type. */
    @Nullable
    String kernelType() {
        String name = type.text();
        return name != null && name.matches("ext[234]") ? "ext2fs" : name;
    }

    /** What time it always is for the kernel, in seconds since 1970; null where time passes. */
    @Nullable
    Long time() {
        return time;
    }

    /** Stops the kernel's time. To be called before it boots. */
    void stopTime(long seconds) {
        time = seconds;
    }

    boolean verbose() {
        return verbose.isSet();
    }

    /** Whether to say what is done to files. */
    boolean tells() {
        return tells.isSet();
    }

    /** The MNT_ flags that the user wants. */
    int mountFlags() throws UsageException {
        int flags = 0;
        for (String word : Commands.words(mountOptions.all())) {
            flags |= switch (word) {
                case "ro", "rdonly" -> SysMount.MNT_RDONLY;
                case "sync" -> SysMount.MNT_SYNCHRONOUS;
                case "async" -> SysMount.MNT_ASYNC;
                case "noatime" -> SysMount.MNT_NOATIME;
                case "relatime" -> SysMount.MNT_RELATIME;
                case "nodev" -> SysMount.MNT_NODEV;
                case "noexec" -> SysMount.MNT_NOEXEC;
                case "nosuid" -> SysMount.MNT_NOSUID;
                default -> throw new UsageException("-o " + word + ": no such mount option");
            };
        }
        return flags;
    }
}
