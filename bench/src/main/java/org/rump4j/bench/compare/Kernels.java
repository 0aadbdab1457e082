package org.rump4j.bench.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.bench.BenchKernel;
import org.rump4j.bench.compare.Row.Libraries;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.kernel.NetbsdKernel;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rump.RumpKernel;
import org.rump4j.vfs.VfsComponent;

/** A kind of kernel that does our side of the work. */
abstract class Kernels {
    /** So that the two sides have as many. */
    static final int NCPU = 2;

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
        boolean isInHeap() {
            return false;
        }

        @Override
        public String toString() {
            return nameOfNetbsd(lib);
        }
    }
}
