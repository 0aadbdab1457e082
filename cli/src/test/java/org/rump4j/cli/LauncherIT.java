package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.PathCodec;

/** {@code ./rump4j} itself, with what the build has made. */
final class LauncherIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final int FILES = 2000;

    @TempDir
    private Path dir;

    private Shell.Result run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path out = dir.resolve("stdout");
        Path err = dir.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
        builder.environment().putAll(environment);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        int status = process.waitFor();
        return new Shell.Result(
                status, PathCodec.decode(Files.readAllBytes(out)), PathCodec.decode(Files.readAllBytes(err)));
    }

    private Shell.Result sh(String script) throws IOException, InterruptedException {
        return run(Map.of(), "sh", "-c", script);
    }

    @Test
    void theCommandOfTheReadmeLists() throws Exception {
        assertEquals(
                new Shell.Result(0, "README\ndev\netc\nhome\nlost+found\nrun\n", ""),
                sh("./rump4j ls examples/hello.ext2"));
    }

    @Test
    void itIsFoundThroughASymbolicLinkAndFromAnotherDirectory() throws Exception {
        Files.createSymbolicLink(dir.resolve("r4j"), ROOT.resolve("rump4j"));
        Shell.Result result =
                sh("cd '" + dir + "' && cp '" + ROOT + "/examples/hello.ext2' . && ./r4j ls hello.ext2:/run");
        assertEquals(new Shell.Result(0, "initctl\n", ""), result);
    }

    @Test
    void namesAreBytesInAnyLocale() throws Exception {
        for (String locale : List.of("C", "C.UTF-8", "de_DE.ISO-8859-1", "xx_XX.UTF-8")) {
            Shell.Result result = run(
                    Map.of("LC_ALL", locale),
                    "sh",
                    "-c",
                    "./rump4j cat \"$(printf 'examples/hello.ext2:/home/ada/caf\\351')\" \"$(printf 'examples/hello.ext2:/home/ada/na\\303\\257ve caf\\303\\251.txt')\"");
            assertEquals(new Shell.Result(0, "latin-1\nnaturally\n", ""), result, locale);
        }
    }

    @Test
    void aPipeThatIsClosedIsSilent() throws Exception {
        Shell.Result result =
                sh("{ ./rump4j cat examples/hello.ext2:/home/ada/mostly-nothing; echo $? >&2; } | head -c 5");
        assertEquals(new Shell.Result(0, "first", "141\n"), result);
    }

    @Test
    void aFullDiskIsNot() throws Exception {
        if (Files.exists(Path.of("/dev/full"))) {
            Shell.Result result = sh("./rump4j ls examples/hello.ext2 >/dev/full");
            assertEquals(new Shell.Result(1, "", "rump4j: ls: standard output: No space left on device\n"), result);
        }
    }

    @Test
    void statusesReachTheShell() throws Exception {
        assertEquals(1, sh("./rump4j cat examples/hello.ext2:/none").status());
        assertEquals(2, sh("./rump4j ls").status());
        assertEquals(0, sh("./rump4j boot").status());
    }

    @Test
    void theAotCacheIsUsed() throws Exception {
        // On pain of an error where it cannot be.
        Shell.Result result = sh("d=cli/target/rump4j; $(cat $d/jdk)/bin/java @cli/src/build/jvm.options -XX:AOTMode=on"
                + " -XX:AOTCache=\"$PWD/$d/rump4j.aot\" --module-path \"$PWD/$d/lib\" --module org.rump4j.cli/org.rump4j.cli.Rump4j"
                + " ls examples/hello.ext2:/run");
        assertEquals(new Shell.Result(0, "initctl\n", ""), result);
    }

    @Test
    void netbsdsKernelMayBeCalledWithoutAWordFromTheJvm() throws Exception {
        assumeTrue(System.getenv("RUMP4J_NETBSD") != null, "RUMP4J_NETBSD is not set");
        assertEquals(new Shell.Result(0, "initctl\n", ""), sh("./rump4j ls --kernel netbsd examples/hello.ext2:/run"));
    }

    @Test
    void withoutTheAotCacheItWorksAllTheSame() throws Exception {
        Files.writeString(dir.resolve("bad.aot"), "no cache at all");
        Shell.Result result = sh(
                "d=cli/target/rump4j; $(cat $d/jdk)/bin/java @cli/src/build/jvm.options -XX:AOTCache='" + dir
                        + "/bad.aot' --module-path \"$PWD/$d/lib\" --module org.rump4j.cli/org.rump4j.cli.Rump4j ls examples/hello.ext2:/run");
        assertEquals("initctl\n", result.out());
        assertEquals("", result.err());
    }

    @Test
    void withoutAJdkOneSentenceSaysWhatToInstall() throws Exception {
        Path root = Files.createDirectory(dir.resolve("copy"));
        Files.createDirectory(root.resolve("etc"));
        Files.copy(ROOT.resolve("rump4j"), root.resolve("rump4j"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        // No JDK is new enough.
        Files.writeString(
                root.resolve("etc/find-jdk.sh"),
                Files.readString(ROOT.resolve("etc/find-jdk.sh")).replace("RUMP4J_JDK_MIN=25", "RUMP4J_JDK_MIN=1000"));
        Shell.Result result = run(new HashMap<>(), root.resolve("rump4j").toString(), "ls");
        assertEquals(1, result.status());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("rump4j: no JDK 1000 or newer was found: install one "), result.err());
    }

    @Test
    void aSignalInTheMiddleOfACopyLeavesAConsistentImage() throws Exception {
        Tools.require("mke2fs", "e2fsck");
        Path image = Tools.emptyImage(dir, "disk.img", "4G", "-b", "4096");
        Path tree = Files.createDirectory(dir.resolve("tree"));
        byte[] bytes = new byte[1 << 20];
        new Random(1).nextBytes(bytes);
        Path first = Files.write(tree.resolve("file0"), bytes);
        for (int i = 1; i < FILES; i++) {
            Files.createLink(tree.resolve("file" + i), first);
        }
        for (String signal : List.of("INT", "TERM")) {
            Path err = dir.resolve("stderr");
            Process process = new ProcessBuilder(
                            "env",
                            "--default-signal=INT",
                            "./rump4j",
                            "cp",
                            "-rv",
                            tree.toString(),
                            image + ":/" + signal)
                    .directory(ROOT.toFile())
                    .redirectError(err.toFile())
                    .start();
            // Lines come by the buffer: when the first are here, a few hundred MiB have been copied, and most have not.
            InputStream out = process.getInputStream();
            for (int lines = 0; lines < 5; ) {
                int c = out.read();
                assertTrue(c >= 0, Files.readString(err));
                lines += c == '\n' ? 1 : 0;
            }
            Tools.run("kill", "-" + signal, Long.toString(process.pid()));
            out.transferTo(OutputStream.nullOutputStream());
            assertEquals(signal.equals("INT") ? 130 : 143, process.waitFor(), Files.readString(err));
            assertEquals("", Files.readString(err));
            Tools.check(image);
            long copied = Shell.out("ls", image + ":/" + signal).lines().count();
            assertTrue(copied >= 4 && copied < FILES, copied + " files");
        }
    }
}
