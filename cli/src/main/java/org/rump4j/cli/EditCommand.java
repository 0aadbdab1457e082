package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j edit}: the user's editor on a file in an image. */
final class EditCommand implements Command {
    private static final int READ_WRITE = 0666;

    /** As many as a path may have; {@code symlink(7)}. */
    private static final int MAX_LINKS = 32;

    private final Operands file = new Operands("IMAGE:/PATH", "1", "What to edit; need not exist");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "edit",
                                "IMAGE:/PATH",
                                "Edits a file in an image.",
                                "The editor, VISUAL or EDITOR of the environment and otherwise vi, gets a private copy. If that has changed when the"
                                        + " editor has ended, it takes the place of the file, in one step, with the same owner and permissions; a file"
                                        + " with several names is written where it is. Where that fails, or the editor does, the copy is kept, and its"
                                        + " name is told.")
                        .addPositional(file.spec()),
                "EDITOR=nano rump4j edit disk.img:/etc/fstab");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        run.change(file.texts(), (image, operand) -> edit(run, image, operand));
    }

    private static void edit(Run run, Image image, Operand.InImage operand) throws IOException, ErrnoException {
        String path = resolved(image, operand.path());
        Stat before = statOf(image, path);
        if (before != null && !before.isRegular()) {
            throw (before.isDirectory() ? Errno.EISDIR : Errno.EFTYPE).exception("only files can be edited");
        }
        Path directory = Files.createTempDirectory("rump4j-edit");
        String name = path.substring(path.lastIndexOf('/') + 1);
        Path copy = directory.resolve(HostPath.isRepresentable(name) ? HostPath.of(name) : Path.of("file"));
        boolean keep = false;
        try {
            if (before != null) {
                copyOut(image, path, copy);
            }
            String wrong = editorFails(run, copy);
            boolean changed = Files.exists(copy) && (before == null || differs(image, path, copy));
            keep = changed;
            if (wrong != null) {
                run.fail(operand.text(), wrong);
            } else if (changed) {
                write(image, path, before, copy);
                keep = false;
                run.done(operand.text());
            }
        } catch (ErrnoException e) {
            run.fail(operand.text(), e);
        } catch (StoppedException e) {
            keep = Files.exists(copy);
            throw e;
        } finally {
            if (keep) {
                run.say("what was edited is in " + HostPath.fromJvm(copy.toString()));
            } else {
                Files.deleteIfExists(copy);
                Files.deleteIfExists(directory);
            }
        }
    }

    /** The path behind symbolic links: a new file must not take the place of one. */
    private static String resolved(Image image, String path) throws ErrnoException {
        String at = path;
        for (int links = 0; links <= MAX_LINKS; links++) {
            Stat st = lstatOf(image, at);
            if (st == null || !st.isSymlink()) {
                return at;
            }
            String target = image.sys().readlink(at);
            at = target.startsWith("/") ? target : at.substring(0, at.lastIndexOf('/') + 1) + target;
        }
        throw Errno.ELOOP.exception();
    }

    private static @Nullable Stat lstatOf(Image image, String path) throws ErrnoException {
        try {
            return image.sys().lstat(path);
        } catch (ErrnoException e) {
            return nullIfMissing(e);
        }
    }

    private static @Nullable Stat statOf(Image image, String path) throws ErrnoException {
        try {
            return image.sys().stat(path);
        } catch (ErrnoException e) {
            return nullIfMissing(e);
        }
    }

    private static @Nullable Stat nullIfMissing(ErrnoException e) throws ErrnoException {
        if (e.errno() == Errno.ENOENT) {
            return null;
        }
        throw e;
    }

    private static void copyOut(Image image, String path, Path copy) throws IOException, ErrnoException {
        Files.createFile(copy, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
        try (Input input = Input.open(image, path);
                FileChannel out = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            while (input.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** Has the user edit the copy, and says what has gone wrong, or null. */
    private static @Nullable String editorFails(Run run, Path copy) throws IOException {
        Stdio stdio = run.stdio();
        String visual = stdio.variable("VISUAL");
        String editor = visual.isEmpty() ? stdio.variable("EDITOR") : visual;
        // It may have options, as for everybody else who runs it.
        String command = (editor.isEmpty() ? "vi" : editor) + " \"$1\"";
        run.out().flush();
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command, "sh", copy.toString()).inheritIO();
        if (!stdio.locale().isEmpty()) {
            builder.environment().put("LC_ALL", stdio.locale());
        }
        Process process = builder.start();
        try {
            int status = run.machine().waitFor(process);
            return status == 0 ? null : "the editor has ended with status " + status;
        } catch (InterruptedException e) {
            run.stopIfAsked();
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static boolean differs(Image image, String path, Path copy) throws ErrnoException {
        try (Input before = Input.open(image, path);
                Input after = Input.openOnHost(HostPath.fromJvm(copy.toString()))) {
            ByteBuffer a = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
            ByteBuffer b = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
            while (true) {
                fill(before, a.clear());
                fill(after, b.clear());
                if (!a.flip().equals(b.flip())) {
                    return true;
                }
                if (!a.hasRemaining()) {
                    return false;
                }
            }
        }
    }

    private static void fill(Input input, ByteBuffer buffer) throws ErrnoException {
        int n = 0;
        while (n >= 0 && buffer.hasRemaining()) {
            n = input.read(buffer);
        }
    }

    private static void write(Image image, String path, @Nullable Stat before, Path copy) throws ErrnoException {
        if (before != null && before.nlink() > 1) {
            int fd = image.sys().open(path, Fcntl.O_WRONLY | Fcntl.O_TRUNC, 0);
            fill(image, fd, copy);
            return;
        }
        Syscalls sys = image.sys();
        String temporary = path.substring(0, path.lastIndexOf('/') + 1) + ".rump4j-"
                + ProcessHandle.current().pid();
        int fd = sys.open(temporary, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, READ_WRITE);
        boolean done = false;
        try {
            if (before != null) {
                sys.fchown(fd, before.uid(), before.gid());
                sys.fchmod(fd, before.mode() & SysStat.ALLPERMS);
            }
            fill(image, fd, copy);
            sys.rename(temporary, path);
            done = true;
        } finally {
            if (!done) {
                sys.unlink(temporary);
            }
        }
    }

    /** Writes the copy to a descriptor, makes it durable and closes it. */
    private static void fill(Image image, int fd, Path copy) throws ErrnoException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
        try (Input input = Input.openOnHost(HostPath.fromJvm(copy.toString()))) {
            while (input.read(buffer.clear()) >= 0) {
                image.write(fd, buffer.flip());
            }
            image.sys().fsync(fd);
        } finally {
            image.sys().close(fd);
        }
    }
}
