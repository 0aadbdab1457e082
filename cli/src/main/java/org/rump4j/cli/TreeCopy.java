package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Copies files, and directories and all below them, from anywhere to one target. */
final class TreeCopy {
    private final Run run;
    private final Target target;
    private final boolean recursive;
    private final Progress progress;
    private final Copies copies;

    /**
     * Copies to be made.
     *
     * @param recursive whether directories are copied; symbolic links are copied then, too, and what they lead to otherwise
     */
    TreeCopy(Run run, Target target, Copies.How how, boolean recursive) {
        this.run = run;
        this.target = target;
        this.recursive = recursive;
        progress = new Progress(run);
        copies = new Copies(run, target, how, progress);
    }

    /** How many files could not be copied up to now. */
    int failures() {
        return copies.failures();
    }

    /** As {@link Copies#allOrNothing}. */
    TreeCopy allOrNothing(@Nullable Timespec latest) {
        copies.allOrNothing(latest);
        return this;
    }

    /** Copies out of an image. What cannot be copied is said. */
    void fromImage(Image image, Operand.InImage file, String to) throws IOException {
        try {
            Node node = Node.of(image, file, !recursive);
            if (node.isDirectory() && !recursive) {
                throw Errno.EISDIR.exception("not copied without -r");
            }
            if (target instanceof ImageTarget there && there.image() == image) {
                requireApart(there, node, to);
            } else if (target instanceof HostTarget && isFile(HostPath.checked(image.name()), to)) {
                throw Errno.EINVAL.exception("the copy would go over the image itself");
            }
            if (Progress.isShown(run)) {
                progress.expect(Copier.bytes(node));
            }
            new Copier(image, copies).copy(node, to);
        } catch (ErrnoException e) {
            copies.failed(file.text(), e);
        } finally {
            progress.hide();
        }
    }

    /** Copies from the host to an image. What cannot be copied is said. */
    void fromHost(String text, String to, Image image) throws IOException {
        try {
            Path path = HostPath.checked(text);
            if (Progress.isShown(run)) {
                progress.expect(HostTree.bytes(path));
            }
            try (HostTree tree = new HostTree(path, text, !recursive, HostPath.checked(image.name()))) {
                new HostCopier(tree, copies, to, recursive).copy();
            }
        } catch (ErrnoException e) {
            copies.failed(text, e);
        } finally {
            progress.hide();
        }
    }

    /** A file is not copied onto itself, and a directory not into itself. */
    private static void requireApart(ImageTarget target, Node node, String to) throws ErrnoException {
        Stat from = node.stat();
        Stat there = target.followed(to);
        if (there != null && there.ino() == from.ino()) {
            throw Errno.EINVAL.exception("the copy would go over the original");
        }
        if (from.isDirectory() && target.isBelow(to, from.ino())) {
            throw Errno.EINVAL.exception("the copy would go into the original");
        }
    }

    private static boolean isFile(Path image, String path) throws ErrnoException {
        try {
            return HostPath.exists(path) && Files.isSameFile(image, HostPath.checked(path));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }
}
