package org.rump4j.rumpuser;

/** Thrown through a thread of a kernel whose host has been ended by {@link TerminationCalls#exit}. To be let pass. */
public final class RumpuserExit extends Error {
    private static final long serialVersionUID = 1L;

    private final int value;

    /** Made by hosts only. */
    public RumpuserExit(int value) {
        super(
                value == TerminationCalls.PANIC ? "the kernel has panicked" : "the kernel has exited with " + value,
                null,
                false,
                false);
        this.value = value;
    }

    /** What {@link TerminationCalls#exit} was given. */
    public int value() {
        return value;
    }
}
