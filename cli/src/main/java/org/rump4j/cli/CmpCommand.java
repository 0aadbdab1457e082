package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cmp(1)}. */
final class CmpCommand implements Command {
    private final Flag everyDifference =
            new Flag("Show each byte that differs: its number, and both bytes in octal", "-l");
    private final Flag silent = new Flag("Show nothing: the exit status says it", "-s");
    private final Operands files = new Operands("FILE", "2", "A file in an image (IMAGE:/PATH) or of the host");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "cmp",
                                "[-l | -s] FILE FILE",
                                "Compares two files, in images or of the host.",
                                "Exits with 0 where they are the same, 1 where they"
                                        + " differ, 2 where something went wrong.")
                        .addOption(everyDifference.spec())
                        .addOption(silent.spec())
                        .addPositional(files.spec()),
                "rump4j cmp disk.img:/boot/kernel kernel",
                "rump4j cmp -s a.img:/etc/passwd b.img:/etc/passwd");
    }

    @Override
    public boolean knowsHostFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        if (everyDifference.isSet() && silent.isSet()) {
            throw new UsageException("-l does not go with -s");
        }
        String a = files.texts().getFirst();
        String b = files.texts().getLast();
        try (Input first = open(run, a);
                Input second = open(run, b)) {
            if (first == null || second == null) {
                run.status(Run.USAGE);
                return;
            }
            new Comparison(run, a, b, everyDifference.isSet(), silent.isSet()).compare(first, second);
        }
    }

    private static @Nullable Input open(Run run, String text) throws IOException, UsageException {
        try {
            Operand operand = Operand.any(text);
            if (!(operand instanceof Operand.InImage file)) {
                return Input.openOnHost(text);
            }
            Image image = run.image(file);
            return image == null ? null : Input.open(image, file.path());
        } catch (ErrnoException e) {
            run.fail(text, e);
            return null;
        }
    }

    /** One comparison, and where it has got to. */
    private static final class Comparison {
        private final Run run;
        private final String a;
        private final String b;
        private final boolean everyDifference;
        private final boolean silent;
        private final ByteBuffer bufferA =
                ByteBuffer.allocateDirect(Input.CHUNK_BYTES).limit(0);
        private final ByteBuffer bufferB =
                ByteBuffer.allocateDirect(Input.CHUNK_BYTES).limit(0);

        /** Of the next byte, counted from 1. */
        private long number = 1;

        private long line = 1;
        private boolean differ;

        Comparison(Run run, String a, String b, boolean everyDifference, boolean silent) {
            this.run = run;
            this.a = a;
            this.b = b;
            this.everyDifference = everyDifference;
            this.silent = silent;
        }

        void compare(Input first, Input second) throws IOException {
            while (true) {
                if (!fill(first, bufferA, a) || !fill(second, bufferB, b)) {
                    run.status(Run.USAGE);
                    return;
                }
                if (!bufferA.hasRemaining() || !bufferB.hasRemaining()) {
                    atEnd();
                    return;
                }
                if (!compareBuffers()) {
                    return;
                }
            }
        }

        private void atEnd() throws IOException {
            if (bufferA.hasRemaining() || bufferB.hasRemaining()) {
                differ = true;
                if (!silent) {
                    run.say("EOF on " + run.err().shown(bufferA.hasRemaining() ? b : a));
                }
            }
            if (differ) {
                run.status(Run.FAILED);
            }
        }

        /** Compares what both buffers have; false where there is no need to go on. */
        private boolean compareBuffers() throws IOException {
            int n = Math.min(bufferA.remaining(), bufferB.remaining());
            ByteBuffer partA = bufferA.slice(bufferA.position(), n);
            ByteBuffer partB = bufferB.slice(bufferB.position(), n);
            bufferA.position(bufferA.position() + n);
            bufferB.position(bufferB.position() + n);
            for (int i = mismatch(partA, partB, 0); i < n; i = mismatch(partA, partB, i + 1)) {
                if (!everyDifference) {
                    countLines(partA, i);
                    if (!silent) {
                        run.out().name(a).print(" ").name(b);
                        run.out().println(" differ: char " + (number + i) + ", line " + line);
                    }
                    run.status(Run.FAILED);
                    return false;
                }
                differ = true;
                run.out().println("%6d %3o %3o".formatted(number + i, partA.get(i) & 0xFF, partB.get(i) & 0xFF));
            }
            if (!everyDifference && !silent) {
                countLines(partA, n);
            }
            number += n;
            return true;
        }

        private void countLines(ByteBuffer bytes, int end) {
            for (int i = 0; i < end; i++) {
                if (bytes.get(i) == '\n') {
                    line++;
                }
            }
        }

        private static int mismatch(ByteBuffer x, ByteBuffer y, int from) {
            int n = x.slice(from, x.limit() - from).mismatch(y.slice(from, y.limit() - from));
            return n < 0 ? x.limit() : from + n;
        }

        /** Reads on where a buffer is used up; at the end of the file it stays empty. */
        private boolean fill(Input input, ByteBuffer buffer, String text) throws IOException {
            if (buffer.hasRemaining()) {
                return true;
            }
            try {
                input.read(buffer.clear());
                buffer.flip();
                return true;
            } catch (ErrnoException e) {
                run.fail(text, e);
                return false;
            }
        }
    }
}
