package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rump4j.rump.PathCodec;

/** Tools of the host that are asked what is right. */
final class Tools {
    private Tools() {}

    /** Skips the test where a tool is missing. */
    static void require(String... names) {
        for (String name : names) {
            assumeTrue(find(name).isPresent(), name + " is not installed");
        }
    }

    /** Makes an ext2 image of a tree. */
    static Path image(Path directory, Path tree, String... options) throws IOException, InterruptedException {
        Path image = directory.resolve("disk.img");
        List<String> command =
                new ArrayList<>(List.of(path("mke2fs"), "-q", "-F", "-t", "ext2", "-d", tree.toString()));
        command.addAll(List.of(options));
        command.addAll(List.of(image.toString(), "16M"));
        run(command.toArray(String[]::new));
        return image;
    }

    /** Makes an image with nothing in it. */
    static Path emptyImage(Path directory, String name, String size, String... options)
            throws IOException, InterruptedException {
        Path image = directory.resolve(name);
        List<String> command = new ArrayList<>(List.of(path("mke2fs"), "-q", "-F", "-t", "ext2"));
        command.addAll(List.of(options));
        command.addAll(List.of(image.toString(), size));
        run(command.toArray(String[]::new));
        return image;
    }

    /** Fails where e2fsck finds anything wrong with an image. */
    static void check(Path image) throws IOException, InterruptedException {
        run(path("e2fsck"), "-fn", image.toString());
    }

    /** Fails where two trees of the host differ in what is in them, permissions, owners or times. */
    static void assertSameTree(Path expected, Path actual) throws IOException, InterruptedException {
        run("diff", "-r", "--no-dereference", "--exclude=fifo", expected.toString(), actual.toString());
        String listing = "cd \"$1\" && find . ! -name . -printf '%y %m %U %G %T@ %l %P\\n' | LC_ALL=C sort";
        assertEquals(
                run("sh", "-c", listing, "sh", expected.toString()), run("sh", "-c", listing, "sh", actual.toString()));
    }

    /** Runs a tool and gives its output. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String out = PathCodec.decode(process.getInputStream().readAllBytes());
        int status = process.waitFor();
        if (status != 0) {
            throw new AssertionError(List.of(command) + " has ended with " + status + ": " + out);
        }
        return out;
    }

    /** Where a tool is. */
    static String path(String name) {
        return find(name).orElseThrow();
    }

    private static Optional<String> find(String name) {
        for (String directory : (System.getenv("PATH") + ":/sbin:/usr/sbin").split(":", -1)) {
            Path tool = Path.of(directory, name);
            if (Files.isExecutable(tool)) {
                return Optional.of(tool.toString());
            }
        }
        return Optional.empty();
    }
}
