package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ln(1)}. */
final class LnCommand implements Command {
    private final Flag symbolic = new Flag("Make symbolic links: SOURCE is what they say, whatever that means", "-s");
    private final Flag force = new Flag("Remove what has the name already", "-f");
    private final Flag noFollow =
            new Flag("Where TARGET is a symbolic link to a directory, take it for a file", "-h", "-n");
    private final Operands files =
            new Operands("SOURCE", "2..*", "Files, IMAGE:/PATH, or with -s texts; and where the links go, IMAGE:/PATH");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "ln",
                                "[-fhns] SOURCE... TARGET",
                                "Makes links in images.",
                                "Where TARGET is a directory, links go into it, under the last names of the sources. With -v, says what is"
                                        + " made.")
                        .addOption(symbolic.spec())
                        .addOption(force.spec())
                        .addOption(noFollow.spec())
                        .addPositional(files.spec()),
                "rump4j ln disk.img:/bin/sh disk.img:/bin/bash",
                "rump4j ln -s ../run/resolv.conf disk.img:/etc/resolv.conf");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<String> texts = files.texts();
        List<String> sources = texts.subList(0, texts.size() - 1);
        Operand.InImage target = Operand.inImage(texts.getLast());
        Image image = run.writable(target);
        if (image == null) {
            return;
        }
        boolean into;
        try {
            Stat there = statOf(image, target.path());
            into = there != null && there.isDirectory();
            if (sources.size() > 1 && !into) {
                throw Errno.ENOTDIR.exception();
            }
        } catch (ErrnoException e) {
            run.fail(target.text(), e);
            return;
        }
        for (String source : sources) {
            run.stopIfAsked();
            String trimmed = source.replaceFirst("(?<=.)/+$", "");
            String to =
                    into ? Operand.join(target.path(), trimmed.substring(trimmed.lastIndexOf('/') + 1)) : target.path();
            if (symbolic.isSet()) {
                symlink(run, image, source, to);
            } else {
                link(run, image, Operand.inImage(source), to);
            }
        }
    }

    private @Nullable Stat statOf(Image image, String path) throws ErrnoException {
        try {
            return noFollow.isSet() ? image.sys().lstat(path) : image.sys().stat(path);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    private void symlink(Run run, Image image, String says, String to) throws IOException {
        String text = image.name() + ":" + to;
        try {
            clear(image, to);
            image.sys().symlink(says, to);
            said(run, text, says);
        } catch (ErrnoException e) {
            run.fail(text, e);
        }
    }

    private void link(Run run, Image image, Operand.InImage source, String to) throws IOException, UsageException {
        Image from = run.writable(source);
        if (from == null) {
            return;
        }
        String text = image.name() + ":" + to;
        String wrong = source.text();
        try {
            if (from != image) {
                throw Errno.EXDEV.exception("not in " + image.name());
            }
            Syscalls sys = image.sys();
            Stat st = sys.stat(source.path());
            wrong = text;
            if (force.isSet()) {
                requireOther(sys, st, to);
                clear(image, to);
            }
            sys.linkat(Fcntl.AT_FDCWD, source.path(), Fcntl.AT_FDCWD, to, Fcntl.AT_SYMLINK_FOLLOW);
            said(run, text, source.text());
        } catch (ErrnoException e) {
            run.fail(wrong, e);
        }
    }

    /** A file must not be removed to make room for a link to it. */
    private static void requireOther(Syscalls sys, Stat st, String to) throws ErrnoException {
        try {
            if (sys.lstat(to).ino() == st.ino()) {
                throw Errno.EINVAL.exception("they are the same file");
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private void clear(Image image, String to) throws ErrnoException {
        if (force.isSet()) {
            try {
                image.sys().unlink(to);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private static void said(Run run, String link, String source) throws IOException {
        if (run.settings().tells()) {
            run.out().name(link).print(" -> ").name(source).println();
        }
    }
}
