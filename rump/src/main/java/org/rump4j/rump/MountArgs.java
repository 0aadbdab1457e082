package org.rump4j.rump;

/** What a file system wants to know when it is mounted. */
public sealed interface MountArgs {
    /**
     * For file systems on a block device ({@code struct ufs_args} and its like).
     *
     * @param fspec path of the device in the kernel
     */
    record Device(String fspec) implements MountArgs {}

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
