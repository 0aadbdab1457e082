package org.rump4j.rump;

/** Constants of NetBSD's {@code sys/mount.h} and {@code sys/fstypes.h}. */
public final class SysMount {
    /** Nothing on it may change. */
    public static final int MNT_RDONLY = 0x00000001;
    /** Every write is durable when it returns. */
    public static final int MNT_SYNCHRONOUS = 0x00000002;
    /** Nothing on it may be executed. */
    public static final int MNT_NOEXEC = 0x00000004;
    /** Set-user-id bits on it mean nothing. */
    public static final int MNT_NOSUID = 0x00000008;
    /** Device nodes on it mean nothing. */
    public static final int MNT_NODEV = 0x00000010;
    /** Nothing is durable before it is unmounted. */
    public static final int MNT_ASYNC = 0x00000040;
    /** It is stored locally. */
    public static final int MNT_LOCAL = 0x00001000;
    /** It is the root. */
    public static final int MNT_ROOTFS = 0x00004000;
    /** {@code mount}: change how it is mounted. */
    public static final int MNT_UPDATE = 0x00010000;
    /** {@code unmount}: even if it is in use. */
    public static final int MNT_FORCE = 0x00080000;
    /** Access times are not kept. */
    public static final int MNT_NOATIME = 0x04000000;
    /** Access times are kept only where they would be older than the other times. */
    public static final int MNT_RELATIME = 0x00020000;

    /** Mask for what a caller of {@code mount} may set and {@code statvfs} shows. */
    public static final int MNT_BASIC_FLAGS =
            MNT_RDONLY | MNT_SYNCHRONOUS | MNT_NOEXEC | MNT_NOSUID | MNT_NODEV | MNT_ASYNC | MNT_NOATIME | MNT_RELATIME;

    /** {@code statvfs}: ask the file system. */
    public static final int ST_WAIT = 1;
    /** {@code statvfs}: what is known already will do. */
    public static final int ST_NOWAIT = 2;

    private SysMount() {}
}
