package org.rump4j.netbsd.bind;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.rumpuser.Hypercall;

/** The table of hypercalls, compared with the headers of the kernel that {@code RUMP4J_NETBSD} names: a compiler does it. */
final class HeaderTest {
    @TempDir
    Path dir;

    private static String headers() {
        return """
                #include <stdint.h>
                #include <sys/types.h>
                #define __dead
                #define __printflike(a, b)
                #define LIBRUMPUSER
                #include <rump/rumpuser.h>
                #include <rump/rumpuser_component.h>
                """;
    }

    private void compile(String source) throws Exception {
        String build = System.getenv("RUMP4J_NETBSD");
        Assumptions.assumeTrue(build != null, "RUMP4J_NETBSD names no build of NetBSD's rump kernel");
        Path _ = Toolchain.library(dir, "header", headers() + source, "-I" + build + "/include");
    }

    /** A declaration that says something else than an earlier one does not compile. */
    @Test
    void eachSignatureIsThatOfTheHeader() throws Exception {
        StringBuilder source = new StringBuilder();
        for (Hypercall h : Hypercall.values()) {
            source.append(CGuest.declaration(h)).append('\n');
        }
        compile(source.toString());
    }

    @Test
    void eachHypercallIsInItsHeader() throws Exception {
        StringBuilder source = new StringBuilder("void *all[] = {");
        for (Hypercall h : Hypercall.values()) {
            if (h.isOfEveryHeader()) {
                source.append("(void *)").append(h.symbol()).append(", ");
            }
        }
        compile(source.append("0};").toString());
    }
}
