package org.rump4j.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code mkfifo(1)}. */
final class MkfifoCommand implements Command {
    private static final int READ_WRITE = 0666;

    private final Value mode = Modes.option();
    private final Operands files = new Operands("IMAGE:/PATH", "1..*", "What to make");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(this, "mkfifo", "[-m MODE] IMAGE:/PATH...", "Makes fifos in images.")
                        .addOption(mode.spec())
                        .addPositional(files.spec()),
                "rump4j mkfifo disk.img:/run/initctl");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        ModeChange change = Modes.change(mode.text());
        run.change(files.texts(), (image, file) -> {
            image.sys().mkfifo(file.path(), READ_WRITE);
            if (mode.text() != null) {
                image.sys().chmod(file.path(), change.applied(READ_WRITE, false));
            }
            run.done(file.text());
        });
    }
}
