package org.rump4j.fs.ext2fs.write;

import java.util.List;
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

/** The suites of files, on images of one kind. */
abstract class FileSuites {
    private final List<String> options;

    /** @param options of mke2fs */
    FileSuites(List<String> options) {
        this.options = options;
    }

    @Nested
    class Open extends OpenSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class ReadWrite extends ReadWriteSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Directory extends DirectorySuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Name extends NameSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Link extends LinkSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Rename extends RenameSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Unlink extends UnlinkSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Attribute extends AttributeSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Access extends AccessSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Node extends NodeSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Cwd extends CwdSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Concurrency extends ConcurrencySuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Space extends SpaceSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Lock extends LockSuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class ReadOnly extends ReadOnlySuite {
        private final KernelUnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }
    }

    @Nested
    class Mount extends MountSuite {
        private final Ext2UnderTest kind = new Ext2UnderTest(options);

        @Override
        protected KernelUnderTest kernelUnderTest() {
            return kind;
        }

        @Override
        protected String type() {
            return "ext2fs";
        }

        @Override
        protected void mount(String path, int flags) throws ErrnoException {
            kind.mountAnother(kernel, path, flags);
        }
    }
}
