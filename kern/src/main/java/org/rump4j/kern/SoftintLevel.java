package org.rump4j.kern;

/** What a soft interrupt is for ({@code softint(9)}). Each level has an lwp of its own on each virtual CPU that uses it. */
public enum SoftintLevel {
    /** Callouts. */
    CLOCK,
    /** Block I/O. */
    BIO,
    /** Networking. */
    NET,
    /** Character devices. */
    SERIAL
}
