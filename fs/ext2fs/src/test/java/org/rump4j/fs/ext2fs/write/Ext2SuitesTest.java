package org.rump4j.fs.ext2fs.write;

/** The suites on an ext2 with blocks of 1 KiB. */
class Ext2SuitesTest extends FileSuites {
    Ext2SuitesTest() {
        super(Ext2UnderTest.EXT2);
    }
}
