package org.rump4j.netbsd.kernel;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.rump4j.rump.suite.AccessSuite;
import org.rump4j.rump.suite.AttributeSuite;
import org.rump4j.rump.suite.ConcurrencySuite;
import org.rump4j.rump.suite.CwdSuite;
import org.rump4j.rump.suite.DirectorySuite;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.LinkSuite;
import org.rump4j.rump.suite.LockSuite;
import org.rump4j.rump.suite.MountSuite;
import org.rump4j.rump.suite.NameSuite;
import org.rump4j.rump.suite.NodeSuite;
import org.rump4j.rump.suite.OpenSuite;
import org.rump4j.rump.suite.ReadOnlySuite;
import org.rump4j.rump.suite.ReadWriteSuite;
import org.rump4j.rump.suite.RenameSuite;
import org.rump4j.rump.suite.SpaceSuite;
import org.rump4j.rump.suite.UnlinkSuite;
import org.rump4j.rumpuser.ErrnoException;

/** The suites of files, on NetBSD's file systems of one type. */
abstract class FileSuites {
    private final NetbsdUnderTest kind;

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    FileSuites(NetbsdUnderTest kind) {
        this.kind = kind;
    }

    @Nested
    class Open extends OpenSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class ReadWrite extends ReadWriteSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Directory extends DirectorySuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Name extends NameSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Link extends LinkSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Rename extends RenameSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Unlink extends UnlinkSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Attribute extends AttributeSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Access extends AccessSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Node extends NodeSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Cwd extends CwdSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Concurrency extends ConcurrencySuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Space extends SpaceSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Lock extends LockSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class ReadOnly extends ReadOnlySuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Mount extends MountSuite {
        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }

        @Override
        protected String type() {
            return kind.type();
        }

        @Override
        protected void mount(String path, int flags) throws ErrnoException {
            kind.mount(kernel, path, flags);
        }
    }
}
