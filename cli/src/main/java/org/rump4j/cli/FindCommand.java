package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code find(1)}, with what is asked of most: name, type and size. All that is asked for has to hold. */
final class FindCommand implements Command {
    private final Value name = new Value("PATTERN", "Files whose names match, such as '*.txt'", "-name");
    private final Value anyCaseName = new Value("PATTERN", "As -name, without regard to case", "-iname");
    private final Value path =
            new Value("PATTERN", "Files that match as they are printed; * also matches slashes", "-path");
    private final Value type = new Value("T", "Files of a type: b, c, d, f, l, p or s", "-type");
    private final Value size = new Value(
            "[+-]N[ckMGTP]",
            "Files of N blocks of 512 bytes, rounded up; with c of N bytes; with k, M, G, T, P of exactly"
                    + " N kilobytes ...; + for more, - for less",
            "-size");
    private final Flag empty = new Flag("Empty files and directories", "-empty");
    private final Value minDepth = new Value("N", "Nothing less deep than N directories", "-mindepth");
    private final Value maxDepth = new Value("N", "Nothing deeper than N directories", "-maxdepth");
    private final Flag print0 = new Flag("End each path with a NUL in place of a newline", "-print0");
    private final Flag json = new Flag("As JSON, one object a file", "--json");
    private final Operands files = new Operands("IMAGE[:/PATH]", "1..*", "Where to look");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "find",
                                "IMAGE[:/PATH]... [-name PATTERN] [-iname PATTERN] [-path PATTERN] [-type T] [-size N] [-empty]"
                                        + " [-mindepth N] [-maxdepth N] [-print0 | --json]",
                                "Finds files by name, type and size.")
                        .addOption(name.spec())
                        .addOption(anyCaseName.spec())
                        .addOption(path.spec())
                        .addOption(type.spec())
                        .addOption(size.spec())
                        .addOption(empty.spec())
                        .addOption(minDepth.spec())
                        .addOption(maxDepth.spec())
                        .addOption(print0.spec())
                        .addOption(json.spec())
                        .addPositional(files.spec()),
                "rump4j find disk.img -name '*.conf' -type f",
                "rump4j find disk.img:/var -size +1M --json");
    }

    /** Whether a file is what is looked for. */
    private interface Test {
        boolean holds(Node node) throws ErrnoException;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<Test> tests = tests();
        int least = minDepth.number(0, 0);
        int most = maxDepth.number(0, Integer.MAX_VALUE);
        try (Json document = json.isSet() ? new Json(run.out()) : null) {
            Search search = new Search(run, tests, least, most, document);
            for (String text : files.texts()) {
                Operand.InImage file = Operand.inImage(text);
                Image image = run.image(file);
                if (image != null) {
                    try {
                        Walk.from(Node.of(image, file, false), search);
                    } catch (ErrnoException e) {
                        run.fail(text, e);
                    }
                }
            }
        }
    }

    /** The cheap ones first. */
    private List<Test> tests() throws UsageException {
        List<Test> tests = new ArrayList<>();
        for (String pattern : name.all()) {
            Glob glob = new Glob(pattern, false);
            tests.add(node -> glob.matches(lastName(node)));
        }
        for (String pattern : anyCaseName.all()) {
            Glob glob = new Glob(pattern, true);
            tests.add(node -> glob.matches(lastName(node)));
        }
        for (String pattern : path.all()) {
            Glob glob = new Glob(pattern, false);
            tests.add(node -> glob.matches(node.text()));
        }
        for (String letter : type.all()) {
            int wanted = typeOf(letter);
            tests.add(node -> node.type() == wanted);
        }
        for (String text : size.all()) {
            tests.add(sizeTest(text));
        }
        if (empty.isSet()) {
            tests.add(FindCommand::isEmpty);
        }
        return tests;
    }

    private static int typeOf(String letter) throws UsageException {
        return switch (letter) {
            case "b" -> Dirent.DT_BLK;
            case "c" -> Dirent.DT_CHR;
            case "d" -> Dirent.DT_DIR;
            case "f" -> Dirent.DT_REG;
            case "l" -> Dirent.DT_LNK;
            case "p" -> Dirent.DT_FIFO;
            case "s" -> Dirent.DT_SOCK;
            default -> throw new UsageException("-type " + letter + ": one of b, c, d, f, l, p, s");
        };
    }

    private static Test sizeTest(String text) throws UsageException {
        String rest = text;
        int sign = 0;
        if (rest.startsWith("+") || rest.startsWith("-")) {
            sign = rest.charAt(0) == '+' ? 1 : -1;
            rest = rest.substring(1);
        }
        int scale = rest.isEmpty() ? -1 : "ckMGTP".indexOf(rest.charAt(rest.length() - 1));
        String digits = scale < 0 ? rest : rest.substring(0, rest.length() - 1);
        long number;
        try {
            number = Math.multiplyExact(Long.parseUnsignedLong(digits), scale < 0 ? 1 : 1L << (10 * scale));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new UsageException("-size " + text + ": not a size such as 8, 100c, +10k or -1M");
        }
        int wanted = sign;
        return node -> {
            long bytes = node.stat().size();
            long is = scale < 0 ? Math.ceilDiv(bytes, Sizes.DEV_BSIZE) : bytes;
            return Integer.signum(Long.compare(is, number)) == wanted;
        };
    }

    private static boolean isEmpty(Node node) throws ErrnoException {
        if (node.type() == Dirent.DT_REG) {
            return node.stat().size() == 0;
        }
        if (!node.isDirectory()) {
            return false;
        }
        try (Node.Directory opened = node.openDirectory()) {
            for (Node child = opened.next(); child != null; child = opened.next()) {
                if (!child.isDots()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The name that a pattern is compared with: of a path that the user has named, the last part. */
    private static String lastName(Node node) {
        String name = node.name();
        int end = name.length();
        while (end > 1 && name.charAt(end - 1) == '/') {
            end--;
        }
        int slash = name.lastIndexOf('/', end - 1);
        return end == 1 || slash < 0 ? name.substring(0, end) : name.substring(slash + 1, end);
    }

    private final class Search implements Walk.Visitor {
        private final Run run;
        private final List<Test> tests;
        private final int least;
        private final int most;
        private final @Nullable Json document;

        Search(Run run, List<Test> tests, int least, int most, @Nullable Json document) {
            this.run = run;
            this.tests = tests;
            this.least = least;
            this.most = most;
            this.document = document;
        }

        @Override
        public boolean visit(Node node) throws IOException, ErrnoException {
            if (node.depth() >= least && all(node)) {
                print(node);
            }
            return node.depth() < most;
        }

        private boolean all(Node node) throws ErrnoException {
            for (Test test : tests) {
                if (!test.holds(node)) {
                    return false;
                }
            }
            return true;
        }

        private void print(Node node) throws IOException, ErrnoException {
            if (document != null) {
                document.begin()
                        .file(node.text(), lastName(node), node.stat(), node.target())
                        .end();
            } else if (print0.isSet()) {
                run.out().print(node.text()).print("\0");
            } else {
                run.out().name(node.text()).println();
            }
        }

        @Override
        public void failed(String text, ErrnoException e) throws IOException {
            run.fail(text, e);
        }
    }
}
