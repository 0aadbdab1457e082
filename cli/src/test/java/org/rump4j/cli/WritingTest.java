package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that change images. Most tests do the same with the host's own tools in a directory of the host, and ask the host's
 * diff and find whether what they have left is the same; e2fsck is asked after each of them.
 */
final class WritingTest {
    @TempDir
    private Path dir;

    private Path tree;
    private Path image;

    @BeforeEach
    void makeImageOfATree() throws Exception {
        Tools.require("mke2fs", "debugfs", "e2fsck", "diff", "find");
        tree = Files.createDirectory(dir.resolve("tree"));
        Files.writeString(tree.resolve("file"), "some text\n");
        Files.writeString(tree.resolve("-odd name\n"), "odd\n");
        Files.createDirectories(tree.resolve("d/e/f"));
        Files.writeString(tree.resolve("d/e/f/g"), "deep\n");
        Files.writeString(tree.resolve("d/h"), "flat\n");
        Files.createSymbolicLink(tree.resolve("to-d"), Path.of("d"));
        Files.createSymbolicLink(tree.resolve("to-nothing"), Path.of("nothing"));
        Tools.run("mkfifo", tree.resolve("fifo").toString());
        image = Tools.emptyImage(dir, "disk.img", "8M", "-I", "256");
        Tools.run(Tools.path("debugfs"), "-w", "-R", "rmdir lost+found", image.toString());
        Shell.out("cp", "-a", tree + "/", image + ":/");
    }

    @AfterEach
    void nothingIsWrongWithTheImage() throws Exception {
        if (image != null) {
            Tools.check(image);
        }
    }

    private String in(String path) {
        return image + ":/" + path;
    }

    /** Runs the same command on both sides: @ before a path is the tree there, and the image here. */
    private void both(String... command) throws Exception {
        List<String> host = new ArrayList<>();
        List<String> ours = new ArrayList<>();
        for (String word : command) {
            host.add(word.startsWith("@") ? tree + "/" + word.substring(1) : word);
            ours.add(word.startsWith("@") ? in(word.substring(1)) : word);
        }
        Tools.run(host.toArray(String[]::new));
        Shell.out(ours.toArray(String[]::new));
    }

    private void assertSame() throws Exception {
        Path copy = dir.resolve("copy");
        Shell.out("cp", "-a", image.toString(), copy.toString());
        Tools.run("diff", "-r", "--no-dereference", "--exclude=fifo", tree.toString(), copy.toString());
        String listing =
                "cd \"$1\" && find . ! -name . -printf '%y %m %U %G %n %s %l %P\\n' | sed 's/^\\(d [^ ]* [^ ]* [^ ]* [^ ]*\\)"
                        + " [^ ]*/\\1/' | LC_ALL=C sort";
        assertEquals(
                Tools.run("sh", "-c", listing, "sh", tree.toString()),
                Tools.run("sh", "-c", listing, "sh", copy.toString()));
        Tools.run("rm", "-rf", copy.toString());
    }

    private Shell.Result fails(String... command) {
        Shell.Result result = Shell.piped().run(command);
        assertEquals(Run.FAILED, result.status(), result::toString);
        return result;
    }

    // rm, mkdir, rmdir

    @Test
    void rmRemovesFilesAndTrees() throws Exception {
        both("rm", "@file", "@-odd name\n", "@to-d", "@fifo");
        assertSame();
        both("rm", "-r", "@d", "@to-nothing");
        assertSame();
    }

    @Test
    void rmSaysWhatItDoesNotRemove() {
        assertEquals(
                "rump4j: rm: " + in("none") + ": No such file or directory\n",
                fails("rm", in("none")).err());
        assertEquals(
                "rump4j: rm: " + in("d") + ": Is a directory (not removed without -r)\n",
                fails("rm", in("d")).err());
        assertEquals(
                "rump4j: rm: " + image + ": Device busy (the root stays)\n",
                fails("rm", "-r", image.toString()).err());
        assertEquals(
                "rump4j: rm: " + in("d/.") + ": Invalid argument (. and .. stay)\n",
                fails("rm", "-rf", in("d/.")).err());
        assertEquals("", Shell.out("rm", "-f", in("none")));
        assertEquals(
                "d\n", Shell.out("ls", "-d", in("d")).substring(image.toString().length() + 2));
    }

    @Test
    void rmGoesOnAfterAFailure() {
        fails("rm", in("none"), in("file"));
        fails("cat", in("file"));
    }

