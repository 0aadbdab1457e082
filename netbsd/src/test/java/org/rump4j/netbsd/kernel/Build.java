package org.rump4j.netbsd.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.elf.Machine;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rumpuser.real.RealHost;

/** The build of NetBSD's rump kernel that tests are given. */
final class Build {
    private Build() {}

    /** Where it is; skips the test where there is none. */
    static Path folder() {
        String build = System.getenv("RUMP4J_NETBSD");
        Assumptions.assumeTrue(build != null, "RUMP4J_NETBSD names no build of NetBSD's rump kernel");
        Maps.assumeLinux();
        Assumptions.assumeTrue(Machine.host() == Machine.x86_64(), "there are no gates for this machine yet");
        return Path.of(build);
    }

    static Plan plan(String... components) throws Exception {
        return plan(Surroundings.NONE, components);
    }

    static Plan plan(Surroundings surroundings, String... components) throws Exception {
        return Guest.plan(Catalogue.of(List.of(folder().resolve("lib"))), List.of(components), surroundings);
    }

    static RealHost host(Map<String, String> environment) {
        RealHost.Builder builder = RealHost.builder();
        environment.forEach(builder::environment);
        return builder.console(java.io.OutputStream.nullOutputStream()).build();
    }

    static NetbsdKernel boot(Plan plan) throws Exception {
        return NetbsdKernel.boot(plan, host(Map.of()));
    }
}
