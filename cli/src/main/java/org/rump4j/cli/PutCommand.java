package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j put}: standard input into a file. */
final class PutCommand implements Command {
    private static final int READ_WRITE = 0666;

    private final Flag append = new Flag("Write behind what is in the file already", "-a", "--append");
    private final Value mode = Modes.option();
    private final Operands file = new Operands("IMAGE:/PATH", "1", "Where to write");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "put",
                                "[-a] [-m MODE] IMAGE:/PATH",
                                "Writes standard input to a file in an image.",
                                "A file that is there keeps owner and permissions.")
                        .addOption(append.spec())
                        .addOption(mode.spec())
                        .addPositional(file.spec()),
                "date | rump4j put disk.img:/etc/built");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        ModeChange change = Modes.change(mode.text());
        run.change(file.texts(), (image, to) -> write(run, image, to, change));
    }

    private void write(Run run, Image image, Operand.InImage file, ModeChange change)
            throws IOException, ErrnoException {
        Syscalls sys = image.sys();
        int how = append.isSet() ? Fcntl.O_APPEND : Fcntl.O_TRUNC;
        int fd = sys.open(file.path(), Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_NONBLOCK | how, READ_WRITE);
        try {
            if (mode.text() != null) {
                sys.fchmod(fd, change.applied(READ_WRITE, false));
            }
            ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
            while (run.read(buffer.clear()) >= 0) {
                image.write(fd, buffer.flip());
            }
        } finally {
            sys.close(fd);
        }
    }
}