    @Test
    void rmAsks() {
        Shell.Result result = Shell.piped().reading("n\ny\n").run("rm", "-i", in("file"), in("d/h"));
        assertEquals(Run.OK, result.status());
        assertEquals("remove " + in("file") + "? remove " + in("d/h") + "? ", result.err());
        assertEquals("some text\n", Shell.out("cat", in("file")));
        fails("cat", in("d/h"));
    }

    @Test
    void rmOfATreeSaysEachNameOnTheWayBack() {
        Shell.Result result = Shell.piped().run("rm", "-rv", in("d/e"));
        assertEquals(in("d/e/f/g") + "\n" + in("d/e/f") + "\n" + in("d/e") + "\n", result.out());
    }

    @Test
    void mkdirMakesDirectoriesAndThoseAbove() throws Exception {
        both("mkdir", "@new", "@d/new");
        both("mkdir", "-p", "@a/b/c/", "@d/e/x", "@d");
        both("mkdir", "-m", "1750", "@mode");
        both("mkdir", "-m", "u=rwx,go=", "@symbolic");
        both("mkdir", "-p", "-m", "700", "@p/q");
        assertSame();
        assertEquals(
                "rump4j: mkdir: " + in("d") + ": File exists\n",
                fails("mkdir", in("d")).err());
        assertEquals(
                "rump4j: mkdir: " + in("x/y") + ": No such file or directory\n",
                fails("mkdir", in("x/y")).err());
        assertEquals(
                "rump4j: mkdir: " + in("file/y") + ": Not a directory\n",
                fails("mkdir", "-p", in("file/y")).err());
    }

    @Test
    void rmdirRemovesEmptyDirectoriesOnly() throws Exception {
        both("mkdir", "-p", "@a/b/c", "@x");
        both("rmdir", "@x");
        Tools.run("sh", "-c", "cd \"$1\" && rmdir -p a/b/c", "sh", tree.toString());
        Shell.out("rmdir", "-p", in("a/b/c"));
        assertSame();
        assertEquals(
                "rump4j: rmdir: " + in("d") + ": Directory not empty\n",
                fails("rmdir", in("d")).err());
    }

    // mv

    @Test
    void mvGivesFilesOtherNames() throws Exception {
        both("mv", "@file", "@other");
        both("mv", "@-odd name\n", "@other", "@d/e");
        both("mv", "@d", "@new");
        both("mv", "@to-nothing", "@new/h", "@new/e/f/");
        assertSame();
    }

    @Test
    void mvReplacesFilesButNotDirectories() throws Exception {
        both("mv", "@d/h", "@file");
        assertSame();
        assertEquals(
                "rump4j: mv: " + in("d/e") + ": Invalid argument\n",
                fails("mv", in("d"), in("d/e"))
                        .err()
                        .replaceFirst(" \\(.*\\)", "")
                        .replace("/e/d", "/e"));
        assertEquals(
                "rump4j: mv: " + in("none") + ": No such file or directory\n",
                fails("mv", in("none"), in("x")).err());
        Shell.out("mv", "-n", in("file"), in("fifo"));
        assertEquals("flat\n", Shell.out("cat", in("file")));
    }

    @Test
    void mvAsks() {
        Shell.Result result = Shell.piped().reading("no\n").run("mv", "-i", in("file"), in("d/h"));
        assertEquals("overwrite " + in("d/h") + "? ", result.err());
        assertEquals("flat\nsome text\n", Shell.out("cat", in("d/h"), in("file")));
    }

    @Test
    void mvOutAndInLeavesNothingBehind() throws Exception {
        Path out = dir.resolve("out");
        Shell.out("mv", in("d"), out.toString());
        fails("ls", in("d"));
        Tools.run("diff", "-r", tree.resolve("d").toString(), out.toString());
        Shell.out("mv", out.toString(), in("d"));
        assertFalse(Files.exists(out));
        assertSame();
    }

    @Test
    void mvBetweenImagesMoves() throws Exception {
        Path other = Tools.emptyImage(dir, "other.img", "8M");
        Shell.out("mv", in("d"), in("file"), other + ":/");
        assertEquals("deep\nsome text\n", Shell.out("cat", other + ":/d/e/f/g", other + ":/file"));
        fails("ls", in("d"));
        fails("ls", in("file"));
        Tools.check(other);
    }

