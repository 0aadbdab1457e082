package org.rump4j.rumpuser;

/** The error number of the last system call, which C programs find in {@code errno}. Neither call unschedules. */
public interface ErrnoCalls {
    /**
     * Sets the calling thread's.
     *
     * @param errno any number, kept as it is
     */
    void seterrno(int errno);

    /** The calling thread's; 0 where it was never set. Not a hypercall: it is how {@link #seterrno} is seen from Java. */
    int errno();
}
