/** NetBSD's own rump kernels in the JVM: the linker that brings their libraries into memory. */
module org.rump4j.netbsd {
    requires static transitive org.jspecify;

    exports org.rump4j.netbsd.elf;
    exports org.rump4j.netbsd.link;
    exports org.rump4j.netbsd.memory;
}
