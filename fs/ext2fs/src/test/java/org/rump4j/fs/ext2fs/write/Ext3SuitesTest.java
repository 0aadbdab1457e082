package org.rump4j.fs.ext2fs.write;

/** The suites on an ext3. */
class Ext3SuitesTest extends FileSuites {
    Ext3SuitesTest() {
        super(Ext2UnderTest.EXT3);
    }
}
