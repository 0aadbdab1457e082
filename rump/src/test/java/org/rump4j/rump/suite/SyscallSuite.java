package org.rump4j.rump.suite;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;

/**
 * What the suites have in common: each test has a kernel of its own, in which the test's thread is an lwp of a process of its
 * own that runs as the superuser.
 */
public abstract class SyscallSuite {
    /** The kernel of this test. */
    protected RumpKernel kernel;

    /** Its system calls. */
    protected Syscalls sys;

    /** A directory in which the test may do what it likes; ends in a slash. */
    protected String dir;

    /** What to run the suite on. */
    protected abstract KernelUnderTest kernelUnderTest();

    /** Whether the kernel does this otherwise. */
    protected final boolean differs(Difference difference) {
        return kernelUnderTest().differences().contains(difference);
    }

    /** What comes cannot be asked of a kernel that does this otherwise: the test is skipped there. */
    protected final void assumeNot(Difference difference) {
        Assumptions.assumeFalse(differs(difference), () -> "this kernel: " + difference);
    }

    @BeforeEach
    final void bootKernel() throws Exception {
        KernelUnderTest kind = kernelUnderTest();
        kernel = kind.boot(Map.of());
        String scratch = kind.scratch(kernel);
        dir = scratch.endsWith("/") ? scratch : scratch + "/";
        sys = kernel.syscalls();
        kernel.lwproc().rfork(Lwproc.RFCFDG);
    }

    @AfterEach
    final void haltKernel() throws Exception {
        if (kernel.isUp()) {
            if (kernel.lwproc().curlwp() != null) {
                kernel.lwproc().releaselwp();
            }
            try {
                kernelUnderTest().finished(kernel);
            } finally {
                kernel.halt();
            }
        } else {
            kernel.halt();
        }
    }
}
