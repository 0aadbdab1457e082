package org.rump4j.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rump4j.bench.compare.Row.Libraries;

/**
 * The reference: a build of NetBSD's rump kernel libraries that {@value #VARIABLE} names, and our programs for it, which are
 * compiled against it when they are first needed. Nothing of NetBSD's is part of this project.
 */
final class Reference {
    /** Names the folder that libraries and headers were installed to, or its {@code lib}. */
    static final String VARIABLE = "RUMP4J_NETBSD";

    private static final String SOURCE = "reference.c";

    private final Path lib;
    private final Path include;
    private final Path folder;
    private final Map<Libraries, Path> programs = new EnumMap<>(Libraries.class);

    private Reference(Path lib, Path include, Path folder) {
        this.lib = lib;
        this.include = include;
        this.folder = folder;
    }

    /**
     * The one that the environment names, or null where it names none.
     *
     * @param folder for what is compiled
     */
    static @Nullable Reference find(Path folder) throws IOException {
        String named = System.getenv(VARIABLE);
        if (named == null || named.isEmpty()) {
            return null;
        }
        Path root = Path.of(named).toAbsolutePath().normalize();
        Path lib = Files.exists(root.resolve("librump.so")) ? root : root.resolve("lib");
        Path include = Objects.requireNonNull(lib.getParent()).resolve("include");
        for (Path needed : List.of(lib.resolve("librump.so"), include.resolve("rump/rump.h"))) {
            if (!Files.exists(needed)) {
                throw new IOException(VARIABLE + "=" + named + ": there is no " + needed);
            }
        }
        return new Reference(lib, include, folder);
    }

    /** Where it is. */
    Path lib() {
        return lib;
    }

    /** What a workload of the reference's needs: what ours of the same name does. */
    static Workloads.Image image(String workload) {
        return Stream.of(Workloads.values())
                .filter(ours -> ours.label.equals(workload))
                .map(ours -> ours.image)
                .findAny()
                .orElse(Workloads.Image.NONE);
    }

    /** Our program, with a kernel that is made of these libraries. */
    Path program(Libraries libraries) throws IOException, InterruptedException {
        Path program = programs.get(libraries);
        if (program == null) {
            program = compile(libraries);
            programs.put(libraries, program);
        }
        return program;
    }

    private Path compile(Libraries libraries) throws IOException, InterruptedException {
        Path source = folder.resolve(SOURCE);
        try (InputStream in = Objects.requireNonNull(Reference.class.getResourceAsStream("/" + SOURCE))) {
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Path program = folder.resolve("reference-" + libraries);
        List<String> command = new ArrayList<>(List.of("cc", "-O2", "-w", "-o", program.toString(), source.toString()));
        command.add("-I" + include);
        command.add("-L" + lib);
        Collections.addAll(command, "-Wl,-rpath," + lib, "-Wl,--no-as-needed");
        // File systems register themselves when they are loaded: nothing refers to them.
        libraries.names().map("-l"::concat).forEach(command::add);
        Collections.addAll(command, "-lrump", "-lrumpuser", "-lpthread", "-ldl");
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException("cc: exit status " + status + ": " + String.join(" ", command));
        }
        return program;
    }
}
