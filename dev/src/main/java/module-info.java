/** The device faction of the java kernel: character devices that need no hardware, and their nodes in {@code /dev}. */
module org.rump4j.dev {
    requires static transitive org.jspecify;
    requires transitive org.rump4j.kern;

    exports org.rump4j.dev;

    provides org.rump4j.kern.Component with
            org.rump4j.dev.DevComponent;
}
