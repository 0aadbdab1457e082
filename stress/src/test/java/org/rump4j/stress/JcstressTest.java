package org.rump4j.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs jcstress, in a process of its own as it wants to be: shortly here, and at length in the nightly profile. */
class JcstressTest {
    private static final boolean NIGHTLY = Boolean.getBoolean("rump4j.nightly");
    private static final List<String> SHORTLY = List.of("-f", "1", "-iters", "1", "-time", "200", "-sc", "false");
    private static final String ONE_JVM = "-XX:+UseSerialGC";

    /** A thread that is never woken shows by this, for jcstress waits with it. */
    private static final int LIMIT_MINUTES = NIGHTLY ? 60 : 4;

    @TempDir
    Path folder;

    @Test
    void eachClaimHolds() throws Exception {
        List<String> mode = new ArrayList<>();
        if (NIGHTLY) {
            mode.addAll(List.of("-m", "default"));
        } else {
            mode.addAll(SHORTLY);
            mode.addAll(List.of("-jvmArgs", ONE_JVM));
        }
        assertEquals(0, run("Claims", mode), this::output);
        assertTrue(output().contains(" 0 failed, 0 soft errs, 0 hard errs"), this::output);
    }

    @Test
    @Tag("nightly")
    void aClaimThatDoesNotHoldIsFoundOut() throws Exception {
        List<String> mode = new ArrayList<>(SHORTLY);
        mode.addAll(List.of("-jvmArgs", ONE_JVM));
        assertNotEquals(0, run("BrokenLock", mode), this::output);
        assertTrue(output().contains("BrokenLock"), this::output);
    }

    private int run(String tests, List<String> mode) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                tests,
                "-af",
                "NONE",
                "-hs",
                "96",
                "-r",
                folder.toString()));
        command.addAll(mode);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        try {
            assertTrue(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES), () -> "somebody sleeps for ever\n" + output());
            return process.exitValue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
