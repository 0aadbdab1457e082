package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code mkdir(1)}. */
final class MkdirCommand implements Command {
    private static final int ALL = 0777;

    private final Flag parents = new Flag("Make directories above, and take one that is there already", "-p");
    private final Value mode = Modes.option();
    private final Operands directories = new Operands("IMAGE:/PATH", "1..*", "What to make");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "mkdir",
                                "[-p] [-m MODE] IMAGE:/PATH...",
                                "Makes directories in images.",
                                "With -v, says what is made.")
                        .addOption(parents.spec())
                        .addOption(mode.spec())
                        .addPositional(directories.spec()),
                "rump4j mkdir -p disk.img:/usr/local/bin");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        ModeChange change = Modes.change(mode.text());
        run.change(directories.texts(), (image, file) -> make(run, image, file, change));
    }

    private void make(Run run, Image image, Operand.InImage file, ModeChange change)
            throws IOException, ErrnoException {
        Syscalls sys = image.sys();
        String path = file.path();
        if (parents.isSet()) {
            for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
                if (slash < path.length() - 1) {
                    // Whoever makes it goes on in it, whatever the umask: that is the superuser here.
                    makeIfMissing(run, image, file, path.substring(0, slash));
                }
            }
            if (!makeIfMissing(run, image, file, path)) {
                return;
            }
        } else {
            sys.mkdir(path, ALL);
            run.done(file.text());
        }
        if (mode.text() != null) {
            sys.chmod(path, change.applied(ALL, true));
        }
    }

    private static boolean makeIfMissing(Run run, Image image, Operand.InImage file, String path)
            throws IOException, ErrnoException {
        Syscalls sys = image.sys();
        try {
            sys.mkdir(path, ALL);
        } catch (ErrnoException e) {
            if ((e.errno() == Errno.EEXIST || e.errno() == Errno.EISDIR)
                    && sys.stat(path).isDirectory()) {
                return false;
            }
            boolean above =
                    e.errno() == Errno.EEXIST && path.length() < file.path().length();
            throw above ? Errno.ENOTDIR.exception() : e;
        }
        run.done(file.image() + ":" + path);
        return true;
    }
}
