package org.rump4j.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Runs commands so that the JVM sees what a run of rump4j needs. The AOT cache is made from that. */
final class Training {
    private static final int COLUMNS = 80;

    private Training() {}

    /** Runs commands on an image. */
    public static void main(String[] args) throws Exception {
        String image = HostPath.fromJvm(args[0]);
        Path directory = Files.createTempDirectory("rump4j-training");
        Path tree = Files.createDirectory(directory.resolve("tree"));
        String copy = tree.resolve("README").toString();
        String made = directory.resolve("made").toString();
        String archive = directory.resolve("archive").toString();
        String written = directory.resolve("image").toString();
        Files.copy(HostPath.of(image), HostPath.of(written));
        String[][] commands = {
            {"boot", "-v"},
            {"ls", image},
            {"ls", "-laiR", image},
            {"ls", "-h", "--json", image},
            {"tree", image},
            {"cat", image + ":/README"},
            {"cp", "-p", image + ":/README", copy},
            {"cmp", image + ":/README", copy},
            {"newfs", "-f", "-s", "1m", made},
            {"newfs", "-f", "-t", "ext4", "-d", tree.toString(), made},
            {"cp", "-rp", copy, written + ":/copy"},
            {"mkdir", "-p", written + ":/a/b"},
            {"put", written + ":/a/b/c"},
            {"mv", written + ":/copy", written + ":/a"},
            {"cp", "-a", written + ":/a", written + ":/b"},
            {"ln", "-s", "a", written + ":/l"},
            {"chmod", "-R", "go-w", written + ":/a"},
            {"chown", "-R", "1:1", written + ":/a"},
            {"touch", written + ":/new"},
            {"tar", "-cf", archive, written + ":/a"},
            {"tar", "-tvf", archive},
            {"tar", "-xf", archive, written + ":/a/b"},
            {"--image", written, "--script", "-"},
            {"truncate", "-s", "1m", written + ":/new"},
            {"rm", "-r", written + ":/a", written + ":/b", written + ":/l"},
            {"stat", image + ":/README"},
            {"stat", "-x", image + ":/README"},
            {"df", "-h", image},
            {"du", image},
            {"find", image, "-name", "*.txt", "-type", "f", "-size", "+0"},
            // Where there is a kernel of NetBSD; what it says of itself where there is none is of use, too.
            {"ls", "-l", "--kernel", "netbsd", image},
            {"put", "--kernel", "netbsd", written + ":/netbsd"},
            {"components"},
            {"cat", image + ":/there is no such file"},
            {"ls", "--no-such-option"},
        };
        // On a terminal, in colours, and not.
        for (boolean terminal : new boolean[] {false, true}) {
            for (String[] command : commands) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Stdio stdio = new Stdio(
                        Channels.newChannel(new ByteArrayInputStream("ls :/ # all\n".getBytes(StandardCharsets.UTF_8))),
                        Channels.newChannel(out),
                        Channels.newChannel(out),
                        terminal,
                        terminal,
                        COLUMNS,
                        "C.UTF-8",
                        Map.of());
                Rump4j.on(stdio).run(command);
            }
        }
        Stdio.ofProcess();
        HostPath.fromJvm(image);
        Files.deleteIfExists(Path.of(copy));
        Files.deleteIfExists(Path.of(made));
        Files.delete(tree);
        Files.deleteIfExists(Path.of(written));
        Files.deleteIfExists(Path.of(archive));
        Files.delete(directory);
    }
}
