package org.rump4j.netbsd.kernel;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.rump4j.rump.suite.CredentialSuite;
import org.rump4j.rump.suite.DescriptorSuite;
import org.rump4j.rump.suite.DeviceSuite;
import org.rump4j.rump.suite.EtfsSuite;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.LimitSuite;
import org.rump4j.rump.suite.PipeSuite;
import org.rump4j.rump.suite.PollSuite;
import org.rump4j.rump.suite.ProcessSuite;
import org.rump4j.rump.suite.SystemSuite;
import org.rump4j.rump.suite.TimeSuite;

/** The suites of what is no matter of file systems, on NetBSD's kernel. */
final class NetbsdSystemTest {
    private static final KernelUnderTest KIND = new NetbsdUnderTest("tmpfs", null, Differences.OF_TMPFS);

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    @Nested
    class OfCredential extends CredentialSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfDescriptor extends DescriptorSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfDevice extends DeviceSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfEtfs extends EtfsSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfLimit extends LimitSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfPipe extends PipeSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfPoll extends PollSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfProcess extends ProcessSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfSystem extends SystemSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }

    @Nested
    class OfTime extends TimeSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return KIND;
        }
    }
}
