package org.rump4j.rump;

/** Constants of NetBSD's {@code sys/reboot.h}. */
public final class SysReboot {
    /** Write back what is dirty, unmount, and end. */
    public static final int RB_AUTOBOOT = 0;
    /** Do not write back what is dirty. */
    public static final int RB_NOSYNC = 0x00000004;
    /** End and do not start again; a rump kernel never does. */
    public static final int RB_HALT = 0x00000008;

    /** End at once, as where something is wrong: nothing is written back or unmounted, and the host is told of a panic. */
    public static final int RB_DUMP = 0x00000100;
    /** As RB_HALT, and switch the power off. */
    public static final int RB_POWERDOWN = RB_HALT | 0x00000800;

    private SysReboot() {}
}
