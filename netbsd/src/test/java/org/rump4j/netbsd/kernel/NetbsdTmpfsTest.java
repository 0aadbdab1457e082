package org.rump4j.netbsd.kernel;

/** The suites of files on NetBSD's file system in memory. */
final class NetbsdTmpfsTest extends FileSuites {
    NetbsdTmpfsTest() {
        super(new NetbsdUnderTest("tmpfs", null, Differences.OF_TMPFS));
    }
}
