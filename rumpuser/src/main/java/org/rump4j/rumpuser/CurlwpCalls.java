package org.rump4j.rumpuser;

import org.jspecify.annotations.Nullable;

/** The current lwp of each thread. Neither call unschedules. */
public interface CurlwpCalls {
    /** What happens to an lwp. The order is that of the numbers in {@code rumpuser.h}. */
    enum LwpOp {
        /** It has been made. */
        CREATE,
        /** It is about to go. */
        DESTROY,
        /** It becomes the calling thread's, which had none. */
        SET,
        /** It is the calling thread's no more. */
        CLEAR
    }

    /** Tells the host of a change in the life of an lwp. */
    void curlwpop(LwpOp op, OpaqueLwp lwp);

    /** The calling thread's lwp, or null. */
    @Nullable
    OpaqueLwp curlwp();
}
