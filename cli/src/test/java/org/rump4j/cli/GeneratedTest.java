package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build makes of the descriptions of commands. */
final class GeneratedTest {
    @TempDir
    private Path dir;

    @Test
    void eachCommandHasAManualPageThatManCanRead() throws Exception {
        ManPages.main(new String[] {dir.toString()});
        List<String> names = new Commands(new Settings()).names();
        for (String name : names) {
            String page = Files.readString(dir.resolve("man/man1/rump4j-" + name + ".1"));
            assertTrue(page.contains("\n.SH SYNOPSIS\n"), page);
            assertTrue(
                    page.lines()
                            .allMatch(line ->
                                    line.startsWith(".") ? line.matches("\\.(TH|SH|PP|TP|B|nf|fi)( .*)?") : true),
                    page);
        }
        try (Stream<Path> pages = Files.list(dir.resolve("man/man1"))) {
            assertEquals(names.size() + 1, pages.count());
        }
        Tools.require("groff");
        for (String name : names) {
            String text = Tools.run(
                    "groff",
                    "-man",
                    "-Tascii",
                    "-P-cbou",
                    "-ww",
                    dir.resolve("man/man1/rump4j-" + name + ".1").toString());
            assertTrue(text.contains("EXIT STATUS"), text);
        }
    }

    @Test
    void theCompletionScriptIsOneThatBashReads() throws Exception {
        Path script = Files.writeString(dir.resolve("completion"), Shell.out("completion", "bash"));
        Tools.require("bash");
        Tools.run("bash", "-n", script.toString());
        String completed = Tools.run(
                "bash",
                "-c",
                "source \"$1\"; COMP_WORDS=(rump4j tre); COMP_CWORD=1; _complete_rump4j; echo \"${COMPREPLY[@]}\"",
                "bash",
                script.toString());
        assertEquals("tree", completed.strip());
    }
}
