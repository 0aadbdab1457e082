/** The upper waist: NetBSD's system calls as a Java interface, and the handle of a kernel that answers them. */
module org.rump4j.rump {
    requires static transitive org.jspecify;
    requires transitive org.rump4j.rumpuser;

    exports org.rump4j.rump;

    uses org.rump4j.rump.FilesystemMaker;
    uses org.rump4j.rump.KernelProvider;
}
