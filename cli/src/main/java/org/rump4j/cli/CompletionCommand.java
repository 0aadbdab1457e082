package org.rump4j.cli;

import java.io.IOException;
import picocli.AutoComplete;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j completion}: what makes a shell complete rump4j's commands and options. */
final class CompletionCommand implements Command {
    private final Operands shell = new Operands("SHELL", "1", "bash or zsh");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "completion",
                                "SHELL",
                                "Prints a script that makes the shell complete commands and options.")
                        .addPositional(shell.spec()),
                "source <(rump4j completion bash)");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        run.out().print(script(shell.texts().getFirst()));
    }

    /** The script for a shell. One does for both: in zsh it loads bashcompinit. */
    static String script(String shell) throws UsageException {
        return switch (shell) {
            case "bash", "zsh" -> AutoComplete.bash("rump4j", new Commands(new Settings()).line());
            default -> throw new UsageException(shell + ": there is completion for bash and zsh");
        };
    }
}
