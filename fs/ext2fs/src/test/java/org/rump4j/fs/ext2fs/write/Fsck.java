package org.rump4j.fs.ext2fs.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.Assumptions;

/** The tools of e2fsprogs that make images and check them. Tests are skipped where they are not installed. */
final class Fsck {
    private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin");

    private Fsck() {}

    static void make(Path image, String size, List<String> options) {
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
        command.addAll(options);
        command.addAll(List.of(image.toString(), size));
        Outcome outcome = run(command);
        if (outcome.status != 0) {
            throw new AssertionError(outcome.toString());
        }
    }

    /** Changes an image by a command of {@code debugfs(8)}. */
    static void debugfs(Path image, String command) {
        Outcome outcome = run(List.of("debugfs", "-w", "-R", command, image.toString()));
        if (outcome.status != 0) {
            throw new AssertionError(outcome.toString());
        }
    }

    /** Fails where there is anything to say against an image. */
    static void requireClean(Path image) {
        Outcome outcome = run(List.of("e2fsck", "-fn", image.toString()));
        // That a tree of extents could be more compact is no fault.
        if (outcome.status != 0 || outcome.text.replace("Optimize? no", "").contains("? no")) {
            throw new AssertionError(outcome.toString());
        }
    }

    /** Repairs what a power cut has left. */
    static void repair(Path image) {
        Outcome outcome = run(List.of("e2fsck", "-fy", image.toString()));
        if (outcome.status > 1) {
            throw new AssertionError(outcome.toString());
        }
    }

    /** Blocks of a file in their order, with those that map it, each before what it maps. */
    static List<Long> blocks(Path image, String path) {
        String text = run(List.of("debugfs", "-R", "blocks " + path, image.toString())).text;
        List<Long> blocks = new ArrayList<>();
        Scanner words = new Scanner(text.substring(text.indexOf('\n') + 1));
        while (words.hasNext()) {
            blocks.add(Long.valueOf(words.next()));
        }
        return blocks;
    }

    /** Changes what the superblock says. */
    static void tune(Path image, String... options) {
        List<String> command = new ArrayList<>(List.of("tune2fs"));
        command.addAll(List.of(options));
        command.add(image.toString());
        Outcome outcome = run(command);
        if (outcome.status != 0) {
            throw new AssertionError(outcome.toString());
        }
    }

    /** The line with the names of an image's features. */
    static String features(Path image) {
        String text = run(List.of("dumpe2fs", "-h", image.toString())).text;
        return text.lines()
                .filter(line -> line.startsWith("Filesystem features:"))
                .findFirst()
                .orElseThrow();
    }

    /** How many inodes each group has. */
    static long inodesPerGroup(Path image) {
        String text = run(List.of("dumpe2fs", "-h", image.toString())).text;
        return text.lines()
                .filter(line -> line.startsWith("Inodes per group:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).trim()))
                .findFirst()
                .orElseThrow();
    }

    record Outcome(List<String> command, int status, String text) {}

    private static Outcome run(List<String> command) {
        List<String> full = new ArrayList<>(command);
        full.set(0, find(command.getFirst()));
        try {
            ProcessBuilder builder = new ProcessBuilder(full).redirectErrorStream(true);
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return new Outcome(full, process.waitFor(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String find(String tool) {
        for (String directory : DIRECTORIES) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return directory + "/" + tool;
            }
        }
        Assumptions.abort(tool + " is not installed");
        throw new AssertionError();
    }
}
