package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cat(1)}. */
final class CatCommand implements Command {
    private final Operands files = new Operands("IMAGE:/PATH", "1..*", "What to print");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(this, "cat", "IMAGE:/PATH...", "Prints files, one after the other.")
                        .addPositional(files.spec()),
                "rump4j cat disk.img:/etc/fstab");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Input.CHUNK_BYTES);
        for (String text : files.texts()) {
            Operand.InImage file = Operand.inImage(text);
            Image image = run.image(file);
            if (image != null) {
                try {
                    print(run.out(), image, file, buffer);
                } catch (ErrnoException e) {
                    run.fail(text, e);
                }
            }
        }
    }

    private static void print(Output out, Image image, Operand.InImage file, ByteBuffer buffer)
            throws IOException, ErrnoException {
        try (Input input = Input.open(image, file.path())) {
            while (input.read(buffer.clear()) >= 0) {
                out.write(buffer.flip());
            }
        }
    }
}
