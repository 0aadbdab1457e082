package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code tree}: what is below a directory, drawn. */
final class TreeCommand implements Command {
    private final Flag all = new Flag("Show files whose names begin with a dot, too", "-a");
    private final Flag directoriesOnly = new Flag("Show directories only", "-d");
    private final Value levels = new Value("N", "Go no deeper than N directories", "-L");
    private final Operands files = new Operands("IMAGE[:/PATH]", "1..*", "What to draw");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "tree",
                                "[-ad] [-L N] IMAGE[:/PATH]...",
                                "Draws what is below directories as a tree.")
                        .addOption(all.spec())
                        .addOption(directoriesOnly.spec())
                        .addOption(levels.spec())
                        .addPositional(files.spec()),
                "rump4j tree -L 2 disk.img");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        Drawing drawing = new Drawing(run, levels.number(1, Integer.MAX_VALUE));
        for (String text : files.texts()) {
            drawing.draw(Operand.inImage(text));
        }
        drawing.summary();
    }

    private final class Drawing {
        private final Run run;
        private final Output out;
        private final int maxDepth;
        private final Colours colours;
        private final String branch;
        private final String lastBranch;
        private final String trunk;
        private int directories;
        private int others;

        Drawing(Run run, int maxDepth) {
            this.run = run;
            this.maxDepth = maxDepth;
            out = run.out();
            colours = new Colours(run.stdio().variable("LSCOLORS"));
            boolean lines = run.stdio().utf8();
            branch = lines ? "├── " : "|-- ";
            lastBranch = lines ? "└── " : "`-- ";
            trunk = lines ? "│   " : "|   ";
        }

        void draw(Operand.InImage file) throws IOException, UsageException {
            Image image = run.image(file);
            if (image == null) {
                return;
            }
            try {
                Node start = Node.of(image, file, true);
                out.name(start.text()).println();
                if (start.isDirectory()) {
                    below(start, "");
                }
            } catch (ErrnoException e) {
                run.fail(file.text(), e);
            }
        }

        private void below(Node directory, String indent) throws IOException {
            try (Node.Directory opened = directory.openDirectory()) {
                List<Node> shown = new ArrayList<>();
                for (Node child : opened.sorted()) {
                    boolean hidden = child.name().startsWith(".") && !all.isSet();
                    if (!child.isDots() && !hidden && (!directoriesOnly.isSet() || child.isDirectory())) {
                        shown.add(child);
                    }
                }
                for (Node child : shown) {
                    entry(child, indent, child == shown.getLast());
                }
            } catch (ErrnoException e) {
                run.fail(directory.text(), e);
            }
        }

        private void entry(Node child, String indent, boolean last) throws IOException, ErrnoException {
            out.print(indent).print(last ? lastBranch : branch);
            String name = out.shown(child.name());
            out.print(run.stdio().colours() ? colours.around(name, child.stat()) : name);
            String target = child.target();
            if (target != null) {
                out.print(" -> ").name(target);
            }
            out.println();
            if (!child.isDirectory()) {
                others++;
                return;
            }
            directories++;
            if (child.depth() < maxDepth) {
                below(child, indent + (last ? "    " : trunk));
            }
        }

        void summary() throws IOException {
            out.print("\n" + directories + (directories == 1 ? " directory" : " directories"));
            out.println(directoriesOnly.isSet() ? "" : ", " + others + (others == 1 ? " file" : " files"));
        }
    }
}
