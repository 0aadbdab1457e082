/** The file system faction of the java kernel: names, vnodes, caches, mounts, and the file system in memory. */
module org.rump4j.vfs {
    requires static transitive org.jspecify;
    requires transitive org.rump4j.kern;

    exports org.rump4j.vfs;

    provides org.rump4j.kern.Component with
            org.rump4j.vfs.VfsComponent;
}
