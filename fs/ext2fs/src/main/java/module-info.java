/** The ext2, ext3 and ext4 file system driver of the java kernel. */
module org.rump4j.fs.ext2fs {
    requires static transitive org.jspecify;
    requires org.rump4j.vfs;

    provides org.rump4j.kern.Component with
            org.rump4j.fs.ext2fs.Ext2fsComponent;
    provides org.rump4j.rump.FilesystemMaker with
            org.rump4j.fs.ext2fs.Ext2Maker;
}
