package org.rump4j.cli;

import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * All commands. Those that are not asked for are not described: that would take most of the time that rump4j takes to
 * start.
 */
final class Commands {
    private static final int MIN_COLUMNS = 55;
    private static final String EXEC = "exec";

    private final Settings settings;
    private final Map<String, Supplier<Command>> all = new LinkedHashMap<>();

    Commands(Settings settings) {
        this.settings = settings;
        all.put("ls", LsCommand::new);
        all.put("tree", TreeCommand::new);
        all.put("cat", CatCommand::new);
        all.put("cp", CpCommand::new);
        all.put("put", PutCommand::new);
        all.put("edit", EditCommand::new);
        all.put("mv", MvCommand::new);
        all.put("tar", TarCommand::new);
        all.put("rm", RmCommand::new);
        all.put("mkdir", MkdirCommand::new);
        all.put("rmdir", RmdirCommand::new);
        all.put("ln", LnCommand::new);
        all.put("touch", TouchCommand::new);
        all.put("truncate", TruncateCommand::new);
        all.put("chmod", ChmodCommand::new);
        all.put("chown", ChownCommand::new);
        all.put("mkfifo", MkfifoCommand::new);
        all.put("mknod", MknodCommand::new);
        all.put("sync", SyncCommand::new);
        all.put("stat", StatCommand::new);
        all.put("find", FindCommand::new);
        all.put("du", DuCommand::new);
        all.put("df", DfCommand::new);
        all.put("cmp", CmpCommand::new);
        all.put("newfs", NewfsCommand::new);
        all.put("boot", BootCommand::new);
        all.put("components", ComponentsCommand::new);
        all.put(EXEC, ExecCommand::new);
        all.put("completion", CompletionCommand::new);
        all.put("help", HelpCommand::new);
    }

    /** Their names. */
    List<String> names() {
        return List.copyOf(all.keySet());
    }

    /** The command that arguments ask for; empty where there is none. */
    String nameIn(String... args) {
        for (String arg : args) {
            if (arg.startsWith(Script.OPTION)) {
                return "";
            }
            if (all.containsKey(arg)) {
                return arg;
            }
        }
        return "";
    }

    /** A command line that understands the arguments. */
    CommandLine lineFor(String... args) {
        String name = nameIn(args);
        CommandLine line = line(name.isEmpty() ? names() : List.of(name));
        // What follows the program is the program's.
        return name.equals(EXEC) ? line.setStopAtPositional(true) : line;
    }

    /** A command line that understands all commands. */
    CommandLine line() {
        return line(names());
    }

    private CommandLine line(List<String> names) {
        Script script = new Script(settings);
        CommandSpec top = described(
                CommandSpec.wrapWithoutInspection(script),
                "rump4j",
                "Works on files in disk images, through a kernel that runs inside of this process.");
        top.usageMessage()
                .customSynopsis("rump4j [OPTIONS] COMMAND ...", "rump4j [OPTIONS] [-k] [--image IMAGE] --script FILE")
                .footer(
                        "",
                        "IMAGE:/PATH names a file in a disk image; IMAGE alone is the root of what is in it.",
                        "Try 'rump4j help COMMAND'.");
        settings.addTo(top);
        script.addTo(top);
        for (String name : names) {
            Supplier<Command> maker = all.get(name);
            if (maker != null) {
                Command command = maker.get();
                CommandSpec spec = command.spec();
                if (command.tellsFiles()) {
                    settings.addToTelling(spec);
                } else {
                    settings.addTo(spec);
                }
                top.addSubcommand(name, spec);
            }
        }
        return new CommandLine(top).setPosixClusteredShortOptionsAllowed(true);
    }

    /**
     * The description of a command, to add options to.
     *
     * @param synopsis what follows the name, a line for each form
     * @param description a sentence for lists of commands, and what else there is to say
     */
    static CommandSpec spec(Command command, String name, String synopsis, String... description) {
        CommandSpec spec = described(CommandSpec.wrapWithoutInspection(command), name, description);
        String[] forms = synopsis.split("\n", -1);
        for (int i = 0; i < forms.length; i++) {
            forms[i] = "rump4j " + name + " " + forms[i];
        }
        spec.usageMessage().customSynopsis(forms);
        return spec;
    }

    /** Adds examples to a description. */
    static CommandSpec examples(CommandSpec spec, String... commands) {
        String[] lines = new String[commands.length];
        for (int i = 0; i < commands.length; i++) {
            lines[i] = "  " + format(commands[i]);
        }
        spec.usageMessage().footerHeading("%nExamples:%n").footer(lines);
        return spec;
    }

    /** What stands between commas in the values of an option. */
    static List<String> words(List<String> values) {
        List<String> words = new ArrayList<>();
        for (String value : values) {
            words.addAll(List.of(value.split(",", -1)));
        }
        return words;
    }

    /** Text as a format that gives it: picocli takes all of its strings for formats. */
    static String format(String text) {
        return text.replace("%", "%%");
    }

    private static CommandSpec described(CommandSpec spec, String name, String... description) {
        spec.name(name);
        UsageMessageSpec usage = spec.usageMessage();
        usage.description(description);
        usage.sortOptions(false);
        usage.optionListHeading("%nOptions:%n");
        usage.commandListHeading("%nCommands:%n");
        usage.descriptionHeading("%n");
        usage.parameterListHeading("%nOperands:%n");
        return spec;
    }

    /** The usage message of a command. */
    String usage(CommandLine line, Stdio stdio) {
        line.setUsageHelpWidth(Math.max(stdio.columns(), MIN_COLUMNS));
        return line.getUsageMessage(stdio.colours() ? Ansi.ON : Ansi.OFF).stripTrailing() + "\n";
    }

    /** What {@code --version} prints. */
    static String version() {
        Optional<ModuleDescriptor> module =
                Optional.ofNullable(Commands.class.getModule().getDescriptor());
        return "rump4j " + module.flatMap(ModuleDescriptor::rawVersion).orElse("(unversioned)");
    }
}
