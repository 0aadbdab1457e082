package org.rump4j.rump.suite;

import java.util.Map;
import java.util.Set;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;

/** A kind of kernel that the suites of this package are run on. */
public interface KernelUnderTest {
    /**
     * Boots one.
     *
     * @param environment variables of the kernel, such as {@code RUMP_NCPU}
     */
    RumpKernel boot(Map<String, String> environment) throws ErrnoException;

    /**
     * An empty directory in a kernel that has just booted, in which files can be made; {@code /} where nothing need be mounted
     * for that. Called before the calling thread has an lwp.
     */
    default String scratch(RumpKernel kernel) throws ErrnoException {
        return "/";
    }

    /**
     * Looks at a kernel that a test has done with: whether anything is left that should not be. Called when the test's thread has
     * no lwp any more, before the kernel is halted.
     */
    default void finished(RumpKernel kernel) throws ErrnoException {}

    /** What it is known to do otherwise than the suites want. */
    default Set<Difference> differences() {
        return Set.of();
    }
}
