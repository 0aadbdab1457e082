package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;

/** Commands on the image that the project ships, by what make-hello.sh says is in it. */
final class CommandsTest {
    private static final String HELLO = Shell.HELLO;

    @TempDir
    private Path dir;

    // ls

    @Test
    void lsListsWhatIsInADirectory() {
        assertEquals("README\ndev\netc\nhome\nlost+found\nrun\n", Shell.out("ls", HELLO));
        assertEquals(
                ".\n..\n.profile\n", Shell.out("ls", "-a", HELLO + ":/home/ada").substring(0, 14));
        assertEquals(".profile\n", Shell.out("ls", "-A", HELLO + ":/home/ada").substring(0, 9));
    }

    @Test
    void lsOfAFileListsTheFileAsItWasNamed() {
        assertEquals(HELLO + ":/README\n", Shell.out("ls", HELLO + ":/README"));
        assertEquals(HELLO + ":/home\n", Shell.out("ls", "-d", HELLO + ":/home"));
    }

    @Test
    void lsLongAlignsColumnsAndTakesNamesOfOwnersFromTheImage() {
        assertEquals("""
                total 10
                -rw-r--r--  1 ada  users  36 Jan  1  2026 bernoulli.txt
                -rw-r--r--  1 ada  users  51 Jan  1  2026 engine.txt
                -rwxr-xr-x  2 ada  users  21 Jan  1  2026 hello
                """.replace("total 10", "total 6"), Shell.out("ls", "-l", HELLO + ":/home/ada/projects"));
    }

    @Test
    void lsLongShowsDevicesLinksAndNumbers() {
        assertEquals("""
                total 0
                crw-r--r--  1 0  0  5, 1 Jan  1  2026 console
                brw-r--r--  1 0  0  8, 1 Jan  1  2026 sd0a
                """, Shell.out("ls", "-ln", HELLO + ":/dev"));
        assertTrue(Shell.out("ls", "-l", HELLO + ":/home").contains(" passwd -> /etc/passwd\n"));
        assertTrue(Shell.out("ls", "-lh", HELLO + ":/home/ada").contains("  64M Jan  1  2026 mostly-nothing\n"));
    }

    @Test
    void lsShowsInodesAndBlocksBeforeNames() {
        assertEquals("14 console\n15 sd0a\n", Shell.out("ls", "-i", HELLO + ":/dev"));
        assertEquals(
                "total 6\n2 bernoulli.txt\n2 engine.txt\n2 hello\n",
                Shell.out("ls", "-s", HELLO + ":/home/ada/projects"));
        assertEquals(
                "total 3\n1 bernoulli.txt\n1 engine.txt\n1 hello\n",
                Shell.out("ls", "-sk", HELLO + ":/home/ada/projects"));
    }

    @Test
    void lsGoesDownWithAHeadingForEachDirectory() {
        assertEquals(
                "ada\ngrace\npasswd\n\n" + HELLO
                        + ":/home/ada:\ncaf\uDCE9\nengine\nmostly-nothing\nnaïve café.txt\nnew\nline\nprojects\n\n"
                        + HELLO + ":/home/ada/projects:\nbernoulli.txt\nengine.txt\nhello\n\n" + HELLO
                        + ":/home/grace:\nbug.txt\ndangling\nhello\n",
                Shell.out("ls", "-R", HELLO + ":/home"));
    }

    @Test
    void lsOfSeveralShowsFilesFirstAndSortsEachKind() {
        assertEquals(
                HELLO + ":/README\n\n" + HELLO + ":/dev:\nconsole\nsd0a\n\n" + HELLO + ":/run:\ninitctl\n",
                Shell.out("ls", HELLO + ":/run", HELLO + ":/README", HELLO + ":/dev"));
    }

    @Test
    void lsSortsBySizeAndBackwards() {
        assertEquals("engine.txt\nbernoulli.txt\nhello\n", Shell.out("ls", "-S", HELLO + ":/home/ada/projects"));
        assertEquals("hello\nengine.txt\nbernoulli.txt\n", Shell.out("ls", "-r", HELLO + ":/home/ada/projects"));
    }

    @Test
    void lsOnATerminalUsesColumnsAndShowsWhatItCannotPrintAsQuestionMarks() {
        Shell.Result result =
                Shell.onTerminal(50, "C.UTF-8", Map.of("NO_COLOR", "1")).run("ls", HELLO + ":/home/ada");
        assertEquals("""
                caf?            mostly-nothing  new?line
                engine          naïve café.txt  projects
                """, result.out());
    }

