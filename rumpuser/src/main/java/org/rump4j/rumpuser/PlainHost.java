package org.rump4j.rumpuser;

/**
 * A host whose hypercalls are the operating system's services and nothing more: nobody looks on, nothing is made to fail, no clock or
 * scheduler is its own. Whoever binds a kernel of native code may do then in machine code what such a host would do in Java. A wrapper is
 * none, whatever it wraps.
 */
public interface PlainHost extends Rumpuser {
    /** Whether {@link ClockCalls.RumpClock#RELWALL} is the machine's clock. */
    boolean wallClockGoes();

    /**
     * Has something done once the kernel has exited, by the thread that ends it; by the caller where it has. An action may be done twice
     * where both happen at once.
     */
    void atExit(Runnable action);

    /**
     * Looks whether the kernel has exited.
     *
     * @throws RumpuserExit where it has
     */
    void checkExit();
}
