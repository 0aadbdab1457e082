/**
 * The lower waist: the hypercall interface that a rump kernel is written against, and the host that implements it on
 * the operating system under the JVM.
 */
module org.rump4j.rumpuser {
    requires static transitive org.jspecify;

    exports org.rump4j.rumpuser;
    exports org.rump4j.rumpuser.real;
}
