package org.rump4j.cli;

/** The user wants the command to end: it ends between two system calls. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped", null, false, false);
    }
}
