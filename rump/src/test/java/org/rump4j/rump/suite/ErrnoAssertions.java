package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Assertions on calls that fail. */
public final class ErrnoAssertions {
    private ErrnoAssertions() {}

    /** Fails unless the call fails with the error. */
    public static void assertErrno(Errno expected, Executable call) {
        ErrnoException e = assertThrows(ErrnoException.class, call, () -> "no error, not even " + expected);
        assertEquals(expected, e.errno(), e::toString);
    }
}
