package org.rump4j.netbsd.bind;

/**
 * The way out of a guest that goes on: thrown in a hypercall or a {@link HostFunction} it comes out of the call that entered the guest, by
 * the innermost gate, and nothing that was between runs any more. Where C would call {@code longjmp}.
 */
public class LeavingGuest extends Error {
    private static final long serialVersionUID = 1L;

    /**
     * One without a stack trace: it is no accident.
     *
     * @param why for a reader
     */
    public LeavingGuest(String why) {
        super(why, null, false, false);
    }
}
