package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rumpuser.ErrnoException;

/** A java kernel whose files are in memory. It sees to it that a test leaves no references behind. */
final class RumpfsUnderTest implements KernelUnderTest {
    private static final String MOUNT_POINT = "/mnt";

    /** The root has a reference of the kernel's own, and those that processes 0 and 1 have to their working directories. */
    private static final Map<String, Integer> ROOT_ONLY = Map.of("/:2", 3);

    private final boolean mounted;
    private @Nullable TestKernel kernel;

    private RumpfsUnderTest(boolean mounted) {
        this.mounted = mounted;
    }

    /** With the test's files in the root file system. */
    static RumpfsUnderTest onRoot() {
        return new RumpfsUnderTest(false);
    }

    /** With the test's files on a mount, and a vnode cache that is as good as none. */
    static RumpfsUnderTest mounted() {
        return new RumpfsUnderTest(true);
    }

    @Override
    public RumpKernel boot(Map<String, String> environment) throws ErrnoException {
        TestKernel.Builder builder = TestKernel.builder().environment(environment);
        if (mounted) {
            builder.environment("RUMP_NVNODES", "1");
        }
        TestKernel booted = builder.boot();
        kernel = booted;
        return booted.handle();
    }

    @Override
    public String scratch(RumpKernel handle) throws ErrnoException {
        if (!mounted) {
            return "/";
        }
        handle.syscalls().mkdir(MOUNT_POINT, 0755);
        handle.syscalls().mount("tmpfs", MOUNT_POINT, 0, new MountArgs.Memory());
        return MOUNT_POINT;
    }

    @Override
    public void finished(RumpKernel handle) throws ErrnoException {
        KernelUnderTest.unmountAll(handle);
        try {
            assertEquals(ROOT_ONLY, Objects.requireNonNull(kernel).references());
        } catch (ErrnoException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