    @Test
    void mvKeepsTheOriginalWhereTheCopyFails() throws Exception {
        Path small = Tools.emptyImage(dir, "small.img", "512K");
        byte[] bytes = new byte[600_000];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(dir.resolve("big"), bytes);
        assertEquals(
                "rump4j: mv: " + small + ":/big: No space left on device\n",
                fails("mv", file.toString(), small + ":/").err());
        assertEquals(bytes.length, Files.size(file));
    }

    // ln

    @Test
    void lnMakesLinks() throws Exception {
        both("ln", "@file", "@again");
        both("ln", "@file", "@d/h", "@d/e");
        both("ln", "-s", "some where", "@symbolic");
        both("ln", "-s", "a/b", "c", "@d");
        both("ln", "-sf", "another", "@symbolic");
        both("ln", "-sfn", "elsewhere", "@to-d");
        both("ln", "-f", "@file", "@d/h");
        assertSame();
    }

    @Test
    void lnSaysWhatItCannotLink() throws Exception {
        assertEquals(
                "rump4j: ln: " + in("d/h") + ": File exists\n",
                fails("ln", in("file"), in("d/h")).err());
        assertEquals(
                "rump4j: ln: " + in("none") + ": No such file or directory\n",
                fails("ln", in("none"), in("x")).err());
        assertEquals(Run.FAILED, fails("ln", in("d"), in("x")).status());
        assertEquals(Run.FAILED, fails("ln", "-f", in("file"), in("file")).status());
        assertEquals("some text\n", Shell.out("cat", in("file")));
        Path other = Tools.emptyImage(dir, "other.img", "8M");
        assertTrue(fails("ln", in("file"), other + ":/x").err().contains(": Cross-device link ("));
    }

    // chmod, chown

    @Test
    void chmodUnderstandsWhatTheHostsDoes() throws Exception {
        for (String mode : List.of(
                "640",
                "0",
                "7777",
                "u+x",
                "go-rwx",
                "a=r",
                "+x",
                "=rw",
                "u=rwx,g=u,o=g",
                "u+s,g+s",
                "ug-s",
                "+t",
                "a-t",
                "g=o",
                "o+X",
                "a+rX",
                "u=,g=,o=",
                "u+w-x",
                "-w",
                "g+s,g-x",
                "u+x,g+X",
                "=",
                "u=rwxs",
                "o=w",
                "a=rX")) {
            both("chmod", "--", mode, "@file");
            int expected = Integer.parseInt(
                    Tools.run("stat", "-c", "%a", tree.resolve("file").toString())
                            .strip(),
                    8);
            int actual =
                    Integer.parseInt(Shell.out("stat", "-f", "%p", in("file")).strip(), 8) & 07777;
            assertEquals(Integer.toOctalString(expected), Integer.toOctalString(actual), mode);
        }
    }

    @Test
    void chmodOfATreeLeavesLinksAlone() throws Exception {
        both("chmod", "-R", "u=rwX,go=", "@d");
        both("chmod", "600", "@to-d/h");
        assertSame();
        assertEquals(
                "rump4j: chmod: invalid file mode: u~x\nTry 'rump4j chmod --help'.\n",
                Shell.piped().run("chmod", "u~x", in("file")).err());
    }

    @Test
    void chownTakesNumbersAndTheImagesOwnNames() throws Exception {
        assertEquals(
                "rump4j: chown: " + in("file") + ": No such file or directory (the image has no user ada)\n",
                fails("chown", "ada", in("file")).err());
        Shell.out("mkdir", in("etc"));
        Shell.piped().reading("root:x:0:0\nada:x:1815:1852::\n").run("put", in("etc/passwd"));
        Shell.piped().reading("users:x:100:ada\n").run("put", in("etc/group"));
        Shell.out("chown", "ada:users", in("file"));
        assertEquals("1815 100\n", Shell.out("stat", "-f", "%u %g", in("file")));
        Shell.out("chown", ":7", in("file"));
        assertEquals("1815 7\n", Shell.out("stat", "-f", "%u %g", in("file")));
        Shell.out("chown", "-R", "4000000000", in("d"));
        assertEquals("4000000000 0\n", Shell.out("stat", "-f", "%u %g", in("d/e/f/g")));
        Shell.out("chown", "-h", "12:13", in("to-nothing"));
        assertEquals("12 13\n", Shell.out("stat", "-f", "%u %g", in("to-nothing")));
    }

    // touch, truncate, put

