package org.rump4j.netbsd.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;

/** Where a NetBSD kernel is. */
public final class Folders {
    /** Name of the variable that has the folder where none is said. */
    public static final String VARIABLE = "RUMP4J_NETBSD";

    /** Of the systems that have packages of a kernel: NetBSD's own, pkgsrc, BSDs' ports, distributions of Linux. */
    private static final List<String> SYSTEM = List.of(
            "/usr/lib",
            "/usr/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/pkg/lib",
            "/usr/local/lib",
            "/usr/rump/lib",
            "/usr/local/rump/lib");

    private static final String BASE = "rump";

    private Folders() {}

    /**
     * The components of a kernel.
     *
     * @param said the folder that has them, or has a folder {@code lib} that does; empty for the usual one
     * @param variable value of {@link #VARIABLE}, or null
     * @throws LinkException where there is none
     */
    public static Catalogue catalogue(String said, @Nullable String variable) throws LinkException {
        if (!said.isEmpty()) {
            return catalogue(said);
        }
        if (variable != null && !variable.isEmpty()) {
            try {
                return catalogue(variable);
            } catch (LinkException e) {
                throw new LinkException(VARIABLE + ": " + e.getMessage());
            }
        }
        for (String folder : SYSTEM) {
            if (Files.isDirectory(Path.of(folder))) {
                Catalogue catalogue = Catalogue.of(List.of(Path.of(folder)));
                if (catalogue.names().contains(BASE)) {
                    return catalogue;
                }
            }
        }
        throw new LinkException("where NetBSD's kernel is: name a folder, or set " + VARIABLE
                + "; there is no librump.so in " + String.join(", ", SYSTEM));
    }

    private static Catalogue catalogue(String said) throws LinkException {
        Path folder = Path.of(said);
        Path lib = folder.resolve("lib");
        if (!Files.isDirectory(folder)) {
            throw new LinkException(said + ": there is no such folder");
        }
        Catalogue catalogue = Catalogue.of(List.of(folder));
        if (!catalogue.names().contains(BASE) && Files.isDirectory(lib)) {
            catalogue = Catalogue.of(List.of(lib));
        }
        if (!catalogue.names().contains(BASE)) {
            throw new LinkException(said + ": there is no kernel in this folder: no librump.so, nor lib/librump.so");
        }
        return catalogue;
    }
}
