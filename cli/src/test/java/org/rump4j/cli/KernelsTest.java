package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same commands on the java kernel and on NetBSD's own: one is the judge of the other. Where NetBSD's driver of ext2 does something
 * else than ours, a test says what and why.
 */
final class KernelsTest {
    private static final List<String> KERNELS = List.of("java", "netbsd");

    @TempDir
    private Path dir;

    @BeforeEach
    void needsNetbsd() {
        Assumptions.assumeTrue(System.getenv("RUMP4J_NETBSD") != null, "RUMP4J_NETBSD is not set");
    }

    private static Shell.Result on(String kernel, Shell shell, List<String> command) {
        List<String> args = new ArrayList<>(command);
        args.add(1, "--kernel");
        args.add(2, kernel);
        return shell.run(args.toArray(String[]::new));
    }

    private static Shell.Result on(String kernel, String... command) {
        return on(kernel, Shell.piped(), List.of(command));
    }

    private static String out(String kernel, String... command) {
        Shell.Result result = on(kernel, command);
        assertEquals(new Shell.Result(Run.OK, result.out(), ""), result);
        return result.out();
    }

    // Reading

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ls @",
                "ls -laiR @",
                "ls -lnsT @:/home/ada",
                "tree @",
                "cat @:/README @:/home/passwd",
                "stat -f %i,%p,%l,%u,%g,%z,%a,%m,%c,%b,%N @:/README @:/dev/console @:/home/grace/dangling",
                "find @ -newer @:/README",
                "find @ -type f -size +0",
                "du -a @",
                "df -ki @",
                "df --json @",
                "cmp @:/README @:/home/ada/engine",
                "tar -cf - @:/home/grace",
                "cat @:/none",
                "ls @:/README/none",
                "cat @:/home",
                "ls none.img",
                "rm -o ro @:/README",
            })
    void readingLooksTheSame(String words) {
        List<String> command = List.of(words.replace("@", Shell.HELLO).split(" ", -1));
        assertEquals(on("java", Shell.piped(), command), on("netbsd", Shell.piped(), command));
    }

    @Test
    void filesAreCopiedOutWithTheirOwnersAndTimes() throws Exception {
        for (String kernel : KERNELS) {
            out(kernel, "cp", "-a", Shell.HELLO + ":/home", dir.resolve(kernel).toString());
        }
        Tools.assertSameTree(dir.resolve("java"), dir.resolve("netbsd"));
    }

    // Writing

    private static final String SCRIPT = """
            cp -a SOURCE :/source
            mkdir -p :/a/b/c
            mkdir :/a
            cp SOURCE/flat :/file
            cp :/file :/file2
            mv :/file2 :/a/b
            mv :/a/b/file2 SOURCE/none/file
            ln :/file :/hard
            ln -s file :/soft
            ln :/none :/hard2
            chmod -R u=rwX,go= :/a
            chown -R 7:8 :/a
            touch -d 2020-02-02T02:02:02 :/t
            truncate -s 3 :/file
            mkfifo :/fifo
            mknod :/null c 2 2
            cat :/file :/hard
            stat -f %z,%l,%u,%Lp,%N :/file :/t :/a/b
            rm :/source/big
            rm -r :/source/d
            rmdir :/a
            rmdir :/a/b/c
            tar -cf ARCHIVE :/a
            tar -xf ARCHIVE :/source
            cmp :/file SOURCE/flat
            sync :/
            rm -r :/
            """;

    /** A script that goes on where something fails, and a command that reads standard input; gives the image. */
    private Path written(String kernel, StringBuilder said) throws Exception {
        Path image = Tools.emptyImage(dir, "disk.img", "8M", "-b", "1024", "-I", "256");
        Path source = dir.resolve("source");
        if (!Files.exists(source)) {
            Files.createDirectories(source.resolve("d/e"));
            Files.writeString(source.resolve("flat"), "some text\n");
            Files.write(source.resolve("big"), new byte[3_000_000]);
            Files.createSymbolicLink(source.resolve("to-d"), Path.of("d"));
        }
        String text = SCRIPT.replace("SOURCE", source.toString())
                .replace("ARCHIVE", dir.resolve("archive").toString());
        String[] script = {"-k", "--kernel", kernel, "--image", image.toString(), "--script", "-"};
        said.append(Shell.piped().reading(text).run(script));
        List<String> put = List.of("put", image + ":/put");
        said.append(on(kernel, Shell.piped().reading("from a pipe\n"), put));
        List<String> edit = List.of("edit", image + ":/put");
        said.append(on(kernel, Shell.piped(Map.of("EDITOR", "sed -i s/pipe/file/")), edit));
        said.append(out(kernel, "cat", image + ":/put"));
        Tools.check(image);
        return Files.move(image, dir.resolve(kernel + ".img"));
    }

    @Test
    void writingLeavesTheSameFilesAndIsToldTheSame() throws Exception {
        Tools.require("mke2fs", "e2fsck", "diff", "find", "sed");
        StringBuilder ours = new StringBuilder();
        StringBuilder theirs = new StringBuilder();
        Path java = written("java", ours);
        Path netbsd = written("netbsd", theirs);
        assertTrue(ours.toString().endsWith("from a file\n"), ours.toString());
        assertEquals(ours.toString(), theirs.toString());
        out("java", "cp", "-r", java.toString(), dir.resolve("java").toString());
        out("java", "cp", "-r", netbsd.toString(), dir.resolve("netbsd").toString());
        Tools.run(
                "diff",
                "-r",
                "--no-dereference",
                dir.resolve("java/source").toString(),
                dir.resolve("netbsd/source").toString());
        assertEquals(attributes(java), attributes(netbsd));
    }

    private static List<String> attributes(Path image) {
        return out("java", "stat", "-f", "%p %l %u %g %z %N", image + ":/", image + ":/a", image + ":/file")
                .lines()
                .map(line -> line.replace(image.toString(), "@"))
                .toList();
    }

    @Test
    void aCopyFromOneImageToAnotherNeedsBothDrivers() throws Exception {
        Tools.require("mke2fs", "e2fsck", "genisoimage");
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Files.writeString(tree.resolve("file"), "on a disc\n");
        Path disc = dir.resolve("disc.iso");
        Tools.run("genisoimage", "-quiet", "-R", "-o", disc.toString(), tree.toString());
        Path image = Tools.emptyImage(dir, "disk.img", "1M");
        out("netbsd", "cp", disc + ":/file", image + ":/");
        assertEquals("on a disc\n", out("netbsd", "cat", image + ":/file"));
        Tools.check(image);
    }

    // What is different

    @Test
    void theDriverOfNetbsdKnowsNoTimeOfBirthAndNumbersDevicesInItsOwnWay() {
        String readme = Shell.HELLO + ":/README";
        assertEquals("1767268800\n", out("java", "stat", "-f", "%B", readme));
        assertEquals("0\n", out("netbsd", "stat", "-f", "%B", readme));
        // The first image: a device of the root's driver, and one that etfs has made.
        assertEquals("3\n", out("java", "stat", "-f", "%d", readme));
        assertEquals("50432\n", out("netbsd", "stat", "-f", "%d", readme));
    }

    @Test
    void aFifoIsOpenedByAComponentThatHasToBeNamed() {
        String fifo = Shell.HELLO + ":/run/initctl";
        assertEquals("", out("java", "cat", fifo));
        assertEquals(
                new Shell.Result(Run.FAILED, "", "rump4j: cat: " + fifo + ": Operation not supported\n"),
                on("netbsd", "cat", fifo));
        String which = "netbsd:" + System.getenv("RUMP4J_NETBSD") + ",rumpfs_ext2fs,rumpvfs_fifofs";
        assertEquals("", out(which, "cat", fifo));
    }

    @Test
    void theDriverOfNetbsdTellsOfNoHolesAndAllocatesTheEndOfAFile() throws Exception {
        Tools.require("mke2fs", "e2fsck");
        for (String kernel : KERNELS) {
            Path archive = dir.resolve(kernel + ".tar");
            out(kernel, "tar", "-cf", archive.toString(), Shell.HELLO + ":/home/ada/mostly-nothing");
            // 64 MiB without data: SEEK_HOLE is no lseek(2) of NetBSD 7.
            assertEquals(kernel.equals("netbsd"), Files.size(archive) > 64 << 20, kernel);
            Path image = Tools.emptyImage(dir, "disk.img", "1M", "-b", "1024");
            out(kernel, "truncate", "-s", "100000", image + ":/file");
            // ufs' truncate(2) makes the last block, here with an indirect one, so that a file never ends in a hole.
            assertEquals(kernel.equals("netbsd") ? "4\n" : "0\n", out("java", "stat", "-f", "%b", image + ":/file"));
            Tools.check(image);
            Files.delete(image);
        }
    }

    // What is said where there is no such kernel

    private void assertNoKernel(String why, String... command) {
        assertEquals(
                new Shell.Result(
                        Run.FAILED,
                        "",
                        "rump4j: ls: cannot boot the kernel: No such file or directory (" + why + ")\n"),
                Shell.piped().run(command));
    }

    @Test
    void aFolderWithoutAKernelIsNamed() {
        assertNoKernel(
                dir + "/none: there is no such folder", "ls", "--kernel", "netbsd:" + dir + "/none", Shell.HELLO);
        assertNoKernel(
                dir + ": there is no kernel in this folder: no librump.so, nor lib/librump.so",
                "ls",
                "--kernel",
                "netbsd:" + dir,
                Shell.HELLO);
    }

    @Test
    void aDriverThatIsMissingIsNamed() {
        Shell.Result result = Shell.piped().run("ls", "--kernel", "netbsd", "-t", "plan9", Shell.HELLO);
        assertEquals(Run.FAILED, result.status());
        assertTrue(result.err().contains("(no driver for plan9 (rumpfs_plan9) in "), result.err());
        String which = "netbsd:" + System.getenv("RUMP4J_NETBSD") + ",rumpfs_ext3fs";
        result = Shell.piped().run("ls", "--kernel", which, Shell.HELLO);
        assertTrue(result.err().contains("rumpfs_ext3fs: there is no such component in "), result.err());
        assertTrue(result.err().contains("; is it rumpfs_ext2fs?"), result.err());
    }

    @Test
    void whatIsNoFileSystemIsNoneForNetbsdEither() throws Exception {
        Path noise = Files.write(dir.resolve("noise"), new byte[100_000]);
        Shell.Result result = on("netbsd", "ls", noise.toString());
        assertEquals(Run.FAILED, result.status());
        assertTrue(
                result.err().startsWith("rump4j: ls: " + noise + ": Inappropriate file type or format"), result.err());
    }

    // boot

    @Test
    void bootWithMinusVSaysWhyEachComponentIsThereAndWhatTheKernelSays() {
        Shell.Result result = Shell.piped().run("boot", "--kernel", "netbsd", "-c", "rumpfs_ffs,rumpnet_netinet", "-v");
        assertEquals(Run.OK, result.status(), result::toString);
        List<String> lines = result.lines();
        assertTrue(lines.contains("rumpfs_ffs: named"), result.out());
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("rumpnet: rumpnet_netinet needs rumpns_\\w+")),
                result.out());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("NetBSD ")), result.out());
        assertTrue(lines.contains("halted"), result.out());
        assertEquals(
                List.of(),
                Shell.piped().run("boot", "--kernel", "netbsd", "-c", "rumpvfs").lines().stream()
                        .filter(line -> line.contains(": named"))
                        .toList());
    }

    @Test
    void theJavaKernelHasNoChoiceOfComponents() {
        assertEquals(
                new Shell.Result(
                        Run.FAILED,
                        "",
                        "rump4j: boot: cannot boot the kernel: Invalid argument (the kernel java has all its components, and no"
                                + " choice of them)\n"),
                Shell.piped().run("boot", "-c", "rumpfs_ffs"));
    }

    // components

    @Test
    void componentsAreListedWithWhatTheyNeed() {
        String table = Shell.out("components");
        assertTrue(table.startsWith("rump  "), table);
        assertTrue(
                Pattern.compile("rumpfs_ext2fs +driver +[0-9.]+[KM]  ext2\n +needs .*rumpfs_ffs.*rumpvfs\n")
                        .matcher(table)
                        .find(),
                table);
        assertTrue(table.contains("has a half on the host: "), table);
        assertEquals(table, Shell.out("components", System.getenv("RUMP4J_NETBSD") + "/lib"));
    }

    @Test
    void componentsAreListedAsJson() throws Exception {
        List<Map<String, Object>> all = JsonReader.objects(Shell.out("components", "--json"));
        Map<String, Object> ffs = all.stream()
                .filter(one -> "rumpfs_ffs".equals(one.get("name")))
                .findFirst()
                .orElseThrow();
        assertEquals("driver", ffs.get("kind"));
        assertEquals(Files.size(Path.of(String.valueOf(ffs.get("file")))), ffs.get("size"));
        assertTrue(ffs.get("needs") instanceof List<?> needs && needs.contains("rumpvfs"));
    }

    @Test
    void aFolderWithoutComponentsIsNamed() {
        assertEquals(
                new Shell.Result(
                        Run.FAILED,
                        "",
                        "rump4j: components: " + dir
                                + ": there is no kernel in this folder: no librump.so, nor lib/librump.so\n"),
                Shell.piped().run("components", dir.toString()));
    }
}
