package org.rump4j.fs.ext2fs.write;

/** The suites on an ext4 without a journal, with checksums of everything. */
class Ext4SuitesTest extends FileSuites {
    Ext4SuitesTest() {
        super(Ext2UnderTest.EXT4);
    }
}
