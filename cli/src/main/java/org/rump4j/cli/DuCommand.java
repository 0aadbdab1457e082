package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code du(1)}. */
final class DuCommand implements Command {
    private final Flag all = new Flag("Show every file, not directories only", "-a");
    private final Flag total = new Flag("Show the sum of all operands, too", "-c");
    private final Value depth = new Value("N", "Show nothing deeper than N directories", "-d");
    private final Flag human = new Flag("Show sizes with a letter", "-h");
    private final Flag kilobytes = new Flag("Count blocks of 1024 bytes", "-k");
    private final Flag summarize = new Flag("Show one sum for each operand", "-s");
    private final Operands files = new Operands("IMAGE[:/PATH]", "1..*", "What to add up");

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Commands.spec(
                this,
                "du",
                "[-a | -s | -d N] [-chk] IMAGE[:/PATH]...",
                "Adds up the blocks that files and directories take.");
        for (Flag flag : List.of(all, total, human, kilobytes, summarize)) {
            spec.addOption(flag.spec());
        }
        return Commands.examples(
                spec.addOption(depth.spec()).addPositional(files.spec()), "rump4j du -sh disk.img:/usr");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        if (summarize.isSet() && (all.isSet() || depth.text() != null)) {
            throw new UsageException("-s goes with neither -a nor -d");
        }
        int maxDepth = summarize.isSet() ? 0 : depth.number(0, Integer.MAX_VALUE);
        Sum sum = new Sum(run, maxDepth);
        for (String text : files.texts()) {
            Operand.InImage file = Operand.inImage(text);
            Image image = run.image(file);
            if (image != null) {
                try {
                    Walk.from(Node.of(image, file, false), sum);
                } catch (ErrnoException e) {
                    run.fail(text, e);
                }
            }
        }
        if (total.isSet()) {
            sum.print(sum.grandTotal, "total");
        }
    }

    private final class Sum implements Walk.Visitor {
        private final Run run;
        private final int maxDepth;
        private final long blockSize;

        /** Blocks of each directory that the walk is in, so far. */
        private final Deque<Long> blocks = new ArrayDeque<>();

        /** Files with several names that have been counted. */
        private final Set<FileId> counted = new HashSet<>();

        private long grandTotal;

        Sum(Run run, int maxDepth) {
            this.run = run;
            this.maxDepth = maxDepth;
            blockSize = kilobytes.isSet() ? 1024 : Sizes.blockSize(run.stdio());
        }

        @Override
        public boolean visit(Node node) throws IOException, ErrnoException {
            Stat st = node.stat();
            if (st.isDirectory()) {
                blocks.addLast(st.blocks());
                return true;
            }
            if (st.nlink() <= 1 || counted.add(new FileId(st.dev(), st.ino()))) {
                add(st.blocks());
                if (node.depth() == 0 || (all.isSet() && node.depth() <= maxDepth)) {
                    print(st.blocks(), node.text());
                }
            }
            return false;
        }

        @Override
        public void leave(Node directory) throws IOException {
            long sum = blocks.removeLast();
            add(sum);
            if (directory.depth() <= maxDepth) {
                print(sum, directory.text());
            }
        }

        private void add(long some) {
            if (blocks.isEmpty()) {
                grandTotal += some;
            } else {
                blocks.addLast(blocks.removeLast() + some);
            }
        }

        private void print(long devBlocks, String text) throws IOException {
            String size = human.isSet()
                    ? Sizes.human(devBlocks * Sizes.DEV_BSIZE)
                    : Long.toString(Sizes.blocks(devBlocks, blockSize));
            run.out().print(size).print("\t").name(text).println();
        }

        @Override
        public void failed(String text, ErrnoException e) throws IOException {
            run.fail(text, e);
        }
    }

    private record FileId(long dev, long ino) {
        /**
         * By hand, as the other: the methods that a record gets are linked at their first use, which takes milliseconds.
         */
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof FileId other && dev == other.dev && ino == other.ino;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(31 * dev + ino);
        }
    }
}
