package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cp} into images: debugfs and the host's own tools tell what has come of it, and e2fsck finds nothing to complain about. */
final class CpIntoImageTest {
    private static final long SEED = 1;
    private static final int DEPTH = 60;

    @TempDir
    private Path dir;

    private Path tree;
    private Path image;

    @BeforeEach
    void makeImage() throws Exception {
        Tools.require("mke2fs", "debugfs", "e2fsck", "diff", "find");
        tree = Files.createDirectory(dir.resolve("tree"));
        image = Tools.emptyImage(dir, "disk.img", "32M", "-I", "256");
    }

    private String in(String path) {
        return image + ":" + path;
    }

    private void plant() throws Exception {
        Random random = new Random(SEED);
        byte[] bytes = new byte[2_500_000];
        random.nextBytes(bytes);
        Files.write(tree.resolve("big"), bytes);
        for (int i = 0; i < 200; i++) {
            Path file = Files.createDirectories(tree.resolve("many/" + i % 7)).resolve("file " + i);
            Files.writeString(file, "x".repeat(i * 37));
        }
        Path deep = tree;
        for (int i = 0; i < DEPTH; i++) {
            deep = deep.resolve("a rather long name for a directory");
        }
        Tools.run("mkdir", "-p", deep.toString());
        Files.createSymbolicLink(tree.resolve("link"), Path.of("many/3"));
        Files.createLink(tree.resolve("many/again"), tree.resolve("big"));
        Tools.run(
                "sh",
                "-c",
                "cd \"$1\" && touch \"$(printf 'caf\\351')\" && mkdir \"$(printf 'r\\351p')\" && echo x >\"$(printf 'r\\351p/\\377')\""
                        + " && ln -s \"$(printf '\\200\\201')\" bad-target && mkfifo fifo && chmod 1751 many && chmod 4711 big && chmod 0 many/1"
                        + " && truncate -s 3000000 sparse && printf end >>sparse && touch -d '2001-09-09 01:46:40.123456789Z' many/1 many big link",
                "sh",
                tree.toString());
    }

    @Test
    void aTreeThatGoesInComesOutAsItWas() throws Exception {
        plant();
        Shell.out("cp", "-a", tree + "/", in("/"));
        Tools.check(image);
        Path copy = dir.resolve("copy");
        Shell.out("cp", "-a", image.toString(), copy.toString());
        Files.delete(copy.resolve("lost+found"));
        Tools.assertSameTree(tree, copy);
        assertEquals(
                Files.getAttribute(copy.resolve("big"), "unix:ino"),
                Files.getAttribute(copy.resolve("many/again"), "unix:ino"));
    }

    @Test
    void debugfsFindsTheBytesAndTheAttributes() throws Exception {
        plant();
        Shell.out("cp", "-rp", tree.toString(), in("/there"));
        Tools.check(image);
        Path out = dir.resolve("out");
        Tools.run(Tools.path("debugfs"), "-R", "dump /there/big " + out, image.toString());
        assertEquals(-1, Files.mismatch(tree.resolve("big"), out));
        String stat = Tools.run(Tools.path("debugfs"), "-R", "stat /there/big", image.toString());
        assertTrue(stat.contains("Mode:  04711"), stat);
        assertTrue(stat.contains("mtime: 0x3b9aca00:1d6f3454"), stat);
        // Only -a keeps several names of a file together.
        assertTrue(stat.contains("Links: 1 "), stat);
        String sparse = Tools.run(Tools.path("debugfs"), "-R", "stat /there/sparse", image.toString());
        assertTrue(sparse.contains("Size: 3000003"), sparse);
        // 3 000 000 bytes of nothing take no blocks; what is behind them takes a few, and those that lead there.
        assertTrue(sparse.contains("TOTAL: 7\n"), sparse);
    }

    @Test
    void betweenImagesNothingIsLost() throws Exception {
        plant();
        Path other = Tools.emptyImage(dir, "other.img", "32M", "-b", "4096", "-I", "256");
        Shell.out("cp", "-a", tree.toString(), in("/first"));
        Shell.out("cp", "-a", in("/first"), in("/second"));
        Shell.out("cp", "-a", in("/second/"), other + ":/");
        Tools.check(image);
        Tools.check(other);
        Path copy = dir.resolve("copy");
        Shell.out("cp", "-a", other + ":/", copy.toString());
        Files.delete(copy.resolve("lost+found"));
        Tools.assertSameTree(tree, copy);
    }

    @Test
    void newFilesBelongToTheSuperuserAndGetPermissionsLessTheUmask() throws Exception {
        Path file = Files.writeString(tree.resolve("file"), "x");
        Tools.run("chmod", "4666", file.toString());
        Shell.out("cp", file.toString(), in("/"));
        String umask = Tools.run("sh", "-c", "umask").strip();
        int expected = 0666 & ~Integer.parseInt(umask, 8);
        String stat = Tools.run(Tools.path("debugfs"), "-R", "stat /file", image.toString());
        assertTrue(stat.contains("Mode:  " + "%04o".formatted(expected)), stat);
        assertTrue(stat.contains("User:     0   Group:     0 "), stat);
    }

    @Test
    void severalGoIntoADirectoryOnly() throws Exception {
        Path one = Files.writeString(tree.resolve("one"), "1");
        Path two = Files.writeString(tree.resolve("two"), "2");
        Shell.Result result = Shell.piped().run("cp", one.toString(), two.toString(), in("/none"));
        assertEquals("rump4j: cp: " + in("/none") + ": Not a directory\n", result.err());
        Shell.out("cp", one.toString(), two.toString(), in("/"));
        assertEquals("12", Shell.out("cat", in("/one"), in("/two")));
    }

