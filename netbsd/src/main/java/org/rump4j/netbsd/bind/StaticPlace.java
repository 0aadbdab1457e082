package org.rump4j.netbsd.bind;

import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.StaticTls;

/**
 * The place of each thread of the process for variables of guests that are compiled to be at a fixed distance from the thread pointer. There
 * is one for all guests: gates put the variables of their guest there, and bring them back to the thread's block when they leave. Behind the
 * place is a word with the address of the block whose variables are in it, 0 for none: those of a gate that is still on the stack.
 */
final class StaticPlace {
    /** How much there is: a kernel wants eight bytes, and the C library has little. */
    static final int BYTES = 64;

    private static final @Nullable StaticTls PLACE;
    private static final String PROBLEM;

    static {
        StaticTls place = null;
        String problem = "";
        try {
            place = StaticTls.reserve(BYTES + Long.BYTES, BYTES);
        } catch (LinkException e) {
            problem = String.valueOf(e.getMessage());
        }
        PLACE = place;
        PROBLEM = problem;
    }

    private StaticPlace() {}

    /**
     * What is to be added to the thread pointer; the word behind it is {@link #BYTES} further.
     *
     * @param bytes how much the guest needs
     * @param align what it needs that to be a multiple of
     * @throws LinkException where that is more than there is, or the C library gives none
     */
    static long threadOffset(long bytes, long align) throws LinkException {
        if (bytes > BYTES || align > BYTES) {
            throw new LinkException("variables of threads at a fixed distance: " + bytes + " bytes at a multiple of "
                    + align + " are more than " + BYTES);
        }
        if (PLACE == null) {
            throw new LinkException(PROBLEM);
        }
        return PLACE.threadOffset();
    }
}
