package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code touch(1)}. */
final class TouchCommand implements Command {
    private static final int READ_WRITE = 0666;
    private static final Timespec NOW = new Timespec(0, Timespec.UTIME_NOW);
    private static final Timespec AS_IT_IS = new Timespec(0, Timespec.UTIME_OMIT);

    private final Flag access = new Flag("Set the time of the last access only", "-a");
    private final Flag modification = new Flag("Set the time of the last change only", "-m");
    private final Flag noCreate = new Flag("Do not make files that do not exist", "-c");
    private final Flag noFollow = new Flag("Touch symbolic links, not what they lead to; makes no files", "-h");
    private final Value date = new Value(
            "DATE",
            "This time: YYYY-MM-DDThh:mm:ss, with a fraction and a Z for UTC behind it or not; or @SECONDS",
            "-d");
    private final Value stamp = new Value("TIME", "This time: [[CC]YY]MMDDhhmm[.SS]", "-t");
    private final Value like = new Value("FILE", "The times of this file, of the host or IMAGE:/PATH", "-r");
    private final Operands files = new Operands("IMAGE:/PATH", "1..*", "What to touch");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "touch",
                                "[-achm] [-d DATE | -r FILE | -t TIME] IMAGE:/PATH...",
                                "Sets times of files in images.",
                                "Files that do not exist are made.")
                        .addOption(access.spec())
                        .addOption(modification.spec())
                        .addOption(noCreate.spec())
                        .addOption(noFollow.spec())
                        .addOption(date.spec())
                        .addOption(stamp.spec())
                        .addOption(like.spec())
                        .addPositional(files.spec()),
                "rump4j touch disk.img:/etc/.updated",
                "rump4j touch -d 2001-09-09T01:46:40Z disk.img:/etc/motd");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        String dateText = date.text();
        String stampText = stamp.text();
        String reference = like.text();
        int given = (dateText == null ? 0 : 1) + (stampText == null ? 0 : 1) + (reference == null ? 0 : 1);
        if (given > 1) {
            throw new UsageException("only one of -d, -r and -t can be had");
        }
        Timespec atime = NOW;
        Timespec mtime = NOW;
        if (dateText != null) {
            atime = mtime = TimeText.date(dateText);
        } else if (stampText != null) {
            atime = mtime = TimeText.stamp(stampText);
        } else if (reference != null) {
            Stat found = run.stat(reference);
            if (found == null) {
                return;
            }
            atime = found.atime();
            mtime = found.mtime();
        }
        Timespec a = modification.isSet() && !access.isSet() ? AS_IT_IS : atime;
        Timespec m = access.isSet() && !modification.isSet() ? AS_IT_IS : mtime;
        run.change(files.texts(), (image, file) -> touch(image.sys(), file.path(), a, m));
    }

    private void touch(Syscalls sys, String path, Timespec atime, Timespec mtime) throws ErrnoException {
        int flags = noFollow.isSet() ? Fcntl.AT_SYMLINK_NOFOLLOW : 0;
        try {
            sys.utimensat(Fcntl.AT_FDCWD, path, atime, mtime, flags);
            return;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            if (noCreate.isSet() || noFollow.isSet()) {
                return;
            }
        }
        sys.close(sys.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT, READ_WRITE));
        sys.utimensat(Fcntl.AT_FDCWD, path, atime, mtime, flags);
    }
}
