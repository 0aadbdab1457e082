package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j help}. */
final class HelpCommand implements Command {
    private final Operands command = new Operands("COMMAND", "0..1", "What to explain");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(this, "help", "[COMMAND]", "Explains rump4j or one of its commands.")
                        .addPositional(command.spec()),
                "rump4j help ls");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        Commands commands = new Commands(new Settings());
        CommandLine line = commands.line();
        List<String> names = command.texts();
        CommandLine explained = names.isEmpty() ? line : line.getSubcommands().get(names.getFirst());
        if (explained == null) {
            throw new UsageException(
                    names.getFirst() + ": no such command; one of " + String.join(", ", commands.names()));
        }
        run.out().print(commands.usage(explained, run.stdio()));
    }
}