    @Test
    void whatIsWrongWithTheCopyNamesTheCopyAndWithTheOriginalTheOriginal() throws Exception {
        Path file = Files.writeString(tree.resolve("file"), "x");
        Shell.Result result = Shell.piped().run("cp", file.toString(), in("/a/b"));
        assertEquals(new Shell.Result(1, "", "rump4j: cp: " + in("/a/b") + ": No such file or directory\n"), result);
        result = Shell.piped().run("cp", tree + "/none", in("/a"));
        assertEquals(new Shell.Result(1, "", "rump4j: cp: " + tree + "/none: No such file or directory\n"), result);
        result = Shell.piped().run("cp", tree.toString(), in("/"));
        assertEquals(
                new Shell.Result(1, "", "rump4j: cp: " + tree + ": Is a directory (not copied without -r)\n"), result);
    }

    @Test
    void aDirectoryIsNotCopiedIntoItselfNorAFileOntoItself() throws Exception {
        Shell.out("cp", "-r", tree.toString(), in("/a"));
        Shell.Result result = Shell.piped().run("cp", "-r", in("/a"), in("/a/b"));
        assertEquals(
                "rump4j: cp: " + in("/a") + ": Invalid argument (the copy would go into the original)\n", result.err());
        Path file = Files.writeString(tree.resolve("file"), "x");
        Shell.out("cp", file.toString(), in("/a/f"));
        result = Shell.piped().run("cp", in("/a/f"), in("/a/../a/f"));
        assertEquals(Run.FAILED, result.status());
        assertEquals("x", Shell.out("cat", in("/a/f")));
    }

    @Test
    void forceTakesAwayWhatIsInTheWayAndKeepLeavesIt() throws Exception {
        Path one = Files.writeString(tree.resolve("one"), "1");
        Path two = Files.writeString(tree.resolve("two"), "2");
        Shell.out("cp", one.toString(), in("/file"));
        Shell.out("cp", "-n", two.toString(), in("/file"));
        assertEquals("1", Shell.out("cat", in("/file")));
        Tools.run("mkfifo", tree.resolve("fifo").toString());
        Shell.out("cp", "-r", tree.resolve("fifo").toString(), in("/fifo"));
        assertEquals(
                "rump4j: cp: " + in("/fifo") + ": Device not configured (nobody reads the fifo)\n",
                Shell.piped().run("cp", two.toString(), in("/fifo")).err());
        Shell.out("cp", "-f", two.toString(), in("/fifo"));
        assertEquals("2", Shell.out("cat", in("/fifo")));
    }

    @Test
    void aFullImageIsSaidAndStaysWhole() throws Exception {
        byte[] bytes = new byte[40 << 20];
        new Random(SEED).nextBytes(bytes);
        Path file = Files.write(tree.resolve("file"), bytes);
        Shell.Result result = Shell.piped().run("cp", file.toString(), in("/file"));
        assertEquals(new Shell.Result(1, "", "rump4j: cp: " + in("/file") + ": No space left on device\n"), result);
        Tools.check(image);
    }

    @Test
    void anImageIsNotCopiedIntoItself() throws Exception {
        Files.writeString(dir.resolve("tree/file"), "x");
        Shell.Result result = Shell.piped().run("cp", "-r", dir.toString(), in("/all"));
        assertEquals("rump4j: cp: " + image + ": Invalid argument (the image itself, not copied)\n", result.err());
        assertEquals("x", Shell.out("cat", in("/all/tree/file")));
        Tools.check(image);
    }

    @Test
    void readOnlyIsReadOnly() throws Exception {
        byte[] before = Files.readAllBytes(image);
        Path file = Files.writeString(tree.resolve("file"), "x");
        Shell.Result result = Shell.piped().run("cp", "-o", "ro", file.toString(), in("/"));
        assertEquals(new Shell.Result(1, "", "rump4j: cp: " + image + ": Read-only file system (-o ro)\n"), result);
        assertFalse(Files.mismatch(Files.write(dir.resolve("before"), before), image) >= 0);
    }

    @Test
    void anImageThatCannotBeWrittenSaysWhy() throws Exception {
        Path unwritten = Tools.emptyImage(dir, "quota.img", "32M", "-O", "quota");
        byte[] before = Files.readAllBytes(unwritten);
        Path file = Files.writeString(tree.resolve("file"), "x");
        Shell.Result result = Shell.piped().run("cp", file.toString(), unwritten + ":/");
        assertEquals(Run.FAILED, result.status());
        assertTrue(result.err().startsWith("rump4j: cp: " + unwritten + ": Read-only file system ("), result.err());
        assertTrue(result.err().contains("quota"), result.err());
        assertEquals(-1, Files.mismatch(Files.write(dir.resolve("before"), before), unwritten));
    }

    @Test
    void twoDoNotWriteAtTheSameTime() throws Exception {
        Path file = Files.writeString(tree.resolve("file"), "x");
        try (FileChannel other = FileChannel.open(image, StandardOpenOption.WRITE);
                FileLock lock = other.lock()) {
            assertTrue(lock.isValid());
            Shell.Result result = Shell.piped().run("cp", file.toString(), in("/"));
            assertEquals(Run.FAILED, result.status());
            assertEquals(
                    "rump4j: cp: " + image + ": Resource temporarily unavailable (somebody else is writing it)\n",
                    result.err());
        }
        Shell.out("cp", file.toString(), in("/"));
    }

    @Test
    void verboseSaysWhatGoesWhere() throws Exception {
        Path file = Files.writeString(tree.resolve("file"), "x");
        assertEquals(
                file + " -> " + in("/file") + "\n",
                Shell.piped().run("cp", "-v", file.toString(), in("/")).out());
    }
}
