package org.rump4j.rumpuser;

/** The console. Neither call unschedules, and what they print is not held back in a buffer. */
public interface ConsoleCalls {
    /**
     * Prints one byte on the kernel's console.
     *
     * @param c the low eight bits count
     */
    void putchar(int c);

    /** Prints a message of the hypervisor's client for whoever debugs it: on standard error. */
    void dprintf(String message);
}
