package org.rump4j.netbsd.bind;

/** A guest has panicked: it ended itself with {@code rumpuser_exit(RUMPUSER_PANIC)}. Its own words are on the host's console. */
public final class GuestPanicException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String backtrace;

    GuestPanicException(String backtrace) {
        super("the kernel has panicked");
        this.backtrace = backtrace;
    }

    /** The functions that led there, a line each, the innermost first. */
    public String backtrace() {
        return backtrace;
    }
}
