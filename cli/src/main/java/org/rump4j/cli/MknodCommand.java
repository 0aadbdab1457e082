package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import org.rump4j.rump.SysStat;
import picocli.CommandLine.Model.CommandSpec;

/** {@code mknod(8)}. */
final class MknodCommand implements Command {
    private static final int READ_WRITE = 0666;
    private static final int MAX_MAJOR = (1 << 12) - 1;
    private static final int MAX_MINOR = (1 << 20) - 1;
    private static final int WITH_NUMBERS = 4;

    private final Value mode = Modes.option();
    private final Operands operands =
            new Operands("IMAGE:/PATH", "2..4", "What to make; b, c or p; and the device's major and minor number");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "mknod",
                                "[-m MODE] IMAGE:/PATH b|c MAJOR MINOR\n[-m MODE] IMAGE:/PATH p",
                                "Makes device nodes and fifos in images.",
                                "b is a block device, c a character device, p a fifo. The numbers mean what they mean to the system that the"
                                        + " image is for.")
                        .addOption(mode.spec())
                        .addPositional(operands.spec()),
                "rump4j mknod -m 600 disk.img:/dev/console c 5 1");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<String> texts = operands.texts();
        int type = switch (texts.get(1)) {
            case "b" -> SysStat.S_IFBLK;
            case "c", "u" -> SysStat.S_IFCHR;
            case "p" -> SysStat.S_IFIFO;
            default -> throw new UsageException(texts.get(1) + ": one of b, c, p");
        };
        boolean device = type != SysStat.S_IFIFO;
        if (device != (texts.size() == WITH_NUMBERS)) {
            throw new UsageException(device ? "a device has a major and a minor number" : "a fifo has no numbers");
        }
        long dev = device ? SysStat.makedev(number(texts.get(2), MAX_MAJOR), number(texts.get(3), MAX_MINOR)) : 0;
        ModeChange change = Modes.change(mode.text());
        run.change(texts.subList(0, 1), (image, file) -> {
            image.sys().mknod(file.path(), type | READ_WRITE, dev);
            if (mode.text() != null) {
                image.sys().chmod(file.path(), change.applied(READ_WRITE, false));
            }
            run.done(file.text());
        });
    }

    private static int number(String text, int most) throws UsageException {
        try {
            int number = Integer.decode(text);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new UsageException(text + ": not a number from 0 to " + most);
    }
}
