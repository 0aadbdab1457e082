package org.rump4j.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.rump4j.bench.Mke2fs;

/** Not how fast they are: that they run. */
class BenchmarksTest {
    private static final TimeValue MOMENT = TimeValue.milliseconds(10);
    private static final String NEEDS_MKE2FS = Ext2fsReadBenchmark.class.getSimpleName();

    @Test
    void everyBenchmarkRuns(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(MOMENT)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .output(log.toString());
        if (!Mke2fs.isInstalled()) {
            options.exclude(NEEDS_MKE2FS);
        }
        Set<String> wanted = declared();
        if (!Mke2fs.isInstalled()) {
            wanted.removeIf(name -> name.contains(NEEDS_MKE2FS));
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        Set<String> ran = results.stream()
                .map(result -> result.getParams().getBenchmark())
                .collect(Collectors.toSet());
        assertEquals(wanted, new TreeSet<>(ran), () -> read(log));
        assertTrue(results.stream().allMatch(result -> result.getPrimaryResult().getScore() > 0), () -> read(log));
    }

    private static Set<String> declared() {
        OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        return BenchmarkList.defaultList().getAll(silent, List.of()).stream()
                .map(entry -> entry.getUsername())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
