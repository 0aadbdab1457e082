package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Manual pages and completion scripts, made by the build from the descriptions of the commands. The language is
 * {@code man(7)}.
 */
final class ManPages {
    private static final String MANUAL = "rump4j manual";

    private static final String[][] ENVIRONMENT = {
        {"BLOCKSIZE", "Length of the blocks that are counted where there is no -h or -k, such as 1k (default: 512)."},
        {"NO_COLOR", "Where it is set and not empty, nothing is coloured."},
        {"CLICOLOR_FORCE", "Where it is set and not 0, names are coloured even if the output is no terminal."},
        {"LSCOLORS", "Colours by type of file, as FreeBSD's ls(1) describes them."},
        {"COLUMNS", "Width of the terminal."},
        {"TZ", "Time zone that times are shown in."},
        {"RUMP4J_JAVA_HOME", "JDK to run on, 25 or newer (default: looked for in the usual places)."},
        {
            "RUMP4J_NETBSD",
            "Folder of the librump*.so that --kernel netbsd boots (default: the first of the system's library folders that has them)."
        },
        {"RUMP_NCPU, RUMP_MEMLIMIT, RUMP_VERBOSE", "As --ncpu, --memory and -v."},
    };

    private final StringBuilder page = new StringBuilder();

    private ManPages() {}

    /** Writes all of them below a folder that has the layout of {@code /usr/share}. */
    public static void main(String[] args) throws IOException, UsageException {
        Path share = Path.of(args[0]);
        Path man = Files.createDirectories(share.resolve("man/man1"));
        CommandLine top = new Commands(new Settings()).line();
        Files.writeString(man.resolve("rump4j.1"), top(top));
        for (CommandLine command : top.getSubcommands().values()) {
            Files.writeString(man.resolve("rump4j-" + command.getCommandName() + ".1"), command(command));
        }
        Path bash = Files.createDirectories(share.resolve("bash-completion/completions"));
        Files.writeString(bash.resolve("rump4j"), CompletionCommand.script("bash"));
    }

    private static String top(CommandLine line) {
        ManPages page = new ManPages();
        CommandSpec spec = line.getCommandSpec();
        page.head("rump4j", first(spec)).synopsis(spec).section("DESCRIPTION");
        page.paragraph(first(spec));
        page.paragraph(
                "IMAGE:/PATH names a file in a disk image. IMAGE alone is the root of what is in it for commands that work on images"
                        + " only; cp, mv and cmp take it for a file of the host. The image ends at the first colon and slash before which there is the"
                        + " name of a file.");
        page.paragraph(
                "A command that changes nothing mounts images read-only. One that does locks them, so that nobody else writes them at the same"
                        + " time, and has written back everything when it ends. An image that cannot be written is left alone, with the reason. Device"
                        + " nodes in images mean nothing.");
        page.paragraph(
                "SIGINT, SIGTERM and SIGHUP end a command between two system calls, and leave images as they are after an unmount; files that were"
                        + " being copied stay as far as they have got. After SIGKILL an image is what a power cut leaves.");
        page.section("SCRIPTS");
        page.paragraph(
                "With --script, each line of FILE is a command with its options and operands, without the rump4j in front. Quotes, backslashes,"
                        + " comments and lines that go on after a backslash are the shell's; nothing else is special. All run on one kernel, and images stay"
                        + " mounted until the end. The first that fails ends the script, unless -k is given; messages tell file and line. With --image, :/PATH is"
                        + " a file in that image.");
        page.section("COMMANDS");
        for (CommandLine command : line.getSubcommands().values()) {
            page.item("rump4j-" + command.getCommandName() + "(1)", first(command.getCommandSpec()));
        }
        page.options(spec.options()).section("ENVIRONMENT");
        for (String[] variable : ENVIRONMENT) {
            page.item(variable[0], variable[1]);
        }
        page.status().section("JSON");
        page.paragraph(
                "With --json, ls, stat, find and df print one array of objects. A byte of a name that is no UTF-8 is the escape"
                        + " \\udcXX for the byte XX, as Python's surrogateescape has it.");
        return page.page.toString();
    }

    private static String command(CommandLine line) {
        ManPages page = new ManPages();
        CommandSpec spec = line.getCommandSpec();
        page.head("rump4j-" + spec.name(), first(spec)).synopsis(spec).section("DESCRIPTION");
        for (String text : spec.usageMessage().description()) {
            page.paragraph(plain(text));
        }
        List<PositionalParamSpec> operands = spec.positionalParameters();
        for (PositionalParamSpec operand : operands) {
            page.item(operand.paramLabel(), plain(String.join(" ", operand.description())) + ".");
        }
        page.options(spec.options()).status();
        if (spec.usageMessage().footer().length > 0) {
            page.section("EXAMPLES").line(".nf");
            for (String example : spec.usageMessage().footer()) {
                page.line(escaped(plain(example).strip()));
            }
            page.line(".fi");
        }
        page.section("SEE ALSO").paragraph("rump4j(1)");
        return page.page.toString();
    }

    private ManPages head(String name, String summary) {
        line(".TH " + name.toUpperCase(java.util.Locale.ROOT) + " 1 \"\" \"" + Commands.version() + "\" \"" + MANUAL
                + "\"");
        section("NAME");
        String decapitalised = Character.toLowerCase(summary.charAt(0)) + summary.substring(1);
        return line(escaped(name) + " \\- " + escaped(decapitalised.replaceFirst("\\.$", "")));
    }

    private ManPages synopsis(CommandSpec spec) {
        section("SYNOPSIS").line(".nf");
        for (String form : spec.usageMessage().customSynopsis()) {
            line(".B " + escaped(plain(form)));
        }
        return line(".fi");
    }

    private ManPages options(List<OptionSpec> options) {
        section("OPTIONS");
        for (OptionSpec option : options) {
            String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            item(String.join(", ", option.names()) + label, plain(String.join(" ", option.description())) + ".");
        }
        return this;
    }

    private ManPages status() {
        section("EXIT STATUS");
        item("0", "Everything has gone well.");
        item("1", "Something has gone wrong, which standard error tells; or cmp has found a difference.");
        item("2", "What was asked for makes no sense; or something has gone wrong in cmp.");
        return item("128 and more", "A signal has ended it, whose number is the rest.");
    }

    private ManPages section(String title) {
        return line(".SH " + title);
    }

    private ManPages paragraph(String text) {
        return line(".PP").line(escaped(text));
    }

    private ManPages item(String tag, String text) {
        return line(".TP").line(".B " + escaped(tag)).line(escaped(text));
    }

    private ManPages line(String line) {
        page.append(line).append('\n');
        return this;
    }

    private static String first(CommandSpec spec) {
        return plain(spec.usageMessage().description()[0]);
    }

    /** What picocli shows for one of its strings, which are formats. */
    private static String plain(String format) {
        return format.replace("%%", "%");
    }

    private static String escaped(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
        return escaped.startsWith(".") ? "\\&" + escaped : escaped;
    }
}