    @Test
    void touchSetsTimes() throws Exception {
        Shell.out("touch", "-d", "2001-09-09T01:46:40.123456789Z", in("file"));
        assertTimes("0x3b9aca00:1d6f3454", "0x3b9aca00:1d6f3454", "file");
        Shell.out("touch", "-a", "-d", "@86400.5", in("file"));
        assertTimes("0x00015180:77359400", "0x3b9aca00:1d6f3454", "file");
        Shell.out("touch", "-r", in("file"), in("made"));
        assertTimes("0x00015180:77359400", "0x3b9aca00:1d6f3454", "made");
        Shell.out("touch", "-c", in("not-made"));
        fails("ls", in("not-made"));
        Path host = Files.createFile(dir.resolve("host"));
        Tools.run("touch", "-t", "199912312359.58", host.toString());
        Shell.out("touch", "-t", "199912312359.58", in("file"));
        Shell.out("touch", "-r", host.toString(), in("made"));
        assertEquals(Shell.out("stat", "-f", "%m", in("file")), Shell.out("stat", "-f", "%m", in("made")));
        assertEquals(Tools.run("stat", "-c", "%Y", host.toString()), Shell.out("stat", "-f", "%m", in("made")));
        assertEquals(
                "rump4j: touch: yesterday: not a point in time\nTry 'rump4j touch --help'.\n",
                Shell.piped().run("touch", "-d", "yesterday", in("file")).err());
    }

    private void assertTimes(String atime, String mtime, String path) throws Exception {
        String stat = Tools.run(Tools.path("debugfs"), "-R", "stat " + path, image.toString());
        assertTrue(stat.contains("atime: " + atime) && stat.contains("mtime: " + mtime), stat);
    }

    @Test
    void truncateCutsAndLengthens() throws Exception {
        for (String size : List.of("5", "+3", "-4", "1k", ">2000", "<100", "%64", "/50", "3M", "-1k")) {
            both("truncate", "-s", size.replace("k", "K"), "@file");
        }
        both("truncate", "-s", "0", "@new");
        both("truncate", "-c", "-s", "7", "@none");
        both("truncate", "-r", "@d/h", "@file");
        assertSame();
        assertEquals(
                "rump4j: truncate: -s big: not a size such as 4096, 64m or +1k\nTry 'rump4j truncate --help'.\n",
                Shell.piped().run("truncate", "-s", "big", in("file")).err());
        assertEquals(
                "rump4j: truncate: " + in("d") + ": Is a directory\n",
                fails("truncate", "-s", "1", in("d")).err());
    }

    @Test
    void putWritesStandardInput() {
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        Shell.piped().reading(bytes).run("put", in("big"));
        Shell.Result result = Shell.piped().run("cat", in("big"));
        assertEquals(
                bytes.length,
                Long.parseLong(Shell.out("stat", "-f", "%z", in("big")).strip()));
        assertEquals(Run.OK, result.status());
        Shell.piped().reading("more\n").run("put", "-a", in("file"));
        assertEquals("some text\nmore\n", Shell.out("cat", in("file")));
        Shell.piped().reading("x").run("put", "-m", "4711", in("file"));
        assertEquals("4711 1\n", Shell.out("stat", "-f", "%Mp%Lp %z", in("file")));
    }

    // mknod, mkfifo, sync

    @Test
    void mknodMakesWhatDebugfsSees() throws Exception {
        Shell.out("mknod", "-m", "600", in("console"), "c", "5", "1");
        Shell.out("mknod", in("sd"), "b", "259", "70000");
        Shell.out("mknod", in("pipe"), "p");
        Shell.out("mkfifo", "-m", "a=rw", in("pipe2"));
        String console = Tools.run(Tools.path("debugfs"), "-R", "stat console", image.toString());
        assertTrue(console.contains("Type: character special    Mode:  0600"), console);
        assertTrue(console.contains("Device major/minor number: 05:01"), console);
        String sd = Tools.run(Tools.path("debugfs"), "-R", "stat sd", image.toString());
        assertTrue(sd.contains("(New-style) Device major/minor number: 259:70000"), sd);
        assertTrue(Tools.run(Tools.path("debugfs"), "-R", "stat pipe2", image.toString())
                .contains("Type: FIFO    Mode:  0666"));
        assertEquals(Run.USAGE, Shell.piped().run("mknod", in("x"), "c", "5").status());
        assertEquals(Run.USAGE, Shell.piped().run("mknod", in("x"), "q").status());
    }

    @Test
    void syncOfAnImage() {
        assertEquals("", Shell.out("sync", image.toString()));
    }
}
