package org.rump4j.rump;

/** What a file system wants to know when it is mounted. */
public sealed interface MountArgs {
    /**
     * For file systems on a block device ({@code struct ufs_args} and its like).
     *
     * @param fspec path of the device in the kernel
     */
    record Device(String fspec) implements MountArgs {}

    /** For file systems that show what the kernel has anyway, and want to know nothing ({@code kernfs}, {@code procfs}, {@code ptyfs} ...). */
    record Nothing() implements MountArgs {}

    /**
     * For layers on a directory ({@code struct null_args} and its like).
     *
     * @param target path of the directory in the kernel
     */
    record Layer(String target) implements MountArgs {}

    /**
     * For file systems in memory ({@code struct tmpfs_args}).
     *
     * @param sizeMax bytes that it may take; 0 for no limit but the kernel's
     * @param nodesMax files that it may hold; 0 for no limit
     */
    record Memory(long sizeMax, long nodesMax) implements MountArgs {
        /** Without limits. */
        public Memory() {
            this(0, 0);
        }
    }
}
