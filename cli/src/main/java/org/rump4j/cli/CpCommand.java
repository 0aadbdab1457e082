package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cp(1)}, from the host to images, from images to the host, and between images. */
final class CpCommand implements Command {
    private final Flag recursive = new Flag("Copy directories and all below them", "-r", "-R", "--recursive");
    private final Flag preserve =
            new Flag("Keep owners, permissions and times; on the host, owners only for the superuser", "-p");
    private final Flag archive = new Flag("As -r and -p, and files with several names keep them", "-a");
    private final Flag force = new Flag("Remove files that are in the way and cannot be written over", "-f");
    private final Flag keep = new Flag("Leave files alone that are there already", "-n");
    private final Operands files = new Operands(
            "FILE",
            "2..*",
            "What to copy, and where to: a file or a directory of the host, or in an image, IMAGE:/PATH");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "cp",
                                "[-afnpr] FILE... TARGET",
                                "Copies files into, out of and between images.",
                                "New files in an image belong to user and group 0, as though the superuser had copied them, and get the"
                                        + " permissions of the original less the umask. With -p they belong to whom the original belongs to,"
                                        + " by number.",
                                "Holes stay holes; in files of the host, so does each block of zeros. With -v, says what is copied. A path"
                                        + " that ends in a slash stands for what is in the directory. An image that is copied from as a whole is"
                                        + " named without a path where the target is on the host.")
                        .addOption(recursive.spec())
                        .addOption(preserve.spec())
                        .addOption(archive.spec())
                        .addOption(force.spec())
                        .addOption(keep.spec())
                        .addPositional(files.spec()),
                "rump4j cp disk.img:/etc/fstab .",
                "rump4j cp -a rootfs/ disk.img:/",
                "rump4j cp -rp disk.img:/home backup");
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
        boolean all = archive.isSet();
        Copies.How how = new Copies.How(all || preserve.isSet(), all, force.isSet(), keep.isSet());
        TreeCopy copy = new TreeCopy(run, places.target(), how, all || recursive.isSet());
        for (Operand source : places.sources()) {
            run.stopIfAsked();
            copy(run, copy, source, places);
        }
    }

    private static void copy(Run run, TreeCopy copy, Operand source, Places places) throws IOException, UsageException {
        if (source instanceof Operand.InImage file) {
            Image image = run.image(file);
            if (image != null) {
                copy.fromImage(image, file, places.placeFor(file.path()));
            }
        } else if (places.target() instanceof ImageTarget target) {
            copy.fromHost(source.text(), places.placeFor(source.text()), target.image());
        }
    }
}
