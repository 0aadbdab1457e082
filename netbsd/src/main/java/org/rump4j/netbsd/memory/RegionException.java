package org.rump4j.netbsd.memory;

/** Memory that the operating system does not give. The message says what was asked for, and the error. */
public final class RegionException extends Exception {
    private static final long serialVersionUID = 1L;

    /** For those that ask for memory. */
    public RegionException(String problem) {
        super(problem);
    }
}
