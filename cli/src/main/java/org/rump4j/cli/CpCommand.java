package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cp(1)}, out of images. */
final class CpCommand implements Command {
    private final Flag recursive =
            new Flag("Copy directories and all below them; symbolic links stay links", "-r", "-R");
    private final Flag preserve = new Flag("Keep times and permissions, and owners where that is allowed", "-p");
    private final Operands files =
            new Operands("FILE", "2..*", "IMAGE:/PATH to copy, and in the end a file or directory of the host");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "cp",
                                "[-pr] IMAGE:/PATH... TARGET",
                                "Copies files out of images.",
                                "Holes stay holes. With -v, says what is copied.")
                        .addOption(recursive.spec())
                        .addOption(preserve.spec())
                        .addPositional(files.spec()),
                "rump4j cp disk.img:/etc/fstab .",
                "rump4j cp -rp disk.img:/home backup");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<String> sources = files.texts().subList(0, files.texts().size() - 1);
        String target = files.texts().getLast();
        if (Operand.any(target) instanceof Operand.InImage) {
            throw new UsageException(target + ": files can be copied out of images only");
        }
        HostTarget host = new HostTarget();
        boolean into;
        try {
            into = host.isDirectory(target);
        } catch (ErrnoException e) {
            run.fail(target, e);
            return;
        }
        if (sources.size() > 1 && !into) {
            run.fail(target, Errno.ENOTDIR.exception());
            return;
        }
        for (String text : sources) {
            copy(run, text, host, target, into);
        }
    }

    private void copy(Run run, String text, Target host, String target, boolean into)
            throws IOException, UsageException {
        Operand.InImage file = Operand.inImage(text);
        Image image = run.image(file);
        if (image == null) {
            return;
        }
        try {
            Node node = Node.of(image, file, !recursive.isSet());
            if (node.isDirectory() && !recursive.isSet()) {
                throw Errno.EISDIR.exception("not copied without -r");
            }
            String name = lastName(file.path());
            String to = into && !name.isEmpty() ? Operand.join(target, name) : target;
            if (isImage(image, to)) {
                throw Errno.EINVAL.exception("the copy would go over the image itself");
            }
            long bytes = Progress.isShown(run) ? Copier.bytes(node) : 0;
            new Copier(run, image, host, preserve.isSet(), new Progress(run, bytes)).copy(node, to);
        } catch (ErrnoException e) {
            run.fail(text, e);
        }
    }

    private static boolean isImage(Image image, String path) throws ErrnoException {
        try {
            return HostPath.exists(path) && Files.isSameFile(HostPath.checked(image.name()), HostPath.checked(path));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /**
     * The name that a copy gets in a directory. A path that ends in a slash, as that of the root does, stands for what is
     * in it.
     */
    private static String lastName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals(".") || name.equals("..") ? "" : name;
    }
}
