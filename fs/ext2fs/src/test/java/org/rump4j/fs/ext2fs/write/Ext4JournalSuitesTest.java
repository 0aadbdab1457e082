package org.rump4j.fs.ext2fs.write;

/** The suites on an ext4 as mke2fs makes it. */
class Ext4JournalSuitesTest extends FileSuites {
    Ext4JournalSuitesTest() {
        super(Ext2UnderTest.EXT4_DEFAULT);
    }
}
