package org.rump4j.netbsd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.rump4j.netbsd.elf.Machine;

/** The system's compiler, linker, {@code readelf}, and tools for images. Tests that need them are skipped where they are not installed. */
public final class Toolchain {
    private Toolchain() {}

    /** Skips the test unless objects can be made and called here. */
    public static void assumeNative() {
        Maps.assumeLinux();
        Assumptions.assumeTrue(Machine.host() != null, "objects of this machine cannot be linked");
        Tool _ = Tool.named("cc");
    }

    /** Skips the test unless guests can be compiled, and called, here. */
    public static void assumeGuests() {
        assumeNative();
        Assumptions.assumeTrue(Machine.host() == Machine.x86_64(), "there are no gates for this machine yet");
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
        List<String> arguments = new ArrayList<>(List.of("-c", "-O1"));
        arguments.addAll(List.of(flags));
        arguments.addAll(List.of("-o", out.toString(), c.toString()));
        String _ = run("cc", arguments);
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
        List<String> arguments = new ArrayList<>(List.of("-shared", "-fPIC", "-O1", "-nostdlib"));
        arguments.addAll(flags);
        arguments.addAll(List.of("-o", out.toString(), c.toString()));
        String _ = run(compiler, arguments);
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
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.add(file.toString());
        return run(tool, arguments);
    }

    /** What a tool says that has to go well. */
    public static String run(String tool, String... arguments) throws IOException {
        return Tool.named(tool).runHearingAll(arguments);
    }

    private static String run(String tool, List<String> arguments) throws IOException {
        return run(tool, arguments.toArray(String[]::new));
    }
}
