/** The base of the java kernel: what every faction and driver stands on. */
module org.rump4j.kern {
    requires static transitive org.jspecify;
    requires transitive org.rump4j.rump;

    exports org.rump4j.kern;

    uses org.rump4j.kern.Component;

    provides org.rump4j.rump.KernelProvider with
            org.rump4j.kern.JavaKernelProvider;
}
