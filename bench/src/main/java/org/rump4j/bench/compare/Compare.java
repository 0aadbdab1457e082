package org.rump4j.bench.compare;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rump4j.bench.Images;
import org.rump4j.bench.compare.Row.Side;

/**
 * {@code bench/run compare [-k KERNEL] [-r ROUNDS] [REGEX]}: runs the rows whose names the expression is found in, ours and the
 * reference's side by side, and prints a table for each kernel of ours.
 */
public final class Compare {
    private static final int DEFAULT_ROUNDS = 9;

    private final Path folder;
    private final Path project;
    private final int rounds;
    private final @Nullable Reference reference;

    private final Trees trees;

    /** Each made by the first row that reads it. */
    private final Map<Images.Format, Path> images = new EnumMap<>(Images.Format.class);

    private Compare(Path folder, Path project, int rounds) throws IOException {
        this.folder = folder;
        this.project = project;
        this.rounds = rounds;
        this.reference = Reference.find(folder);
        this.trees = new Trees(folder);
    }

    /** See {@code bench/run help}. */
    public static void main(String[] args) throws Exception {
        int rounds = DEFAULT_ROUNDS;
        Pattern wanted = Pattern.compile("");
        String kernel = "";
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("-r") && i + 1 < args.length) {
                rounds = Integer.parseInt(args[++i]);
            } else if (args[i].equals("-k") && i + 1 < args.length) {
                kernel = args[++i];
            } else {
                wanted = Pattern.compile(args[i]);
            }
        }
        Path folder = Files.createTempDirectory("rump4j-compare");
        try {
            new Compare(folder, Path.of(System.getProperty("rump4j.project", ".")), rounds).run(kernel, wanted);
        } finally {
            delete(folder);
        }
    }

    private void run(String kernel, Pattern wanted) throws IOException, InterruptedException {
        if (!kernel.equals("netbsd")) {
            table("The java kernel", Rows.JAVA, wanted);
        }
        if (!kernel.equals("java") && reference != null) {
            table("NetBSD's kernel on rump4j", Rows.NETBSD, wanted);
        }
        System.out.println(Machine.describe());
        System.out.println(
                "Medians of " + rounds + " rounds, both sides in turn; ± is half the distance between the quartiles. "
                        + "A pinned row has both sides on one processor. Cold: freshly mounted, so that the kernel has nothing "
                        + "cached; the image is in the host's page cache for both.");
        System.out.println(
                reference == null
                        ? "No reference: " + Reference.VARIABLE + " does not name a build of NetBSD's rump kernel."
                        : "Reference: " + reference.lib());
    }

    private void table(String title, List<Row> rows, Pattern wanted) throws IOException, InterruptedException {
        Table table = new Table();
        for (Row row : rows) {
            if (wanted.matcher(row.name()).find()) {
                System.err.println(title + ": " + row.name() + " …");
                measure(row, table);
            }
        }
        System.out.println(title + ":");
        System.out.println();
        table.print(System.out);
        System.out.println();
    }

    private void measure(Row row, Table table) throws IOException, InterruptedException {
        if (row.ours() instanceof Side.Command(List<String> words)
                && !Files.exists(project.resolve(words.getFirst()))) {
            table.add(row, "no " + words.getFirst());
            return;
        }
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        Side other = reference == null && row.reference() instanceof Side.Reference ? null : row.reference();
        try (Sampler a = start(row.ours(), row.pinned());
                Sampler b = other == null ? null : start(other, row.pinned())) {
            // Once without looking: what is touched for the first time costs more.
            a.sample();
            if (b != null) {
                b.sample();
            }
            for (int i = 0; i < rounds; i++) {
                ours[i] = a.sample();
                if (b != null) {
                    theirs[i] = b.sample();
                }
            }
        }
        table.add(row, new Samples(ours), other == null ? null : new Samples(theirs));
    }

    private Sampler start(Side side, boolean pinned) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (pinned) {
            Collections.addAll(command, "taskset", "-c", lastProcessor());
        }
        return switch (side) {
            case Side.Ours(Workloads workload, boolean netbsd, Images.Format format) -> {
                Collections.addAll(command, java(), "--enable-native-access=ALL-UNNAMED", "-cp", classPath());
                Collections.addAll(command, Worker.class.getName(), kernels(netbsd), workload.label);
                yield worker(command, workload.image, format, "ours");
            }
            case Side.Reference(String workload, Row.Libraries libraries, Images.Format format) -> {
                Collections.addAll(command, known().program(libraries).toString(), workload);
                yield worker(command, Reference.image(workload), format, "theirs");
            }
            case Side.Command(List<String> words) -> {
                for (String word : words) {
                    command.add(standingFor(word));
                }
                yield Sampler.ofCommand(builder(command), builtImage());
            }
        };
    }

    private Reference known() {
        if (reference == null) {
            throw new IllegalStateException("no reference");
        }
        return reference;
    }

    private String kernels(boolean netbsd) {
        return netbsd ? Kernels.nameOfNetbsd(known().lib()) : Kernels.java().toString();
    }

    private String standingFor(String word) throws IOException, InterruptedException {
        return switch (word) {
            case Side.Command.READ_IMAGE -> image(Images.Format.EXT2).toString();
            case Side.Command.IMAGE -> builtImage().toString();
            case Side.Command.LARGE_TREE -> trees.large().toString();
            case Side.Command.SMALL_TREE -> trees.small().toString();
            case Side.Command.SCRIPT -> trees.debugfsScript().toString();
            default -> word;
        };
    }

    private Path builtImage() {
        return folder.resolve("built");
    }

    private Sampler worker(List<String> command, Workloads.Image needed, Images.Format format, String side)
            throws IOException, InterruptedException {
        switch (needed) {
            case NONE -> {}
            case READ ->
                Collections.addAll(command, format.name(), image(format).toString());
            case WRITTEN ->
                Collections.addAll(
                        command,
                        format.name(),
                        Images.makeEmpty(folder.resolve("written-" + side), format)
                                .toString());
        }
        return new WorkerProcess(builder(command));
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
        // Workers of ours set it themselves.
        builder.environment().put("RUMP_NCPU", Integer.toString(Kernels.NCPU));
        return builder;
    }

    private Path image(Images.Format format) throws IOException, InterruptedException {
        Path made = images.get(format);
        if (made == null) {
            made = Images.make(folder, format, Workloads.FILE_BYTES);
            images.put(format, made);
        }
        return made;
    }

    private static String lastProcessor() {
        return Integer.toString(Runtime.getRuntime().availableProcessors() - 1);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
