package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.PathCodec;

/** An image that somebody else's mke2fs has made of a tree is, to our commands, what the tree is to the host's. */
final class JudgesTest {
    private static final int DEPTH = 60;
    private static final long SEED = 1;

    @TempDir
    private Path dir;

    private Path tree;
    private Path image;

    @BeforeEach
    void makeImage() throws Exception {
        Tools.require("mke2fs", "debugfs", "diff", "find");
        tree = Files.createDirectory(dir.resolve("tree"));
        Random random = new Random(SEED);
        byte[] bytes = new byte[300_000];
        random.nextBytes(bytes);
        Files.write(tree.resolve("big"), bytes);
        for (int i = 0; i < 200; i++) {
            Path file = Files.createDirectories(tree.resolve("many/" + i % 7)).resolve("file " + i);
            Files.writeString(file, "x".repeat(i * 37));
            Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000_000L + i)));
        }
        Path deep = tree;
        for (int i = 0; i < DEPTH; i++) {
            deep = deep.resolve("a rather long name for a directory");
        }
        Tools.run("mkdir", "-p", deep.toString());
        Files.createSymbolicLink(tree.resolve("link"), Path.of("many/3"));
        Tools.run(
                "sh",
                "-c",
                "cd \"$1\" && touch \"$(printf 'caf\\351')\" && mkdir \"$(printf 'r\\351p')\" && echo x >\"$(printf 'r\\351p/\\377')\""
                        + " && ln -s \"$(printf '\\200\\201')\" bad-target && mkfifo fifo && chmod 751 many && chmod 4711 big && truncate -s 3000000 sparse"
                        + " && printf end >>sparse",
                "sh",
                tree.toString());
        image = Tools.image(dir, tree, "-I", "256", "-N", "1000");
    }

    private String in(String path) {
        return image + ":" + path;
    }

    private static List<String> sorted(String text, String separator) {
        return Arrays.stream(text.split(separator, -1))
                .filter(line -> !line.isEmpty())
                .sorted(Names::compare)
                .toList();
    }

    @Test
    void findFindsWhatTheHostsFindFinds() throws Exception {
        List<String> host =
                sorted(Tools.run("sh", "-c", "cd \"$1\" && find . -print0", "sh", tree.toString()), "\0").stream()
                        .map(path -> path.equals(".") ? in("/") : in(path.substring(1)))
                        .toList();
        List<String> ours = sorted(Shell.out("find", image.toString(), "-print0"), "\0").stream()
                .filter(path -> !path.equals(in("/lost+found")))
                .toList();
        assertEquals(host.stream().sorted(Names::compare).toList(), ours);
    }

    @Test
    void findSelectsBySizeAndTypeAsTheHostsDoes() throws Exception {
        for (String[] tests : new String[][] {
            {"-size", "+5"}, {"-size", "-3", "-type", "f"}, {"-size", "37c"}, {"-type", "d"}, {"-name", "file 1[!0]*"}
        }) {
            String[] host =
                    Stream.concat(Stream.of("find", "."), Stream.of(tests)).toArray(String[]::new);
            Process process = new ProcessBuilder(host).directory(tree.toFile()).start();
            // Sizes of directories and links are the file system's own business.
            List<String> expected = sorted(
                            PathCodec.decode(process.getInputStream().readAllBytes()), "\n")
                    .stream()
                    .map(path -> path.equals(".") ? in("/") : in(path.substring(1)))
                    .filter(path -> !tests[0].equals("-size") || path.contains("/file "))
                    .toList();
            String[] command = Stream.concat(Stream.of("find", image.toString()), Stream.of(tests))
                    .toArray(String[]::new);
            List<String> ours = sorted(Shell.out(command), "\n").stream()
                    .filter(path -> !path.equals(in("/lost+found")))
                    .filter(path -> !tests[0].equals("-size") || path.contains("/file "))
                    .toList();
            assertTrue(!expected.isEmpty(), Arrays.toString(tests));
            assertEquals(expected.stream().sorted(Names::compare).toList(), ours, Arrays.toString(tests));
        }
    }

    @Test
    void lsSortsNamesAsTheHostsLsDoesInTheCLocale() throws Exception {
        String host = Tools.run("sh", "-c", "LC_ALL=C ls -A \"$1\"", "sh", tree.toString());
        assertEquals(host, Shell.out("ls", "-A", image.toString()).replace("lost+found\n", ""));
    }

    @Test
    void lsTellsInodesThatDebugfsTells() throws Exception {
        for (String line : Shell.out("ls", "-i", in("/many/3")).lines().toList()) {
            String[] parts = line.strip().split(" ", 2);
            String debugfs =
                    Tools.run(Tools.path("debugfs"), "-R", "stat \"/many/3/" + parts[1] + "\"", image.toString());
            assertTrue(debugfs.startsWith("Inode: " + parts[0] + " "), () -> line + " but " + debugfs);
        }
    }

    @Test
    void aTreeCopiedOutIsTheTreeThatWentIn() throws Exception {
        Path copy = dir.resolve("copy");
        Shell.out("cp", "-rp", image.toString(), copy.toString());
        Files.delete(copy.resolve("lost+found"));
        Tools.run("diff", "-r", "--no-dereference", "--exclude=fifo", tree.toString(), copy.toString());
        String listing = "cd \"$1\" && find . ! -name . -printf '%y %m %U %G %l %P\\n' | LC_ALL=C sort";
        assertEquals(
                Tools.run("sh", "-c", listing, "sh", tree.toString()),
                Tools.run("sh", "-c", listing, "sh", copy.toString()));
        String times = "cd \"$1\" && find . -path './many/*/*' -printf '%T@ %P\\n' | LC_ALL=C sort";
        assertEquals(
                Tools.run("sh", "-c", times, "sh", tree.toString()),
                Tools.run("sh", "-c", times, "sh", copy.toString()));
        long allocated = 512L
                * Long.parseLong(
                        Tools.run("stat", "-c", "%b", copy.resolve("sparse").toString())
                                .strip());
        assertTrue(allocated < 1_000_000, allocated + " bytes are taken");
    }

    @Test
    void catGivesTheBytesThatDebugfsGives() throws Exception {
        Path out = dir.resolve("out");
        Tools.run(Tools.path("debugfs"), "-R", "dump /big " + out, image.toString());
        Shell.out("cmp", in("/big"), out.toString());
    }

    @Test
    void treeCountsWhatFindCounts() {
        String tree = Shell.out("tree", "-a", image.toString());
        long directories = Shell.out("find", image.toString(), "-type", "d", "-mindepth", "1")
                .lines()
                .count();
        long all = sorted(Shell.out("find", image.toString(), "-mindepth", "1", "-print0"), "\0")
                .size();
        assertTrue(tree.endsWith("\n" + directories + " directories, " + (all - directories) + " files\n"), tree);
    }
}
