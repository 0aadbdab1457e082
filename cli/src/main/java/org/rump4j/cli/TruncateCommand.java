package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code truncate(1)}. */
final class TruncateCommand implements Command {
    private static final int READ_WRITE = 0666;
    private static final String OPERATORS = "+-<>/%";

    private final Flag noCreate = new Flag("Do not make files that do not exist", "-c");
    private final Value size = new Value(
            "SIZE",
            "Length in bytes, or with k, m, g or t behind it; +SIZE and -SIZE by how much, <SIZE at most, >SIZE at least, /SIZE and"
                    + " %SIZE down and up to a multiple",
            "-s",
            "--size");
    private final Value like = new Value("FILE", "Length of this file, of the host or IMAGE:/PATH", "-r");
    private final Operands files = new Operands("IMAGE:/PATH", "1..*", "What to cut or to lengthen");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "truncate",
                                "[-c] -s SIZE|-r FILE IMAGE:/PATH...",
                                "Cuts or lengthens files in images.",
                                "What is behind the old end is a hole.")
                        .addOption(noCreate.spec())
                        .addOption(size.spec())
                        .addOption(like.spec())
                        .addPositional(files.spec()),
                "rump4j truncate -s 64m disk.img:/swap");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        String text = size.text();
        String reference = like.text();
        if ((text == null) == (reference == null)) {
            throw new UsageException("one of -s and -r is needed");
        }
        char operator = text == null || text.isEmpty() || OPERATORS.indexOf(text.charAt(0)) < 0 ? 0 : text.charAt(0);
        long number;
        if (reference == null) {
            number = bytes(String.valueOf(text), operator == 0 ? 0 : 1);
            if (number == 0 && (operator == '/' || operator == '%')) {
                throw new UsageException("-s " + text + ": there are no multiples of nothing");
            }
        } else {
            Stat found = run.stat(reference);
            if (found == null) {
                return;
            }
            number = found.size();
        }
        run.change(files.texts(), (image, file) -> truncate(image, file, operator, number));
    }

    private void truncate(Image image, Operand.InImage file, char operator, long number) throws ErrnoException {
        Syscalls sys = image.sys();
        int create = noCreate.isSet() ? 0 : Fcntl.O_CREAT;
        int fd;
        try {
            fd = sys.open(file.path(), Fcntl.O_WRONLY | Fcntl.O_NONBLOCK | create, READ_WRITE);
        } catch (ErrnoException e) {
            if (noCreate.isSet() && e.errno() == Errno.ENOENT) {
                return;
            }
            throw e;
        }
        try {
            sys.ftruncate(fd, length(sys.fstat(fd).size(), operator, number));
        } finally {
            sys.close(fd);
        }
    }

    private static long length(long old, char operator, long number) throws ErrnoException {
        try {
            return switch (operator) {
                case '+' -> Math.addExact(old, number);
                case '-' -> Math.max(0, old - number);
                case '<' -> Math.min(old, number);
                case '>' -> Math.max(old, number);
                case '/' -> old / number * number;
                case '%' -> Math.multiplyExact(Math.ceilDiv(old, number), number);
                default -> number;
            };
        } catch (ArithmeticException e) {
            throw Errno.EFBIG.exception();
        }
    }

    private static long bytes(String text, int begin) throws UsageException {
        Long bytes = Sizes.parse(text.substring(begin));
        if (bytes == null) {
            throw new UsageException("-s " + text + ": not a size such as 4096, 64m or +1k");
        }
        return bytes;
    }
}
