package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --script} and {@code edit}. */
final class ScriptTest {
    @TempDir
    private Path dir;

    private Path image;

    @BeforeEach
    void makeImage() throws Exception {
        Tools.require("mke2fs", "e2fsck");
        image = Tools.emptyImage(dir, "disk.img", "4M", "-I", "256");
    }

    private String in(String path) {
        return image + ":/" + path;
    }

    private Shell.Result script(String text, String... options) {
        String[] args = new String[options.length + 4];
        System.arraycopy(options, 0, args, 0, options.length);
        args[options.length] = "--image";
        args[options.length + 1] = image.toString();
        args[options.length + 2] = "--script";
        args[options.length + 3] = "-";
        return Shell.piped().reading(text).run(args);
    }

    @Test
    void wordsAreWhatTheyAreToAShell() throws Exception {
        for (String line : List.of(
                "a b  c",
                "'a b' c",
                "a\\ b",
                "\"a 'b\" c'd'e",
                "\"\\\"\\$\\`\\\\\\n\"",
                "a # b",
                "a#b '#'",
                "''",
                "'' x",
                "a\\\nb",
                "'a\nb'",
                "\"a\\\nb\"",
                "\t a \t")) {
            String shells = Tools.run("sh", "-c", "set -- " + line + "\nfor w; do printf '%s\\0' \"$w\"; done");
            assertEquals(
                    shells,
                    String.join(
                            "", Script.words(line).stream().map(w -> w + "\0").toList()),
                    line);
        }
    }

    @Test
    void linesRunOnOneKernelUntilOneFails() throws Exception {
        Shell.Result result = script("""
                # comment
                mkdir -p :/a/b

                chmod 700 \\
                    :/a
                ls -d :/a/b
                cat :/none
                rmdir :/a/b
                """);
        assertEquals(
                new Shell.Result(
                        1,
                        in("a/b") + "\n",
                        "rump4j: (standard input):7: cat: " + in("none") + ": No such file or directory\n"),
                result);
        assertEquals("b\n", Shell.out("ls", in("a")));
        Tools.check(image);
    }

    @Test
    void withKeepGoingAllAreRun() {
        Shell.Result result = script("cat :/none\nmkdir :/d\nfrobnicate\n", "-k");
        assertEquals(Run.USAGE, result.status());
        assertTrue(result.err().contains("(standard input):3: frobnicate: no such command; one of ls, "), result.err());
        assertEquals(in("d") + "\n", Shell.out("ls", "-d", in("d")));
    }

    @Test
    void anImageThatWasReadBeforeItIsWrittenIsTheSameImage() throws Exception {
        assertEquals(
                new Shell.Result(0, "lost+found\nd\nlost+found\n", ""), script("ls :/\nmkdir :/d\nls " + image + "\n"));
        Tools.check(image);
    }

    @Test
    void aScriptIsAFile() throws Exception {
        Path script = Files.writeString(dir.resolve("script"), "ls '" + image + "'\nls --ncpu 3 '" + image + "'\n");
        Shell.Result result = Shell.piped().run("--script", script.toString());
        assertEquals("lost+found\n", result.out());
        assertEquals(
                "rump4j: " + script
                        + ":2: ls: options about the kernel and its images stand before --script\nTry 'rump4j ls --help'.\n",
                result.err());
        assertEquals(
                new Shell.Result(1, "", "rump4j: " + dir + "/none: No such file or directory\n"),
                Shell.piped().run("--script", dir + "/none"));
        assertEquals(
                new Shell.Result(2, "", "rump4j: (standard input):1: a quote that is not closed\n"),
                script("ls ' x\n\n"));
    }

    // edit

    private Shell.Result edit(String editor, String path) {
        return Shell.piped(Map.of("EDITOR", editor, "TMPDIR", dir.toString())).run("edit", in(path));
    }

    @Test
    void editReplacesTheFileAndKeepsOwnerAndMode() throws Exception {
        Shell.piped().reading("old\n").run("put", "-m", "640", in("file"));
        Shell.out("chown", "12:34", in("file"));
        Shell.out("ln", "-s", "file", in("link"));
        assertEquals(new Shell.Result(0, "", ""), edit("sed -i s/old/new/", "link"));
        assertEquals("new\n", Shell.out("cat", in("file")));
        assertEquals("100640 12 34\n", Shell.out("stat", "-f", "%p %u %g", in("file")));
        assertEquals("link -> file\n", Shell.out("ls", "-l", in("link")).replaceFirst(".*:/", ""));
        Tools.check(image);
    }

    @Test
    void editLeavesAloneWhatHasNotChanged() throws Exception {
        Shell.piped().reading("old\n").run("put", in("file"));
        String before = Shell.out("stat", "-r", in("file"));
        assertEquals(new Shell.Result(0, "", ""), edit("true", "file"));
        assertEquals(before, Shell.out("stat", "-r", in("file")));
    }

    @Test
    void editMakesANewFile() {
        assertEquals(new Shell.Result(0, "", ""), edit("echo new >", "file"));
        assertEquals("new\n", Shell.out("cat", in("file")));
    }

    @Test
    void aFileWithSeveralNamesKeepsThem() {
        Shell.piped().reading("old\n").run("put", in("file"));
        Shell.out("ln", in("file"), in("again"));
        edit("echo new >", "file");
        assertEquals("new\n", Shell.out("cat", in("again")));
    }

    private static String kept(Shell.Result result) throws Exception {
        String text = "what was edited is in ";
        int at = result.err().indexOf(text);
        assertTrue(at >= 0, result.err());
        Path copy = Path.of(result.err().substring(at + text.length()).strip());
        String said = Files.readString(copy);
        Files.delete(copy);
        Files.delete(copy.getParent());
        return said;
    }

    @Test
    void whatWasEditedIsKeptWhereTheEditorFailsOrTheImageIsFull() throws Exception {
        Shell.piped().reading("old\n").run("put", in("file"));
        Shell.Result result = edit("f() { echo new >\"$1\"; return 3; }; f", "file");
        assertEquals(Run.FAILED, result.status());
        assertTrue(result.err().contains("the editor has ended with status 3"), result.err());
        assertEquals("new\n", kept(result));
        assertEquals("old\n", Shell.out("cat", in("file")));
        result = edit("head -c 9000000 /dev/urandom >", "file");
        assertTrue(result.err().contains(in("file") + ": No space left on device\n"), result.err());
        assertEquals(Run.FAILED, result.status());
        assertEquals("old\n", Shell.out("cat", in("file")));
        assertEquals("file\nlost+found\n", Shell.out("ls", "-A", image.toString()));
        Path copy = Path.of(result.err()
                .substring(result.err().indexOf(" is in ") + 7, result.err().indexOf("/file\n") + 5));
        assertEquals(9_000_000, Files.size(copy));
        Files.delete(copy);
        Files.delete(copy.getParent());
        Tools.check(image);
    }
}