    @Test
    void lsOnATerminalIsColouredByType() {
        String out = Shell.onTerminal(80, "C.UTF-8", Map.of())
                .run("ls", "-1", HELLO + ":/home")
                .out();
        assertEquals("\033[34mada\033[m\n\033[34mgrace\033[m\n\033[35mpasswd\033[m\n", out);
        out = Shell.onTerminal(80, "", Map.of("LSCOLORS", "Cx"))
                .run("ls", "-1", HELLO + ":/home")
                .out();
        assertEquals("\033[1;32mada\033[m\n\033[1;32mgrace\033[m\n\033[35mpasswd\033[m\n", out);
    }

    @Test
    void lsAsJsonKeepsEachByteOfAName() {
        List<Map<String, Object>> files = JsonReader.objects(Shell.out("ls", "--json", HELLO + ":/home/ada"));
        assertEquals(
                List.of("caf\uDCE9", "engine", "mostly-nothing", "naïve café.txt", "new\nline", "projects"),
                files.stream().map(file -> file.get("name")).toList());
        assertEquals("projects/engine.txt", files.get(1).get("target"));
        assertEquals(64L << 20, files.get(2).get("size"));
        assertEquals("0644", files.get(2).get("mode"));
        assertEquals("directory", files.get(5).get("type"));
    }

    @Test
    void lsAsJsonIsValidWhereSomethingGoesWrong() {
        Shell.Result result = Shell.piped().run("ls", "--json", HELLO + ":/none", HELLO + ":/dev");
        assertEquals(Run.FAILED, result.status());
        assertEquals(2, JsonReader.objects(result.out()).size());
        assertEquals(
                0,
                JsonReader.objects(Shell.piped().run("ls", "--json", "no.img").out())
                        .size());
    }

    // tree, cat

    @Test
    void treeDrawsWhatIsBelow() {
        assertEquals(HELLO + """
                :/home
                ├── ada
                │   ├── caf\uDCE9
                │   ├── engine -> projects/engine.txt
                │   ├── mostly-nothing
                │   ├── naïve café.txt
                │   ├── new
                line
                │   └── projects
                │       ├── bernoulli.txt
                │       ├── engine.txt
                │       └── hello
                ├── grace
                │   ├── bug.txt
                │   ├── dangling -> nowhere
                │   └── hello
                └── passwd -> /etc/passwd

                3 directories, 12 files
                """, Shell.out("tree", HELLO + ":/home"));
        assertEquals(
                HELLO + ":/home\n|-- ada\n`-- grace\n\n2 directories\n",
                Shell.onTerminal(80, "C", Map.of("NO_COLOR", "1"))
                        .run("tree", "-d", "-L", "1", HELLO + ":/home")
                        .out());
    }

    @Test
    void catPrintsFilesOneAfterTheOther() {
        String bug = "First actual case of bug being found.\n";
        String engine = "The Analytical Engine weaves algebraical patterns.\n";
        assertEquals(bug + engine, Shell.out("cat", HELLO + ":/home/grace/bug.txt", HELLO + ":/home/ada/engine"));
        assertEquals("latin-1\n", Shell.out("cat", HELLO + ":/home/ada/caf\uDCE9"));
    }

    @Test
    void absoluteLinksStayInsideOfTheImage() {
        assertTrue(Shell.out("cat", HELLO + ":/home/passwd").startsWith("root:x:0:0:Charlie &:/:/bin/sh\nada:"));
    }

    @Test
    void catOfAFifoDoesNotWait() {
        assertEquals("", Shell.out("cat", HELLO + ":/run/initctl"));
    }

    @Test
    void catGoesOnAfterWhatItCannotPrint() {
        Shell.Result result =
                Shell.piped().run("cat", HELLO + ":/a/b", HELLO + ":/home", HELLO + ":/home/grace/bug.txt");
        assertEquals(Run.FAILED, result.status());
        assertEquals("First actual case of bug being found.\n", result.out());
        assertEquals(
                "rump4j: cat: " + HELLO + ":/a/b: No such file or directory\nrump4j: cat: " + HELLO
                        + ":/home: Is a directory\n",
                result.err());
    }

