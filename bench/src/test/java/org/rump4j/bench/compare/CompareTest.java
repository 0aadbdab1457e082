package org.rump4j.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.bench.Images;
import org.rump4j.bench.Mke2fs;
import org.rump4j.bench.compare.Row.Side;

class CompareTest {
    private static final Path NO_IMAGE = Path.of("");

    /** For all tests, who only read. */
    @TempDir
    static Path folder;

    /** All but those that take seconds. */
    @ParameterizedTest
    @EnumSource(
            value = Workloads.class,
            mode = EnumSource.Mode.MATCH_NONE,
            names = {
                "KERNELS_TIME",
                "(KERNELS|FILES)_MEMORY",
                "IDLE",
                "(TCP|NET)_.*",
                "(COLD|WARM|RANDOM)_READ",
                "WRITE_FSYNC",
                "FSYNC_BLOCK",
                "CREATE",
                "REMOVE"
            })
    void aRoundGivesAFigure(Workloads workload) throws Exception {
        double figure = workload.prepare(work(NO_IMAGE)).run();
        assertTrue(figure > 0 && Double.isFinite(figure), () -> workload + ": " + figure);
    }

    @ParameterizedTest
    @EnumSource(
            value = Workloads.class,
            names = {"COLD_READ", "WARM_READ", "RANDOM_READ"})
    void anImageIsRead(Workloads workload) throws Exception {
        assumeTrue(Mke2fs.isInstalled(), "mke2fs is not installed");
        double figure = workload.prepare(work(image())).run();
        assertTrue(figure > 0 && Double.isFinite(figure), () -> workload + ": " + figure);
    }

    @ParameterizedTest
    @EnumSource(
            value = Workloads.class,
            names = {"WRITE_FSYNC", "FSYNC_BLOCK", "CREATE", "REMOVE"})
    void anImageIsWrittenRoundAfterRound(Workloads workload, @TempDir Path own) throws Exception {
        assumeTrue(Mke2fs.isInstalled(), "mke2fs is not installed");
        Workloads.Round round = workload.prepare(work(Images.makeEmpty(own.resolve("image"), Images.Format.EXT2)));
        for (int i = 0; i < 2; i++) {
            double figure = round.run();
            assertTrue(figure > 0 && Double.isFinite(figure), () -> workload + ": " + figure);
        }
    }

    @Test
    void everyRowsReferenceIsAWorkloadOfTheCProgram() throws Exception {
        try (InputStream in = Objects.requireNonNull(Reference.class.getResourceAsStream("/reference.c"))) {
            String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            List<Row> rows = new ArrayList<>(Rows.JAVA);
            rows.addAll(Rows.NETBSD);
            for (Row row : rows) {
                if (row.reference() instanceof Side.Reference(String workload, Row.Libraries _, Images.Format _)) {
                    assertTrue(source.contains("{ \"" + workload + "\", "), () -> "no " + workload + " in reference.c");
                }
            }
        }
    }

    @Test
    void aGoalThatNeedsAReferenceIsNotReachedWithoutOne() {
        assertFalse(new Goal.AtMostTimes(2).isMet(1, Double.NaN));
        assertFalse(new Goal.AtLeastTimes(2).isMet(1, Double.NaN));
        assertTrue(new Goal.AtMost(2).isMet(1, Double.NaN));
    }

    @Test
    void theMedianAndTheSpreadAreThoseOfTheQuartiles() {
        Samples samples = new Samples(new double[] {5, 1, 2, 4, 3});
        assertEquals(3, samples.median());
        assertEquals(1.0 / 3, samples.spread());
    }

    @Test
    void theTableShowsRatioGoalAndVerdict() {
        Row row = new Row("getpid", "ns", true, new Side.Command(List.of()), null, new Goal.AtMostTimes(0.5));
        Table table = new Table();
        table.add(row, new Samples(new double[] {10, 10, 10}), new Samples(new double[] {40, 40, 40}));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        table.print(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertEquals("""
                | work            |     rump4j |  reference | ratio |    goal |     |
                |-----------------|-----------:|-----------:|------:|--------:|-----|
                | getpid (pinned) | 10 ns ±0 % | 40 ns ±0 % | 0.25× | ≤ 0.50× | met |
                """, out.toString(StandardCharsets.UTF_8));
    }

    private static Workloads.Work work(Path image) {
        return new Workloads.Work(Kernels.java(), image, Images.Format.EXT2);
    }

    private static Path image() throws IOException, InterruptedException {
        Path made = folder.resolve("image-ext2fs");
        return Files.exists(made) ? made : Images.make(folder, Workloads.FILE_BYTES);
    }
}
