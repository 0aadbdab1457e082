package org.rump4j.rumpuser;

/** Randomness. */
public interface RandomCalls {
    /** The best there is, even if it takes longer. */
    int RANDOM_HARD = 0x01;
    /** Do not wait for it: fewer bytes, or none, are an answer. */
    int RANDOM_NOWAIT = 0x02;

    /**
     * Fills a buffer from its beginning with random bytes fit for cryptography. Does not unschedule.
     *
     * @param buf where to
     * @param flags the constants above
     * @return bytes filled, possibly fewer than there is room for: call again for the rest
     * @throws ErrnoException EIO where the host has no randomness
     */
    int getrandom(byte[] buf, int flags) throws ErrnoException;
}
