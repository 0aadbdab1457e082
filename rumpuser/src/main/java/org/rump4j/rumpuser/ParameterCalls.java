package org.rump4j.rumpuser;

/** What a host tells of itself, and the environment. */
public interface ParameterCalls {
    /** How many virtual CPUs the kernel shall have: {@code RUMP_NCPU} of the environment, 2 where that is not set. */
    String PARAM_NCPU = "_RUMPUSER_NCPU";
    /** What the kernel shall call itself. */
    String PARAM_HOSTNAME = "_RUMPUSER_HOSTNAME";

    /**
     * The value of a parameter. Does not unschedule.
     *
     * @param name one of the two above, or a variable of the environment
     * @throws ErrnoException EINVAL for any other name that begins with an underscore; ENOENT for a variable that is not set
     */
    String getparam(String name) throws ErrnoException;
}