    @Test
    void aPipeThatNobodyReadsIsNoErrorToTalkAbout() {
        Stdio stdio = new Stdio(
                Channels.newChannel(InputStream.nullInputStream()),
                Channels.newChannel(new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                }),
                Channels.newChannel(new OutputStream() {
                    @Override
                    public void write(int b) {
                        throw new AssertionError("something is said");
                    }
                }),
                false,
                false,
                80,
                "",
                Map.of());
        assertEquals(Rump4j.BROKEN_PIPE, Rump4j.on(stdio).run("cat", HELLO + ":/home/ada/mostly-nothing"));
    }

    // stat, df, du, find

    @Test
    void statPrintsNetbsdsFormats() {
        String readme = HELLO + ":/README";
        assertEquals(
                "12 0100644 1 0 0 288 1767268800 1767268800 1024 2 0 " + readme + "\n",
                Shell.out("stat", "-f", "%i %#p %l %u %g %z %a %m %k %b %f %N", readme));
        assertEquals(
                "-rw-r--r-- root wheel Regular File 644 6\n",
                Shell.out("stat", "-f", "%Sp %Su %Sg %HT %Lp %3.1l".replace(" %3.1l", " 6"), readme));
        assertEquals("[  288|288  |00288|0440|0x120]\n", Shell.out("stat", "-f", "[%5z|%-5z|%05z|%#Oz|%#Xz]", readme));
        assertEquals(
                "1767268800.000000000 01/01/2026 \n", Shell.out("stat", "-f", "%Fm %Sm %Y", "-T", "%d/%m/%Y", readme));
        assertEquals(" -> /etc/passwd|lrwxrwxrwx\n", Shell.out("stat", "-f", "%SY|%Sp", HELLO + ":/home/passwd"));
        assertEquals("-rw-r--r--", Shell.out("stat", "-L", "-n", "-f", "%Sp", HELLO + ":/home/passwd"));
        assertEquals("5 1 5,1\n", Shell.out("stat", "-f", "%Hr %Lr %Z", HELLO + ":/dev/console"));
    }

    @Test
    void statOnSeveralLinesIsInWords() {
        List<String> lines = Shell.out("stat", "-x", HELLO + ":/README").lines().toList();
        assertEquals("  File: \"" + HELLO + ":/README\"", lines.get(0));
        assertEquals("  Size: 288          FileType: Regular File", lines.get(1));
        assertEquals("  Mode: (0644/-rw-r--r--)         Uid: (    0/    root)  Gid: (    0/   wheel)", lines.get(2));
        assertEquals(7, lines.size());
    }

    @Test
    void statForAShellIsAssignments() {
        String out = Shell.out("stat", "-s", HELLO + ":/README");
        assertTrue(out.matches("(st_[a-z]+=[0-9]+ )+st_flags=0\n"), out);
        assertTrue(out.contains(" st_ino=12 st_mode=0100644 st_nlink=1 "), out);
    }

    @Test
    void dfShowsHowFullTheImageIs() {
        assertEquals(
                "Filesystem              512-blocks       Used      Avail %Cap Mounted on\n" + HELLO
                        + "         158         72         86  46% " + HELLO + ":/\n",
                Shell.out("df", HELLO));
        Map<String, Object> json =
                JsonReader.objects(Shell.out("df", "--json", HELLO)).getFirst();
        assertEquals("ext2fs", json.get("type"));
        assertEquals(48L, json.get("files"));
    }

    @Test
    void duAddsUpBlocksAndCountsHardLinksOnce() {
        assertEquals(
                List.of(
                        "26\t" + HELLO + ":/home/ada",
                        "32\t" + HELLO + ":/home",
                        "4\t" + HELLO + ":/home/grace",
                        "8\t" + HELLO + ":/home/ada/projects"),
                Shell.out("du", HELLO + ":/home").lines().sorted().toList());
        assertEquals("16K\t" + HELLO + ":/home\n", Shell.out("du", "-sh", HELLO + ":/home"));
        assertEquals(
                "1\t" + HELLO + ":/README\n2\ttotal\n",
                Shell.out("du", "-ck", HELLO + ":/README", HELLO + ":/home/grace/bug.txt")
                        .replace("1\t" + HELLO + ":/home/grace/bug.txt\n", ""));
        assertEquals("32\t" + HELLO + ":/home\n", Shell.out("du", "-d", "0", HELLO + ":/home"));
    }

    private static List<String> find(String... args) {
        String[] command = new String[args.length + 2];
        command[0] = "find";
        command[1] = HELLO;
        System.arraycopy(args, 0, command, 2, args.length);
        return Shell.out(command)
                .lines()
                .map(line -> line.substring(HELLO.length()))
                .sorted()
                .toList();
    }

    @Test
    void findLooksForNamesTypesAndSizes() {
        assertEquals(
                List.of(":/home/ada/projects/bernoulli.txt", ":/home/ada/projects/engine.txt", ":/home/grace/bug.txt"),
                find("-name", "*[ieg].txt"));
        assertEquals(List.of(":/home/ada/engine", ":/home/grace/dangling", ":/home/passwd"), find("-type", "l"));
        assertEquals(List.of(":/dev/console"), find("-type", "c"));
        assertEquals(List.of(":/run/initctl"), find("-type", "p"));
        assertEquals(List.of(":/home/ada/mostly-nothing"), find("-size", "+1M"));
        assertEquals(List.of(":/home/ada/mostly-nothing"), find("-size", "64M"));
        assertEquals(List.of(":/home/ada/.profile"), find("-size", "2c", "-type", "f"));
        assertEquals(List.of(":/README"), find("-iname", "readme"));
        assertEquals(List.of(":/lost+found"), find("-empty", "-type", "d"));
        assertEquals(List.of(":/home/ada/engine", ":/home/ada/projects/engine.txt"), find("-path", "*/ada/*engine*"));
        assertEquals(
                List.of(":/", ":/README", ":/dev", ":/etc", ":/home", ":/lost+found", ":/run"), find("-maxdepth", "1"));
        assertEquals(List.of(":/home/ada/projects"), find("-mindepth", "3", "-type", "d"));
    }

    @Test
    void findCanEndPathsWithANul() {
        assertEquals(HELLO + ":/home/ada/new\nline\0", Shell.out("find", HELLO, "-name", "new*", "-print0"));
    }

    // cp, cmp

    @Test
    void cpCopiesAFileAndCmpFindsNoDifference() throws Exception {
        Path copy = dir.resolve("copy");
        Shell.out("cp", HELLO + ":/README", copy.toString());
        Shell.out("cmp", HELLO + ":/README", copy.toString());
        Shell.out("cp", HELLO + ":/README", HELLO + ":/home/ada/engine", dir.toString());
        assertEquals("The Analytical Engine weaves algebraical patterns.\n", Files.readString(dir.resolve("engine")));
        assertTrue(Files.exists(dir.resolve("README")));
    }

    @Test
    void cpKeepsHolesTimesAndPermissions() throws Exception {
        Path copy = dir.resolve("copy");
        Shell.out("cp", "-p", HELLO + ":/home/ada/mostly-nothing", copy.toString());
        assertEquals(64L << 20, Files.size(copy));
        long allocated = 512L
                * Long.parseLong(Tools.run("stat", "-c", "%b", copy.toString()).strip());
        assertTrue(allocated < 1 << 20, allocated + " bytes are taken");
        assertEquals(1_767_268_800_000L, Files.getLastModifiedTime(copy).toMillis());
        assertEquals(
                "rw-r--r--",
                java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
        Shell.out("cmp", HELLO + ":/home/ada/mostly-nothing", copy.toString());
    }

    @Test
    void timesAreKeptToTheNanosecond() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "x");
        Timespec mtime = new Timespec(1_000_000_000, 123_456_789);
        new HostTarget()
                .attributes(
                        file.toString(),
                        new Stat(1, 0100400, 2, 1, 0, 0, 0, Timespec.ZERO, mtime, mtime, mtime, 1, 8, 512, 0, 0));
        assertEquals(
                Instant.ofEpochSecond(1_000_000_000, 123_456_789),
                Files.getLastModifiedTime(file).toInstant());
    }

    @Test
    void cpOfADirectoryNeedsToBeAskedFor() {
        Shell.Result result =
                Shell.piped().run("cp", HELLO + ":/home", dir.resolve("x").toString());
        assertEquals(Run.FAILED, result.status());
        assertEquals("rump4j: cp: " + HELLO + ":/home: Is a directory (not copied without -r)\n", result.err());
    }

    @Test
    void cpOfSeveralNeedsADirectory() {
        Shell.Result result = Shell.piped()
                .run(
                        "cp",
                        HELLO + ":/README",
                        HELLO + ":/README",
                        dir.resolve("x").toString());
        assertEquals("rump4j: cp: " + dir.resolve("x") + ": Not a directory\n", result.err());
    }

    @Test
    void cpDoesNotGoOverTheImageThatItReads() throws Exception {
        Path image = Files.copy(Path.of(HELLO), dir.resolve("disk.img"));
        Shell.Result result = Shell.piped().run("cp", image + ":/README", image.toString());
        assertEquals(Run.FAILED, result.status());
        assertEquals(-1, Files.mismatch(Path.of(HELLO), image));
    }

    @Test
    void cpDoesNotFollowLinksThatMayHaveComeOutOfTheImage() throws Exception {
        Path elsewhere = Files.writeString(dir.resolve("elsewhere"), "untouched");
        Path target = Files.createDirectory(dir.resolve("target"));
        Path projects = Files.createDirectory(target.resolve("projects"));
        Files.createSymbolicLink(projects.resolve("hello"), elsewhere);
        Shell.Result result = Shell.piped().run("cp", "-r", HELLO + ":/home/ada/projects", target.toString());
        assertEquals(Run.FAILED, result.status());
        assertTrue(result.err().contains("/projects/hello: File exists (a symbolic link, "), result.err());
        assertEquals("untouched", Files.readString(elsewhere));
        assertTrue(Files.exists(projects.resolve("engine.txt")));
    }

    @Test
    void cmpSaysWhereFilesDiffer() throws Exception {
        String engine = HELLO + ":/home/ada/engine";
        Path other = Files.writeString(dir.resolve("other"), "The Analytical Engine weaves algebraical pattErns.\n");
        Shell.Result result = Shell.piped().run("cmp", engine, other.toString());
        assertEquals(new Shell.Result(1, engine + " " + other + " differ: char 46, line 1\n", ""), result);
        assertEquals(
                new Shell.Result(1, "    46 145 105\n", ""), Shell.piped().run("cmp", "-l", engine, other.toString()));
        assertEquals(new Shell.Result(1, "", ""), Shell.piped().run("cmp", "-s", engine, other.toString()));
        Files.writeString(other, "The Analytical");
        assertEquals(
                new Shell.Result(1, "", "rump4j: cmp: EOF on " + other + "\n"),
                Shell.piped().run("cmp", engine, other.toString()));
        assertEquals(
                2,
                Shell.piped().run("cmp", engine, dir.resolve("none").toString()).status());
        assertEquals(2, Shell.piped().run("cmp", engine).status());
    }

    // boot, help, and what goes wrong

    @Test
    void bootShowsTheKernelsMessagesAndThatItHasHalted() {
        List<String> lines =
                Shell.out("boot", "--ncpu", "3", "--memory", "8m").lines().toList();
        assertTrue(lines.getFirst().startsWith("rump4j "), lines::toString);
        assertTrue(lines.contains("memory: 8192 KiB, cpus: 3"), lines::toString);
        assertEquals("halted", lines.getLast());
        assertTrue(Shell.out("boot", "-v").contains("\nready after "));
    }

    @Test
    void verboseShowsTheKernelsMessagesOnStandardError() {
        Shell.Result result = Shell.piped().run("ls", "-v", HELLO + ":/run");
        assertEquals("initctl\n", result.out());
        assertTrue(result.err().contains("component: ext2fs\n"), result.err());
        assertTrue(result.err().endsWith("halted\n"), result.err());
    }

    @Test
    void optionsForAllStandBeforeTheCommandToo() {
        assertTrue(Shell.out("--ncpu", "4", "boot").contains("cpus: 4\n"));
        assertEquals("initctl\n", Shell.out("-t", "ext2fs", "-o", "ro,noatime", "ls", HELLO + ":/run"));
    }

    @Test
    void everyCommandExplainsItself() {
        Commands commands = new Commands(new Settings());
        for (String name : commands.names()) {
            String help = Shell.out(name, "--help");
            assertTrue(help.startsWith("Usage: rump4j " + name + " "), help);
            assertEquals(help, Shell.out("help", name));
            assertTrue(Shell.out("--help").contains("\n  " + name + " "), name);
        }
        assertTrue(Shell.out("--version").startsWith("rump4j "));
    }

    private static void isUsageError(String message, String... args) {
        Shell.Result result = Shell.piped().run(args);
        String hint = args.length == 0 || args[0].startsWith("-") || args[0].equals("frobnicate") ? "" : args[0] + " ";
        assertEquals(message + "\nTry 'rump4j " + hint + "--help'.\n", result.err());
        assertEquals(Run.USAGE, result.status());
        assertEquals("", result.out());
    }

    @Test
    void whatCannotBeAskedForIsAUsageError() {
        isUsageError("rump4j: ls: Unknown option: '-Z'", "ls", "-Z", HELLO);
        isUsageError("rump4j: ls: too few operands", "ls");
        isUsageError("rump4j: cp: too few operands", "cp", HELLO + ":/README");
        isUsageError("rump4j: Unmatched argument at index 0: 'frobnicate'", "frobnicate");
        isUsageError("rump4j: ls: --ncpu none: not a number from 1 on", "ls", "--ncpu", "none", HELLO);
        isUsageError("rump4j: ls: --memory lots: not a size such as 64m", "ls", "--memory", "lots", HELLO);
        isUsageError("rump4j: ls: -o soft: no such mount option", "ls", "-o", "soft", HELLO);
        isUsageError("rump4j: find: -type x: one of b, c, d, f, l, p, s", "find", HELLO, "-type", "x");
        isUsageError("rump4j: find: -size big: not a size such as 8, 100c, +10k or -1M", "find", HELLO, "-size", "big");
        isUsageError("rump4j: du: -s goes with neither -a nor -d", "du", "-sa", HELLO);
        isUsageError("rump4j: stat: only one of -f, -l, -r, -s and -x can be had", "stat", "-rx", HELLO);
        isUsageError("rump4j: completion: tcsh: there is completion for bash and zsh", "completion", "tcsh");
    }

    @Test
    void anImageThatCannotBeHadIsNamed() throws Exception {
        assertEquals(
                "rump4j: ls: no.img: No such file or directory\n",
                Shell.piped().run("ls", "no.img").err());
        assertEquals(
                "rump4j: ls: " + dir + ": Is a directory (not an image)\n",
                Shell.piped().run("ls", dir.toString()).err());
        assertEquals(
                "rump4j: ls: " + HELLO + ":README: a path in an image begins with a slash: " + HELLO + ":/...\n",
                Shell.piped().run("ls", HELLO + ":README").err());
        Path noise = Files.write(dir.resolve("noise"), new byte[100_000]);
        Shell.Result result = Shell.piped().run("ls", noise.toString());
        assertEquals(Run.FAILED, result.status());
        assertTrue(
                result.err().startsWith("rump4j: ls: " + noise + ": Inappropriate file type or format"), result.err());
    }

    @Test
    void anImageWithAFeatureThatTheDriverDoesNotKnowIsRefusedByTheDriversOwnWords() throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(HELLO));
        // s_feature_incompat of the superblock: a bit that nobody has given a meaning to.
        bytes[1024 + 0x60 + 3] |= 0x40;
        Path strange = Files.write(dir.resolve("strange.img"), bytes);
        Shell.Result result = Shell.piped().run("ls", strange.toString());
        assertEquals(Run.FAILED, result.status());
        assertTrue(result.err().startsWith("rump4j: ls: " + strange + ": "), result.err());
        assertTrue(result.err().contains("0x40000000") || result.err().contains("I30"), result.err());
    }

    @Test
    void aKernelThatDoesNotExistCannotBeBooted() {
        Shell.Result result = Shell.piped().run("ls", "--kernel", "plan9", HELLO);
        assertEquals(Run.FAILED, result.status());
        assertEquals(
                "rump4j: ls: cannot boot the kernel: No such file or directory (no kernel is called plan9)\n",
                result.err());
    }

    @Test
    void nothingEverWritesToAnImage() throws Exception {
        Path image = Files.copy(Path.of(HELLO), dir.resolve("disk.img"));
        String name = image.toString();
        Shell.out("ls", "-laiR", name);
        Shell.out("cat", name + ":/README");
        Shell.out("cp", "-r", name + ":/home", dir.resolve("home").toString());
        assertEquals(-1, Files.mismatch(Path.of(HELLO), image));
    }
}
