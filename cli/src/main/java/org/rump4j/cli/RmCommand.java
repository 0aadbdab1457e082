package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rm(1)}. */
final class RmCommand implements Command {
    private final Flag recursive = new Flag("Remove directories and all below them", "-r", "-R", "--recursive");
    private final Flag directories = new Flag("Remove empty directories, too", "-d");
    private final Flag force = new Flag("Say nothing of files that do not exist, and do not ask", "-f");
    private final Flag ask = new Flag("Ask before each file", "-i");
    private final Operands files = new Operands("IMAGE:/PATH", "1..*", "What to remove");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "rm",
                                "[-dfiRr] IMAGE:/PATH...",
                                "Removes files from images.",
                                "Symbolic links are removed themselves. With -v, says what is removed.")
                        .addOption(recursive.spec())
                        .addOption(directories.spec())
                        .addOption(force.spec())
                        .addOption(ask.spec())
                        .addPositional(files.spec()),
                "rump4j rm disk.img:/etc/motd",
                "rump4j rm -rf disk.img:/var/cache");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        run.change(files.texts(), (image, file) -> {
            try {
                remove(run, image, file);
            } catch (ErrnoException e) {
                if (!force.isSet() || e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        });
    }

    private void remove(Run run, Image image, Operand.InImage file) throws IOException, ErrnoException {
        String path = file.path();
        if (path.chars().allMatch(c -> c == '/')) {
            throw Errno.EBUSY.exception("the root stays");
        }
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (last.equals(".") || last.equals("..")) {
            throw Errno.EINVAL.exception(". and .. stay");
        }
        Node node = Node.of(image, file, false);
        if (node.isDirectory() && !recursive.isSet()) {
            if (!directories.isSet()) {
                throw Errno.EISDIR.exception("not removed without -r");
            }
            if (wanted(run, node)) {
                node.remove();
                run.done(node.text());
            }
            return;
        }
        Walk.from(node, new Remover(run, this::wanted, run.settings().tells()));
    }

    private boolean wanted(Run run, Node node) throws IOException {
        return !ask.isSet() || force.isSet() || run.confirmed("remove " + node.text() + "? ");
    }

    /** Whether to remove a file, or to go into a directory. */
    @FunctionalInterface
    interface Choice {
        /** Decides. */
        boolean wanted(Run run, Node node) throws IOException;
    }

    /** Removes what a walk comes by, directories on the way back. */
    record Remover(Run run, Choice choice, boolean tells) implements Walk.Visitor {
        @Override
        public boolean visit(Node node) throws IOException, ErrnoException {
            run.stopIfAsked();
            if (!choice.wanted(run, node)) {
                return false;
            }
            if (!node.isDirectory()) {
                node.remove();
                done(node);
            }
            return true;
        }

        @Override
        public void leave(Node directory) throws IOException, ErrnoException {
            directory.remove();
            done(directory);
        }

        private void done(Node node) throws IOException {
            if (tells) {
                run.done(node.text());
            }
        }

        @Override
        public void failed(String text, ErrnoException e) throws IOException {
            run.fail(text, e);
        }
    }
}
