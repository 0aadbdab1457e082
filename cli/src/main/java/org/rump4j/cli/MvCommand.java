package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code mv(1)}, in images and between them and the host. */
final class MvCommand implements Command {
    private final Flag force = new Flag("Do not ask", "-f");
    private final Flag ask = new Flag("Ask before something is replaced", "-i");
    private final Flag keep = new Flag("Leave files alone that are there already", "-n");
    private final Operands files = new Operands(
            "FILE",
            "2..*",
            "What to move, and where to: a file or a directory of the host, or in an image, IMAGE:/PATH");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "mv",
                                "[-fin] FILE... TARGET",
                                "Moves files in images, and between images and the host.",
                                "In an image a file gets another name, in one step. From one to another files are copied, with owners, permissions"
                                        + " and times, and removed when all of them have been copied. With -v, says what goes where.")
                        .addOption(force.spec())
                        .addOption(ask.spec())
                        .addOption(keep.spec())
                        .addPositional(files.spec()),
                "rump4j mv disk.img:/etc/motd disk.img:/etc/motd.old",
                "rump4j mv disk.img:/var/log/messages .");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public boolean knowsHostFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<String> sources = files.texts().subList(0, files.texts().size() - 1);
        Places places = Places.of(run, sources, files.texts().getLast());
        if (places == null) {
            return;
        }
        TreeCopy copy = new TreeCopy(run, places.target(), new Copies.How(true, true, true, false), true);
        for (Operand source : places.sources()) {
            run.stopIfAsked();
            try {
                move(run, copy, source, places);
            } catch (ErrnoException e) {
                run.fail(source.text(), e);
            }
        }
    }

    private void move(Run run, TreeCopy copy, Operand source, Places places)
            throws IOException, UsageException, ErrnoException {
        Target target = places.target();
        if (source instanceof Operand.InImage file) {
            Image image = run.writable(file);
            if (image == null) {
                return;
            }
            Node node = Node.of(image, file, false);
            String to = places.placeFor(file.path().replaceFirst("(?<=.)/+$", ""));
            if (target instanceof ImageTarget there && there.image() == image) {
                if (wanted(run, target, to)) {
                    rename(run, there, file, to);
                }
            } else if (wanted(run, target, to) && makeWay(run, target, to, node.isDirectory())) {
                int failures = copy.failures();
                copy.fromImage(image, file, to);
                if (failures == copy.failures()) {

                    Walk.from(Node.of(image, file, false), new RmCommand.Remover(run, (_, _) -> true, false));
                }
            }
        } else if (target instanceof ImageTarget there) {
            Path path = HostPath.checked(source.text());
            Stat st = HostFiles.stat(path, false);
            String to = places.placeFor(source.text().replaceFirst("(?<=.)/+$", ""));
            if (wanted(run, target, to) && makeWay(run, target, to, st.isDirectory())) {
                int failures = copy.failures();
                copy.fromHost(source.text(), to, there.image());
                if (failures == copy.failures()) {
                    removeFromHost(run, path, source.text());
                }
            }
        }
    }

    private boolean wanted(Run run, Target target, String to) throws IOException, ErrnoException {
        if (!keep.isSet() && (!ask.isSet() || force.isSet())) {
            return true;
        }
        if (target.stat(to) == null) {
            return true;
        }
        return !keep.isSet() && run.confirmed("overwrite " + target.text(to) + "? ");
    }

    private static void rename(Run run, ImageTarget target, Operand.InImage file, String to) throws IOException {
        try {
            target.image().sys().rename(file.path(), to);
            if (run.settings().tells()) {
                run.out().name(file.text()).print(" -> ").name(target.text(to)).println();
            }
        } catch (ErrnoException e) {
            // The original is there: it is the new name that something is wrong with, or both.
            run.fail(target.text(to), e);
        }
    }

    /** What {@code rename(2)} would have replaced goes, and what it would not have stays, as it says then. */
    private static boolean makeWay(Run run, Target target, String to, boolean directory) throws IOException {
        try {
            Stat there = target.stat(to);
            if (there == null) {
                return true;
            }
            if (there.isDirectory()) {
                throw (directory ? Errno.ENOTEMPTY : Errno.EISDIR).exception();
            }
            if (directory) {
                throw Errno.ENOTDIR.exception();
            }
            target.remove(to);
            return true;
        } catch (ErrnoException e) {
            run.fail(target.text(to), e);
            return false;
        }
    }

    private static void removeFromHost(Run run, Path path, String text) throws IOException {
        try {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                for (Path child : HostTree.children(path)) {
                    removeFromHost(run, child, Operand.join(text, HostFiles.lastName(child)));
                }
            }
            Files.delete(path);
        } catch (IOException e) {
            run.fail(text, HostErrors.translated(e));
        }
    }
}
