/** NetBSD's own rump kernels in the JVM: the linker that brings their libraries into memory, and the hypercalls that they make. */
module org.rump4j.netbsd {
    requires static transitive org.jspecify;
    requires transitive org.rump4j.rump;

    exports org.rump4j.netbsd.bind;
    exports org.rump4j.netbsd.elf;
    exports org.rump4j.netbsd.kernel;
    exports org.rump4j.netbsd.link;
    exports org.rump4j.netbsd.memory;
    exports org.rump4j.netbsd.net;
    exports org.rump4j.netbsd.program;

    provides org.rump4j.rump.KernelProvider with
            org.rump4j.netbsd.kernel.NetbsdKernelProvider;
}
