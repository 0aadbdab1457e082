package org.rump4j.bench.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rump4j.bench.BenchKernel;
import org.rump4j.bench.compare.Row.Libraries;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.kernel.NetbsdKernel;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.netbsd.net.Virtif;
import org.rump4j.netbsd.net.Wire;
import org.rump4j.rump.RumpKernel;
import org.rump4j.vfs.VfsComponent;

/** A kind of kernel that does our side of the work. */
abstract class Kernels {
    /** So that the two sides have as many. */
    static final int NCPU = 2;

    /** Of the second of two that are wired. */
    static final String SECOND_ADDRESS = "10.0.0.2";

    private static final String FIRST_ADDRESS = "10.0.0.1";
    private static final int PREFIX_BITS = 24;
    private static final String JAVA = "java";
    private static final String NETBSD = "netbsd:";

    /** The one in Java. */
    static Kernels java() {
        return new Java();
    }

    /** NetBSD's, of the libraries in a folder, which are the reference's. */
    static Kernels netbsd(Path lib) throws Exception {
        return new Netbsd(lib);
    }

    /** What {@link #of} knows those as. */
    static String nameOfNetbsd(Path lib) {
        return NETBSD + lib;
    }

    /** By what {@link #toString} says. */
    static Kernels of(String name) throws Exception {
        return name.equals(JAVA) ? java() : netbsd(Path.of(name.substring(NETBSD.length())));
    }

    /** Makes ready to boot, which is what the result does. */
    abstract Booting booting(Libraries libraries) throws Exception;

    /** Boots one. */
    RumpKernel boot(Libraries libraries) throws Exception {
        return booting(libraries).boot();
    }

    /** Boots two that are joined by a wire, and have addresses. */
    abstract RumpKernel[] wired() throws Exception;

    /** Whether a kernel's memory is in the Java heap, all of it. */
    abstract boolean isInHeap();

    /** Boots a kernel, any number of times. */
    @FunctionalInterface
    interface Booting {
        RumpKernel boot() throws Exception;
    }

    private static final class Java extends Kernels {
        @Override
        Booting booting(Libraries libraries) {
            return switch (libraries) {
                case BASE -> booting(List.of());
                case VFS -> booting(List.of(new VfsComponent()));
                default -> () -> BenchKernel.boot(NCPU);
            };
        }

        private static Booting booting(List<?> components) {
            return () -> RumpKernel.boot(
                    "java", BenchKernel.hostBuilder(NCPU).components(components).build());
        }

        @Override
        RumpKernel[] wired() {
            throw new UnsupportedOperationException("the java kernel has no network");
        }

        @Override
        boolean isInHeap() {
            return true;
        }

        @Override
        public String toString() {
            return JAVA;
        }
    }

    private static final class Netbsd extends Kernels {
        private final Path lib;
        private final Catalogue catalogue;

        Netbsd(Path lib) throws Exception {
            this.lib = lib;
            catalogue = Catalogue.of(List.of(lib));
        }

        @Override
        Booting booting(Libraries libraries) throws Exception {
            List<String> names = new ArrayList<>(List.of("rump"));
            names.addAll(libraries.names().toList());
            Plan plan = Guest.plan(catalogue, names);
            return () -> NetbsdKernel.boot(plan, BenchKernel.host(NCPU));
        }

        @Override
        RumpKernel[] wired() throws Exception {
            Wire wire = new Wire();
            return new RumpKernel[] {wired(wire, FIRST_ADDRESS), wired(wire, SECOND_ADDRESS)};
        }

        private NetbsdKernel wired(Wire wire, String address) throws Exception {
            Surroundings around = Surroundings.withCLibrary(List.of(new Virtif(Map.of("0", wire))));
            Plan plan = Guest.plan(catalogue, List.of("rumpnet_netinet", "rumpnet_config", "rumpnet_virtif"), around);
            NetbsdKernel kernel = NetbsdKernel.boot(plan, BenchKernel.host(NCPU), around);
            kernel.netconfig().create("virt0");
            kernel.netconfig().ipv4("virt0", address, PREFIX_BITS);
            kernel.netconfig().up("virt0");
            return kernel;
        }

        @Override
        boolean isInHeap() {
            return false;
        }

        @Override
        public String toString() {
            return nameOfNetbsd(lib);
        }
    }
}
