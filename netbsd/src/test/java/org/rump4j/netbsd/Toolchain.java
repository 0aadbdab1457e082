package org.rump4j.netbsd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.rump4j.netbsd.elf.Machine;

/** The system's compiler, linker, {@code readelf}, and tools for images. Tests that need them are skipped where they are not installed. */
public final class Toolchain {
    private static final List<String> DIRECTORIES = List.of("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin");

    private Toolchain() {}

    /** Skips the test unless objects can be made and called here. */
    public static void assumeNative() {
        Maps.assumeLinux();
        Assumptions.assumeTrue(Machine.host() != null, "objects of this machine cannot be linked");
        String _ = find("cc");
    }

    /**
     * Compiles a library of one file of C.
     *
     * @param name the component's
     * @param flags for compiler and linker
     */
    public static Path library(Path dir, String name, String source, String... flags) throws IOException {
        List<String> all = new ArrayList<>(List.of(flags));
        if (Machine.host() == Machine.aarch64()) {
            all.add("-mtls-dialect=trad");
        }
        return library("cc", dir, name, source, all);
    }

    /** Compiles an object that can be relocated, of one file of C. */
    public static Path object(Path dir, String name, String source, String... flags) throws IOException {
        Path c = Files.writeString(dir.resolve(name + ".c"), source);
        Path out = dir.resolve(name + ".o");
        List<String> command = new ArrayList<>(List.of(find("cc"), "-c", "-O1"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-o", out.toString(), c.toString()));
        String _ = run(command);
        return out;
    }

    /** Compiles a library for AArch64 on whatever this is. */
    public static Path aarch64Library(Path dir, String name, String source, String... flags) throws IOException {
        return library("aarch64-linux-gnu-gcc", dir, name, source, List.of(flags));
    }

    private static Path library(String compiler, Path dir, String name, String source, List<String> flags)
            throws IOException {
        Path c = Files.writeString(dir.resolve(name + ".c"), source);
        Path out = dir.resolve("lib" + name + ".so");
        List<String> command = new ArrayList<>(List.of(find(compiler), "-shared", "-fPIC", "-O1", "-nostdlib"));
        command.addAll(flags);
        command.addAll(List.of("-o", out.toString(), c.toString()));
        String _ = run(command);
        return out;
    }

    /** What {@code readelf} says of a file. */
    public static String readelf(Path file, String... options) throws IOException {
        return asked("readelf", file, options);
    }

    /** What {@code objdump} says of a file. */
    public static String objdump(Path file, String... options) throws IOException {
        return asked("objdump", file, options);
    }

    private static String asked(String tool, Path file, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(find(tool)));
        command.addAll(List.of(options));
        command.add(file.toString());
        return run(command);
    }

    /** What a tool says that has to go well. */
    public static String run(String tool, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(find(tool)));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static String run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ":\n" + text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return text;
    }

    private static String find(String tool) {
        for (String directory : DIRECTORIES) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return directory + "/" + tool;
            }
        }
        Assumptions.abort(tool + " is not installed");
        throw new AssertionError();
    }
}
