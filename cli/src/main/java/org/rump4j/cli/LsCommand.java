package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ls(1)}. */
final class LsCommand implements Command {
    private final Flag all = new Flag("Show files whose names begin with a dot, too", "-a");
    private final Flag almostAll = new Flag("As -a, but without the directory itself and the one above", "-A");
    private final Flag directory = new Flag("Show directories themselves and not what is in them", "-d");
    private final Flag indicate = new Flag("Show by a character behind the name what it is: / * @ = |", "-F");
    private final Flag human = new Flag("With -l or -s: sizes in bytes, kilobytes ... with a letter", "-h");
    private final Flag inode = new Flag("Show the number of each file", "-i");
    private final Flag kilobytes = new Flag("Count blocks of 1024 bytes", "-k");
    private final Flag longFormat = new Flag("Show mode, links, owner, group, size and time of change", "-l");
    private final Flag numeric = new Flag("As -l, with owner and group as numbers", "-n");
    private final Flag recursive = new Flag("Show all below directories, too", "-R");
    private final Flag reverse = new Flag("Sort the other way round", "-r");
    private final Flag bySize = new Flag("Sort by size, the largest first", "-S");
    private final Flag blocks = new Flag("Show the blocks that each file takes", "-s");
    private final Flag columns = new Flag("In columns, as on a terminal", "-C");
    private final Flag oneColumn = new Flag("One file a line, as where the output is no terminal", "-1");
    private final Flag json = new Flag("As JSON, one object a file", "--json");
    private final Operands files = new Operands("IMAGE[:/PATH]", "1..*", "What to list");

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Commands.spec(
                this, "ls", "[-1AaCdFhiklnRrSs] [--json] IMAGE[:/PATH]...", "Lists files, and what is in directories.");
        for (Flag flag : List.of(
                all,
                almostAll,
                directory,
                indicate,
                human,
                inode,
                kilobytes,
                longFormat,
                numeric,
                recursive,
                reverse,
                bySize,
                blocks,
                columns,
                oneColumn,
                json)) {
            spec.addOption(flag.spec());
        }
        return Commands.examples(
                spec.addPositional(files.spec()), "rump4j ls -l disk.img", "rump4j ls -laR disk.img:/etc");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        Listing listing = listing(run);
        try (Json document = json.isSet() ? new Json(run.out()) : null) {
            new Lister(run, listing, document).list(files.texts());
        }
    }

    private Listing listing(Run run) {
        boolean details = longFormat.isSet() || numeric.isSet();
        boolean inColumns = columns.isSet() || (run.out().isTerminal() && !oneColumn.isSet());
        Listing.Layout layout =
                details ? Listing.Layout.LONG : inColumns ? Listing.Layout.COLUMNS : Listing.Layout.ONE_COLUMN;
        long blockSize = kilobytes.isSet() ? 1024 : Sizes.blockSize(run.stdio());
        return new Listing(
                run,
                layout,
                inode.isSet(),
                blocks.isSet(),
                human.isSet(),
                numeric.isSet(),
                indicate.isSet(),
                blockSize);
    }

    /** One pass over the operands. */
    private final class Lister {
        private final Run run;
        private final Listing listing;
        private final @Nullable Json document;
        private boolean printed;
        private boolean headings;

        Lister(Run run, Listing listing, @Nullable Json document) {
            this.run = run;
            this.listing = listing;
            this.document = document;
        }

        /** Files first, then directories, both in order. */
        void list(List<String> texts) throws IOException, UsageException {
            List<Listing.Row> plain = new ArrayList<>();
            List<Named> directories = new ArrayList<>();
            headings = texts.size() > 1;
            for (String text : texts) {
                Operand.InImage file = Operand.inImage(text);
                Image image = run.image(file);
                if (image == null) {
                    continue;
                }
                try {
                    Node node = node(image, file);
                    if (node.isDirectory() && !directory.isSet()) {
                        directories.add(new Named(image, node));
                    } else {
                        plain.add(Listing.Row.of(image, node, text));
                    }
                } catch (ErrnoException e) {
                    run.fail(text, e);
                }
            }
            if (!plain.isEmpty()) {
                print(plain, false);
            }
            directories.sort((a, b) -> order(a.node.text(), b.node.text()));
            for (Named named : directories) {
                directory(named.image, named.node);
            }
        }

        /** A symbolic link that is an operand is followed, unless something about the link itself is wanted. */
        private Node node(Image image, Operand.InImage file) throws ErrnoException {
            boolean itself = longFormat.isSet() || numeric.isSet() || directory.isSet() || indicate.isSet();
            if (!itself) {
                try {
                    return Node.of(image, file, true);
                } catch (ErrnoException e) {
                    // Perhaps a link to nowhere, which is something to be listed.
                }
            }
            return Node.of(image, file, false);
        }

        private void directory(Image image, Node node) throws IOException {
            // The image's process has to be the current one again where there are several images.
            image.sys();
            List<Node> below = new ArrayList<>();
            try (Node.Directory opened = node.openDirectory()) {
                List<Listing.Row> rows = new ArrayList<>();
                for (Node child : opened.sorted()) {
                    if (!isShown(child.name())) {
                        continue;
                    }
                    try {
                        rows.add(Listing.Row.of(
                                image, child, child.name(), listing.needsStat() || document != null || bySize.isSet()));
                        if (recursive.isSet() && !child.isDots() && child.isDirectory()) {
                            below.add(child);
                        }
                    } catch (ErrnoException e) {
                        run.fail(child.text(), e);
                    }
                }
                heading(node);
                print(rows, true);
                if (reverse.isSet()) {
                    below = below.reversed();
                }
                for (Node child : below) {
                    headings = true;
                    directory(image, child);
                }
            } catch (ErrnoException e) {
                heading(node);
                run.fail(node.text(), e);
            }
        }

        private void heading(Node node) throws IOException {
            if (document == null && headings) {
                run.out().print(printed ? "\n" : "").name(node.text()).println(":");
            }
            printed = true;
        }

        private void print(List<Listing.Row> rows, boolean ofDirectory) throws IOException {
            List<Listing.Row> sorted = sorted(rows);
            if (document == null) {
                listing.print(sorted, ofDirectory);
            } else {
                for (Listing.Row row : sorted) {
                    document.begin()
                            .file(row.text(), row.name(), row.stat(), row.target())
                            .end();
                }
            }
            printed = true;
        }

        private List<Listing.Row> sorted(List<Listing.Row> rows) {
            Comparator<Listing.Row> byName = (a, b) -> Names.compare(a.name(), b.name());
            Comparator<Listing.Row> order = bySize.isSet()
                    ? Comparator.<Listing.Row>comparingLong(row -> row.stat().size())
                            .reversed()
                            .thenComparing(byName)
                    : byName;
            List<Listing.Row> sorted = new ArrayList<>(rows);
            sorted.sort(reverse.isSet() ? order.reversed() : order);
            return sorted;
        }

        private int order(String a, String b) {
            return reverse.isSet() ? Names.compare(b, a) : Names.compare(a, b);
        }

        private boolean isShown(String name) {
            if (!name.startsWith(".")) {
                return true;
            }
            return all.isSet() || (almostAll.isSet() && !name.equals(".") && !name.equals(".."));
        }
    }

    private record Named(Image image, Node node) {}
}
