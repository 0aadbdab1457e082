package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.real.RealHost;

/** Tests run on the class path, where module descriptors say nothing. */
class ClassPathTest {
    @Test
    void aKernelAndItsFileSystemsAreFoundWithoutTheModulePath() throws Exception {
        RealHost host =
                RealHost.builder().console(OutputStream.nullOutputStream()).build();
        try (RumpKernel kernel = RumpKernel.boot("java", host)) {
            kernel.syscalls().mkdir("/found", 0755);
            assertEquals(2, kernel.syscalls().stat("/found").nlink());
        }
    }
}
