package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rmdir(1)}. */
final class RmdirCommand implements Command {
    private final Flag parents = new Flag("Remove each directory of the path, as far as they are empty then", "-p");
    private final Operands directories = new Operands("IMAGE:/PATH", "1..*", "What to remove");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "rmdir",
                                "[-p] IMAGE:/PATH...",
                                "Removes empty directories from images.",
                                "With -v, says what is removed.")
                        .addOption(parents.spec())
                        .addPositional(directories.spec()),
                "rump4j rmdir disk.img:/tmp/empty");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        run.change(directories.texts(), (image, file) -> remove(run, image, file));
    }

    private void remove(Run run, Image image, Operand.InImage file) throws IOException, ErrnoException {
        String path = file.path();
        while (true) {
            image.sys().rmdir(path);
            run.done(file.image() + ":" + path);
            String trimmed = path.replaceFirst("/+$", "");
            int slash = trimmed.lastIndexOf('/');
            if (!parents.isSet() || slash <= 0) {
                return;
            }
            path = trimmed.substring(0, slash);
        }
    }
}
