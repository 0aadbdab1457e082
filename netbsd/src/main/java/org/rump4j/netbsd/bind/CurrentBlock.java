package org.rump4j.netbsd.bind;

import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.StaticTls;

/**
 * The word of each thread of the process that names the block of the guest that the thread is in; 0 outside of guests. There is one for all
 * guests: the C library keeps little memory of this kind.
 */
final class CurrentBlock {
    private static final @Nullable StaticTls WORD;
    private static final String PROBLEM;

    static {
        StaticTls word = null;
        String problem = "";
        try {
            word = StaticTls.reserve(Long.BYTES, Long.BYTES);
        } catch (LinkException e) {
            problem = String.valueOf(e.getMessage());
        }
        WORD = word;
        PROBLEM = problem;
    }

    private CurrentBlock() {}

    /**
     * What is to be added to the thread pointer.
     *
     * @throws LinkException where there is no such memory
     */
    static long threadOffset() throws LinkException {
        if (WORD == null) {
            throw new LinkException(PROBLEM);
        }
        return WORD.threadOffset();
    }
}
