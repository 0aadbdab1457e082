package org.rump4j.rump.suite;

import java.util.Map;
import java.util.Set;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
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

    /** Unmounts all but the root, the last that was mounted first. */
    static void unmountAll(RumpKernel kernel) throws ErrnoException {
        for (Statvfs mount : kernel.syscalls().getvfsstat(SysMount.ST_NOWAIT).reversed()) {
            if (!mount.mntonname().equals("/")) {
                kernel.syscalls().unmount(mount.mntonname(), 0);
            }
        }
    }

    /** What it is known to do otherwise than the suites want. */
    default Set<Difference> differences() {
        return Set.of();
    }
}
