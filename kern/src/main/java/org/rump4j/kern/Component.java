package org.rump4j.kern;

import org.rump4j.rumpuser.ErrnoException;

/**
 * A part of a kernel that registers itself: a faction or a driver. A module that has one provides it as a service; the
 * host's loader finds it when the kernel boots.
 */
public interface Component {
    /** When a component has its turn, the first first. */
    enum Stage {
        /** Belongs to the base. */
        KERN,
        /** The file system faction. */
        VFS,
        /** The network faction. */
        NET,
        /** The device faction. */
        DEV,
        /** Drivers, which find their factions there. */
        DRIVER
    }

    /** What it is called, such as {@code ext2fs}. */
    String name();

    /** When it has its turn. */
    Stage stage();

    /**
     * Becomes part of a kernel. Called once a kernel by the boot thread, which has a virtual CPU and an lwp of process 0. A
     * component keeps what it has of this kernel in the kernel, not in itself: it may be part of many.
     *
     * @throws ErrnoException where it cannot; then the kernel does not boot
     */
    void attach(Kernel kernel) throws ErrnoException;
}
